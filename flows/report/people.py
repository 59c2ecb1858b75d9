"""Everybody as one script beside the pages: what the list on the first page finds, narrows and sorts."""

from __future__ import annotations

import json
from datetime import date, timedelta
from typing import Any

from flows.report import words

Row = dict[str, Any]
DAYS = 28  # before as_of: as many as models/sql/report/cohort/people.sql asks for
DAY_WORDS = {"v": "seen", "w": "partly seen", "i": "over 45,000 steps", "n": "no data", "o": "infusion"}
# A day is a square of 8, drawn by one path or two: its class, how far from the left, and what follows from there.
_SHAPES: dict[str, list[tuple[str, float, str]]] = {
    "v": [("seen", 0, "1h8v8h-8z")],
    "w": [("partly", 0.5, "1.5h7v7h-7z")],
    "i": [("odd", 4, "1.5l3.6 7h-7.2z")],
    "n": [("gap", 0, "1h8v8h-8z"), ("cross", 2, "3l4 4m0-4l-4 4")],
    "o": [("infusion", 0.5, "1h7l-3.5 8z")],
    ".": [("none", 3, "5h2")],
}
_LETTERS = {
    "met": "m", "partly_met": "p", "missed": "x", "insufficient_data": "u", "in_progress": "r", "upcoming": "n",
    None: " ",
}  # fmt: skip


def days(letters: str) -> Row:
    """The last four weeks as squares: a path per kind of day, and in words how many of each."""
    paths: dict[str, str] = {}
    for n, letter in enumerate(letters):
        for kind, dx, shape in _SHAPES[letter]:
            paths[kind] = paths.get(kind, "") + f"M{9 * n + 3 * (n // 7) + dx} {shape}"
    counts = [f"{n} {label}" for letter, label in DAY_WORDS.items() if (n := letters.count(letter))]
    return {"paths": paths, "words": ", ".join(counts) or "none looked for"}


def script(people: list[Row], chips: list[str], as_of: date) -> str:
    """Of each person id, infused on, when, data until, days seen (words, share), days, goals, needs and chips.

    cohort.js names these places. Words that many have in common stand once, in `texts`; a chip is a letter.
    """
    texts: dict[str, int] = {}

    def once(text: str) -> int:
        return texts.setdefault(text, len(texts))

    everyone = [
        [
            p["participant_id"], _iso(p["infused_on"]), once(p["when"]), _iso(p["data_until"]), once(p["seen"]),
            100 * p["days_seen"] // p["days_over"] if p["days_over"] else -1, p["days"],
            [[g["id"], once(g["name"]), once(g["full"]), "".join(_LETTERS[w] for w in g["weeks"]), g["after"]]
             for g in p["goals"]],
            [once(need) for need in p["needs"]], "".join(_letter(chips, name) for name in p["chips"]),
        ]
        for p in people
    ]  # fmt: skip
    shared = {
        "first": _iso(as_of - timedelta(days=DAYS)), "texts": list(texts), "shapes": _SHAPES, "dayWords": DAY_WORDS,
        "verdicts": {letter: [status, words.VERDICTS[status]] for status, letter in _LETTERS.items() if status},
        "chips": {name: _letter(chips, name) for name in chips}, "people": everyone,
    }  # fmt: skip
    return f"const COHORT = {json.dumps(shared, separators=(',', ':'))};\n"


def _letter(chips: list[str], name: str) -> str:
    return chr(ord("a") + chips.index(name))


def _iso(value: date | None) -> str:
    return value.isoformat() if value else ""
