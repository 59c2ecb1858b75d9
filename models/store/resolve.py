"""Resolving days: from the canonical rows of every file to one row per participant and local date."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from typing import Any

import polars as pl

from models.clock import ZoneLog
from models.store.apart import TooMuch
from models.store.sql import statement
from models.store.store import Store

# Minutes and readings that are resolved together: they, and what is made of them, are held in memory; and as many as a
# day weighs of which there are none.
_AT_A_TIME, _A_DAY = 2_000_000, 40


def resolve(store: Store, zones: dict[str, ZoneLog], people: Collection[str] | None = None) -> int:
    """Resolve every stale day of these people (None: all participants) again; returns how many days that were."""
    return sum(resolving(store, zones, people))


def resolving(store: Store, zones: dict[str, ZoneLog], people: Collection[str] | None = None) -> Iterator[int]:
    """Resolve as `resolve` does, some people at a time; each time how many days that were.

    `zones`: where each of them was. Those that were told of are resolved, whatever happens then; the others are stale
    still. Days between a participant's first and last day with data on which nothing was written are rows too: they are
    `no_data`, not absent.
    """
    moved = [who for who, log in zones.items() if log.moves]
    for who_moved in (moved, []):  # the second time the days between are stale
        store.about(people)
        for part in _parts(store, who_moved):
            store.about(part)
            yield _resolve(store, {who: zones[who] for who in part if who in zones})


def _parts(store: Store, moved: list[str]) -> list[list[str]]:
    """Those who were asked about and have stale days, or moved, in parts of about `_AT_A_TIME`."""
    if not store.rows("FROM stale_day LIMIT 1"):  # most nights: what weighs the minutes takes room for that
        return [moved] if moved else []
    parts: list[list[str]] = []
    room = 0
    for who, amount in store.rows(statement("store/amount_to_resolve"), {"moved": moved, "a_day": _A_DAY}):
        if not parts or amount > room:
            parts.append([])
            room = max(_AT_A_TIME, amount)
        parts[-1].append(who)
        room -= amount
    return parts


def _hold_amounts(store: Store) -> None:
    """TooMuch where somebody asked about has more than a life holds: the relations of a day would take for ever.

    Each file by itself is bounded when it is read (models/ranges.py); here is what many say together.
    """
    for what, most, sql in _AMOUNTS:
        if store.rows(f"SELECT 1 FROM ({sql} HAVING count(*) > {most}) LIMIT 1"):
            raise TooMuch(f"more than {most:,} {what}")


_AMOUNTS = (
    ("stretches of recorded activity on one date", 5_000,
     "FROM session_part SEMI JOIN asked USING (participant_id) SELECT 1 GROUP BY participant_id, local_date"),
    ("files of one device and figure", 20_000,
     """FROM coverage JOIN device USING (device_id) SEMI JOIN asked USING (participant_id) SELECT 1
        WHERE metric NOT IN ('heart_rate', 'readings') GROUP BY device_id, metric"""),
)  # fmt: skip


def _resolve(store: Store, zones: dict[str, ZoneLog]) -> int:
    """Resolve the stale days of those asked about; the days between them, that are no rows yet, are stale then.

    What is made on the way is outside of the transaction, to whose end DuckDB would keep what it replaces.
    """
    _fill_calendar(store, zones)
    if not store.rows("FROM stale_day SEMI JOIN asked USING (participant_id) LIMIT 1"):
        return 0  # the forty relations of a day would say nothing
    _hold_amounts(store)
    store.run_sql("day")
    with store.transaction():
        store.run_sql("day_stored")
    return store.rows("SELECT count(*) FROM touched_day")[0][0]


def _fill_calendar(store: Store, zones: dict[str, ZoneLog]) -> None:
    """When each date that is about to be resolved began and ended where the person was.

    A date that was skipped is one before a move: weeks know of it without any data.
    """
    moves = [(who, day - timedelta(days=1)) for who, log in zones.items() for day, _ in log.moves]
    given = {"who": [who for who, _ in moves], "day": [day for _, day in moves]}
    missing = store.rows(statement("store/days_without_calendar"), given)
    prints = {who: log.fingerprint for who, log in zones.items()}
    found: dict[tuple[str, date], tuple] = {}  # most people live in one zone
    rows = []
    for who, day in missing:
        if (bounds := found.get((prints[who], day))) is None:
            begins, ends = zones[who].day_bounds(day)
            bounds = begins.replace(tzinfo=None), ends.replace(tzinfo=None), zones[who].hours_of(day)
            found[prints[who], day] = bounds
        rows.append((who, day, *bounds))
    schema: dict[str, Any] = {
        "participant_id": pl.String,
        "local_date": pl.Date,
        "begins": pl.Datetime("ms"),
        "ends": pl.Datetime("ms"),
        "hours": pl.List(pl.Int64),
    }
    store.insert("local_day", pl.DataFrame(rows, schema=schema, orient="row"))
