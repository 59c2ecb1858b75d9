"""Acme ring: days and activities. The ring does not exist: this is an example of a reader in a package of its own.

What it is called: `acme_days.csv` and `acme_activities.csv`, in `acme_export.zip`.

Where to find it: the Acme app, Me, Settings, Export my data.

What it cannot tell: cadence, moderate and vigorous minutes, walks that nobody recorded. Times are in UTC; days are
those of the ring's clock. A day on which the ring was not worn has no row.
"""

from __future__ import annotations

from datetime import timedelta

from connectors import Context
from connectors.kit.csv import Layout, day, header, instant, integer, read, text
from connectors.kit.export import Export
from connectors.kit.families import has
from connectors.kit.metrics import SPORT, by_method
from connectors.kit.rows import totals
from connectors.kit.sessions import Sessions
from models.activity import MOST_SESSIONS, MOST_STEPS, Extract

VERSION = 1
EXPORT = "archive"  # days and activities are files of their own
LOOKS_FOR = ("ring day", "ring steps", "ring start", "ring minutes", "ring asleep")
SOURCES = {"acme": "ring"}
METRICS = by_method(device="steps", session=f"walking {SPORT}")

_DAYS = ("Ring day", "Ring steps")
_ACTIVITIES = ("Ring start", "Ring minutes", "Ring activity")


def identify(export: Export) -> bool:
    """Whether it is one of the two tables, if need be but for one column."""
    columns = header(export)
    return has(columns, _DAYS) or has(columns, (*_DAYS, "Ring worn"), renamed=1) or has(columns, _ACTIVITIES, renamed=1)


def companion(export: Export) -> str | None:
    """Why the table of nights holds nothing for us."""
    return "a ring's sleep: no steps, minutes or sessions in it" if "ring asleep" in header(export) else None


def extract(export: Export, context: Context) -> Extract:
    """Steps of each day, or one session an activity. Raises Rejected."""
    return _activities(export, context) if has(header(export), _ACTIVITIES, renamed=1) else _days(export, context)


def _days(export: Export, context: Context) -> Extract:
    columns = {"Ring day": day(context.today), "Ring steps": integer(0, MOST_STEPS)}
    frame, notes = read(export, Layout(columns, {}, ("ring worn",)))
    days = frame.select(local_date="Ring day", steps="Ring steps").unique("local_date", keep="last")
    return Extract(daily_totals=totals(days, "acme"), tz_source=context.zones.source, notes=notes)


def _activities(export: Export, context: Context) -> Extract:
    columns = {"Ring start": instant(context.today), "Ring minutes": integer(1, 1440), "Ring activity": text()}
    frame, notes = read(export, Layout(columns, {}, ("ring note",), most_rows=MOST_SESSIONS))
    sessions = Sessions(context, "acme", what="an activity")
    for row in frame.iter_rows(named=True):
        start, name = row["Ring start"], row["Ring activity"] or ""
        end = start + timedelta(minutes=row["Ring minutes"])
        sessions.add(f"line {row['line']}", start, end, name=name, key=(start, end, name))
    return sessions.extract(notes)
