"""Health Auto Export: an app that writes Apple Health's sums by minute, hour or day, and the workouts, as CSV.

Called: `HealthAutoExport-2026-05-01-2026-05-31.csv` (also `... Data.csv`, `HealthMetrics-....csv`), one column for each
figure that was ticked, and `Workouts-....csv`.
Where: the app "Health Auto Export", Manual Export or an automation, format CSV, summarised by day, hour or minute.
Cannot tell: which device counted (HealthKit has merged them, each step once); cadence, even in rows of one minute:
samples of many minutes are laid over them; how vigorous a minute was (Apple Exercise Time is all that is at a brisk
walk or above); pauses inside a workout have a length but no place. An empty cell or 0 may mean no phone, so it is no
zero; no exercise counts as none only where an hour of standing shows that a watch was worn. Times are local, without a
zone.

Known from the app's readers and test files in English and Spanish; the German, French and Portuguese words are those of
the Health app in these languages. Whether rows are minutes, hours or days, whether 1/2/2026 is in January or February
and whether 1,214 is a thousand is decided from all of the file; where the file does not decide it, it is rejected.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta

import polars as pl

from connectors import Context
from connectors.kit import apple
from connectors.kit.csv import AGAIN, Layout, fault, header, new_columns, read, text
from connectors.kit.export import Export
from connectors.kit.grid import some_a_minute_apart
from connectors.kit.header import reheaded
from connectors.kit.json import begins_like_json
from connectors.kit.local_numbers import decimal_of, with_numbers, with_times
from connectors.kit.sessions import Sessions
from connectors.kit.words import listed, meanings, plain
from models.activity import DAY_MS, MINUTES, MOST_SESSIONS, MOST_STEPS, Extract
from models.fault import Rejected
from models.set_aside import set_aside

VERSION = 3
EXPORT = "archive"
LOOKS_FOR = ("text",)
SOURCES = {"apple_health": "phone"}
METRICS = apple.SUMS

_FIGURES = ("steps", "exercise", "stood")
# What the app calls them in English: the names that a rejection gives a column.
_DATE = "Date"
_CALLED = {
    "steps": "Step Count (count)", "exercise": "Apple Exercise Time (min)", "stood": "Apple Stand Hour (hours)",
}  # fmt: skip
_WORKOUT = {"workout type", "start", "end", "duration"}


def identify(export: Export) -> bool:
    """Whether it is a table of workouts (one column may be renamed), or of figures of which one is read."""
    return _is_workouts(export) or _is_metrics(export)


def _is_workouts(export: Export) -> bool:
    columns = set(header(export))
    named = export.basename.casefold().startswith("workouts") and bool(_united(columns))
    return len(_WORKOUT & columns) >= 3 and ("workout type" in columns or named)


def _is_metrics(export: Export) -> bool:
    columns = header(export)
    if not columns or begins_like_json(export) or not (_is_time(columns[0]) or _is_named(export)):
        return False
    return any(map(_known, _united(columns))) or (_is_named(export) and _hints(columns))


def _united(columns: Iterable[str]) -> list[str]:
    """The columns that have a unit, as all figures of this app have."""
    return [name for name in columns if re.search(r"\s\([^)]*\)$", name)]


def _hints(columns: list[str]) -> bool:
    """Whether a column sounds like steps or exercise, in whatever words: `extract` says that it is not known."""
    return any(re.search("steps|stepc|pasos|passos|schritt|depas|exerci|ejerci|training", plain(c)) for c in columns)


def _is_named(export: Export) -> bool:
    return re.match(r"health(autoexport|metrics)", export.basename, re.IGNORECASE) is not None


def _is_time(name: str) -> bool:
    return meanings("apple", "columns").get(plain(name)) == "date"


def _known(name: str) -> str | None:
    """What a column is, by its meaning: "Conteo de Pasos (recuentos)" are steps, "Peso (kg)" is nothing for us."""
    word, unit = _parted(name)
    what = meanings("apple", "columns").get(word)
    if what == "steps":
        return what if unit in ("", *map(plain, listed("apple", "steps_units"))) else None
    if what == "exercise":
        return what if unit in ("min", "mins", "minutes", "minuten", "minutos") else None
    return what if what == "stood" else None


def _parted(name: str) -> tuple[str, str]:
    found = re.fullmatch(r"(.*?)\s*(?:\(([^)]*)\))?", name.strip())
    return (plain(found[1]), plain(found[2] or "")) if found else ("", "")


def extract(export: Export, context: Context) -> Extract:
    """Minutes, daily totals or workouts. Raises Rejected."""
    return _workouts(export, context) if _is_workouts(export) else _metrics(export, context)


def _metrics(export: Export, context: Context) -> Extract:
    names = header(export)
    columns: dict[str, str] = {}
    for name in names[1:]:
        if (what := _known(name)) and columns.setdefault(what, name) != name and what != "stood":
            raise fault(1, _CALLED[what], "a second column of the same meaning", "one", words=name)
    if not {"steps", "exercise"} & set(columns):
        found = "no column of steps or exercise time in a language known here"
        raise Rejected("line 1", found, "a column 'Step Count (count)'", "tick Steps, and export again in English")
    if not _is_time(names[0]):
        raise fault(1, "Date", "no such column", "a column 'Date' or 'Date/Time' that comes first")
    notes = new_columns([name for name in names[1:] if name and name not in {*_united(names), *columns.values()}])
    frame = _in_our_words(export, {names[0]: _DATE} | {name: _CALLED[what] for what, name in columns.items()})
    when = frame[_DATE].fill_null("")
    total = when.map_elements(plain, return_dtype=pl.String).is_in([*map(plain, listed("apple", "total"))])
    frame = frame.filter(~total)
    decimal = decimal_of(frame.select(pl.exclude("line", _DATE)))
    most = {"steps": MOST_STEPS, "exercise": DAY_MS / 60_000, "stood": MOST_STEPS}
    rows = with_times(frame, [_DATE], context.today)
    for what in columns:
        rows = with_numbers(rows, _CALLED[what], decimal, most[what])
    rows = rows.select("line", when=_DATE, **{what: _CALLED[what] for what in columns})
    rows = rows.with_columns(pl.lit(None, dtype=pl.Float64).alias(n) for n in most if n not in columns)
    rows = rows.filter(pl.any_horizontal(pl.col(*most).is_not_null()))
    if when.str.contains(r"\d:\d\d").any():
        rows = _once(rows)
    counted = rows.filter(pl.col("steps").is_not_null())["when"]
    if some_a_minute_apart(counted) and counted.dt.second().sum() == 0:
        return _minutes(rows, context, notes)
    return Extract(daily_totals=_days(rows, export), tz_source=context.zones.source, notes=notes)


def _in_our_words(export: Export, ours: dict[str, str]) -> pl.DataFrame:
    """Every column as text, for any may show which decimal sign this is: under our names those in `ours`, the others
    under their number."""
    called = [name and ours.get(name, f"column {n}") for n, name in enumerate(header(export), 1)]
    return read(reheaded(export, lambda names: called), Layout({name: text() for name in called if name}))[0]


def _once(rows: pl.DataFrame) -> pl.DataFrame:
    """Rows that stand twice count once. Raises Rejected for two figures of one kind at one time of day."""
    rows = rows.unique(["when", *_FIGURES], keep="first", maintain_order=True)
    for name in _FIGURES:
        known = rows.filter(pl.col(name).is_not_null())
        if (twice := known.filter(pl.col("when").is_duplicated())).height:
            found = "a second row of that time, with other figures"
            raise fault(int(twice["line"][-1]), _DATE, found, "one row a time")
    return rows


def _days(rows: pl.DataFrame, export: Export) -> pl.DataFrame:
    """Sums of each date, whatever its rows are: hours, one of a day, or some of several kinds."""
    dates = rows["when"].dt.date()
    spans = re.findall(r"(\d{4}-\d\d-\d\d)", export.basename)
    alone = dates.n_unique() == 1 and len(spans) == 2 and spans[0] != spans[1] and rows["when"].n_unique() == 1
    far = alone and abs(_iso(spans[1]) - _iso(spans[0])) > timedelta(days=1)
    if apple.are_periods(dates) or far:
        found = "rows that may be weeks, months or years"
        raise fault(rows["line"][0], _DATE, found, "days, hours or minutes", "export again summarised by day")
    days = rows.group_by(local_date=pl.col("when").dt.date()).agg(pl.col(_FIGURES).sum())
    if "exercise" not in map(_known, header(export)):
        days = days.with_columns(exercise=pl.lit(None, dtype=pl.Float64))
    return apple.sums_of_days(days)


def _iso(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return date.min


def _minutes(rows: pl.DataFrame, context: Context, notes: list[str]) -> Extract:
    """Rows of one minute: steps without a cadence. Exercise is summed to days."""
    steps = rows.filter(pl.col("steps") > 0).sort("when")
    steps = steps.group_by("when", maintain_order=True).agg(value=pl.col("steps").sum())
    steps = steps.with_columns(start_time=context.zones.utc_of(steps["when"])["utc"].cast(MINUTES["start_time"]))
    days = rows.group_by(local_date=pl.col("when").dt.date()).agg(pl.col("exercise").sum())
    days = days.filter(pl.col("exercise") > 0).with_columns(steps=pl.lit(None, dtype=pl.Float64), stood=0)
    return Extract(
        minutes=apple.minutes_of_sums(steps.select("start_time", "value"), context.zones),
        daily_totals=apple.sums_of_days(days),
        tz_source=context.zones.source,
        notes=notes,
    )


def _workouts(export: Export, context: Context) -> Extract:
    counted = next((name for name in header(export) if _known(name) == "steps"), None)
    needed = {name: text(empty=False) for name in ("Workout Type", "Start", "End", "Duration")}
    optional = {counted: text()} if counted else {}
    frame, notes = read(export, Layout(needed, optional, ("* (*)",), most_rows=MOST_SESSIONS))
    frame = with_times(frame, ["Start", "End"], context.today)
    if counted:
        frame = with_numbers(frame, counted, decimal_of(frame.select(counted)), MOST_STEPS)
    steps = pl.col(counted) if counted else pl.lit(None, dtype=pl.Float64)
    frame = frame.with_columns(begin="Start", until="End", steps=steps)
    frame = frame.unique(["Workout Type", "begin", "until", "Duration"], keep="first", maintain_order=True).sort(
        "begin"
    )
    sessions = Sessions(context, "apple_health")
    for row, (start, _) in zip(frame.to_dicts(), context.zones.to_utc(frame["begin"].to_list()), strict=True):
        elapsed, timer = row["until"] - row["begin"], _duration(row)
        if elapsed < timedelta(0) or timer > elapsed + timedelta(minutes=1) or elapsed > timedelta(days=7):
            found = "more than from start to end, or an end before the start"
            set_aside(fault(row["line"], "Duration", found, "a workout"), [start])
            continue
        name = row["Workout Type"]
        sessions.add(
            f"line {row['line']}",
            start,
            start + max(elapsed, timer),
            activity=apple.activity_of(name),
            name=name,
            timer=timer,
            steps=round(row["steps"]) if row["steps"] else None,
        )
    return sessions.extract(notes)


def _duration(row: dict) -> timedelta:
    found = re.fullmatch(r"(\d{1,3}):(\d\d):(\d\d)(?:\.\d+)?", row["Duration"])
    if not found or int(found[2]) > 59 or int(found[3]) > 59:
        raise fault(row["line"], "Duration", "something else", "hours, minutes and seconds like 00:57:49", AGAIN)
    return timedelta(hours=int(found[1]), minutes=int(found[2]), seconds=int(found[3]))


def companion(export: Export) -> str | None:
    """Why another file of the app holds nothing for us."""
    columns = header(export)
    if _is_named(export) and columns and _is_time(columns[0]) and not _is_metrics(export):
        return "a table of Health Auto Export without steps or exercise time"
    return None
