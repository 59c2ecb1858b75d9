"""The last half year of a person, day by day, as numbers for the charts. What lies before stands in months alone."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from flows.report import words

Row = dict[str, Any]
_STRETCH = timedelta(days=91)  # of days in one chart: they can still be distinguished on a phone
_STRETCHES = 2
# Charts by name: what is drawn, in the words above it.
CHARTED = {
    "movement": ("movement_minutes", "Movement of any kind, minutes a day"),
    "steps": ("steps", "Steps a day"),
    "walking": ("walking_minutes", "Walking, minutes a day"),
    "moderate": ("mvpa_equivalent_minutes", "Moderate activity, vigorous counted twice, minutes a day"),
}
_ALWAYS = ("movement", "steps")  # the others where a goal counts them


def stretches(days: list[Row], infusions: list[Row], entries: list[Row], verdicts: list[Row]) -> Iterator[Row]:
    """Charts of thirteen weeks each, newest first, all on one scale."""
    lines = _goal_lines(verdicts)
    tops = {name: _top(name, days, lines) for name in CHARTED}
    names = [name for name in CHARTED if tops[name] and (name in _ALWAYS or any(g["chart"] == name for g in lines))]
    for first, last in _cuts(days):
        part = [d for d in days if first <= d["local_date"] <= last]
        dated = [e for e in entries if first <= e["local_date"] <= last]
        drawn = [g for g in lines if g["date"] <= last and g["until"] > first]
        yield {
            "first": first,
            "last": last,
            "states": {state: sum(d["day_state"] == state for d in part) for state in words.STATES},
            "charts": [*names, *["entries"] * bool(dated)],
            "goals": {name: list(_named(g for g in drawn if g["chart"] == name)) for name in names},
            "numbers": {
                "params": {"first": first, "last": last, **{f"{name}_top": tops[name] for name in names}},
                "days": [_point(d, names) for d in part],
                "infusions": [{"date": i["infused_on"]} for i in infusions if first <= i["infused_on"] <= last],
                "weeks": _week_marks(part),
                "gaps": _gaps(part),
                "holds": [{"date": d["local_date"]} for d in part if d["why_not"] == "hold"],
                "goals": [_within(g, first, last) for g in drawn],
                "entries": [_entry(e) for e in dated],
            },
        }


def _goal_lines(verdicts: list[Row]) -> list[Row]:
    """What a day is held against, a row per goal-week: the number a day, or the seventh of a weekly total."""
    charts = {column: name for name, (column, _) in CHARTED.items()}
    lines: list[Row] = []
    for v in verdicts:
        chart, value = charts.get(v["metric"]), _a_day(v)
        if chart and value is not None and v["status"] != "superseded":
            goals = list(dict.fromkeys(g["goal_id"] for g in lines if g["chart"] == chart))
            lines.append({
                "chart": chart, "goal_id": v["goal_id"], "value": value, "date": v["week_start"],
                "until": v["week_end"] + timedelta(days=1), "name": _LINES[v["kind"]],
                "dash": (goals.index(v["goal_id"]) if v["goal_id"] in goals else len(goals)) % 3,
            })  # fmt: skip
    return lines


_LINES = {
    "daily_mean": "goal a day, on average",
    "weekly_total": "a seventh of the weekly goal",
    "days_with": "from here a day counts for the goal",
    "streak": "from here a day counts for the goal",
}


def _a_day(verdict: Row) -> Any:
    if verdict["kind"] in ("days_with", "streak"):
        return verdict["per_day"]
    target = verdict["target"]
    return target / 7 if target is not None and verdict["kind"] == "weekly_total" else target


def _named(lines: Any) -> Iterator[Row]:
    """Each goal line once, with its number or numbers."""
    for goal_id, group in groupby(lines, itemgetter("goal_id")):
        found = list(group)
        values = sorted({g["value"] for g in found})
        amounts = " to ".join(words.amount(v) for v in dict.fromkeys((values[0], values[-1])))
        yield {"goal_id": goal_id, "words": f"{found[0]['name']}: {amounts}", "dash": found[0]["dash"]}


def _within(line: Row, first: date, last: date) -> Row:
    """A goal line where it lies in one chart."""
    until = min(line["until"], last + timedelta(days=1))
    return {
        "chart": line["chart"],
        "date": max(line["date"], first),
        "until": until,
        "value": line["value"],
        "dash": line["dash"],
    }


def _cuts(days: list[Row]) -> Iterator[tuple[date, date]]:
    if not days:
        return
    begin, last = days[0]["local_date"], days[-1]["local_date"]
    for _ in range(_STRETCHES):
        if last < begin:
            return
        first = max(begin, last - _STRETCH + timedelta(days=1))
        yield first, last
        last = first - timedelta(days=1)


def _top(name: str, days: list[Row], lines: list[Row]) -> int:
    """The end of a chart's scale: above all its days and goals. 0: no day of it is known."""
    column, _ = CHARTED[name]
    known = [d[column] for d in days if d["day_state"] != "implausible" and d[column] is not None]
    return ceiling([*known, *(g["value"] for g in lines if g["chart"] == name)]) if known else 0


def ceiling(values: list) -> int:
    """A round number at or above the largest: 1, 2, 2.5 or 5 times a power of ten. 0 where there is none."""
    if not values:
        return 0
    most = float(max(*values, 10))
    power = 10 ** math.floor(math.log10(most))
    return next(int(n * power) for n in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if n * power >= most)


def _point(day: Row, names: list[str]) -> Row:
    """One day for the charts. A day over 45,000 steps keeps its numbers in words, and gets no bar."""
    counted = day["day_state"] != "implausible"
    worn = day["wear_minutes"]
    return {
        "date": day["local_date"],
        "state": day["day_state"],
        # Context: the day of an infusion, one in no week, one after leaving.
        **({} if day["day_number"] and day["why_not"] != "left" else {"pale": True}),
        **{name: day[CHARTED[name][0]] if counted else None for name in names},
        "Day": words.where(day),
        "Movement": _known(day["movement_minutes"], " min"),
        "Steps": _known(day["steps"]),
        "Worn": _known(None if worn is None else worn / 60, " h"),
        "Source": day["primary_source"] or "none",
    }


def _known(value: Any, unit: str = "") -> str:
    return "not known" if value is None else words.amount(value) + unit


def _gaps(days: list[Row]) -> list[Row]:
    """Runs of days without data, from the first to the morning after the last."""
    runs = [list(run) for state, run in groupby(days, itemgetter("day_state")) if state == "no_data"]
    return [{"date": run[0]["local_date"], "until": run[-1]["local_date"] + timedelta(days=1)} for run in runs]


def _week_marks(days: list[Row]) -> list[Row]:
    """The first day of each followed week, with its number; without one, the day after the last."""
    marks: list[Row] = []
    for (is_before, _, week), group in groupby(days, itemgetter("is_before", "infusion_id", "week")):
        part = list(group)
        if is_before or week is not None:
            label = "before" if is_before and len(part) > 9 else str(week or "")
            marks.append({"date": part[0]["local_date"], "label": label if len(part) > 2 else ""})
        elif marks and part[0]["day_number"] is None:
            marks.append({"date": part[0]["local_date"], "label": ""})
    return marks


def _entry(entry: Row) -> Row:
    how = words.recorded(entry["modality"], "a device")
    return {
        "date": entry["local_date"],
        "activity": entry["activity"].replace("_", " "),
        "minutes": entry["timer_minutes"],
        "how": how,
        "Date": words.day(entry["local_date"], year=True),
        "Activity": entry["activity"].replace("_", " "),
        "Minutes": _known(entry["timer_minutes"]),
        "Recorded": how,
    }
