"""The months of a person: a calendar of squares, and for each month its days and the infusions that began in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from itertools import groupby
from typing import Any

from flows.report import words
from flows.report.goals import goals
from flows.report.timeline import ceiling

Row = dict[str, Any]


def after_infusions(sections: dict[str, list[Row]]) -> list[Row]:
    """Infusions with their goals and their weeks, newest first; `by_week` has the two side by side."""
    found: dict[str, Row] = {}
    for name in ("verdicts", "weeks"):
        for row in sections[name]:
            one = found.setdefault(row["infusion_id"], {"begun": date.max, "verdicts": [], "weeks": []})
            one[name].append(row)
            one["begun"] = min(one["begun"], row["week_start"])
    given = {i["infusion_id"]: i["infused_on"] for i in sections["infusions"]}
    blocks = []
    for infusion_id, one in found.items():
        of = list(goals(one["verdicts"]))
        both = {"goals": of, "weeks": one["weeks"], "by_week": _by_week(of, one["weeks"])}
        blocks.append({"infusion_id": infusion_id, "begun": given.get(infusion_id, one["begun"]), **both})
    return sorted(blocks, key=lambda b: (b["begun"], b["infusion_id"]), reverse=True)


def _by_week(of: list[Row], weeks: list[Row]) -> list[Row]:
    """A row per week, newest first: the week of each goal that has any, in their order, and what was moved."""
    moved = {w["week"]: w for w in weeks}
    judged = [{w["week"]: w for w in g["weeks"]} for g in of if g["weeks"]]
    known = moved | {n: w for goal in judged for n, w in goal.items()}
    return [
        {
            **{name: known[n][name] for name in ("week", "week_start", "week_end")},
            "goals": [goal.get(n) for goal in judged],
            "moved": moved.get(n),
        }
        for n in sorted(known, reverse=True)
    ]


def years(sections: dict[str, list[Row]], happened: list[Row], folded: list[Row]) -> list[Row]:
    """Years, newest first, each with its months in order. `folded` are the infusions to show in their month."""
    days = sections["days"]
    shades = _scale(days)
    written: dict[date, list[Row]] = {}
    for entry in sections["entries"]:
        written.setdefault(entry["local_date"], []).append(entry)
    by_month = {key: list(group) for key, group in groupby(days, lambda d: _month(d["local_date"]))}
    infused = {key: list(group) for key, group in groupby(happened, lambda i: _month(i["infused_on"]))}
    blocks: dict[date, list[Row]] = {}
    for block in folded:
        blocks.setdefault(_month(block["begun"]), []).append(block)
    months: list[Row] = [
        {
            "first": month,
            "name": f"{month:%B} {month.year}",
            "days": [{**d, "written": written.get(d["local_date"], [])} for d in by_month.get(month, [])],
            "sources": sorted({d["primary_source"] for d in by_month.get(month, []) if d["primary_source"]}),
            "states": _states(by_month.get(month, [])),
            "infusions": infused.get(month, []),
            "after": blocks.get(month, []),
            "squares": list(_squares(by_month.get(month, []), infused.get(month, []), shades)),
        }
        for month in sorted({*by_month, *infused, *blocks})
    ]
    found = [{"year": year, "months": list(group)} for year, group in groupby(months, lambda m: m["first"].year)]
    return found[::-1]


def scale(days: list[Row]) -> Row:
    """What the four shades of the calendar mean, for its legend."""
    column, step = _scale(days)
    return {"unit": "steps" if column == "steps" else "min", "step": step}


def _month(day: date) -> date:
    return day.replace(day=1)


def _states(days: list[Row]) -> str:
    """`20 days seen, 2 days no data`, of a month."""
    counts = Counter(d["day_state"] for d in days)
    return ", ".join(f"{counts[state]} {name}" for state, name in words.STATES.items() if counts[state])


def _scale(days: list[Row]) -> tuple[str, int]:
    """What the shades count, movement or else steps, and how much each is more than the one before.

    A few days far above the others do not make all the others pale: nine of ten lie within the shades.
    """
    for column in ("movement_minutes", "steps"):
        known = sorted(d[column] for d in days if d["day_state"] == "valid" and d[column] is not None)
        if known and known[-1]:
            return column, ceiling([float(known[(len(known) - 1) * 9 // 10]) / 4])
    return "movement_minutes", 1


# Forms by class of participant.css: a point that is drawn as a square as wide as its line, or a few strokes.
_POINT, _OPEN, _SMALL_OPEN = "M{x} {y}h0", "M{x} {y}m-4-4h8v8h-8z", "M{x} {y}m-2.5-2.5h5v5h-5z"
_CROSS, _TRIANGLE, _INFUSION = "M{x} {y}m-2-2l4 4m0-4l-4 4", "M{x} {y}m0-4l4.5 8h-9z", "M{x} {y}m-4-3.5h8l-4 7z"


def _squares(days: list[Row], infusions: list[Row], scale: tuple[str, int]) -> Iterator[tuple[str, str]]:
    """Classes of participant.css, each with the path of all its days: a column a weekday, a row a week.

    A day that counts in a week fills its square; one beside (before, the day of an infusion, excused) is small.
    """
    column, step = scale
    paths: dict[str, list[str]] = {}

    def draw(name: str, form: str, day: date) -> None:
        paths.setdefault(name, []).append(_placed(form, day))

    for day in days:
        small, when = "" if day["is_eligible"] else "s", day["local_date"]
        if day["day_state"] == "valid":
            draw(f"{small}a{min(3, int((day[column] or 0) / step)) + 1}", _POINT, when)
        elif day["day_state"] == "insufficient_wear":
            draw("part", _SMALL_OPEN if small else _OPEN, when)
        elif day["day_state"] == "implausible":
            draw("odd", _TRIANGLE, when)
        else:
            draw(f"{small}none", _POINT, when)
            draw("cross", _CROSS, when)
    for infusion in infusions:
        draw("given", _INFUSION, infusion["infused_on"])
    yield from sorted(((name, "".join(parts)) for name, parts in paths.items()), key=_above)


@lru_cache(10_000)
def _placed(form: str, day: date) -> str:
    """A form where its day is in the calendar of its month."""
    row = (day.day - 1 + day.replace(day=1).weekday()) // 7
    return form.format(x=12 * day.weekday() + 5, y=12 * row + 5)


def _above(path: tuple[str, str]) -> bool:
    """Strokes that lie on squares are drawn after them."""
    return path[0] in ("cross", "given")
