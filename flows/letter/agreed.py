"""What was agreed: each goal with the number issued for the week that ended, and for the week that runs now."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from flows.letter.facts import Facts
from flows.letter.language import Language
from flows.letter.part import Cell, Part

Row = dict[str, Any]
MOST = 8  # goals on the page


def part(facts: Facts, words: Language) -> Part:
    """A row for each goal."""
    weeks = [(week, goals) for week, goals in ((facts.ended, facts.goals_ended), (facts.now, facts.goals_now)) if goals]
    goals = {goal["goal_id"]: goal for _, rows in weeks for goal in rows}
    if not goals:
        return Part(words.say("agreed.heading"), lines=[words.say("agreed.nothing")])
    head = [words.say("agreed.goal"), *(_week(week, words) for week, _ in weeks)]
    rows = []
    for goal_id in sorted(goals)[:MOST]:
        cells = [_cell(next((g for g in rows_ if g["goal_id"] == goal_id), None), words) for _, rows_ in weeks]
        rows.append([Cell(name(goals[goal_id], words)), *cells])
    lines = [words.say("agreed.more", n=str(len(goals) - MOST))] if len(goals) > MOST else []
    return Part(words.say("agreed.heading"), head=head, rows=rows, lines=lines)


def name(goal: Row, words: Language) -> str:
    """What a goal is about: Walking."""
    return words.say(f"metric.{goal['metric']}")


def number(goal: Row, n: Decimal, words: Language) -> str:
    """What was agreed or seen of a goal: 7,500 steps a day, on average; 5 days with 10 minutes or more."""
    kind = goal["kind"]
    if kind in ("weekly_total", "daily_mean"):
        return words.say(f"agreed.{kind}", amount=words.count(_unit(goal), n))
    days = words.count("row" if kind == "streak" else "days", n)
    if goal["per_day"] is None:
        return words.say(f"agreed.{kind}_open", days=days)
    return words.say(f"agreed.{kind}", days=days, amount=words.count(f"with_{_unit(goal)}", goal["per_day"]))


def _unit(goal: Row) -> str:
    return "steps" if goal["metric"] == "steps" else "minutes"


def _week(week: Row | None, words: Language) -> str:
    assert week
    span = words.span(week["first_day"], week["last_day"])
    return span if week["is_over"] else words.say("agreed.now" if week["has_begun"] else "agreed.next", span=span)


def _cell(goal: Row | None, words: Language) -> Cell:
    if goal is None:
        return Cell(words.say("agreed.none"))
    if goal["reason"] == "on_hold":
        return Cell(words.say("agreed.paused"))
    if goal["target"] is None or goal["reason"] == "baseline_unavailable":
        return Cell(words.say("agreed.open"))
    return Cell(number(goal, goal["target"], words), _scaled(goal, words))


def _scaled(goal: Row, words: Language) -> str:
    """Where fewer than seven days count, the number for these days; where they are too few, that it is of seven."""
    if goal["reason"] == "window_too_short" and goal["kind"] in ("weekly_total", "days_with"):
        return words.say("agreed.full_week")
    effective = goal["target_effective"]
    if effective is None or effective == goal["target"] or goal["kind"] in ("daily_mean", "streak"):
        return ""
    less = words.count("days" if goal["kind"] == "days_with" else _unit(goal), effective)
    return words.say("agreed.scaled", days=words.count("days", goal["eligible_days"]), amount=less)
