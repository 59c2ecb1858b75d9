"""The minutes of answers of the Google Health API: whose a point is, and what all points say of each minute."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import polars as pl

from connectors import Context
from connectors.kit import rows
from connectors.kit.csv import AGAIN
from connectors.kit.google_pages import Part
from connectors.kit.offsets import local_dates
from connectors.kit.timeline import MINUTE, Record, laid_out
from models.activity import MINUTES, MOST_STEPS
from models.fault import Rejected

HOUR = timedelta(hours=1)
_A_MINUTE = timedelta(seconds=61)  # with a second for rounding
_MOST_SOURCES = 100
_KEY = ["source", "device", "metric", "minute"]
_SCHEMA: dict[str, Any] = {
    "source": pl.String, "device": pl.String, "metric": MINUTES["metric"], "minute": pl.Int32, "value": pl.Int64,
    "offset": pl.Int32,
}  # fmt: skip


class Who(NamedTuple):
    """Whose a point is. `shows_wear`: it is of a tracker, which lists a minute only if it was worn."""

    source: str = "fitbit"  # also what Google merged
    device: str | None = None
    shows_wear: bool = False
    typed_in: bool = False


class Span(NamedTuple):
    """From when to when, in UTC, and the distance of the place from it."""

    start: datetime
    end: datetime
    offset: timedelta | None

    @property
    def lasts(self) -> timedelta:
        """How long it is."""
        return self.end - self.start


def whose(point: Part, context: Context) -> Who:
    """The source and device of a point; of what came over from elsewhere the app is the device. Raises Rejected."""
    if "dataSource" not in point:
        return Who()
    source = point.inside("dataSource", "platform", "device recordingMethod")
    device = source.inside("device", "", "displayName formFactor") if "device" in source else source
    platform, form, name = source.word("platform"), device.word("formFactor"), device.word("displayName")
    identity: list[str | None] = [name] if name else []
    if platform != "FITBIT":
        application = source.record.get("application")
        identity = [platform, name, application.get("packageName") if isinstance(application, dict) else None]
    is_phone = form == "PHONE" or (platform == "FITBIT" and name == "MobileTrack")
    label = "fitbit_phone" if is_phone else "fitbit" if platform == "FITBIT" else "fitbit_mirror"
    pseudonym = context.pseudonym("fitbit", *identity) if identity else None
    return Who(label, pseudonym, label == "fitbit", source.word("recordingMethod") == "MANUAL")


@dataclass
class Minutes:
    """What the points of a file say of its minutes."""

    steps: dict[tuple[str, str | None], dict[Record, None]] = field(default_factory=dict)
    marks: dict[tuple, tuple[int, timedelta | None]] = field(default_factory=dict)

    def mark(self, who: Who, metric: str, span: Span, value: int) -> None:
        """Every minute whose middle lies in a span; of several values of one the largest."""
        half = MINUTE // 2 - 1
        for minute in range((_ms(span.start) + half) // MINUTE, (_ms(span.end) + half) // MINUTE):
            key = who.source, who.device, metric, minute
            if key not in self.marks or self.marks[key][0] < value:
                self.marks[key] = value, span.offset

    def count(self, who: Who, span: Span, steps: int) -> None:
        """Steps of a stretch of time. 0 is a figure, too."""
        is_minute = span.lasts <= _A_MINUTE
        if steps:
            begin, end = _ms(span.start), _ms(span.end)
            seconds = None if span.offset is None else int(span.offset.total_seconds())
            stretch = Record(begin, max(end, begin + 1), steps, "", 0, seconds, begin == end)
            self.steps.setdefault((who.source, who.device), {})[stretch] = None
        elif span.lasts <= HOUR:
            self.mark(who, "steps" if is_minute else "steps_spread", span, 0)
        if who.shows_wear and is_minute:
            self.mark(who, "heart_rate", span, 1)

    def frame(self, context: Context) -> tuple[pl.DataFrame, str]:
        """Canonical minutes, and the tz_source. What was counted goes before a 0 of the same source and minute."""
        if len(self.steps) > _MOST_SOURCES:
            raise Rejected("field dataSource", f"more than {_MOST_SOURCES} devices", "those of one person", AGAIN)
        counted = [pl.DataFrame(schema=_SCHEMA)]
        for (source, device), stretches in self.steps.items():
            laid = laid_out(list(stretches), lambda _: (0,))
            counted.append(rows.canonical(pl.Schema(_SCHEMA), laid, source=source, device=device))
        found = pl.concat(counted)
        seconds = ((*key, value, offset and int(offset.total_seconds())) for key, (value, offset) in self.marks.items())
        marked = pl.DataFrame(list(seconds), schema=_SCHEMA, orient="row")
        is_zero = pl.col("metric").is_in(["steps", "steps_spread"])
        zeros = marked.filter(is_zero).unique([name for name in _KEY if name != "metric"], maintain_order=True)
        zeros = zeros.join(found, on=["source", "device", "minute"], how="anti", nulls_equal=True)
        frame = pl.concat([found, zeros, marked.filter(~is_zero)]).sort(_KEY, nulls_last=True)
        starts = pl.from_epoch(frame["minute"].cast(pl.Int64) * MINUTE, time_unit="ms").dt.replace_time_zone("UTC")
        dates, tz_source = local_dates(
            starts, (frame["offset"].cast(pl.Int64) * 1000).cast(pl.Duration("ms")), context.zones
        )
        value = pl.col("value").clip(upper_bound=MOST_STEPS + 1)
        return rows.canonical(MINUTES, frame.with_columns(value, start_time=starts, local_date=dates)), tz_source


def _ms(time: datetime) -> int:
    return int(time.timestamp() * 1000)
