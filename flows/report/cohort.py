"""The pages over everybody: verdicts and coverage by post-infusion week, and the people, who needs attention first."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

from flows.answers.worklist_item import KINDS, Item
from flows.report import words
from flows.report.people import DAY_WORDS, DAYS, days, script
from models.store.sql import queries

Row = dict[str, Any]
PER_PAGE = 100
WEEKS_IN_LIST, WEEKS_IN_BARS = 12, 26  # of a study that follows people for years, the table of numbers has all
QUESTIONS = queries("report/cohort")
DATA_UNTIL = queries("worklist")["data_until"]  # a view that the people are asked with: one meaning in both


def unwritten(participant_id: str) -> Row:
    """In the place of a row of models/sql/report/cohort/people.sql where there is none to be had."""
    nothing = dict.fromkeys(("infused_on", "since", "days_over", "days_seen", "days_partly", "data_until"))
    nothing |= {"marks": None, "left_on": None, "days": "." * DAYS, "infused_this_week": False}
    return {"participant_id": participant_id, "unwritten": True, **nothing}


def pages(people: list[Row], as_of: date, to_do: dict[str, list[Item]]) -> list[list[Row]]:
    """The people in pages of a hundred, who needs a person first; at least one page. `to_do`: worklist.by_person."""
    rank = {name: n for n, name in enumerate(KINDS)}
    for person in people:
        items = [] if person.get("unwritten") else to_do.get(person["participant_id"], [])
        person["rank"] = -1 if person.get("unwritten") else rank[items[0].kind] if items else len(rank)
        person["needs"] = ["the page could not be written"] if person.get("unwritten") else [_need(i) for i in items]
        person["kinds"] = {item.kind for item in items}
        person["when"] = _when(person)
        person["seen"] = _seen(person)
        person["squares"] = days(person["days"])
        person["goals"] = _by_week(person["marks"] or [])
        person["chips"] = [name for name, (_, _, holds) in CHIPS.items() if holds(person)]
    ordered = sorted(people, key=lambda p: (p["rank"], p["data_until"] or date.min, p["participant_id"]))
    return [ordered[n : n + PER_PAGE] for n in range(0, len(ordered), PER_PAGE)] or [[]]


def _need(item: Item) -> str:
    since = f" (since {words.day(item.since, year=True)})" if item.since else ""
    return KINDS[item.kind].beside + since


def _by_week(marks: list[Row]) -> list[Row]:
    """Each goal with its name and its status per week, from week 1 to the last of any; None: it has no such week.

    Of more weeks than the list has room for: those around the last that has begun. `after`: how many are left out
    before them; `last`: the last week of all; `statuses`: of all weeks.
    """
    last = max((m["week"] for m in marks), default=0)
    begun = max((m["week"] for m in marks if m["status"] != "upcoming"), default=0)
    after = max(0, min(last, begun + 2) - WEEKS_IN_LIST)
    goals: dict[str, Row] = {}
    for m in marks:
        if m["goal"] not in goals:
            full = words.goal(m["kind"], m["metric"], [], m["per_day"])
            goals[m["goal"]] = {"id": m["goal"], "name": words.short_goal(m["kind"], m["metric"]), "full": full}
            goals[m["goal"]] |= {"after": after, "last": last, "statuses": set()}
            goals[m["goal"]]["weeks"] = [None] * min(last - after, WEEKS_IN_LIST)
        goals[m["goal"]]["statuses"].add(m["status"])
        if 0 < m["week"] - after <= WEEKS_IN_LIST:
            goals[m["goal"]]["weeks"][m["week"] - after - 1] = m["status"]
    return list(goals.values())


def _when(person: Row) -> str:
    since = person["since"]
    if person["left_on"]:
        return f"left on {words.day(person['left_on'], year=True)}"
    if since is None:
        return "no infusion yet"
    return "today" if since == 0 else f"day {since}, week {(since + 6) // 7}"


def _seen(person: Row) -> str:
    """Of the days that count after the last infusion, how many a device saw."""
    if not person["days_over"]:
        return "no day over"
    partly = f", {person['days_partly']} partly" if person["days_partly"] else ""
    return f"{person['days_seen']} of {person['days_over']} seen{partly}"


def _has(status: str) -> Callable[[Row], bool]:
    return lambda person: any(status in goal["statuses"] for goal in person["goals"])


# What the list can be narrowed to: words on the button, what they mean, and who is meant.
CHIPS: dict[str, tuple[str, str, Callable[[Row], bool]]] = {
    "needs": ("needs a person", "something is to be done or asked", lambda p: bool(p["needs"])),
    "silent": ("silent", KINDS["silent"].words, lambda p: "silent" in p["kinds"]),
    "missed": ("missed", "a week after the last infusion was missed", _has("missed")),
    "unsaid": ("cannot be said", "of a week after the last infusion", _has("insufficient_data")),
    "infusion": ("infusion this week", "given or planned, Monday to Sunday", lambda p: p["infused_this_week"]),
}


def everybody(people: list[Row], as_of: date) -> str:
    """The script that has everybody in it, in the order of the pages."""
    return script(people, list(CHIPS), as_of)


def legend(as_of: date) -> Row:
    """Up to which day the squares go, and what each of them means."""
    return {
        "last_day": as_of - timedelta(days=1),
        "day_legend": [(label, days(letter)) for letter, label in {**DAY_WORDS, ".": "no data looked for"}.items()],
    }


def chips(people: list[Row]) -> list[Row]:
    """The buttons above the list, each with how many people it leaves."""
    return [
        {"name": name, "words": label, "means": means, "n": sum(name in p["chips"] for p in people)}
        for name, (label, means, _) in CHIPS.items()
    ]


def shares(rows: list[Row], key: str, labels: dict[str, str]) -> Row:
    """One stacked bar per post-infusion week, in percent of its width, and the same numbers as a table."""
    kinds = [kind for kind in labels if any(r[key] == kind for r in rows)]
    weeks = []
    for week in sorted({r["week"] for r in rows}):
        counts = {kind: sum(r["n"] for r in rows if r["week"] == week and r[key] == kind) for kind in kinds}
        weeks.append({"week": week, "counts": counts, "total": sum(counts.values()), "bar": list(bar(counts))})
    return {"kinds": {kind: labels[kind] for kind in kinds}, "weeks": weeks, "drawn": weeks[:WEEKS_IN_BARS]}


_NARROWEST = 230  # pixels of a bar on a phone: what is written into it fits there, too


def bar(counts: dict[str, int]) -> Iterator[Row]:
    """The parts of a bar, each with what fits into it: sign and number, the sign, or nothing."""
    total, begun = sum(counts.values()), 0
    for kind, n in counts.items():
        label, wide = f"{words.SIGNS[kind]} {n:,}", n / total
        fits = label if _NARROWEST * wide >= 7 * len(label) + 4 else label[0] if _NARROWEST * wide >= 14 else ""
        if n:
            place = {"x": begun / total, "width": wide, "middle": begun / total + wide / 2}
            yield {"kind": kind, "label": fits, "n": n, **{name: f"{share:.2%}" for name, share in place.items()}}
        begun += n
