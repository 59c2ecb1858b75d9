"""What connectors give, against the schemas of models/activity.py and what can be (models/ranges.py)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import polars as pl

from models.activity import SCHEMAS, Extract, Extracts, claims, of_many
from models.fault import Holds, Rejected, first_clock
from models.ranges import EARLIEST, check_sizes, check_together, wrong_rows
from models.set_aside import SetAside, set_aside


def check(extract: Extract, today: date) -> None:
    """Check an extract against its schemas and against what can be.

    Rows that cannot be by themselves (a time before 1990 or after tomorrow, a number out of its range in
    models/ranges.py) are set aside (models/set_aside.py), or raise Rejected where no file is being read. Raises
    Rejected for what cannot be of rows together (more steps than a day has), TypeError where a connector broke the
    schema: a bug of ours.
    """
    for name, schema in SCHEMAS.items():
        if (frame := getattr(extract, name)).schema != schema:
            raise TypeError(f"{name}: the connector gave {frame.schema}, the schema is {schema}")
    check_sizes(extract.frames())
    latest = _latest(today)
    for name, frame in extract.frames().items():
        if frame.height:
            setattr(extract, name, _possible(name, frame, today + timedelta(days=1), latest))
    check_together(extract.frames(), extract.begins, latest)


def _possible(name: str, frame: pl.DataFrame, tomorrow: date, latest: datetime) -> pl.DataFrame:
    """The rows that can be; the others are set aside, each once."""
    gone: pl.Series | None = None
    for fault, wrong in wrong_rows(name, frame, tomorrow, latest):
        wrong = wrong if gone is None else wrong & ~gone
        if wrong.any():
            rows = frame.filter(wrong)
            claimed = rows.lazy().select(claims(rows), day="local_date").collect().rows()
            set_aside(fault, [last if last > tomorrow else day for last, day in claimed])
            gone = wrong if gone is None else gone | wrong
    return frame if gone is None else frame.filter(~gone)


def note_set_aside(extract: Extract, records: SetAside) -> None:
    """Note in an extract what was set aside of its file. Raises Rejected where that is too much."""
    extract.holds = Holds(first_clock(extract.in_all.claims), first_clock(records.ahead))
    records.check_share(extract.rows)
    extract.notes += records.notes()
    extract.doubted = records.doubted


def doubtful(found: Extracts, today: date) -> set[int]:
    """The files that `check` is to look at one by one: those with a row that cannot be, or all, where that is not said
    of rows. What holds of all rows together holds of those of each file."""
    latest = _latest(today)
    read = {n: file.begins for n, file in enumerate(found.files) if isinstance(file, Extract)}
    files = {n for n, begin in read.items() if begin and not EARLIEST <= begin <= latest}
    try:
        check_sizes(found.frames)
        for name, frame in found.frames.items():
            if frame.schema != of_many(SCHEMAS[name]):
                raise TypeError(f"{name}: the connector gave {frame.schema}, the schema is {of_many(SCHEMAS[name])}")
            for _, wrong in wrong_rows(name, frame, today + timedelta(days=1), latest) if frame.height else ():
                files.update(frame["file"].filter(wrong))
        check_together(found.frames, None, latest)
    except Rejected:
        return set(read)
    return files & read.keys()


def _latest(today: date) -> datetime:
    """Nothing can be later: the end of tomorrow, wherever that is."""
    return datetime.combine(today + timedelta(days=2), datetime.min.time(), UTC) + timedelta(hours=14)
