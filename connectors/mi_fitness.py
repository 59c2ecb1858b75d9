"""Mi Fitness (Xiaomi): the CSV files of an account export.

What it is called: a .zip `<date>_<account>_MiFitness_<region>_data_copy` that a password opens (it came by the same
mail). Read are of its `..._hlth_center_*.csv`: `fitness_data` (minutes with steps, minutes of intensity, heart beats:
only that there was one), `aggregated_fitness_data` (days) and `sport_record` (sessions).

Where to find it: account.xiaomi.com, Privacy, Manage your data, Download your data, Mi Fitness; the mail comes in days.

What it cannot tell: moderate and vigorous minutes apart (the app has one figure, `intensity`); pauses inside a session;
where the person was (minutes are in UTC, the dates of days are the person's own; sessions tell their offset). A device
(`Sid`) that judged minutes on any day had none on a day with steps and without such a minute. Of devices that saw one
minute the larger count is taken. `default` is the phone, a source of its own; of days it is all devices together.

How sure: A for a re-saved copy in UTF-7 (its minutes add up to its days), from which columns may be missing; of the
header, and of GBK, six readers agree. The numbers of sports are not agreed upon: the words beside them are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit.csv import Cell, Layout, fault, header, integer, read, text, wrong_cell
from connectors.kit.encodings import is_utf8, recoded
from connectors.kit.export import Export
from connectors.kit.families import has
from connectors.kit.grid import spread_coarse_rows
from connectors.kit.json import Fields, object_in
from connectors.kit.json import integer as figure
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import minutes, totals
from connectors.kit.sessions import Sessions
from connectors.kit.words import listed
from models.activity import DAY_MS, MOST_SESSIONS, MOST_STEPS, Extract
from models.clock import INSTANT
from models.set_aside import one_record

VERSION = 1
EXPORT = "archive"
LOOKS_FOR = ("updatetime", "sid", "/mifitness", "/miwear", "/hlth")
SOURCES = {"mi_fitness": "wrist", "mi_fitness_phone": "phone"}
METRICS = by_method(device="steps mvpa", cadence="walking brisk", session=SPORT)

_PHONE = "default"
_YEAR_2100 = 4_102_444_800
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTES = {  # kinds of row: the field that is read, and the most it can be
    "steps": ("steps", MOST_STEPS), "intensity": ("time", _YEAR_2100), "heart_rate": ("bpm", 1000),
    "single_heart_rate": ("bpm", 1000),
}  # fmt: skip
_NO_WORD = pl.Series([None], dtype=pl.String)
_KEY = Cell("a word", pl.String(), lambda cells: cells.zip_with(cells.str.contains(r"^[A-Za-z]\w*$"), _NO_WORD))
_DAYS = {"steps": ("steps", MOST_STEPS), "intensity": ("duration", DAY_MS // 60_000)}


def identify(export: Export) -> bool:
    """Whether the header is that of rows with a key, a time and a value, if need be with one column renamed."""
    columns = header(export)
    named = "sid" in columns or re.search(r"mifitness|hlth_center", export.name.casefold()) is not None
    return has(columns, ("key", "time", "value", "updatetime"), renamed=int(named))


def extract(export: Export, context: Context) -> Extract:
    """Minutes, days or sessions of one file. Raises Rejected."""
    columns, head = header(export), export.head
    encoding = "utf-7" if b"{" not in head and b"+A" in head else None if is_utf8(export) else "gb18030"
    export = recoded(export, encoding) if encoding else export
    if "category" in columns or re.search(rb"sport(_|\+AF8-)type", head):
        return _sessions(export, context)
    if "tag" in columns or re.search(rb"daily(_|\+AF8-)(report|mark)", head):
        return _days(export, context)
    return _minutes(export, context)


def _layout(more: dict[str, Cell], **limits: Any) -> Layout:
    columns = {"Key": _KEY, "Time": integer(0, _YEAR_2100), "Value": text(), **more}
    return Layout(columns, {"Sid": text()}, ("uid", "updatetime"), **limits)


def _figures(wanted: dict[str, tuple[str, int]], fields: Fields) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """What gives the rows of the kinds that are read, each with its time and its one figure (`value`)."""
    schema = {"kind": pl.String, "time": pl.Int64, "value": pl.Int64, "Sid": pl.String}

    def of(frame: pl.DataFrame) -> pl.DataFrame:
        rows = []
        frame = frame.filter(pl.col("Key").is_in(list(wanted)))
        for line, kind, time, cell, sid in frame.select("line", "Key", "Time", "Value", "Sid").iter_rows():
            name, most = wanted[kind]
            with one_record(_EPOCH + timedelta(seconds=time)):
                value = object_in(cell, line, "Value")
                fields.add(value)
                count = figure(value, name, f"line {line}", 0, most)
                if count is None:
                    raise fault(line, "Value", "no such field", f"a field '{name}'")
                rows.append((kind, time, count, sid or ""))
        return pl.DataFrame(rows, schema=schema, orient="row")

    return of


def _minutes(export: Export, context: Context) -> Extract:
    fields = Fields((), (), listed("mi_fitness", "fields_of_minutes"))
    rows, notes = read(export, _layout({}), _figures(_MINUTES, fields))
    notes += fields.notes()
    if rows.filter(pl.col("kind") == "steps").is_empty():
        notes.append("no rows of steps in it")
    rows = rows.with_columns(start_time=(pl.col("time") // 60 * 60_000).cast(pl.Datetime("ms")).cast(INSTANT))
    source = pl.when(pl.col("Sid") == _PHONE).then(pl.lit("mi_fitness_phone")).otherwise(pl.lit("mi_fitness"))
    once = rows.group_by("Sid", "kind", "time").agg(pl.col("value").max(), pl.col("start_time").first())
    seen = once.group_by("Sid", "kind", "start_time").agg(pl.col("value").sum())
    best = seen.with_columns(source=source).group_by("source", "kind", "start_time").agg(pl.col("value").max())
    best = best.sort("source", "start_time")
    steps = minutes(best.filter(pl.col("kind") == "steps"), context.zones, metric="steps")
    beats = best.filter(pl.col("kind").str.ends_with("heart_rate"), pl.col("value") > 0)
    beats = beats.unique(["source", "start_time"], maintain_order=True).with_columns(value=1)
    counted = spread_coarse_rows(steps, notes)
    felt = minutes(beats, context.zones, metric="heart_rate")
    return Extract(
        minutes=pl.concat([counted, felt]), daily_totals=_intensity(rows, context), tz_source=context.zones.source,
        notes=notes,
    )  # fmt: skip


def _intensity(rows: pl.DataFrame, context: Context) -> pl.DataFrame:
    """How many minutes of intensity a day had: of devices that judge minutes, also on a day on which none was one."""
    judged = rows.filter(pl.col("kind") == "intensity")
    rows = rows.join(judged.select("Sid").unique(), on="Sid", how="semi").filter(pl.col("kind").is_in(list(_DAYS)))
    rows = rows.with_columns(local_date=context.zones.local_dates(rows["start_time"]))
    active = pl.col("start_time").filter(pl.col("kind") == "intensity").n_unique()
    return totals(rows.group_by("local_date").agg(mvpa_ms=active * 60_000), "mi_fitness")


def _days(export: Export, context: Context) -> Extract:
    """Times are midnights in UTC of the person's own dates: they are never converted."""
    fields = Fields((), (), listed("mi_fitness", "fields_of_days"))
    figures = _figures(_DAYS, fields)

    def reported(frame: pl.DataFrame) -> pl.DataFrame:
        frame = frame.filter(pl.col("Tag") == "daily_report")
        odd = frame.filter(pl.col("Time") % 86_400 != 0, pl.col("Key").is_in(list(_DAYS)))
        for line, time in odd.select("line", "Time").head(1).iter_rows():
            raise wrong_cell(line, "Time", str(time), "the midnight of a date, in UTC")
        return figures(frame)

    rows, notes = read(export, _layout({"Tag": _KEY}), reported)
    days = rows.group_by(local_date=(pl.col("time") // 86_400).cast(pl.Int32).cast(pl.Date)).agg(
        steps=pl.col("value").filter(pl.col("kind") == "steps").max(),
        mvpa_ms=pl.col("value").filter(pl.col("kind") == "intensity").max() * 60_000,
    )
    return Extract(
        daily_totals=totals(days, "mi_fitness"), tz_source=context.zones.source, notes=notes + fields.notes()
    )


def _sessions(export: Export, context: Context) -> Extract:
    frame, notes = read(export, _layout({"Category": text()}, most_rows=MOST_SESSIONS))
    fields = Fields(
        ("start_time", "end_time", "duration"), ("timezone", "steps"), listed("mi_fitness", "fields_of_sessions")
    )
    sessions = Sessions(context, "mi_fitness", end="field end_time", start="field start_time")
    for line, key, kind, cell in frame.select("line", "Key", "Category", "Value").iter_rows():
        place, value = f"line {line}", object_in(cell, line, "Value")
        fields.add(value)
        with one_record():
            start, end = (figure(value, name, place, 0, _YEAR_2100) for name in ("start_time", "end_time"))
            seconds, steps = (
                figure(value, "duration", place, 0, 7 * 86_400),
                figure(value, "steps", place, 0, MOST_STEPS),
            )
            quarters = figure(value, "timezone", place, -60, 60)
            if start is None or end is None or seconds is None:
                raise fault(line, "Value", "a session without its start, end or duration", "a session")
            name = next((name for name in (kind, key) if name and re.fullmatch(r"[a-z0-9_]{1,60}", name)), "")
            sessions.add(
                place,
                _EPOCH + timedelta(seconds=start),
                _EPOCH + timedelta(seconds=end),
                name=name,
                offset=None if quarters is None else timedelta(minutes=15 * quarters),
                timer=timedelta(seconds=seconds),
                steps=steps,
                key=(start, name),
            )
    return sessions.extract(notes + fields.notes())


def companion(export: Export) -> str | None:
    """Why a file of such an export holds nothing for us; None where that is not known."""
    name = export.basename.casefold()
    if not re.search(r"mifitness_|miwear_|^hlth_center_", name) or not name.endswith(".csv"):
        return None
    if re.search(r"_(aggregated_)?fitness_data|sport_record", name):
        return None
    return "tracks: positions are never read" if "track" in name else "a family of Mi Fitness that is not needed here"
