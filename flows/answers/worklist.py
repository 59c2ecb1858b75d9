"""The worklist: whom to ask, and what to mend, built in one place from what is published (R16.1).

`status`, `doctor` and the pages show these items, so their counts agree. It is as of the last run: what changed since
in the inbox or the control files is not in it.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from flows.answers import worklist_asks, worklist_repairs
from flows.answers.worklist_item import KINDS
from flows.answers.worklist_item import Item as Item
from flows.answers.worklist_repairs import Names
from flows.report import words
from models.store.read import published
from models.store.sql import queries

Rows = dict[str, list[dict[str, Any]]]  # by relation of models/sql/worklist
Ask = Callable[[str], list[dict[str, Any]]]
_BETWEEN = ("asked_person", "unseen_day", "followed", "first_seen")  # relations that others are made of


@dataclass(frozen=True)
class OfKind:
    """The items of one kind, for a page over everybody: how many, the first people, the first of nobody's."""

    kind: str
    words: str
    count: int
    who: list[str]
    more: int
    own: list[Item]
    own_more: int


def worklist(ask: Ask, who: Collection[str] | None = None) -> list[Item]:
    """All items, most pressing first; those of some people, and of nobody, where `who` names them. No page names more.

    `ask`: a question to what is published, all to one connection.
    """
    return items(relations(ask), who=who)


def relations(ask: Ask) -> Rows:
    """What items are made of, by relation. `ask`: as above."""
    for view in queries("worklist").values():
        ask(view)
    rows = {view: ask(f"FROM {view}") for view in queries("worklist") if view not in _BETWEEN}
    return rows | {"untold": ask(queries("report/sections")["untold"])}


def items(rows: Rows, names: Names | None = None, who: Collection[str] | None = None) -> list[Item]:
    """The items of the rows of `relations`, most pressing first. `names`: what things are called where that may be
    shown (worklist_repairs.py)."""
    if who is not None:
        asked = {None, *who}
        rows = {view: [row for row in found if row["participant_id"] in asked] for view, found in rows.items()}
    found = [*worklist_asks.items(rows), *worklist_repairs.items(rows, names or Names())]
    rank = {kind: n for n, kind in enumerate(KINDS)}
    return sorted(found, key=lambda i: (rank[i.kind], i.since or date.max, i.participant_id or "", i.what))


def as_published(warehouse: Path) -> list[Item]:
    """The worklist as of the last run. StoreError: nothing is published, or it is of an older form."""
    with published(warehouse) as opened:
        return worklist(opened.ask)


def count_silent(warehouse: Path) -> int:
    """How many people are silent as of the last run: a night asks for no more of the list. StoreError as above."""
    with published(warehouse) as ask:
        for name, view in queries("worklist").items():
            ask(view)
            if name == "silent":
                break
        return ask("SELECT count(*) FROM silent")[1][0][0]


def counts(items: Iterable[Item]) -> dict[str, int]:
    """How many there are of each kind, most pressing first."""
    found = Counter(item.kind for item in items)
    return {kind: found[kind] for kind in KINDS if kind in found}


def summary(items: Collection[Item]) -> str:
    """12 items: 3 silent, 9 waiting."""
    each = ", ".join(f"{n:,} {kind}" for kind, n in counts(items).items())
    return f"{words.count(len(items), 'item')}{': ' if each else ''}{each}"


def by_person(items: Iterable[Item]) -> dict[str, list[Item]]:
    """The items of each person who has some."""
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        if item.participant_id is not None:
            found[item.participant_id].append(item)
    return dict(found)


def by_kind(items: Iterable[Item]) -> Iterator[OfKind]:
    """The kinds of which there are some, most pressing first, each with its first five people."""
    found: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        found[item.kind].append(item)
    for kind in filter(found.__contains__, KINDS):
        people = [item.participant_id for item in found[kind] if item.participant_id is not None]
        own = [item for item in found[kind] if item.participant_id is None]
        count, more, own_more = len(found[kind]), max(0, len(people) - 5), max(0, len(own) - 10)
        yield OfKind(kind, KINDS[kind].words, count, people[:5], more, own[:10], own_more)
