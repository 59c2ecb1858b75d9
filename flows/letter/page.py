"""The page of a letter: its head, its four parts, its foot. Both forms, HTML and PDF, show this and nothing else."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from flows.letter import agreed, hand_over, seen, unseen
from flows.letter.facts import Facts
from flows.letter.language import language
from flows.letter.part import Part
from models.shown import shown_lines


@dataclass(frozen=True)
class Page:
    """All that stands on it. `dated` is the last day that the letter is about: today's date is on no letter."""

    language: str
    study: str
    who: str
    title: str
    week: str
    span: str
    intro: str
    parts: list[Part]
    foot: str
    dated: date


def page(facts: Facts, study: str) -> Page:
    """The letter to one person, about whom there is a week to write."""
    words = language(facts.person["language"])
    week = facts.ended or facts.now
    assert week
    parts = (part.part(facts, words) for part in (agreed, seen, unseen, hand_over))
    return Page(
        language=words.code,
        study=shown_lines(study),
        who=words.say("page.for", who=facts.person["participant_id"]),
        title=words.say("page.title" if facts.ended else "page.first_title"),
        week=words.say("page.week", week=str(week["week"]), date=words.day(week["infused_on"])),
        span=words.span(week["first_day"], week["last_day"], year=True),
        intro=words.say("page.intro"),
        parts=[part for part in parts if part],
        foot=words.say("page.foot"),
        dated=week["last_day"],
    )
