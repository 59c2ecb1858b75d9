"""What canonical rows can say: which columns each row has, the range of every number, and what rows say together.

The SQL that adds and multiplies (models/sql) is wide enough for whatever is in these ranges, from any number of files.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime
from typing import Any

import polars as pl

from models.fault import Rejected

EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
MOST_STEPS = 500_000  # in any row, and of a device in a day: more is a broken file, no walk. Over 45,000 is marked
DATE_MS = 50 * 3_600_000  # the longest civil date there is: of a flight west over the date line
DAY_MS = 27 * 3_600_000  # more of any activity than on a date can be, however long (R7.1)
_DAY_MIN = DAY_MS // 60_000

# What no row is without. Everything else may be NULL: not known.
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
    "sessions": {"timer_ms": 7 * DAY_MS, "steps": MOST_STEPS, "local_start_minute": 1439},
    "daily_totals": {
        "steps": MOST_STEPS,
        "walking_ms": DAY_MS,
        "light_ms": DAY_MS,
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


def check_sizes(frames: dict[str, pl.DataFrame]) -> None:
    """Check the number of rows against what a person's life has, so that no later question of them explodes."""
    for name, most in _MOST_ROWS.items():
        if name in frames and (rows := frames[name].height) > most:
            raise impossible(name, "rows", f"{rows:,} rows", f"at most {most:,}")
    sessions = frames.get("sessions")
    if sessions is None or sessions.is_empty():
        return
    parts = sessions["parts"].list.len().fill_null(0).to_list()
    for count, most in ((max(parts), _MOST_PARTS), (sum(parts), 5 * MOST_SESSIONS)):
        if count > most:
            raise impossible("sessions", "parts", f"{count:,} stretches of activity", f"at most {most:,}")
    most_on_a_date = sessions["local_date"].value_counts(sort=True).row(0)[1]
    if most_on_a_date > _MOST_A_DAY:
        raise impossible("sessions", "date", f"{most_on_a_date:,} sessions on one date", f"at most {_MOST_A_DAY:,}")


def wrong_rows(
    name: str, frame: pl.DataFrame, tomorrow: date, latest: datetime
) -> Iterator[tuple[Rejected, pl.Series]]:
    """Which rows of a frame cannot be, each by itself, rule by rule: the rejection of such a row, and a mask.

    Times are from 1990 to `latest`, dates to `tomorrow`. Raises Rejected where a row lacks what every row has.
    """
    for column in NEEDED[name]:
        if frame[column].null_count():
            raise impossible(name, column, "a row without it", "one in every row")
    earliest: dict[str, Any] = {"start_time": EARLIEST, "end_time": EARLIEST}
    earliest |= {"local_date": EARLIEST.date(), "local_end_date": EARLIEST.date()}
    last = {"start_time": latest, "end_time": latest, "local_date": tomorrow, "local_end_date": latest.date()}
    for column in (column for column in earliest if column in frame.columns):
        what, called = ("date", "date") if column.endswith("_date") else (column, "time")
        fault = impossible(name, what, f"a {called} outside 1990 to tomorrow", "a date that has been")
        yield from _outside(fault, frame[column], earliest[column], last[column])
    for column, most in MOST.get(name, {}).items():
        yield from _outside(_no_value(name, column, most), frame[column], 0, most)
    if name == "minutes":
        for (metric,), rows in frame.lazy().select("metric", "value").collect().group_by("metric"):
            most = MOST_IN_MINUTE[metric]  # type: ignore[index]
            if _is_outside(rows["value"], 0, most):
                this = pl.col("metric") == metric
                yield _no_value(name, str(metric), most), _mask(frame, this & ~pl.col("value").is_between(0, most))
    if name == "sessions":
        yield from _wrong_sessions(frame, latest)


def check_together(frames: dict[str, pl.DataFrame], begins: datetime | None, latest: datetime) -> None:
    """Raises Rejected for what rows that can be say together that cannot; times are from 1990 to `latest`."""
    if begins is not None and not EARLIEST <= begins <= latest:
        rejected = impossible("the file", "begins", "a time outside 1990 to tomorrow", "a date that has been")
        raise rejected.until(begins.date()) if begins > latest else rejected
    minutes = frames.get("minutes")
    if minutes is not None and minutes.height:
        steps = minutes.lazy().filter(pl.col("metric").is_in(["steps", "steps_spread"]))
        day = [name for name in ("file", "source", "device", "local_date") if name in minutes.columns]
        days = steps.group_by(day).agg(pl.col("value").cast(pl.Int64).sum()).collect()
        if _is_outside(days["value"], 0, MOST_STEPS):
            raise _no_value("minutes", "steps of one day", MOST_STEPS)


def _wrong_sessions(sessions: pl.DataFrame, latest: datetime) -> Iterator[tuple[Rejected, pl.Series]]:
    """A session has both times or neither, and they are in order; so are those of its parts, each within one date."""
    start, end, day = pl.col("start_time"), pl.col("end_time"), pl.col("local_date")
    fault = impossible("sessions", "end_time", "an end without a start, or before it", "both times in order, or none")
    yield fault, _mask(sessions, (start.is_null() != end.is_null()) | (end < start))
    parts = sessions.select("parts").with_row_index("row").explode("parts").drop_nulls().unnest("parts")
    possible = (
        (start >= EARLIEST)
        & (end <= latest)
        & (end - start).dt.total_milliseconds().is_between(0, DATE_MS)
        & day.is_between(EARLIEST.date(), latest.date())
    )
    wrong = parts.filter(~possible.fill_null(False))["row"].unique()
    fault = impossible("sessions", "parts", "a stretch that cannot be", "one that ends after it begins, on one date")
    yield fault, sessions.select(row=pl.int_range(pl.len(), dtype=pl.UInt32))["row"].is_in(wrong.implode())


def _outside(fault: Rejected, values: pl.Series, least: Any, most: Any) -> Iterator[tuple[Rejected, pl.Series]]:
    if _is_outside(values, least, most):
        yield fault, ~values.is_between(least, most).fill_null(True)


def _is_outside(values: pl.Series, least: Any, most: Any) -> bool:
    first, last = values.min(), values.max()
    return first is not None and not least <= first <= last <= most  # type: ignore[operator]


def _mask(frame: pl.DataFrame, wrong: pl.Expr) -> pl.Series:
    return frame.select(wrong=wrong.fill_null(False))["wrong"]


def _no_value(name: str, column: str, most: int) -> Rejected:
    return impossible(name, column, "a value that cannot be", f"0 to {most}")


def impossible(frame: str, column: str, found: str, expected: str) -> Rejected:
    """The rejection of a file that says what cannot be."""
    return Rejected(f"{frame}, {column}", found, expected, "export the file again, or remove it from the inbox")
