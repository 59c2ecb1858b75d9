"""The report as of another date, or as it stood: the same pages, written from what is published for them alone."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import NamedTuple

from flows.night.progress import Progress
from flows.output import several
from flows.report import site, words
from flows.report.write import Written, write_report
from flows.version import CODE_VERSION
from models.fault import StudyError
from models.hand_over import place_for
from models.store.past import PublishedThen, published_then
from models.study.study import Study


class Earlier(NamedTuple):
    """What was written, as of when, and what it rests on in words."""

    written: Written
    as_of: date
    rests_on: str


def write_earlier(
    study: Study, out: Path, as_of: date | None, known_by: datetime | None, progress: Progress | None = None
) -> Earlier:
    """Write the report as of a date with all that is known, or with what was known by a time. Nothing else changes.

    StudyError where `out` lies in the warehouse or the inbox, or holds anything but an earlier report.
    """
    place = place_for(out, study.folder, study.own_folders)
    if not site.is_free(place):
        raise StudyError(f"{out}: is there, and holds something else than a report; choose another folder")
    with published_then(study, as_of, known_by, CODE_VERSION) as then:
        rests_on = _in_words(then, known_by)
        try:
            written = write_report(then.warehouse, then.study.name, progress, to=place, rests_on=rests_on)
        except OSError as error:
            raise StudyError(f"{out}: cannot be written ({error.strerror}); check the disk, then run again") from None
    return Earlier(written, then.as_of, rests_on)


def _in_words(then: PublishedThen, known_by: datetime | None) -> str:
    if known_by is None:
        return f"judged with all that was known on {words.day(then.last, year=True)}" if then.last else ""
    rests_on = [f"as it stood at {known_by:%H:%M} on {words.day(known_by, year=True)}, from the files of then"]
    if then.lost:
        rests_on.append(f"without {several(then.lost, 'file')} written over, moved or unloaded since")
    if then.otherwise:
        rests_on.append(f"{several(then.otherwise, 'verdict')} stood otherwise in the history")
    return "; ".join(rests_on)
