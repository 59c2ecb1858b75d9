"""The pages over everybody: verdicts and coverage by post-infusion week, and the people, who needs attention first."""

from __future__ import annotations

from datetime import date
from typing import Any

from flows.report import words
from models.store.sql import queries

Row = dict[str, Any]
PER_PAGE = 100
QUESTIONS = queries("report/cohort")


# What may need a person, most pressing first: (name, in the list of all, beside one person).
ATTENTION = (
    ("unwritten", "whose page could not be written", lambda p: "the page could not be written"),
    ("held", "whose numbers stand as they were before", lambda p: "numbers as they were before: see the page"),
    ("never", "without any data", lambda p: "no data have ever arrived"),
    ("silent", "silent for a week or more", lambda p: f"no data for {words.count(p['silent'], 'day')}"),
    ("rejected", "with a file that could not be used", lambda p: f"{words.count(p['rejected'], 'file')} not usable"),
    ("shared", "with a file that lies in two folders", lambda p: "the same file in two people's folders"),
    ("without_baseline", "with a goal that has no number", lambda p: "a goal has no number: too few days before"),
    ("waiting", "with a verdict that waits for days", lambda p: f"days due: {words.count(p['waiting'], 'verdict')}"),
    ("unlogged", "with a week without a diary", lambda p: f"no diary for {words.count(p['unlogged'], 'verdict')}"),
    ("device_changed", "with another device than before", lambda p: "another device than before the first infusion"),
)  # fmt: skip


def attention(person: Row) -> list[str]:
    """Names of what may need a person, most pressing first."""
    if person.get("unwritten"):
        return ["unwritten"]
    holds = {
        **person,
        "never": person["is_followed"] and person["data_until"] is None,
        "silent": person["is_followed"] and (person["silent"] or 0) >= 7,
    }
    return [name for name, _, _ in ATTENTION if holds.get(name)]


def unwritten(participant_id: str) -> Row:
    """In the place of a row of models/sql/report/cohort/people.sql where there is none to be had."""
    nothing = dict.fromkeys(("infused_on", "since", "days_over", "days_seen", "days_partly", "data_until", "silent"))
    return {"participant_id": participant_id, "unwritten": True, "marks": [], **nothing}


def pages(people: list[Row], as_of: date) -> list[list[Row]]:
    """The people in pages of a hundred, who needs attention first; at least one page."""
    rank = {name: n for n, (name, _, _) in enumerate(ATTENTION)}
    in_words = {name: words_of for name, _, words_of in ATTENTION}
    for person in people:
        names = attention(person)
        person["rank"] = rank[names[0]] if names else len(rank)
        person["needs"] = [in_words[name](person) for name in names]
        person["names"] = names
        person["when"] = _when(person)
        person["goals"] = _by_week(person["marks"] or [])
    ordered = sorted(people, key=lambda p: (p["rank"], -(p["silent"] or 0), p["participant_id"]))
    return [ordered[n : n + PER_PAGE] for n in range(0, len(ordered), PER_PAGE)] or [[]]


def _by_week(marks: list[Row]) -> Row:
    """Status per goal and week from week 1 to the last of any goal; None where a goal has no such week."""
    last = max((m["week"] for m in marks), default=0)
    goals: Row = {m["goal"]: [None] * last for m in marks}
    for m in marks:
        goals[m["goal"]][m["week"] - 1] = m["status"]
    return goals


def _when(person: Row) -> str:
    since = person["since"]
    if since is None:
        return "no infusion yet"
    return "today" if since == 0 else f"day {since}, week {(since + 6) // 7}"


def needs(people: list[Row]) -> list[Row]:
    """How many people each kind of attention concerns, and the first of them; without kinds that concern nobody."""
    named = {name: [p["participant_id"] for p in people if name in p["names"]] for name, _, _ in ATTENTION}
    return [
        {"words": what, "n": len(named[name]), "who": named[name][:5]} for name, what, _ in ATTENTION if named[name]
    ]


def shares(rows: list[Row], key: str, labels: dict[str, str]) -> Row:
    """One stacked bar per post-infusion week, and the same numbers as a table: weeks, and `numbers` for the chart."""
    kinds = [kind for kind in labels if any(r[key] == kind for r in rows)]
    weeks = []
    for week in sorted({r["week"] for r in rows}):
        counts = {kind: sum(r["n"] for r in rows if r["week"] == week and r[key] == kind) for kind in kinds}
        weeks.append({"week": week, "counts": counts, "total": sum(counts.values())})
    points = [
        {
            "week": f"week {w['week']}", "what": kind, "rank": rank, "n": n, "label": f"{words.SIGNS[kind]} {n:,}",
            "Week": str(w["week"]), "What": labels[kind], "Number": f"{n:,} of {w['total']:,}",
            "Share": f"{100 * n // w['total']} %",
        }
        for w in weeks
        for rank, (kind, n) in enumerate(w["counts"].items())
        if n
    ]  # fmt: skip
    return {
        "kinds": {kind: labels[kind] for kind in kinds},
        "weeks": weeks,
        "numbers": {"params": {}, "shares": points},
    }
