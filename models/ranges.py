"""What canonical rows can say: which columns each row has, the range of every number, and what rows say together.

The SQL that adds and multiplies (models/sql) is wide enough for whatever is in these ranges, from any number of files.
"""

from __future__ import annotations

from datetime import UTC, datetime

import polars as pl

from models.rejection import Rejected

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MOST_STEPS = 500_000  # in any row, and of a device in a day: more is a broken file, no walk. Over 45,000 is marked
DATE_MS = 50 * 3_600_000  # the longest civil date there is: of a flight west over the date line
DAY_MS = 27 * 3_600_000  # more of any activity than on a date can be, however long (measurement section 5.7)
_DAY_MIN = DAY_MS // 60_000

# What no row is without. Everything else may be NULL: not told.
NEEDED = {
    "minutes": ("source", "metric", "start_time", "local_date", "value"),
    "readings": ("source", "end_time", "local_date"),
    "sessions": ("source", "activity", "local_date", "modality"),
    "daily_totals": ("source", "local_date", "day_basis"),
    "attestations": ("local_date",),
}
# The largest value of every number; the smallest is 0.
MOST: dict[str, dict[str, int]] = {
    "readings": {
        "activity_type": 255,  # a byte, in FIT
        "steps": MOST_STEPS,
        "active_ms": DATE_MS,  # of rest, too
        "moderate_total_min": _DAY_MIN,
        "vigorous_total_min": _DAY_MIN,
        "moderate_increment_min": _DAY_MIN,
        "vigorous_increment_min": _DAY_MIN,
    },
    "sessions": {"timer_ms": 7 * DAY_MS, "steps": MOST_STEPS},
    "daily_totals": {
        "steps": MOST_STEPS,
        "walking_ms": DAY_MS,
        "moderate_ms": DAY_MS,
        "vigorous_ms": DAY_MS,
        "mvpa_ms": DAY_MS,
    },
}
# The largest value of a minute, by metric.
MOST_IN_MINUTE = {
    "steps": MOST_STEPS,
    "steps_spread": MOST_STEPS,
    "heart_rate": 1,
    "active_minutes": 2,
    "zone_minutes": 2,
}


MOST_SESSIONS = 200_000  # of a file: eighteen a day for thirty years
_MOST_ROWS = {"minutes": 20_000_000, "readings": 5_000_000, "sessions": MOST_SESSIONS, "daily_totals": 1_000_000}
_MOST_A_DAY = 1_440  # sessions of a date: one a minute
_MOST_PARTS = 10_000  # of a session: the longest is a week, so one a minute; of a file: five a session


def hold_rows(frames: dict[str, pl.DataFrame]) -> None:
    """Hold the number of rows against what a person's life has, so that no later question of them explodes."""
    for name, most in _MOST_ROWS.items():
        if (rows := frames[name].height) > most:
            raise impossible(name, "rows", f"{rows:,} rows", f"at most {most:,}")
    sessions = frames["sessions"]
    if sessions.is_empty():
        return
    parts = sessions["parts"].list.len().fill_null(0).to_list()
    for count, most in ((max(parts), _MOST_PARTS), (sum(parts), 5 * MOST_SESSIONS)):
        if count > most:
            raise impossible("sessions", "parts", f"{count:,} stretches of activity", f"at most {most:,}")
    most_on_a_date = sessions["local_date"].value_counts(sort=True).row(0)[1]
    if most_on_a_date > _MOST_A_DAY:
        raise impossible("sessions", "date", f"{most_on_a_date:,} sessions on one date", f"at most {_MOST_A_DAY:,}")


def hold(frames: dict[str, pl.DataFrame], begins: datetime | None, latest: datetime) -> None:
    """Raises Rejected for the first thing in the frames that cannot be; times are from 1990 to `latest`."""
    if begins is not None and not EARLIEST <= begins <= latest:
        raise impossible("the file", "begins", "a time outside 1990 to tomorrow", "a date that has been")
    for name, frame in frames.items():
        for column in NEEDED[name] if frame.height else ():
            if frame[column].null_count():
                raise impossible(name, column, "a row without it", "one in every row")
        for column, most in MOST.get(name, {}).items():
            _within(frame[column], name, column, most)
    _minutes(frames["minutes"])
    _sessions(frames["sessions"], latest)


def _minutes(minutes: pl.DataFrame) -> None:
    if minutes.is_empty():
        return
    metric, value = pl.col("metric"), pl.col("value").cast(pl.Int64)
    for named, least, largest in minutes.group_by(metric).agg(value.min(), value.max().alias("largest")).iter_rows():
        _within(pl.Series([least, largest]), "minutes", named, MOST_IN_MINUTE[named])
    walked = minutes.lazy().filter(metric.is_in(["steps", "steps_spread"]))
    days = walked.group_by("source", "device", "local_date").agg(value.sum()).collect()
    _within(days["value"], "minutes", "steps of one day", MOST_STEPS)


def _sessions(sessions: pl.DataFrame, latest: datetime) -> None:
    """A session has both times or neither, and they are in order; so are those of its parts, each within one date."""
    start, end, date = pl.col("start_time"), pl.col("end_time"), pl.col("local_date")
    if not sessions.filter((start.is_null() != end.is_null()) | (end < start)).is_empty():
        raise impossible("sessions", "end_time", "an end without a start, or before it", "both times in order, or none")
    parts = sessions.select("parts").explode("parts").drop_nulls().unnest("parts")
    possible = (
        (start >= EARLIEST)
        & (end <= latest)
        & (end - start).dt.total_milliseconds().is_between(0, DATE_MS)
        & date.is_between(EARLIEST.date(), latest.date())
    )
    if not parts.select(possible.fill_null(False).all()).item():
        raise impossible("sessions", "parts", "a stretch that cannot be", "one that ends after it begins, on one date")


def _within(values: pl.Series, name: str, column: str, most: int) -> None:
    least, largest = values.min(), values.max()
    if least is not None and not 0 <= least <= largest <= most:  # type: ignore[operator]
        raise impossible(name, column, "a value that cannot be", f"0 to {most}")


def impossible(frame: str, column: str, found: str, expected: str) -> Rejected:
    """The rejection of a file that says what cannot be."""
    return Rejected(f"{frame}, {column}", found, expected, "export the file again, or remove it from the inbox")
