"""Acme ring: days and activities. The ring does not exist: this is an example of a reader in a package of its own.

What it is called: `acme_days.csv` and `acme_activities.csv`, in `acme_export.zip`.

Where to find it: the Acme app, Me, Settings, Export my data.

What it cannot tell: cadence, moderate and vigorous minutes, walks that nobody recorded. Times are in UTC; days are
those of the ring's clock. A day on which the ring was not worn has no row.
"""

from __future__ import annotations

from datetime import timedelta

from stepwindow.kit import SPORT, Context, Export, Extract, Sessions, activity, by_method, csv, families, rows

VERSION = 1
EXPORT = "archive"  # days and activities are files of their own
LOOKS_FOR = ("ring day", "ring steps", "ring start", "ring minutes", "ring asleep")
SOURCES = {"acme": "ring"}
METRICS = by_method(device="steps", session=f"walking {SPORT}")

_DAYS = ("Ring day", "Ring steps")
_ACTIVITIES = ("Ring start", "Ring minutes", "Ring activity")


def identify(export: Export) -> bool:
    """Whether it is one of the two tables, if need be but for one column."""
    columns = csv.header(export)
    if families.has(columns, _DAYS) or families.has(columns, (*_DAYS, "Ring worn"), renamed=1):
        return True
    return families.has(columns, _ACTIVITIES, renamed=1)


def companion(export: Export) -> str | None:
    """Why the table of nights holds nothing for us."""
    return "a ring's sleep: no steps, minutes or sessions in it" if "ring asleep" in csv.header(export) else None


def extract(export: Export, context: Context) -> Extract:
    """Steps of each day, or one session an activity. Raises Rejected."""
    is_list = families.has(csv.header(export), _ACTIVITIES, renamed=1)
    return _activities(export, context) if is_list else _days(export, context)


def _days(export: Export, context: Context) -> Extract:
    columns = {"Ring day": csv.day(context.today), "Ring steps": csv.integer(0, activity.MOST_STEPS)}
    frame, notes = csv.read(export, csv.Layout(columns, {}, ("ring worn",)))
    days = frame.select(local_date="Ring day", steps="Ring steps").unique("local_date", keep="last")
    return Extract(daily_totals=rows.totals(days, "acme"), tz_source=context.zones.source, notes=notes)


def _activities(export: Export, context: Context) -> Extract:
    columns = {
        "Ring start": csv.instant(context.today), "Ring minutes": csv.integer(1, 1440), "Ring activity": csv.text(),
    }  # fmt: skip
    frame, notes = csv.read(export, csv.Layout(columns, {}, ("ring note",), most_rows=activity.MOST_SESSIONS))
    sessions = Sessions(context, "acme", what="an activity")
    for row in frame.iter_rows(named=True):
        start, name = row["Ring start"], row["Ring activity"] or ""
        end = start + timedelta(minutes=row["Ring minutes"])
        sessions.add(f"line {row['line']}", start, end, name=name, key=(start, end, name))
    return sessions.extract(notes)
