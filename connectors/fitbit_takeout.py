"""Fitbit and Google Health: the CSV files of a Google Takeout.

What it is called: "Fitbit" or, since July 2026, "Google Health" in Google Takeout; `Takeout/Fitbit/...` or
`Takeout/Google Health/...`. Read are the minute files `steps_*.csv`, `active_minutes_*.csv`, `activity_level_*.csv`,
`active_zone_minutes_*.csv` (in older exports `Active Zone Minutes - *.csv`), `heart_rate_*.csv` (only that a pulse was
felt, never how fast) and the exercises `UserExercises_*.csv`. Where they lie has changed three times, so files are
known by their columns.

Where to find it: takeout.google.com, deselect all, select Fitbit (or Google Health), export as .zip. "Export your
data" in the app's account settings leads to the same page.

What it cannot tell: where the person was (times are UTC; only exercises carry their offset); pauses inside an
exercise (its minutes are from start to end); whether a tracker that shows no steps was worn (heart rate tells).

One account holds several copies of the same steps. `data source` separates them: trackers are "fitbit", the phone's own
count (MobileTrack) is "fitbit_phone", what came over from Health Connect or Apple's HealthKit is "fitbit_mirror".
`Google Health App` writes the account's own judgement of active and zone minutes from what the tracker sent, so those
belong to "fitbit"; where it is named as counting steps it is only another copy.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import timedelta
from pathlib import PurePosixPath

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN, Layout, fault, header, instant, integer, number, read, text, word
from connectors.kit.export import Export
from connectors.kit.families import Families, family_of
from connectors.kit.fitbit import COMPANION_HEADERS, COMPANION_NAMES
from connectors.kit.grid import spread_coarse_rows
from connectors.kit.local_numbers import with_times
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.offsets import parse_offset, wall_to_utc
from connectors.kit.rows import minutes
from connectors.kit.sessions import Sessions
from connectors.kit.stack import own
from connectors.kit.stacked import in_stacks
from connectors.kit.words import listed
from models.activity import MOST_SESSIONS, MOST_STEPS, Extract, Extracts
from models.fault import Rejected

VERSION = 4
EXPORT = "archive"
LOOKS_FOR = (
    "timestamp", "data source", "date_time", "heart_zone_id", "exercise_id", "activity_name", "sleep_id",
    "sleep_log_entry_id", "/fitbit", "/google", "/myfitbitdata", "/user", "/global", "/googledata",
)  # fmt: skip
SOURCES = {"fitbit": "wrist", "fitbit_phone": "phone", "fitbit_mirror": "unknown"}
METRICS = by_method(device="steps moderate vigorous mvpa", cadence="walking brisk", session=SPORT)

_ACTIVE = {"light": 0, "moderate": 1, "very": 2}
_LEVELS = {"lightly active": 0, "moderately active": 1, "fairly active": 1, "very active": 2}
_ZONES = {"fat burn": 1, "cardio": 2, "peak": 2}
_NOTHING = ("out of range", "out of zone", "light", "none", "sedentary")  # known, and earns nothing: not read

_FAMILIES: Families = {
    "steps": (("timestamp", "steps"), r"steps_"),
    "active_minutes": (("timestamp", "light", "moderate", "very"), r"active_minutes_"),
    "levels": (("timestamp", "level"), r"activity_level_"),
    "zone_minutes": (("timestamp", "heart rate zone", "total minutes"), r"active_zone_minutes_"),
    "local_zone_minutes": (("date_time", "heart_zone_id", "total_minutes"), r"active zone minutes"),
    "heart_rate": (("timestamp", "beats per minute"), r"heart_rate_\d"),
    "exercises": (("exercise_start", "exercise_end", "utc_offset", "activity_name"), r"userexercises"),
}


def identify(export: Export) -> bool:
    """Whether the header is that of a minute file or of the exercises, if need be with one column renamed."""
    return _family(export) is not None


def _family(export: Export) -> str | None:
    """By its columns; where one column is missing, by the rest of them or by them and the name together."""
    columns = set(header(export))
    if not columns & {"timestamp", "data source", "date_time", "heart_zone_id", "exercise_id", "activity_name"}:
        return None
    if companion(export):
        return None
    # a wide file with columns of minutes is another vendor's
    families = {f: known for f, known in _FAMILIES.items() if f == "exercises" or len(columns) <= len(known[0]) + 3}
    return family_of(columns, export.basename, families)


def extract(export: Export, context: Context) -> Extract:
    """The minutes or the exercises of one file. Raises Rejected."""
    family = _family(export)
    if family == "exercises":
        return _exercises(export, context)
    reader, metric = {
        "steps": (_steps, "steps"),
        "active_minutes": (_active, "active_minutes"),
        "levels": (_levels, "active_minutes"),
        "zone_minutes": (_zones, "zone_minutes"),
        "local_zone_minutes": (_local_zones, "zone_minutes"),
    }.get(str(family), (_pulse, "heart_rate"))
    frame, notes = reader(export, context)
    judged = metric in ("active_minutes", "zone_minutes")
    frame, who = _attributed(frame, context, judged)
    frame = _grouped(frame, ["who", "start_time"], pl.col("value").max())
    frame = frame.with_columns(
        source=_named([source for source, _ in who], frame["who"]),
        device=_named([device for _, device in who], frame["who"]),
    )
    frame = minutes(frame, context.zones, metric=metric)
    frame = spread_coarse_rows(frame, notes) if metric == "steps" else frame
    return Extract(minutes=frame, tz_source=context.zones.source, notes=notes)


def extract_all(exports: Sequence[Export], context: Context) -> Extracts:
    """The same of many small files."""
    return in_stacks(exports, context, _alike, extract)


def _alike(export: Export) -> tuple | None:
    """Minutes of one family under one header."""
    family = _family(export)
    return (family, *header(export)) if family not in ("exercises", "local_zone_minutes") else None


def _named(names: list[str | None] | list[str], who: pl.Series) -> pl.Expr | pl.Series:
    """A name for each row; of one name alone (the rule) a constant, which takes no room."""
    return pl.lit(names[0], dtype=pl.String) if len(names) == 1 else pl.Series(names, dtype=pl.String).gather(who)


def _grouped(frame: pl.DataFrame, key: list[str], value: pl.Expr) -> pl.DataFrame:
    """One row a key of a file, in its order. Where no key stands twice, which is the rule, nothing need be grouped."""
    key = [*own(frame), *key]
    if any(frame[name].n_unique() > 1 for name in key[:-1]) or not frame[key[-1]].is_sorted():
        frame = frame.sort(key)
    again = pl.all_horizontal(pl.col(name).eq_missing(pl.col(name).shift()) for name in key).slice(1)
    return frame.group_by(key, maintain_order=True).agg(value) if frame.select(again.any()).item() else frame


def _steps(export: Export, context: Context) -> tuple[pl.DataFrame, list[str]]:
    """Steps per minute. A reading that stands twice (same device, same instant) is one; the larger counts."""
    layout = Layout({"timestamp": instant(context.today), "steps": integer(0, MOST_STEPS)}, {"data source": word()})
    frame, notes = read(export, layout, _readings)
    frame = _grouped(frame, ["data source", "timestamp"], pl.col("value").max())
    frame = frame.select(*own(frame), "data source", "value", start_time=_minute())
    counted = _grouped(frame, ["data source", "start_time"], pl.col("value").cast(pl.Int64).sum())
    nameless, left = (rows["data source"].null_count() for rows in (frame, counted))
    if left < nameless and (nameless == frame.height or own(frame)):  # of many files: one of them may have no names
        found = "readings that share a minute, and nothing that says whose each is"
        raise Rejected("column data source", found, "one reading a minute, or that column", AGAIN)
    if counted.height and counted["value"].max() > MOST_STEPS:  # type: ignore[operator]
        raise fault(None, "steps", "a minute of impossibly many steps", f"0 to {MOST_STEPS}")
    return counted, notes


def _readings(piece: pl.DataFrame) -> pl.DataFrame:
    return piece.select(*own(piece), "data source", "timestamp", value=pl.col("steps").cast(pl.Int32))


def _active(export: Export, context: Context) -> tuple[pl.DataFrame, list[str]]:
    """Minutes as the account judged them: one row is one minute, and says so by 1 in one of three columns."""
    flag = integer(0, 1)
    columns = {"timestamp": instant(context.today)} | dict.fromkeys(_ACTIVE, flag)
    frame, notes = read(export, Layout(columns, {"data source": word()}))
    judged = pl.max_horizontal(pl.when(pl.col(name) == 1).then(value) for name, value in _ACTIVE.items())
    frame = frame.with_columns(judged=judged).drop_nulls("judged")
    return _judged(frame), notes


def _levels(export: Export, context: Context) -> tuple[pl.DataFrame, list[str]]:
    """The same judgement, one word a minute: some accounts have these files for months without the others."""
    columns = {"timestamp": instant(context.today), "level": text(empty=False)}
    frame, notes = read(export, Layout(columns, {"data source": word()}))
    return _worded(frame, "level", _LEVELS), notes


def _zones(export: Export, context: Context) -> tuple[pl.DataFrame, list[str]]:
    """Heart-rate zone minutes. `total minutes` counts cardio and peak double: rows are counted, never that column."""
    columns = {"timestamp": instant(context.today), "heart rate zone": text(empty=False)}
    frame, notes = read(export, Layout(columns | {"total minutes": integer(0, 2)}, {"data source": word()}))
    return _worded(frame, "heart rate zone", _ZONES), notes


def _local_zones(export: Export, context: Context) -> tuple[pl.DataFrame, list[str]]:
    """The same in local time, as older exports have them. Beside the UTC file nothing is doubled: a minute is one."""
    columns = {"date_time": text(empty=False), "heart_zone_id": text(empty=False), "total_minutes": integer(0, 2)}
    frame, notes = read(export, Layout(columns))
    frame = with_times(frame, ["date_time"], context.today)
    utc, remarks = wall_to_utc(frame["date_time"], context.zones)
    frame = frame.with_columns(utc.alias("timestamp"), pl.lit(None, dtype=pl.Categorical).alias("data source"))
    return _worded(frame, "heart_zone_id", _ZONES), notes + remarks


def _worded(frame: pl.DataFrame, column: str, values: dict[str, int]) -> pl.DataFrame:
    words = frame[column].str.to_lowercase().str.replace_all("_", " ")
    unknown = ~words.is_in([*values, *_NOTHING])
    if unknown.any():
        raise fault(int(frame["line"].filter(unknown)[0]), column, "an unknown word", " or ".join(values))
    judged = words.replace_strict(values, default=None, return_dtype=pl.Int32)
    frame = frame.with_columns(judged=judged).drop_nulls("judged")
    return _judged(frame)


def _judged(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.group_by(*own(frame), "data source", start_time=_minute()).agg(value=pl.col("judged").max())


def _pulse(export: Export, context: Context) -> tuple[pl.DataFrame, list[str]]:
    """Minutes in which a pulse was felt (0 means none was): a sign that the tracker was worn. The rate is not read."""

    def felt(piece: pl.DataFrame) -> pl.DataFrame:
        beats = piece.filter(pl.col("beats per minute") > 0)
        return beats.select(*own(beats), "data source", start_time=_minute(), value=pl.lit(1)).unique()

    columns = {"timestamp": instant(context.today), "beats per minute": number(0, 1000)}
    frame, notes = read(export, Layout(columns, {"data source": word()}), felt)
    return frame.unique(), notes


def _minute() -> pl.Expr:
    return pl.col("timestamp").dt.truncate("1m")


def _attributed(
    frame: pl.DataFrame, context: Context, judged: bool
) -> tuple[pl.DataFrame, list[tuple[str, str | None]]]:
    """`who` in place of `data source`: a number of the list, of source and device. "Live Pace" repeats the tracker's
    steps and is left out."""
    names = frame["data source"].unique().cast(pl.String).to_list()
    pairs = {name: _attribution(name, context, judged) for name in names if name != "Live Pace"}
    who = sorted(set(pairs.values()), key=lambda pair: (pair[0], pair[1] or ""))
    if len(names) == len(who) == 1:  # the rule: nothing to tell apart, row by row
        return frame.select(*own(frame), "start_time", "value", who=pl.lit(0, dtype=pl.UInt16)), who
    numbers = pl.DataFrame(
        [(name, who.index(pair)) for name, pair in pairs.items()],
        schema={"data source": pl.Categorical, "who": pl.UInt16},
        orient="row",
    )
    frame = frame.join(numbers, on="data source", how="inner", nulls_equal=True)
    return frame.select(*own(frame), "who", "start_time", "value"), who


def _attribution(name: str | None, context: Context, judged: bool) -> tuple[str, str | None]:
    if name is None or (judged and name == "Google Health App"):
        return "fitbit", None
    device = context.pseudonym("fitbit", name)
    if name == "MobileTrack":
        return "fitbit_phone", device
    mirrored = name.casefold().endswith(("health connect", "health kit", "healthkit", "google health app"))
    return ("fitbit_mirror" if mirrored else "fitbit"), device


def _exercises(export: Export, context: Context) -> Extract:
    """Recorded exercises. 0 steps stand for "not counted" here, so they are not known (NULL)."""
    needed = {"exercise_start": instant(context.today), "exercise_end": instant(context.today)}
    needed |= {"utc_offset": text(), "activity_name": text(), "log_type": text()}
    needed |= {"exercise_id": text(), "tracker_total_steps": number(0, MOST_STEPS, empty=True)}
    frame, notes = read(
        export, Layout(needed, {"deletion_reason": text()}, listed("fitbit", "unused_columns"), most_rows=MOST_SESSIONS)
    )
    deleted = ~frame["deletion_reason"].fill_null("UNSPECIFIED").str.contains(r"(?i)unspecified|^0$|^none$|^null$")
    if deleted.any():
        notes.append(f"{deleted.sum()} exercises that were deleted in the app: left out")
    is_first = pl.col("exercise_id").is_null() | pl.col("exercise_id").is_first_distinct()
    sessions = Sessions(context, "fitbit", what="an exercise", end="column exercise_end")
    for row in frame.filter(~deleted).filter(is_first).iter_rows(named=True):
        name = row["activity_name"] or ""
        sessions.add(
            f"line {row['line']}",
            row["exercise_start"],
            row["exercise_end"],
            name=name,
            offset=_offset(row["utc_offset"], row["line"]),
            steps=int(row["tracker_total_steps"] or 0) or None,
            by_hand=(row["log_type"] or "").upper() == "MANUAL",
        )
    return sessions.extract(notes)


def _offset(cell: str | None, line: int) -> timedelta | None:
    if cell and not re.fullmatch(r"[+-]\d\d:?\d\d|Z", cell):
        raise fault(line, "utc_offset", "something else", "an offset like +02:00")
    return parse_offset(cell)


_FOLDERS = re.compile(
    r"(^|/)(fitbit|google health|myfitbitdata|user-site-export|global export data|[^/]*_googledata)/", re.IGNORECASE
)


def companion(export: Export) -> str | None:
    """Why a file of such an export holds nothing for us; None where that is not known."""
    columns = header(export)
    name = export.basename.casefold()
    if columns[:1] == ["timestamp"] and re.match(r"(daily_)?resting_heart_rate|daily_", name):
        return "a daily value of a family not needed here"
    for telling, why in COMPANION_HEADERS.items():
        if tuple(columns[: len(telling)]) == telling:
            return why
    if not _FOLDERS.search(export.name) or PurePosixPath(name).suffix not in {".csv", ".json", ".txt", ".tcx"}:
        return None
    return next((why for pattern, why in COMPANION_NAMES.items() if re.match(pattern, name)), None)
