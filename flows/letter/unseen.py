"""What was not seen: days, without blame. Not seen is not the same as not done."""

from __future__ import annotations

from typing import Any

from flows.letter.agreed import MOST, name
from flows.letter.facts import Facts
from flows.letter.language import Language
from flows.letter.part import Part

Row = dict[str, Any]


def part(facts: Facts, words: Language) -> Part | None:
    """The days by how they were not seen; None where no week has ended, or nothing was to be written down in it."""
    if facts.ended is None or not (facts.asks_a_device or facts.goals_ended):
        return None
    lines = _days(facts, words) if facts.asks_a_device else []
    if unlogged := [name(goal, words) for goal in facts.goals_ended[:MOST] if is_unlogged(goal)]:
        lines.append(words.say("unseen.unlogged", goals=words.together(list(dict.fromkeys(unlogged)))))
    lines = [*lines, words.say("unseen.meaning")] if lines else [words.say(f"unseen.{_complete(facts)}")]
    return Part(words.say("unseen.heading"), lines=lines)


def _complete(facts: Facts) -> str:
    return "all_seen" if facts.asks_a_device else "all_noted"


def _days(facts: Facts, words: Language) -> list[str]:
    lines = []
    for state in ("no_data", "insufficient_wear", "implausible"):
        days = [day["local_date"] for day in facts.days if day["is_eligible"] and day["day_state"] == state]
        if days:
            all_of_it = len(days) == sum(day["is_eligible"] for day in facts.days)
            listed = (
                words.say("unseen.every_day") if all_of_it else words.together([words.weekday(day) for day in days])
            )
            lines.append(words.say(f"unseen.{state}", days=listed))
    return lines


def is_unlogged(goal: Row) -> bool:
    """Whether nothing is written down in the week of a goal that only notes can tell of."""
    return goal["is_logged"] and all(day["amount"] is None for day in goal["days"] or [])
