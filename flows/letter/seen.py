"""What was seen in the week that ended: a square for each day, a number for each goal, nothing estimated (R17.2).

What was seen on days that were seen in part is in the number, which then is the least that was done.
"""

from __future__ import annotations

from decimal import Decimal
from itertools import groupby
from typing import Any

from flows.letter.agreed import MOST, name, number
from flows.letter.facts import Facts
from flows.letter.language import Language
from flows.letter.part import Cell, Part, Square

Row = dict[str, Any]


def part(facts: Facts, words: Language) -> Part:
    """The days side by side, then the goals."""
    heading = words.say("seen.heading")
    if facts.ended is None:
        assert facts.now
        return Part(heading, lines=[words.say("seen.runs", date=words.day(facts.now["last_day"]))])
    squares = [_square(day, words) for day in facts.days] if facts.asks_a_device else []
    goals = facts.goals_ended[:MOST]
    rows = [[Cell(name(goal, words)), Cell(seen(goal, words))] for goal in goals]
    head = [words.say("agreed.goal"), words.say("seen.head")] if rows else []
    lines = _counted(facts, words)
    return Part(heading, squares, head, rows, lines if squares or rows or lines else [words.say("agreed.nothing")])


def _square(day: Row, words: Language) -> Square:
    state = day["day_state"] if day["is_eligible"] else "left_out"
    known = day["steps"] is not None and state in ("valid", "insufficient_wear")
    when, weekday = day["local_date"], words.weekday(day["local_date"])
    steps = words.count("steps", day["steps"]) if known else ""
    return Square(weekday, words.day(when), state, words.say(f"state.{state}"), steps)


def _counted(facts: Facts, words: Language) -> list[str]:
    """How many of the days that count were seen; why fewer than seven count."""
    counted = [day for day in facts.days if day["is_eligible"]]
    n = sum(day["day_state"] == "valid" for day in counted)
    lines = [words.say("seen.days", n=str(n), all=str(len(counted)))] if facts.asks_a_device else []
    why_not = (facts.ended or {})["why_not"] or []
    causes = [words.say(f"seen.{cause}") for cause in ("next_infusion", "hold") if cause in why_not]
    return lines + (causes or ([words.say("seen.counted", n=str(len(counted)))] if why_not else []))


def seen(goal: Row, words: Language) -> str:
    """The number of a goal in words."""
    days = goal["days"] or []
    known = [day for day in days if day["amount"] is not None]
    if goal["is_logged"] and not known:
        return words.say("seen.unlogged")
    in_full = bool(days) and len(days) == goal["eligible_days"] and all(day["in_full"] for day in days)
    if goal["kind"] == "daily_mean":
        return _mean(goal, known, in_full, words)
    n = sum((day["amount"] for day in known), Decimal()) if goal["kind"] == "weekly_total" else _days(goal, known)
    if n is None or (not n and not in_full):
        return _none_yet(known, words)
    text = number(goal, n, words)
    return text if in_full else words.say("seen.at_least", amount=text)


def _none_yet(known: list[Row], words: Language) -> str:
    """Where something was seen, only not what this number counts, it is not said that nothing was."""
    return words.say("seen.uncounted" if any(day["amount"] for day in known) else "seen.nothing")


def _mean(goal: Row, known: list[Row], in_full: bool, words: Language) -> str:
    amounts = [day["amount"] for day in known if day["in_full"]]
    if not amounts:
        return _none_yet(known, words)
    text = number(goal, sum(amounts, Decimal()) / len(amounts), words)
    return text if in_full else words.say("seen.on_days", amount=text, days=words.count("days", len(amounts)))


def _days(goal: Row, known: list[Row]) -> Decimal | None:
    """Days, or days in a row, that reached the number of a day; None where that number is not known."""
    if goal["value"] is not None:
        return goal["value"]
    if goal["per_day"] is None:
        return None
    reached = [day["local_date"].toordinal() for day in known if day["amount"] >= goal["per_day"]]
    if goal["kind"] == "days_with":
        return Decimal(len(reached))
    runs = [len(list(run)) for _, run in groupby(enumerate(reached), lambda place: place[1] - place[0])]
    return Decimal(max(runs, default=0))
