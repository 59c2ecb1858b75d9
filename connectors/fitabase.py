"""Fitabase: the CSV files that a study's Fitabase account exports of its participants' Fitbits.

What it is called: `dailyActivity_merged.csv`, `minuteStepsNarrow_merged.csv`, `minuteIntensitiesNarrow_merged.csv`,
`hourlySteps_merged.csv`. One file holds many participants; here a file must be of one: the study splits it by `Id`.

Where to find it: fitabase.com > Batch exports. Choose the "narrow" form of minutes.

Cannot tell: who an `Id` is; the zone (times are local); which device; sessions; whether a tracker with no steps was
worn. A day of 1,440 sedentary minutes and zeros is one without data: not known. Hours have no cadence, so they are only
summed, for days of which every hour is there. "Very active" (intensity 3) is mostly brisk walking.
The vendor writes dates month first with a 12-hour clock (grade A). Files saved again by a spreadsheet are read where
their dates leave no doubt about the order.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN, Layout, fault, header, integer, number, read, text, word
from connectors.kit.export import Export
from connectors.kit.families import Families, family_of, has
from connectors.kit.grid import spread_coarse_rows
from connectors.kit.metrics import by_method
from connectors.kit.rows import minutes, totals
from models.activity import DATE_MS, DAY_MS, EARLIEST, MINUTES, MOST_STEPS, Extract
from models.fault import Rejected
from models.set_aside import set_aside_rows

VERSION = 4
EXPORT = "report"
LOOKS_FOR = ("id", "activitydate", "activityminute", "activityhour")
SOURCES = {"fitbit": "wrist"}
METRICS = by_method(device="steps moderate vigorous mvpa", cadence="walking brisk")
_SPLIT = "split the file per participant and put each part into that person's inbox"
_MINUTES_OF_DAY = DATE_MS // 60_000
_ACTIVE_MINUTES = DAY_MS // 60_000

_FAMILIES: Families = {  # beside Id; a spreadsheet may have split the hour into date and time
    "days": (("activitydate", "totalsteps", "veryactiveminutes", "fairlyactiveminutes"), "dailyactivity"),
    "steps": (("activityminute", "steps"), "minutestepsnarrow"),
    "intensities": (("activityminute", "intensity"), "minuteintensitiesnarrow"),
    "hours": (("activityhour", "steptotal"), "hourlysteps"),
}
_COMPANIONS = {
    ("activityhour", "steps00"): "minutes in rows of an hour: the narrow form is read",
    ("activityhour", "intensity00"): "minutes in rows of an hour: the narrow form is read",
    ("activityhour", "calories00"): "calories",
    ("activityday", "steptotal"): "daily steps: the file of daily activity holds them",
    ("activityday", "sedentaryminutes"): "daily minutes: the file of daily activity holds them",
    ("activityday", "calories"): "calories",
    ("activityhour", "calories"): "calories",
    ("activityminute", "calories"): "calories",
    ("activityminute", "mets"): "metabolic equivalents: no figure here rests on them",
    ("activityhour", "totalintensity"): "intensities of an hour: the minutes are read",
    ("sleepday", "totalminutesasleep"): "sleep",
    ("date", "value", "logid"): "sleep",
    ("date", "weightkg"): "weight",
    ("time", "value"): "heart rate",
}


def identify(export: Export) -> bool:
    """Whether it has an Id and the columns of a family, if need be all but one."""
    return _family(export) is not None


def _family(export: Export) -> str | None:
    columns = set(header(export))
    family = family_of(columns, export.basename, _FAMILIES)
    return family if family and ("id" in columns or has(columns, _FAMILIES[family][0])) else None


def companion(export: Export) -> str | None:
    """Why a file of such an export holds nothing for us; None where that is not known."""
    columns = header(export)
    if columns[:1] != ["id"] or _family(export):
        return None
    return next((why for telling, why in _COMPANIONS.items() if set(telling) <= set(columns)), None)


def extract(export: Export, context: Context) -> Extract:
    """Daily totals or minutes of one participant. Raises Rejected."""
    family = _family(export)
    if family == "days":
        return _days(export, context)
    if family == "hours":
        return _hours(export, context)
    return _minutes(export, context, judged=family == "intensities")


def _of_one_person(
    export: Export, layout: Layout, dates: str, clock: str | None = None
) -> tuple[pl.DataFrame, list[str]]:
    """The rows of the file, cut; raises Rejected where they are of several people."""
    frame, notes = read(export, layout, _cut(dates, clock))
    who = frame.drop_in_place("Id").to_physical()
    if who.null_count():
        raise fault(int(frame["line"][who.is_null().arg_max() or 0]), "Id", "nothing", "a participant's number")
    if who.min() != who.max():
        raise Rejected("column Id", "several participants in one file", "one participant", _SPLIT)
    return frame, notes


def _days(export: Export, context: Context) -> Extract:
    """A row a day: steps, lightly, fairly (moderate) and very (vigorous) active minutes."""
    needed = {
        "Id": word(),
        "ActivityDate": text(empty=False),
        "TotalSteps": integer(0, MOST_STEPS, empty=True),
    }
    active = ("VeryActiveMinutes", "FairlyActiveMinutes", "LightlyActiveMinutes")
    needed |= dict.fromkeys(active, number(0, _ACTIVE_MINUTES, empty=True))
    needed["SedentaryMinutes"] = number(0, _MINUTES_OF_DAY, empty=True)
    ignored = ("*distance", "calories", "floors", "caloriesbmr", "marginalcalories", "restingheartrate")
    frame, notes = _of_one_person(export, Layout(needed, {}, ignored), "ActivityDate")
    frame = _timed(frame, "ActivityDate", context).with_columns(local_date=pl.col("time").dt.date())
    moved = pl.any_horizontal(pl.col("TotalSteps", *active).fill_null(0) > 0)
    worn = frame.filter(moved | (pl.col("SedentaryMinutes").fill_null(0) < 1380))
    if worn.height < frame.height:
        notes.append(f"{frame.height - worn.height} days without the tracker: not known")
    days = _one_a_date(
        worn,
        steps=pl.col("TotalSteps"),
        light_ms=(pl.col("LightlyActiveMinutes") * 60_000).round(),
        moderate_ms=(pl.col("FairlyActiveMinutes") * 60_000).round(),
        vigorous_ms=(pl.col("VeryActiveMinutes") * 60_000).round(),
    )
    return Extract(daily_totals=days, tz_source=context.zones.source, notes=notes)


def _one_a_date(frame: pl.DataFrame, **figures: pl.Expr) -> pl.DataFrame:
    """Daily totals, one a date. Raises Rejected for a second row of a date with other figures."""
    days = totals(frame.select("local_date", **figures), "fitbit").unique(maintain_order=True)
    if days["local_date"].is_duplicated().any():
        raise Rejected("column of dates", "two rows of one date, with other figures", "one row a day", AGAIN)
    return days


def _hours(export: Export, context: Context) -> Extract:
    """Steps of complete days. A day of which an hour is missing is not known; the clock's spring day has 23."""
    needed = {"Id": word(), "ActivityHour": text(empty=False), "StepTotal": integer(0, MOST_STEPS)}
    layout = Layout(needed, {"ActivityDate": text()})
    apart = "activitydate" in header(export)  # by a spreadsheet
    columns = ("ActivityDate", "ActivityHour") if apart else ("ActivityHour", None)
    frame, notes = _of_one_person(export, layout, *columns)
    frame = _timed(frame, columns[0], context).with_columns(local_date=pl.col("time").dt.date())
    twice = {hour for hour in frame.filter(pl.col("time").is_duplicated())["time"] if not _happens_twice(hour, context)}
    if twice or frame.group_by("time").len().filter(pl.col("len") > 2).height:
        raise Rejected("column ActivityHour", "an hour twice", "one row an hour", AGAIN)
    days = frame.group_by("local_date").agg(hours=pl.col("time").n_unique(), steps=pl.col("StepTotal").sum())
    complete = days.filter(pl.col("hours") >= 23)
    if complete.height < days.height:
        notes.append(f"{days.height - complete.height} days of which hours are missing: left out")
    return Extract(
        daily_totals=_one_a_date(complete, steps=pl.col("steps")), tz_source=context.zones.source, notes=notes
    )


def _happens_twice(hour: datetime, context: Context) -> bool:
    """Whether the clocks went back over this hour, so that two rows may be of it."""
    ((_, flag),) = context.zones.to_utc([hour])
    return flag == "ambiguous_local_time"


def _minutes(export: Export, context: Context, judged: bool) -> Extract:
    """Steps per minute; or how active a minute was: 1 light, 2 moderate, 3 vigorous (0, sedentary, is not read)."""
    column, most = ("Intensity", 3) if judged else ("Steps", MOST_STEPS)
    needed = {"Id": word(), "ActivityMinute": text(empty=False), column: integer(0, most)}
    frame, notes = _of_one_person(export, Layout(needed), "ActivityMinute")
    frame = _timed(frame, "ActivityMinute", context)
    instants = context.zones.utc_of(frame["time"])
    start_time = instants["utc"].cast(MINUTES["start_time"]).alias("start_time")
    frame = frame.select("line", start_time, value=pl.col(column).cast(pl.Int32))
    skipped = (instants["flag"] == "nonexistent_local_time").fill_null(False)
    if skipped.any():  # the vendor writes 1,440 minutes a day: those that the clock skipped in spring are no minutes
        frame = frame.filter(~skipped | (pl.col("value") > 0))
    if not frame["start_time"].is_sorted():
        frame = frame.sort("start_time")
    if (frame["start_time"].diff() == timedelta(0)).any():
        frame = frame.unique(["start_time", "value"], keep="first").sort("start_time")
        if (twice := frame.filter(pl.col("start_time").is_duplicated()).sort("line")).height:
            raise fault(twice["line"][-1], "ActivityMinute", "a minute twice, with other figures", "one row a minute")
    if judged:
        frame = frame.filter(pl.col("value") > 0).with_columns(pl.col("value") - 1)
    rows = minutes(frame, context.zones, source="fitbit", metric="active_minutes" if judged else "steps")
    rows = rows if judged else spread_coarse_rows(rows, notes)
    return Extract(minutes=rows, tz_source=context.zones.source, notes=notes)


def _cut(dates: str, clock: str | None = None) -> Callable[[pl.DataFrame], pl.DataFrame]:
    """Cells like 4/12/2016 12:34:00 AM, or those of two columns, as `day` (its word) and `minute` (of the day)."""

    def cut(piece: pl.DataFrame) -> pl.DataFrame:
        head = piece[dates].str.head(len("12/31/2016 "))  # an hour's rows begin alike: each such run is looked at once
        runs, run = head.rle().struct.field("value"), head.rle_id()
        words = runs.str.extract(r"^([^ T]+)")
        rest = piece.select(pl.col(dates).str.slice(words.str.len_chars().gather(run) + 1)).to_series()
        minute = _each((rest if clock is None else piece[clock]).cast(pl.Categorical), _minutes_of)
        parts = (words.cast(pl.Categorical).gather(run).alias("day"), minute.alias("minute"))
        return piece.with_columns(pl.col(pl.Int64).cast(pl.Int32), *parts).drop(dates, clock or dates)

    return cut


def _timed(frame: pl.DataFrame, column: str, context: Context) -> pl.DataFrame:
    """A table that was cut with the local `time` of each row; those that cannot be are set aside (models/set_aside.py).

    Raises Rejected naming the line.
    """
    days = frame["day"].rle().struct.unnest()  # a day's minutes follow one another
    midnights = _each(days["value"], partial(_days_of, column=column)).gather(frame["day"].rle_id())
    minutes = pl.col("minute").cast(pl.Int64) * timedelta(minutes=1)
    parts = pl.DataFrame({"day": midnights, "minute": frame["minute"]}).iter_slices(1_000_000)  # little at a time
    times = pl.concat([midnights.clear(), *(part.select(pl.col("day") + minutes).to_series() for part in parts)])
    latest = datetime.combine(context.today + timedelta(days=1), datetime.max.time())
    good = times.is_between(EARLIEST.replace(tzinfo=None), latest).fill_null(False)
    frame = frame.with_columns(time=times)
    if good.all():
        return frame
    is_time = times.is_not_null()
    line = int(frame["line"][(good if is_time.all() else is_time).arg_min() or 0])
    why = fault(line, column, "something else", "a whole minute like 4/12/2016 12:34:00 AM, up to tomorrow")
    if not is_time.all():
        raise why
    return frame.filter(set_aside_rows(why, ~good, times))


def _each(cells: pl.Series, read_words: Callable[[pl.Series], pl.Series]) -> pl.Series:
    """What each cell says; each word is read once."""
    words = cells.unique()
    meanings = pl.DataFrame({"word": words, "meaning": read_words(words.cast(pl.String))})
    rows = cells.alias("word").to_frame()
    return rows.join(meanings, on="word", how="left", nulls_equal=True, maintain_order="left")["meaning"]


def _minutes_of(words: pl.Series) -> pl.Series:
    """Times of day, of 24 or of twice 12 hours, as minutes since midnight; nothing is midnight."""
    pattern = r"^(?<h>\d{1,2}):(?<m>\d\d)(?::(?<s>\d\d)(?:\.0+)?)? ?(?<half>[AaPp])?\.?[Mm]?\.?$"
    parts = words.str.extract_groups(pattern).struct.unnest()
    hour, minute, second = (pl.col(name).cast(pl.Int64) for name in "hms")
    half = pl.col("half").str.to_lowercase()
    of_twelve = pl.when(hour.is_between(1, 12)).then(hour % 12 + 12 * (half == "p").cast(pl.Int64))
    hour = pl.when(half.is_null()).then(hour).otherwise(of_twelve)
    sound = hour.is_between(0, 23) & minute.is_between(0, 59) & (second.fill_null(0) == 0)
    minutes_of_day = parts.select(minute=(pl.when(sound).then(hour) * 60 + minute).cast(pl.Int16))["minute"]
    return minutes_of_day.zip_with(words.fill_null("") != "", pl.Series([0], dtype=minutes_of_day.dtype))


def _days_of(words: pl.Series, column: str) -> pl.Series:
    """Midnights of the dates; null for what is none."""
    parts = words.str.extract_groups(r"^(?<a>\d{1,4})[/.-](?<b>\d{1,2})[/.-](?<c>\d{2,4})$").struct.unnest()
    a, b, c = (parts[name].cast(pl.Int32) for name in "abc")
    year, month, day = _ordered(a, b, c, column)
    dates = pl.DataFrame({"y": year, "m": month, "d": day})
    stamp = pl.format("{}-{}-{}", *(pl.col(name).cast(pl.String).str.zfill(2) for name in "ymd"))
    return dates.select(stamp.str.to_datetime("%Y-%m-%d", time_unit="ms", strict=False)).to_series()


def _ordered(a: pl.Series, b: pl.Series, c: pl.Series, column: str) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Year, month, day. The vendor writes the month first; a spreadsheet elsewhere may have turned that round."""
    if (a.drop_nulls() > 31).all():
        return a, b, c
    year = pl.select(pl.when(c < 100).then(c + 2000).otherwise(c)).to_series()
    day_first, month_first = bool((a > 12).any()), bool((b > 12).any())
    if day_first and not month_first:
        return year, b, a
    if day_first or (not month_first and a.n_unique() > b.n_unique()):
        raise Rejected(
            f"column {column}", "dates that can be read in two orders", "month first, as Fitabase does", AGAIN
        )
    return year, a, b
