"""What Apple Health's own export and the apps that export its samples have in common.

Samples of watch, phone and other apps overlap; each (source name, hardware) is a device of its own, so they are never
added (R5.4). HealthKit's samples last from a second to many minutes: only those of a minute or less have a cadence
(R2.4), the others are laid over their minutes as steps and nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

import polars as pl

from connectors import Context
from connectors.kit import words
from connectors.kit.apple_sift import PULSE as PULSE
from connectors.kit.apple_sift import STEPS as STEPS
from connectors.kit.csv import AGAIN
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import canonical, minutes
from connectors.kit.words import plain
from models.activity import DAILY_TOTALS, EARLIEST, MINUTES, MOST_STEPS, Extract
from models.clock import INSTANT, Clock
from models.fault import Rejected
from models.set_aside import set_aside_rows

SOURCES = {"apple_watch": "wrist", "apple_phone": "phone", "apple_other": "unknown"}
_LOGGED = f"walking movement {SPORT}"
METRICS = by_method(device="steps mvpa exercise", session=_LOGGED, cadence="brisk")
SUMS = by_method(device="steps mvpa exercise", session=_LOGGED)  # of apps that write sums: no cadence
UNITS = {"s": 1, "sec": 1, "min": 60, "hr": 3600, "h": 3600}  # of a workout's duration, in seconds
SAMPLES: dict[str, Any] = {"who": pl.UInt32, "start": INSTANT, "end": INSTANT, "value": pl.Float64}
BEATS: dict[str, Any] = {"who": pl.UInt32, "minute": pl.Int32}
_LAID: dict[str, Any] = {"who": pl.UInt32, "metric": MINUTES["metric"], "minute": pl.Int32, "value": pl.Int64}
LONGEST_LAID = timedelta(hours=2)
_MINUTE = 60_000
_PIECE = 10_000  # samples laid out at a time
_MOST_DEVICES, _MOST_LAID = 1_000, 8_000_000  # apps and hardware; minutes of them all with steps
_SHORT = 61_000  # "08:00:00 to 08:01:00", with a second for rounding


def activity_of(name: str) -> str:
    """Our word for a workout's type, in code or as the apps show it; "other" where we do not know it."""
    word = plain(name.removeprefix("HKWorkoutActivityType"))
    return words.activity_of("apple", word, _place().sub("", word))


@cache
def _place() -> re.Pattern[str]:
    """Where a workout was, in words before or behind its kind: "Outdoor", "im Freien"."""
    behind, before = ("|".join(map(plain, words.listed("apple", where))) for where in ("behind", "before"))
    return re.compile(f"({behind})$|^({before})")


# Apps that bring another maker's counts into Apple Health: copies, never to be mixed with what the person's own Apple
# devices saw. "Connect" alone is what Garmin's app is called there.
_OTHER_MAKERS = re.compile(
    r"^connect$|garmin|fitbit|google|withings|health ?mate|\boura\b|\bpolar\b|samsung|zepp|amazfit|\bmi fit|xiaomi"
    r"|huawei|strava|whoop|suunto|coros|wahoo|peloton|technogym|nike run|adidas|runtastic|runkeeper|myfitnesspal"
    r"|pedometer|stepsapp|sweatcoin|\bsync\b|health connect|ultrahuman|ringconn|fossil|casio|misfit|jawbone|letsfit"
    r"|veryfit",
    re.IGNORECASE,
)


def kind(name: str, described: str) -> tuple[str, str]:
    """What took a sample ("apple_watch", ..., or "" where that is not known), and its hardware ("Watch6,2").

    `described`: HealthKit's line on the device, or its product type.
    """
    found = re.search(r"\b((?:Watch|iPhone|iPad|iPod)\d+,\d+)", described)
    hardware = found[1] if found else ""
    maker = re.search(r"manufacturer:\s*([^,>]*)", described)
    if _OTHER_MAKERS.search(name) or (maker and not maker[1].casefold().startswith("apple")):
        return "apple_other", hardware
    for part in (hardware, *re.findall(r"(?:model|name):\s*([^,>]*)", described)):
        if "watch" in part.casefold():
            return "apple_watch", hardware
        if re.search(r"iphone|ipad|ipod", part, re.IGNORECASE):
            return "apple_phone", hardware
    if maker or hardware:
        return "apple_other", hardware
    shown = " ".join(name.split()).casefold()
    return ("apple_watch" if "apple watch" in shown else "apple_phone" if "iphone" in shown else ""), ""


def zone_offset(zone: str | None, at: datetime) -> timedelta | None:
    """What a workout's HKTimeZone ("Europe/Berlin") was away from UTC then; None where it names none."""
    try:
        return at.astimezone(ZoneInfo(zone)).utcoffset() if zone else None
    except (KeyError, ValueError, OSError):
        return None


@dataclass
class Devices:
    """Everything that took samples, numbered. Names ("Jane's Apple Watch") stay in here."""

    numbers: dict[tuple[str, str, str], int] = field(default_factory=dict)

    def number(self, name: str, described: str) -> int:
        """The number of a device."""
        if len(self.numbers) > _MOST_DEVICES:
            raise Rejected("sourceName", f"more than {_MOST_DEVICES:,} devices", "those of one person", AGAIN)
        return self.numbers.setdefault((name, *kind(name, described)), len(self.numbers))

    def labelled(self, context: Context) -> list[tuple[str, str]]:
        """Source label and pseudonym by number. Where a name has no device, its other samples show what it is."""
        labels: dict[str, set[str]] = {}
        for name, label, _ in self.numbers:
            labels.setdefault(name, set()).add(label)
        out = []
        for name, label, hardware in self.numbers:
            known = labels[name] - {""}
            label = label or (known.pop() if len(known) == 1 else "apple_other")
            out.append((label, context.pseudonym("apple", name, hardware)))
        return out


def extract_of(
    steps: pl.DataFrame, pulse: pl.DataFrame, who: Sequence[tuple[str, str]], context: Context, notes: list[str]
) -> Extract:
    """Minutes of step samples (who, start, end, value) and of minutes with a pulse (who, minute); days of long samples.

    A sample that stands twice is one. Raises Rejected for an impossible number of steps.
    """
    steps = steps.unique()
    is_long = pl.col("end") - pl.col("start") > LONGEST_LAID
    beats = pulse.group_by("who").agg(pl.col("minute").unique()).explode("minute")  # `unique` of two columns is large
    beats = beats.select("who", metric=pl.lit("heart_rate", dtype=MINUTES["metric"]), minute="minute", value=1)
    laid = pl.concat([laid_out(steps), beats.cast(pl.Schema(_LAID))]).sort("who", "metric", "minute")
    start_time = (laid["minute"].cast(pl.Int64) * _MINUTE).cast(pl.Datetime("ms")).dt.replace_time_zone("UTC")
    minutes = pl.DataFrame(
        {
            "source": _named(laid["who"], [label for label, _ in who]),
            "device": _named(laid["who"], [device for _, device in who]),
            "metric": laid["metric"],
            "start_time": start_time,
            "local_date": context.zones.local_dates(start_time),
            "value": laid["value"].clip(upper_bound=MOST_STEPS + 1).cast(pl.Int32),
        }
    )
    totals = _days(steps.filter(is_long), who, context, notes)
    return Extract(minutes=minutes, daily_totals=totals, tz_source=context.zones.source, notes=notes)


def laid_out(samples: pl.DataFrame) -> pl.DataFrame:
    """Each sample's steps over its minutes, by time, in integers, none lost. Samples of over two hours: nowhere.

    Piece by piece in order of time, so that only the minutes after the start of the next piece are still open.
    """
    samples = samples.filter(pl.col("end") - pl.col("start") <= LONGEST_LAID).sort("start")
    done, still_open = [], pl.DataFrame(schema=_LAID)
    for at in range(0, samples.height, _PIECE):
        laid = pl.concat([still_open, _laid(samples.slice(at, _PIECE))])
        laid = laid.group_by("who", "metric", "minute").agg(pl.col("value").sum())
        following = samples.slice(at + _PIECE, 1).select(pl.col("start").cast(pl.Int64) // _MINUTE).to_series()
        is_open = pl.col("minute") >= following.item() if following.len() else pl.lit(False)
        done.append(laid.filter(~is_open))
        if sum(frame.height for frame in done) > _MOST_LAID:
            raise Rejected("step samples", f"more than {_MOST_LAID:,} minutes", "those of one person", AGAIN)
        still_open = laid.filter(is_open)
    return pl.concat([still_open, *done])


def _laid(samples: pl.DataFrame) -> pl.DataFrame:
    start, end, minute = pl.col("start").cast(pl.Int64), pl.col("end").cast(pl.Int64), pl.col("minute")
    first, last = start // _MINUTE, pl.max_horizontal(end - 1, start) // _MINUTE
    pieces = samples.with_columns(
        start=start,
        end=end,
        metric=pl.when(end - start <= _SHORT).then(pl.lit("steps")).otherwise(pl.lit("steps_spread")),
        minute=pl.int_ranges(first, last + 1),
    ).explode("minute")

    def until(moment: pl.Expr) -> pl.Expr:  # steps taken from the sample's start until then
        passed = (moment.clip(pl.col("start"), pl.col("end")) - pl.col("start")) / (pl.col("end") - pl.col("start"))
        return (pl.col("value") * pl.when(pl.col("end") > pl.col("start")).then(passed).otherwise(1.0)).round()

    begun = pl.when(minute * _MINUTE <= pl.col("start")).then(0.0).otherwise(until(minute * _MINUTE))
    pieces = pieces.select(
        "who",
        metric=pl.col("metric").cast(MINUTES["metric"]),
        minute=minute.cast(pl.Int32),
        value=(until((minute + 1) * _MINUTE) - begun).cast(pl.Int64),
    )
    return pieces.filter(pl.col("value") > 0)


def _named(who: pl.Series, names: list[str]) -> pl.Series:
    return pl.Series(names, dtype=pl.String).gather(who)


def _days(samples: pl.DataFrame, who: Sequence[tuple[str, str]], context: Context, notes: list[str]) -> pl.DataFrame:
    """Samples of over two hours (an app's count of a day) say nothing of minutes, but of their date."""
    frame = samples.with_columns(
        local_date=context.zones.local_dates(samples["start"]),
        last_date=context.zones.local_dates((samples["end"] - timedelta(milliseconds=1)).alias("end")),
        source=_named(samples["who"], [label for label, _ in who]),
        device=_named(samples["who"], [device for _, device in who]),
    )
    if over := frame.filter(pl.col("local_date") != pl.col("last_date")).height:
        notes.append(f"{over} step samples of over two hours that run into the next day: left out")
    days = frame.filter(pl.col("local_date") == pl.col("last_date")).group_by("source", "device", "local_date")
    totals = days.agg(steps=pl.col("value").sum().round())
    return total_rows(totals.sort("source", "device", "local_date"))


def total_rows(days: pl.DataFrame, **same: str) -> pl.DataFrame:
    """Canonical daily totals. Too many steps to be one day's, of however many rows, are as many as `check` refuses."""
    if "steps" in days.columns:
        days = days.with_columns(pl.col("steps").cast(pl.Float64).clip(upper_bound=MOST_STEPS + 1))
    return canonical(DAILY_TOTALS, days, day_basis="local", **same)


def sums_of_days(days: pl.DataFrame) -> pl.DataFrame:
    """Daily totals of dates with `steps`, minutes of `exercise` and time `stood`, as apps add them up of all devices.

    No step may mean no phone: it is not known. No exercise is none where having stood shows that a watch was worn.
    """
    steps, exercise = pl.col("steps"), pl.col("exercise")
    worn = (exercise > 0) | (pl.col("stood") > 0)
    days = days.sort("local_date").select(
        "local_date",
        steps=pl.when(steps > 0).then(steps.round()),
        mvpa_ms=pl.when(worn).then((exercise * 60_000).round()),
    )
    return total_rows(days.filter(~pl.all_horizontal(pl.col("steps", "mvpa_ms").is_null())), source="apple_health")


def minutes_of_sums(sums: pl.DataFrame, clock: Clock) -> pl.DataFrame:
    """Sums of steps by the minute (start_time, value) in their order, as canonical minutes without a cadence.

    Fractions are parts of samples that fell between minutes: integers, none lost.
    """
    upto = sums["value"].cast(pl.Float64).cum_sum().round()
    rows = sums.with_columns(value=upto - upto.shift(1, fill_value=0))
    rows = rows.group_by("start_time").agg(pl.exclude("value").first(), pl.col("value").sum())
    rows = rows.with_columns(pl.col("value").clip(upper_bound=MOST_STEPS + 1)).filter(pl.col("value") > 0)
    return minutes(rows.sort("start_time"), clock, source="apple_health", metric="steps_spread")


def checked(samples: pl.DataFrame, first: int, today: date) -> pl.DataFrame:
    """Those samples (start, end, value, NULL where that cannot be read; and more) that can be; the others are set aside
    (models/set_aside.py). `first`: the number of the first one in its file."""
    start, end, values = samples["start"], samples["end"], samples["value"]
    time, past = "a time like 2026-03-09 07:30:00 +0100", "a time from 1990 to tomorrow"
    latest = datetime.combine(today, datetime.min.time(), UTC) + timedelta(days=2, hours=14)
    late = start.zip_with((end <= latest) | (end < start), end)
    possible = pl.repeat(True, samples.height, dtype=pl.Boolean, eager=True)
    for good, what, found, expected, claimed in (
        (start.is_not_null(), "startDate", "no such time", time, start.fill_null(end)),
        (end.is_not_null(), "endDate", "no such time", time, start),
        (values.is_not_null(), "value", "no such number", f"0 to {MOST_STEPS}", start),
        (start.is_between(EARLIEST, latest), "startDate", "another time", past, late),
        (end.is_between(EARLIEST, latest), "endDate", "another time", past, late),
        (end >= start, "endDate", "an end before the start", "an end after it", late),
        (values.is_between(0, MOST_STEPS), "value", "another number", f"0 to {MOST_STEPS}", late),
    ):
        if not good.all():
            fault = Rejected(f"sample {first + int(good.arg_min() or 0)}, {what}", found, expected, AGAIN)
            possible &= set_aside_rows(fault, possible & ~good, claimed)
    return samples if possible.all() else samples.filter(possible)


def are_periods(dates: pl.Series) -> bool:
    """Whether rows of these dates are weeks or months rather than days: no two of them less than a week apart."""
    gaps = dates.unique().sort().diff().drop_nulls()
    return gaps.len() > 0 and gaps.min() >= timedelta(days=7)  # type: ignore[operator]
