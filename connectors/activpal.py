"""activPAL: the events of a study-issued thigh sensor.

What it is called: `<subject> Events.csv`: a row for each time of sitting, standing, and each stride.

Where to find it: PALanalysis (or PALbatch) > Export > Events .csv.

Cannot tell: who wore it; the zone (times are days since 1900 by the computer's clock at the start, and know no change
of clocks); sessions; how vigorous a minute was, except by its cadence; whether it was worn, where the version has no
code for that. A row of stepping is one stride: two steps. Cycling strides (2.1) are no steps.
The layout of seven columns is known, other versions from their descriptions (grade B+): a file is read only if its
strides agree with its own running count and its events follow each other.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import cast

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, fault, header, read
from connectors.kit.export import Export
from connectors.kit.header import reheaded
from connectors.kit.metrics import by_method
from connectors.kit.rows import minutes, totals
from models.activity import Extract

VERSION = 2
EXPORT = "report"
LOOKS_FOR = ("text",)
SOURCES = {"activpal": "study"}
METRICS = by_method(device="steps walking", cadence="brisk")

_EPOCH = datetime(1899, 12, 30)  # day 0 of a spreadsheet
_STEPPING = 2.0
_KNOWN = {0.0: "sitting", 1.0: "standing", 2.0: "stepping", 2.1: "cycling", 3.1: "lying", 3.2: "lying", 5.0: "a seat"}
_UNSEEN = {4.0: "not worn", -1.0: "not classified", -2.0: "not classified"}
_WANTED = {  # what it is: what the best known version calls it, how the versions begin its name without its signs
    "time": ("Time", r"time$"),
    "seconds": ("Interval (s)", r"(interval|duration)s?(ec|econds)?$"),
    "code": ("ActivityCode", r"(activitycode|eventtype|eventcode)"),
    "strides": ("CumulativeStepCount", r"cumulativestepcount"),
}
_IGNORED = ("*data*count*", "*score*", "*sum*diff*", "*upright*", "*waking*", "*cycl*", "*thigh*", "*trunk*", "*index*")
_LONGEST_MS = 200 * 86_400_000  # the longest recording there can be
_INSTANT = pl.from_epoch("at", time_unit="ms").dt.replace_time_zone("UTC").alias("start_time")


def identify(export: Export) -> bool:
    """Whether it has the columns of an events file, one renamed at most."""
    export = _table(export)
    names = header(export)
    if not re.search("activitycode|event(?:type|code)|cumulativestepcount", re.sub("[^a-z0-9]", "", "".join(names))):
        return False  # at once, for all other tables
    telling = any(re.match(r"activity ?score|abs ?\(?sum ?diff|data ?count", name) for name in names)
    return len(_columns(export)) >= (3 if telling else 4)


def _table(export: Export) -> Export:
    """The same file with an empty line for a first one that names the separator."""
    named = re.match(rb'(\xef\xbb\xbf)?"?sep=', export.head)
    return reheaded(export, lambda names: names, before=1) if named else export


def _columns(export: Export) -> dict[str, str]:
    """The actual name of each wanted column that is there."""
    names = header(export)
    plain = {re.sub(r"[^a-z0-9]", "", name): name for name in reversed(names)}
    return {
        what: next(name for short, name in plain.items() if re.match(pattern, short))
        for what, (_, pattern) in _WANTED.items()
        if any(re.match(pattern, short) for short in plain)
    }


def extract(export: Export, context: Context) -> Extract:
    """Steps of every complete minute of the recording, stepping time of every complete day. Raises Rejected."""
    events, notes = _events(export)
    if not events.height:
        return Extract(tz_source=context.zones.source, notes=notes)
    origin = _EPOCH + timedelta(milliseconds=int(events["at"][0]))
    if not 1990 <= origin.year <= context.today.year + 1:
        raise fault(int(events["line"][0]), "Time", "a day outside 1990 to tomorrow", "days since 1900 like 42633.41")
    ((start, _),) = context.zones.to_utc([origin])
    shift = round(start.timestamp() * 1000) - int(events["at"][0])
    events = events.with_columns(pl.col("at", "until") + shift)
    return Extract(
        minutes=minutes(_minutes(events), context.zones, source="activpal", metric="steps"),
        daily_totals=totals(_days(events, context), "activpal"),
        tz_source=context.zones.source,
        notes=notes,
    )


def _number(expected: str, least: float, most: float, comma: bool) -> Cell:
    """A number, perhaps wrapped in "#"; where the file's own times have a decimal comma, with one."""

    def parse(cells: pl.Series) -> pl.Series:
        plain = cells.str.strip_chars('#" ')
        values = (plain.str.replace(",", ".", literal=True) if comma else plain).cast(pl.Float64, strict=False)
        return values.zip_with(values.is_finite().fill_null(False), pl.Series([None], dtype=pl.Float64))

    return Cell(expected, pl.Float64(), parse, least, most)


def _events(export: Export) -> tuple[pl.DataFrame, list[str]]:
    """Events in their order: `at` and `until` in milliseconds of the device's clock, `code`. Raises Rejected."""
    export = _table(export)
    present = _columns(export)
    columns = {what: name for what, (name, _) in _WANTED.items()}
    for what, name in columns.items():
        if what not in present:
            raise fault(1, name, "no such column", "a column of an activPAL events file")
    renamed = {name: columns[what] for what, name in present.items()}
    export = reheaded(export, lambda names: [renamed.get(name.casefold(), name) for name in names])
    comma = any(re.match(rb'["#]*\d+,\d+["#]*;', line) for line in export.head.split(b"\n")[:4])
    cells = {
        columns["time"]: _number("days since 1900 like 42633.4165", 1, 80_000, comma),
        columns["seconds"]: _number("seconds like 1205.6", 0, _LONGEST_MS / 1000, comma),
        columns["code"]: _number("a code like 0, 1, 2 or 2.1", -100, 100, comma),
        columns["strides"]: _number("a running count of strides", 0, 10_000_000, comma),
    }
    frame, notes = read(export, Layout(cells, {}, _IGNORED, in_line=True))
    frame = frame.rename({columns[what]: what for what in _WANTED})
    if (other := frame.filter(~pl.col("code").is_in([*_KNOWN, *_UNSEEN]))).height:
        raise fault(int(other["line"][0]), columns["code"], "an unknown code", "one of activPAL's codes")
    frame = frame.select(
        "line", "code", "strides", at=(pl.col("time") * 86_400_000).round().cast(pl.Int64), s="seconds"
    )
    frame = frame.with_columns(until=pl.col("at") + (pl.col("s") * 1000).round().cast(pl.Int64))
    _check(frame, columns)
    return frame, notes


def _check(events: pl.DataFrame, columns: dict[str, str]) -> None:
    """Events follow each other, and the running count rises by one a stride. Raises Rejected."""
    if (late := events.filter(pl.col("at") < pl.col("until").shift(1) - 1000)).height:
        found = "an event before the end of the one before"
        raise fault(int(late["line"][0]), columns["time"], found, "events in order")
    strides = (pl.col("code") == _STEPPING) | (pl.col("code") == 2.1)
    rise = events.with_columns(rise=pl.col("strides").diff(), stride=strides)
    wrong = rise.filter(pl.col("rise").is_not_null() & (pl.col("rise") != pl.col("stride").cast(pl.Float64)))
    wrong = wrong.filter(~((pl.col("code") == 2.1) & (pl.col("rise") == 0)))
    if wrong.height:
        expected = "one more with every stride, as many otherwise"
        raise fault(int(wrong["line"][0]), columns["strides"], "another running count", expected)
    if events.height and cast(int, events["until"].max()) - cast(int, events["at"].min()) > _LONGEST_MS:
        raise fault(None, columns["time"], "a recording of over 200 days", "a recording of some weeks")


def _minutes(events: pl.DataFrame) -> pl.DataFrame:
    """Steps of each minute with a stride (by where it begins), 0 for those that were fully seen and had none."""
    first, last = int(events["at"][0]), int(events["until"][-1])
    grid = pl.DataFrame({"at": pl.int_range(-(-first // 60_000), last // 60_000, eager=True) * 60_000})
    minute = pl.col("at") // 60_000 * 60_000
    steps = events.filter(pl.col("code") == _STEPPING).group_by(at=minute).agg(value=2 * pl.len().cast(pl.Int32))
    unseen = events.filter(pl.col("code").is_in(list(_UNSEEN))).select("at", "until")
    gaps = events.select(at=pl.col("until").shift(1), until=pl.col("at")).filter(pl.col("until") > pl.col("at") + 1000)
    holes = pl.concat([unseen, gaps]).with_columns(
        at=pl.int_ranges(pl.col("at") // 60_000, -(-pl.col("until") // 60_000)) * 60_000
    )
    hidden = holes.explode("at").select("at").drop_nulls()
    grid = grid.join(hidden, on="at", how="anti")
    none = grid.join(steps, on="at", how="anti").with_columns(value=pl.lit(0, dtype=pl.Int32))
    return pl.concat([steps, none]).select(_INSTANT, "value").sort("start_time")


def _days(events: pl.DataFrame, context: Context) -> pl.DataFrame:
    """Steps and stepping time of the dates that lie inside the recording, fully seen."""
    dated = events.with_columns(local_date=context.zones.local_dates(events.select(_INSTANT)["start_time"]))
    unseen = dated.filter(
        pl.col("code").is_in(list(_UNSEEN)) | ((pl.col("at") - pl.col("until").shift(1)) > 1000).fill_null(False)
    )
    partial = {dated["local_date"][0], dated["local_date"][-1], *unseen["local_date"]}
    steps = dated.filter((pl.col("code") == _STEPPING) & ~pl.col("local_date").is_in(list(partial)))
    return steps.group_by("local_date").agg(steps=2 * pl.len(), walking_ms=(pl.col("s").sum() * 1000).round())
