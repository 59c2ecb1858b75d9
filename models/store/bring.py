"""Bringing the rows of a published draft, `out`, to today's.

A draft that is new is filled. In one that began as a copy of the file before, what was noted since then
(models/store/noted.py) is compared, row by row, and what differs is written: what nobody wrote to cannot differ. What
is not about one person each is small, and compared as a whole.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from typing import NamedTuple

from models.store import noted
from models.store.sql import queries, statement
from models.store.store import Store

# Relations that are not about one person each; `participant` says of everybody whether they are held.
OF_THE_STUDY = ("participant", "run", "study", "audit")
# What moves the date as of which a verdict stands, and nothing else.
AS_OF = ("judging", "judged_goal", "judged_participant")
_EVERYBODY = " SEMI JOIN publishing USING (participant_id)"


class Relation(NamedTuple):
    """A published relation: the query of its rows, and the order that they have in a file made from nothing."""

    name: str
    rows: str
    order: str

    @property
    def sources(self) -> dict[str, str | None]:
        """The tables that are noted and that it is made of (every one that its query names), and which of its columns
        finds the rows that a note is about. None: all of the person's. And whatever is noted of a person as a whole."""
        words = set(re.findall(r"\w+", re.sub("--.*", "", self.rows)))
        named = {table: part for table, part in noted.PARTS.items() if table in words and table not in AS_OF}
        return {table: part if part in words else None for table, part in named.items()} | {noted.WHOLE: None}


@cache
def relations() -> dict[str, Relation]:
    """The published relations by name, in their order."""
    split = {name: text.rpartition("\nORDER BY ") for name, text in queries("publish/rows").items()}
    return {name: Relation(name, rows, order) for name, (rows, _, order) in split.items()}


def fill(store: Store, people: Iterable[str]) -> None:
    """Fill a draft that is new with all rows of these people, in one transaction."""
    with store.transaction():
        about(store, people)
        for relation in _of_people():
            _insert(store, relation, _EVERYBODY)


def renew(store: Store, people: Iterable[str], *, all_of_it: bool) -> None:
    """Bring what was noted of these people to today's, in one transaction. `all_of_it`: what was not noted, too."""
    with store.transaction():
        about(store, people)
        store.con.execute(statement("store/noted"))
        found = set(store.rows("SELECT DISTINCT source, local_date IS NULL AND part IS NULL FROM noted"))
        for relation in _of_people():
            for whose in [_EVERYBODY] if all_of_it else _due(store, relation, found):
                _compare(store, relation, whose)
        if all_of_it or any(source in AS_OF for source, _ in found):
            _move_as_of(store)


def noted_people(store: Store) -> set[str]:
    """Of whom something was noted since the last publishing, beside the date that moves for everybody each night."""
    noted_of = "SELECT DISTINCT participant_id FROM unpublished WHERE source NOT IN (SELECT unnest(?))"
    return {who for (who,) in store.rows(noted_of, [list(AS_OF)]) if who}


def renew_study(store: Store, held: Iterable[str], is_new: bool) -> None:
    """Bring what is not about one person to today's; say whose verdicts are held, and of them nothing more that may be
    said of nobody."""
    about(store, held)
    bring = _insert if is_new else _compare
    for name in OF_THE_STUDY:
        bring(store, relations()[name], "")
    bring(store, relations()["rejection"], " WHERE participant_id IS NULL")
    store.con.execute(
        "UPDATE out.goal_week SET is_held = TRUE WHERE NOT is_held AND participant_id IN (FROM publishing)"
    )
    store.con.execute(  # a column is published as a whole or not at all (R18.2)
        """DELETE FROM out.covariate AS o WHERE participant_id IN (FROM publishing) AND NOT EXISTS
           (FROM covariate AS c WHERE c.name = o.name AND (c.infusion_id IS NULL) = (o.infusion_id IS NULL))"""
    )


def carry(store: Store, people: Iterable[str]) -> None:
    """Take what the file before (`before`) says of these people into a draft that is new, in one transaction."""
    with store.transaction():
        about(store, people)
        for name, *_ in _of_people():
            there = store.columns(f"before.{name}")
            described = store.rows(f"SELECT column_name, key FROM (DESCRIBE out.{name})")
            if both := ", ".join(f'"{column}"' for column, _ in described if column in there):
                verb = "INSERT OR IGNORE" if any(key for _, key in described) else "INSERT"  # whose id it is goes first
                store.con.execute(f"{verb} INTO out.{name} BY NAME SELECT {both} FROM before.{name}{_EVERYBODY}")


def about(store: Store, people: Iterable[str]) -> None:
    """Whom rows are brought for (temp table `publishing`)."""
    asked = "SELECT unnest(?::TEXT[]) AS participant_id"
    store.con.execute(f"CREATE OR REPLACE TEMP TABLE publishing AS {asked}", [[*people]])


def note_whole(store: Store, people: Iterable[str]) -> None:
    """Note that all rows of these people are to be compared the next time."""
    about(store, people)
    noting = f"SELECT '{noted.WHOLE}' AS source, participant_id, 1 AS n FROM publishing"
    store.con.execute(f"INSERT INTO store.unpublished BY NAME {noting}")


def _of_people() -> list[Relation]:
    return [relation for name, relation in relations().items() if name not in OF_THE_STUDY]


def _due(store: Store, relation: Relation, found: set[tuple[str, bool]]) -> Iterator[str]:
    """What of a relation is compared, as conditions upon its rows (`kept`): those of people of whom something was noted
    that may concern all of them, then those of the date, infusion, session or content that a note is about.

    `found`: tables that something was noted of, and whether it is of somebody as a whole.
    """
    if own := queries("publish/noted").get(relation.name):
        store.con.execute(f"CREATE OR REPLACE TEMP TABLE due AS SELECT * FROM ({own}){_EVERYBODY}")
        if store.rows("FROM due LIMIT 1"):
            yield " SEMI JOIN due USING (participant_id)"
        return
    parts = relation.sources
    if any(source in noted.OF_THE_STUDY for source, _ in found if source in parts):
        yield _EVERYBODY
        return
    whole = [source for source, is_whole in found if source in parts and (is_whole or not parts[source])]
    cut = [source for source, is_whole in found if source in parts and not is_whole and parts[source]]
    if whole:
        is_whole = "(local_date IS NULL AND part IS NULL)"
        of = " OR ".join(f"source = '{source}'" + f" AND {is_whole}" * bool(parts[source]) for source in whole)
        yield f" SEMI JOIN (SELECT participant_id FROM noted WHERE {of}) AS n USING (participant_id)"
    for part in sorted({parts[source] or "" for source in cut}):
        column = part if part == "local_date" else "part"
        of = " OR ".join(f"source = '{source}'" for source in cut if parts[source] == part)
        theirs = f"SELECT DISTINCT participant_id, {column} AS {part} FROM noted WHERE {of}"
        yield f" SEMI JOIN ({theirs}) AS n USING (participant_id, {part})"


def _insert(store: Store, relation: Relation, whose: str) -> None:
    rows = f"SELECT * FROM ({relation.rows}) AS kept{whose} ORDER BY {relation.order}"
    store.con.execute(f"INSERT INTO out.{relation.name} BY NAME {rows}")


def _compare(store: Store, relation: Relation, whose: str) -> None:
    """Bring rows of a relation to today's.

    They are known by a hash of 64 bits over all their columns, and counted, for not every relation has a key.
    """
    described = store.rows(f"SELECT column_name, column_type, key FROM (DESCRIBE out.{relation.name})")
    columns = ", ".join(f'"{name}"' for name, _, _ in described)
    as_kept = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind, _ in described)
    today = f"SELECT {as_kept} FROM (FROM ({relation.rows}) AS kept{whose})"
    there = f"SELECT rowid, hash({columns}) AS row_hash FROM out.{relation.name} AS kept{whose}"
    [(differ,)] = store.rows(
        f"""CREATE OR REPLACE TEMP TABLE differing AS
            SELECT row_hash FROM (
                SELECT row_hash, 1 AS n FROM ({there})
                UNION ALL SELECT hash({columns}), -1 FROM ({today})
            ) GROUP BY row_hash HAVING sum(n) <> 0"""
    )
    if differ:
        gone = f"SELECT rowid FROM ({there}) SEMI JOIN differing USING (row_hash)"
        store.con.execute(f"DELETE FROM out.{relation.name} WHERE rowid IN ({gone})")
        # an id that was a held person's may be somebody else's now
        verb = "INSERT OR REPLACE" if any(key for _, _, key in described) else "INSERT"
        store.con.execute(f"{verb} INTO out.{relation.name} FROM ({today}) WHERE hash({columns}) IN (FROM differing)")


def _move_as_of(store: Store) -> None:
    """Bring the date to today's as of which verdicts stand of which nothing was noted: it moves with every night."""
    now = f"SELECT goal_id, infusion_id, week, as_of FROM ({relations()['goal_week'].rows}) AS kept{_EVERYBODY}"
    store.con.execute(
        f"""UPDATE out.goal_week AS g SET as_of = n.as_of FROM ({now}) AS n
            WHERE g.goal_id = n.goal_id AND g.infusion_id = n.infusion_id AND g.week = n.week AND g.as_of <> n.as_of"""
    )
