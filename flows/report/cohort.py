"""The pages over everybody: verdicts and coverage by post-infusion week, and the people, who needs attention first."""

from __future__ import annotations

from datetime import date
from typing import Any

from flows.answers.worklist_item import KINDS, Item
from flows.report import words
from models.store.sql import queries

Row = dict[str, Any]
PER_PAGE = 100
QUESTIONS = queries("report/cohort")


def unwritten(participant_id: str) -> Row:
    """In the place of a row of models/sql/report/cohort/people.sql where there is none to be had."""
    nothing = dict.fromkeys(("infused_on", "since", "days_over", "days_seen", "days_partly", "data_until", "silent"))
    return {"participant_id": participant_id, "unwritten": True, "marks": [], **nothing}


def pages(people: list[Row], as_of: date, to_do: dict[str, list[Item]]) -> list[list[Row]]:
    """The people in pages of a hundred, who needs a person first; at least one page. `to_do`: worklist.by_person."""
    rank = {name: n for n, name in enumerate(KINDS)}
    for person in people:
        names = [] if person.get("unwritten") else [item.kind for item in to_do.get(person["participant_id"], ())]
        person["rank"] = -1 if person.get("unwritten") else rank[names[0]] if names else len(rank)
        person["needs"] = [KINDS[name].beside for name in names]
        person["needs"] += ["the page could not be written"] * bool(person.get("unwritten"))
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
