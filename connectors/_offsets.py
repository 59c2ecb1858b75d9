"""Times that tell their distance from UTC, row by row, and times on the wall that tell none."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise

import polars as pl

from models.clock import ZoneLog

_HOUR = timedelta(hours=1)


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
    """The civil dates of UTC instants of which each tells its own offset (Duration, or null), and the tz_source.

    Where offset and zones agree the zones are used, else the record is believed (measurement section 5.2).
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


def wall_to_utc(local: Sequence[datetime], zones: ZoneLog) -> tuple[list[datetime], list[str]]:
    """Times on the wall in the order of a file as UTC, and remarks. The newest may come first or last.

    The hour that happens twice is told by the order; in a file that is in no order it is taken for the first one.
    """
    pairs = list(pairwise(local))
    rises = any(later > earlier + _HOUR for earlier, later in pairs)
    falls = any(later < earlier - _HOUR for earlier, later in pairs)
    backwards = falls or (not rises and bool(local) and local[-1] < local[0])
    if rises and falls:
        told = [zones.to_utc([time])[0] for time in local]
    elif backwards:
        told = zones.to_utc(local[::-1])[::-1]
    else:
        told = zones.to_utc(local)
    flags = [flag for _, flag in told]
    remarks = {
        "nonexistent_local_time": "times that the clocks going forward left out: read as one hour later",
        "ambiguous_local_time": "times that happened twice, the clocks going back: read by the order of the rows",
    }
    notes = [f"{flags.count(flag)} {words}" for flag, words in remarks.items() if flag in flags]
    return [instant for instant, _ in told], notes


def wall_minutes_to_utc(local: pl.Series, zones: ZoneLog) -> tuple[pl.Series, list[str]]:
    """As `wall_to_utc`, for many rows: one quarter of an hour at a time, no clock changing within one."""
    rows = local.cast(pl.Datetime("ms")).alias("t").to_frame()
    rows = rows.with_columns(quarter=pl.col("t").dt.truncate("15m"))
    rows = rows.with_columns(run=pl.col("quarter").rle_id())
    runs = rows.group_by("run", maintain_order=True).agg(pl.col("quarter").first())
    instants, notes = wall_to_utc(runs["quarter"].to_list(), zones)
    begins = pl.Series("begins", instants, dtype=pl.Datetime("ms", "UTC"))
    joined = rows.join(runs.select("run", begins), on="run", how="left", maintain_order="left")
    return joined.select(utc=pl.col("begins") + (pl.col("t") - pl.col("quarter")))["utc"], notes
