"""A part of the page: what every form of the letter shows, and no form decides."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cell:
    """What stands in a cell of a table, and a smaller remark below it."""

    text: str
    remark: str = ""


@dataclass(frozen=True)
class Square:
    """A day of the week that ended."""

    weekday: str
    date: str
    state: str  # a day_state, or `left_out`
    word: str  # the state in words
    amount: str  # steps; empty where none are known


@dataclass(frozen=True)
class Part:
    """One part: a heading, and below it what there is, in this order."""

    heading: str
    squares: list[Square] = field(default_factory=list)
    head: list[str] = field(default_factory=list)  # of the table
    rows: list[list[Cell]] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)  # sentences
    steps: list[str] = field(default_factory=list)  # numbered
    last: list[str] = field(default_factory=list)  # sentences after the steps
