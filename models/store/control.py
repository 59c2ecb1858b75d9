"""The control tables of the store: what the control files say today, and what a change of it makes stale."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, timedelta
from typing import TYPE_CHECKING

from models.store.store import Store

if TYPE_CHECKING:
    import polars as pl


def is_written(store: Store, fingerprint: str, latest: date, today: date) -> bool:
    """Whether the tables say all that control files of this fingerprint say (models/study/kept.py). `latest`: the last
    date of what happened at the clinic: what is to come is not in the tables."""
    return _has_come(latest, today) and store.rows("FROM written_control") == [(fingerprint,)]


def set_written(store: Store, fingerprint: str, latest: date, today: date) -> None:
    """They do, for everybody, until they are written again. "": nobody can say of which files they are."""
    if fingerprint and _has_come(latest, today):
        store.con.execute("INSERT INTO written_control VALUES (?)", [fingerprint])


def _has_come(latest: date, today: date) -> bool:
    return latest <= today + timedelta(days=1)


def write_control(store: Store, frames: dict[str, pl.DataFrame], people: Collection[str] | None = None) -> None:
    """Replace the control tables by what the control files say today; of these people alone where they are given.

    A changed source priority makes all days of that participant stale; a changed zone log makes the scan read the
    participant's files again (their dates may differ). What is told otherwise of a session at the clinic makes its
    dates stale. People whom the control files do not name are in no table.
    """
    import polars as pl

    named = pl.DataFrame({"participant_id": frames["participant"]["participant_id"]})
    asked = named if people is None else pl.DataFrame({"participant_id": list(people)}, schema=named.schema)
    with store.transaction(), store.registered("named", named), store.registered("asked_now", asked):
        store.con.execute("DELETE FROM written_control")
        before, attended = _days_rest_on(store), _attended(store)
        for table, frame in frames.items():
            if table == "study":
                store.con.execute("DELETE FROM study")
            else:
                store.con.execute(
                    f'DELETE FROM "{table}" '
                    "WHERE participant_id IN (FROM asked_now) OR participant_id NOT IN (FROM named)"
                )
                frame = frame.join(asked, on="participant_id", how="semi")
            store.insert(table, frame)
        after = _days_rest_on(store)
        moved = {who for who, _ in before["zone_changed"] - after["zone_changed"]}
        _make_stale_attended(store, attended, _attended(store), moved)
        for cause, rests_on in before.items():
            changed = [who for who, _ in rests_on ^ after[cause]]
            if not changed:
                continue
            if cause == "zone_changed":
                store.con.execute("DELETE FROM local_day WHERE participant_id IN (SELECT unnest(?))", [changed])
            days = "SELECT participant_id, local_date, ? FROM day WHERE participant_id IN (SELECT unnest(?))"
            store.con.execute(f"INSERT INTO stale_day {days}", [cause, changed])


def _days_rest_on(store: Store) -> dict[str, set[tuple]]:
    """What a person's days are resolved with besides their files, by the cause that a change of it is."""
    columns = {"participant_changed": "coalesce(source_priority, '')", "zone_changed": "zones"}
    return {cause: set(store.rows(f"SELECT participant_id, {c} FROM participant")) for cause, c in columns.items()}


def _attended(store: Store) -> set[tuple]:
    """Each session at the clinic on each date that it is of: person, date, and all that a day is resolved with."""
    sql = """SELECT participant_id, coalesce(p.local_date, a.local_date), session_id, p.start_time, p.end_time
             FROM attendance a LEFT JOIN attendance_part p USING (participant_id, session_id)"""
    return set(store.rows(sql))


def _make_stale_attended(store: Store, before: set[tuple], now: set[tuple], moved: Collection[str]) -> None:
    """The dates of sessions that are told otherwise than before are resolved again.

    Where something is gone that was told, the date is corrected; else what is told came late. `moved`: whose zones are
    others, which cut the dates.
    """
    import polars as pl

    corrected = {row[:2] for row in before - now}
    rows = []
    for who, day in corrected | {row[:2] for row in now - before}:
        told = "corrected_data" if (who, day) in corrected else "late_data"
        rows.append((who, day, "zone_changed" if who in moved else told))
    schema = {"participant_id": pl.String, "local_date": pl.Date, "cause": pl.String}
    store.insert("stale_day", pl.DataFrame(rows, schema, orient="row"))
