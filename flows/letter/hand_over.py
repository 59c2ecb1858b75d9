"""What to hand over next: a new export from where the last one came, from which day on, and how it is made."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from flows.letter.facts import Facts
from flows.letter.language import Language
from flows.letter.part import Part
from flows.letter.unseen import is_unlogged
from flows.letter.ways import listed, ways

_WITHOUT_MENUS = ("diary", "device", "other")
_USED = timedelta(days=28)  # an export that reaches less far than the furthest by more is not in use any more


def part(facts: Facts, words: Language) -> Part:
    """One export step by step; others, and the diary, in a sentence."""
    heading = words.say("next.heading")
    first, *others = list(_used(facts)) or ["diary" if not facts.asks_a_device else "other"]
    what = words.say(f"way.{first}.name")
    if since := _since(facts):
        lines = [words.say("next.since", what=what, date=words.day(since, weekday=True))]
    elif facts.now:
        lines = [words.say("next.after", what=what, date=words.day(facts.now["last_day"]))]
    else:
        return Part(heading, lines=[words.say("next.nothing")])
    last = [words.say("next.menus")] if first not in _WITHOUT_MENUS else []
    if named := [words.say(f"way.{way}.name") for way in others]:
        last.append(words.say("next.also", names=words.together(named)))
    if first != "diary" and _writes(facts):
        last.append(words.say("next.diary"))
    return Part(heading, lines=lines, steps=list(words.words["way"][first]["steps"]), last=last)


def _since(facts: Facts) -> date | None:
    """From which day on something is asked for now; None: not before the week that runs, or comes, is over."""
    if facts.unseen_from:
        return facts.unseen_from
    week = facts.ended or facts.now or {}
    unwritten = not facts.asks_a_device and any(is_unlogged(goal) for goal in facts.goals_ended)
    has_nothing = not facts.files and (facts.asks_a_device or not facts.goals_ended)
    return week["first_day"] if (unwritten or has_nothing) and week["first_day"] <= facts.as_of else None


def _used(facts: Facts) -> Iterator[str]:
    """The ways in which this person's files were made, the one that reaches furthest first; the diary is none."""
    known = [file for file in facts.files if file["covers_to"] is not None and ways().get(file["connector"]) != "diary"]
    latest = [file for file in known if file["covers_to"] >= known[0]["covers_to"] - _USED]
    used = dict.fromkeys(ways().get(file["connector"], "other") for file in latest)
    contained = {inner for way in used for inner in listed()["contains"].get(way, ())}
    yield from (way for way in used if way not in contained)


def _writes(facts: Facts) -> bool:
    """Somebody who hands over a diary, or has a goal that is written down."""
    goals = facts.goals_ended + facts.goals_now
    return any(goal["is_logged"] for goal in goals) or any(ways().get(f["connector"]) == "diary" for f in facts.files)
