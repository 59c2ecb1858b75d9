"""Times with their distance from UTC, row by row, and times on the wall without one."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import polars as pl

from models.clock import INSTANT, ZoneLog

_HOUR = timedelta(hours=1)


def stamp(text: str) -> datetime | None:
    """The instant, to the millisecond, of a time with its distance from UTC as ISO writes it; None where it is none."""
    try:
        time = datetime.fromisoformat(text)
    except ValueError:
        return None
    return time.replace(microsecond=time.microsecond // 1000 * 1000) if time.tzinfo else None


def parse_offset(text: str | None) -> timedelta | None:
    """The distance of "+02:00", "-0530", "UTC+0200", "Z" or "UTCZ" from UTC; None where it is none."""
    found = re.fullmatch(r"(?:UTC|GMT)?(?:(Z)|([+-])(\d\d):?(\d\d))|UTC|GMT", (text or "").strip())
    if not found:
        return None
    if not found[2]:
        return timedelta(0)
    size = timedelta(hours=int(found[3]), minutes=int(found[4]))
    return -size if found[2] == "-" else size


def local_dates(starts: pl.Series, offsets: pl.Series, zones: ZoneLog) -> tuple[pl.Series, str]:
    """The civil dates of UTC instants of which each has its own offset (Duration, or null), and the tz_source.

    Where offset and zones agree the zones are used, else the record is believed (R3.3).
    """
    rows = pl.DataFrame({"t": starts, "offset": offsets.cast(pl.Duration("ms"))})
    rows = rows.with_columns(quarter=pl.col("t").dt.truncate("15m"))
    dates, elsewhere = [], False
    pairs = rows.select("quarter", "offset").unique(maintain_order=True)
    for quarter, offset in pairs.iter_rows():
        clock = zones.trusting(offset, at=quarter)
        elsewhere |= clock is not zones
        dates.append(clock.date_of(quarter))
    pairs = pairs.with_columns(local_date=pl.Series(dates, dtype=pl.Date))
    joined = rows.join(pairs, on=["quarter", "offset"], how="left", nulls_equal=True, maintain_order="left")
    return joined["local_date"], "record_offset" if elsewhere else zones.source


def wall_to_utc(local: pl.Series, zones: ZoneLog) -> tuple[pl.Series, list[str]]:
    """Times on the wall in the order of a file as UTC (INSTANT), and remarks. The newest may come first or last.

    The hour that happens twice is decided by the order; in a file that is in no order it is taken for the first one.
    """
    rises, falls = bool((local.diff() > _HOUR).any()), bool((local.diff() < -_HOUR).any())
    backwards = falls or (not rises and local.len() > 0 and local[-1] < local[0])
    times = zones.utc_of(local.reverse() if backwards else local, in_order=not (rises and falls))
    times = times.reverse() if backwards else times
    flags = times["flag"].drop_nulls().to_list()
    remarks = {
        "nonexistent_local_time": "times that the clocks going forward left out: read as one hour later",
        "ambiguous_local_time": "times that happened twice, the clocks going back: read by the order of the rows",
    }
    notes = [f"{flags.count(flag)} {words}" for flag, words in remarks.items() if flag in flags]
    return times["utc"].cast(INSTANT), notes
