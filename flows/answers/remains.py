"""What is left of people who were forgotten and is the clinic's own to delete: what can be seen, and what cannot."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from flows.answers.finding import NOTE, SOON, Finding
from flows.output import several
from models.study.forgotten import confirmed
from models.study.study import Study

UNSEEN = (
    "backups; copies made with `share` or `export`, or handed to others; letters and reports written elsewhere "
    "(`letter`, `report --out`)"
)


def in_sight(study: Study, who: str) -> list[str]:
    """Their folder in the inbox, where it is near, and their lines of the control files."""
    inbox = study.inbox
    own = [f"{inbox.name}/{who}"] if isinstance(inbox, Path) and (inbox / who).exists() else []
    for sheet in study.rows.sheets:
        lines = [str(row.line) for row in sheet.all_rows if row.cells.get("participant_id") == who]
        own += [f"{sheet.file}: line {', '.join(lines)}"] if lines else []
    return own


def remains(study: Study) -> Iterator[Finding]:
    """What `status` says of it: the one as long as it is there, the other until somebody confirms that it is gone."""
    for who in sorted(study.forgotten):
        if own := in_sight(study, who):
            what = f"{who} was forgotten and is not read, but is still there: {'; '.join(own)}"
            yield Finding(SOON, "forgotten_left", what, "delete it: it is yours, and stepwindow only reads it", who)
    if number := len({digest for _, digest in study.tombstones} - confirmed(study.warehouse)):
        what = f"{several(number, 'person')} forgotten of whom there may be more: {UNSEEN}"
        what = what.replace("persons", "people")
        remedy = "delete what there is, then confirm it: `stepwindow forget PARTICIPANT --confirm`"
        yield Finding(NOTE, "forgotten_unconfirmed", what, remedy)
