"""The de-identified copy: what of the published database leaves, as the relations of models/sql/share say.

Two databases, for two kinds of reader. `rows.duckdb` has a row per person and day, under random keys and study days:
for those bound by an agreement. `tables.duckdb` has counts and means with small cells suppressed: it may be passed on.
"""

from __future__ import annotations

import os
import secrets
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import duckdb

from models import hand_over
from models.store.audit import record
from models.store.connect import FOR_CLIENTS, attach, settle
from models.store.file import ANALYTICS
from models.store.key import key_of
from models.store.pointer import newest
from models.store.sql import sql_files, statement
from models.store.store import Store, StoreError, open_store
from models.store.suppression import ALL, hidden
from models.study.study import Study

COMMENTS = {  # of what the published database does not have, or has otherwise
    "participant_key": "Random; the same person in every table of this copy.",
    "infusion_key": "Random; the same infusion in every table of this copy. NULL: every infusion of the person.",
    "goal_key": "Random; the same goal in every table of this copy.",
    "session_key": "Random.",
    "course_key": "Random; the course it belongs to. NULL: not named.",
    "study_day": "Days since the person's first infusion, which is day 0.",
    "week_start_day": "Study day on which the week begins.",
    "week_end_day": "Study day on which the week ends.",
    "set_on_day": "Study day on which it was set.",
    "effective_from_day": "Study day from which it is in force. NULL: as the version it corrects.",
    "wear_hours": "Whole hours a device was on the body, at most 23. NULL: cannot be known.",
    "primary_source": "The source believed first that day; other: one that few people have.",
    "sources": "Sources used that day, joined by ; (other: those that few people have).",
    "source": "Who recorded it; other: a source that few people have.",
    "activity": "What it was, in the product's words; other: also what few people do.",
    "led_by": "Who led it, by role; other: also a role that few people have. NULL: not reported.",
    "scale": "Name of the scale, as the clinic writes it; other: one that few people have.",
    "flags": "Remarks joined by ; : gap_filled, typed_in, total_preferred, exercise_larger_of_two, "
    "movement_larger_of_two, session_steps, implausible_minute, morning_unseen. NULL: none.",
    "reason": "Why, where the status alone does not say it; other: not reported. NULL: nothing to add.",
    "why_not": "day_0, left, next_infusion, infusion_day, hold or other. NULL: it counts.",
    "truncated_by": "next_infusion, left, hold, goal_not_in_force, other, joined by ;. NULL: whole week.",
}


@dataclass(frozen=True)
class Terms:
    """How a copy is made."""

    k: int = 11  # no number of fewer people is shown
    only_tables: bool = False
    only_rows: bool = False
    same_keys: bool = False  # as in an earlier copy made so: the two fit together
    unfinished: bool = False  # also infusions whose weeks are not over


@dataclass(frozen=True)
class Shared:
    """What a copy holds, for whoever made it."""

    people: int
    rows: dict[str, int]  # relation: how many
    suppressed: int  # cells of the tables that are not shown


def share(study: Study, out: Path, terms: Terms, readme: str, code_version: str) -> Shared:
    """Write a copy into a new folder, which appears whole or not at all.

    StoreError where the folder is not new, or nothing was published yet.
    """
    if not newest(study.warehouse).exists():
        raise StoreError(f"{ANALYTICS}: not there yet; run `stepwindow nightly` first")
    place = hand_over.place_for(out, study.folder, study.own_folders)
    _check(place, out)
    with closing(open_store(study.warehouse, "share")) as store, hand_over.drafted(place) as draft:
        shared = _write(store, study, draft, terms)
        (draft / "README.md").write_text(readme, "utf-8", newline="\n")
        for path in (*draft.iterdir(), draft):
            hand_over.to_disk(path)
        kinds = "tables" if terms.only_tables else "rows" if terms.only_rows else "rows and tables"
        what = f"{kinds}, k {terms.k}" + ", unfinished weeks too" * terms.unfinished + ", same keys" * terms.same_keys
        record(store, "share", what, code_version, people=shared.people, rows=sum(shared.rows.values()))
        _check(place, out)
        os.rename(draft, place)  # onto an empty folder at most: the system takes no other
        hand_over.to_disk(place.parent)
    return shared


def _check(place: Path, out: Path) -> None:
    if place.exists() and (not place.is_dir() or any(place.iterdir())):
        raise StoreError(f"{out.name}: is there and not empty; name a new folder: an older copy is never mixed with it")


def _write(store: Store, study: Study, draft: Path, terms: Terms) -> Shared:
    with closing(duckdb.connect(":memory:")) as con:
        key = key_of(study.warehouse)
        settle(con, study.warehouse, key)
        attach(con, newest(study.warehouse), "published", key, read_only=True)
        for name, value in {"k": terms.k, "unfinished": terms.unfinished, "grace": study.settings.grace_days}.items():
            con.execute(f"SET VARIABLE {name} = ?", [value])
        con.execute("CREATE TEMP TABLE keys (kind TEXT, name TEXT, share_key TEXT)")
        con.executemany(
            "INSERT INTO keys VALUES (?, ?, ?)",
            _keys(store, con.execute(statement("store/names_to_share")).fetchall(), terms),
        )
        if not terms.only_rows:
            attach(con, draft / "tables.duckdb", "tables", None, form=FOR_CLIENTS)
        if not terms.only_tables:
            attach(con, draft / "rows.duckdb", "rows", None, form=FOR_CLIENTS)
        for name, text in sql_files("share"):
            if name < "100" or not terms.only_tables:
                con.execute(text)
        suppressed = 0 if terms.only_rows else _tables(con, terms.k)
        _comment(con, terms.k)
        people = con.execute("SELECT count(DISTINCT participant_id) FROM followed").fetchall()[0][0]
        made = con.execute(
            "SELECT table_name FROM duckdb_tables() WHERE database_name = 'rows' ORDER BY ALL"
        ).fetchall()
        rows = {table: con.execute(f"SELECT count(*) FROM rows.{table}").fetchall()[0][0] for (table,) in made}
        for name in ["rows"] * (not terms.only_tables) + ["tables"] * (not terms.only_rows):
            con.execute(f"CHECKPOINT {name}")
            con.execute(f"DETACH {name}")
    return Shared(people, rows, suppressed)


def _tables(con: duckdb.DuckDBPyConnection, k: int) -> int:
    """Make the tables of counts. Returns how many cells are not shown."""
    for _, text in sql_files("share_tables"):
        con.execute(text)
    return _suppress(con, "verdict", "status", "goal_weeks", k) + _suppress(con, "day", "day_state", "person_days", k)


def _keys(store: Store, named: list[tuple[str, str, str]], terms: Terms) -> list[list[str]]:
    """A random key for each name. They are kept (in the store) only where an earlier or later copy is to fit."""
    known = {(kind, name): key for kind, name, key in store.rows("SELECT kind, name, share_key FROM share_key")}
    if not terms.same_keys:
        return [[kind, name, secrets.token_hex(8)] for _, kind, name in named]
    new = [[who, kind, name, secrets.token_hex(8)] for who, kind, name in named if (kind, name) not in known]
    if new:
        store.con.executemany("INSERT INTO share_key VALUES (?, ?, ?, ?)", new)
    made = known | {(kind, name): key for _, kind, name, key in new}
    return [[kind, name, made[kind, name]] for _, kind, name in named]


def _suppress(con: duckdb.DuckDBPyConnection, what: str, state: str, unit: str, k: int) -> int:
    """A table of counts with its totals; NULL where a number is not shown. Returns how many are not."""
    cells = con.execute(f"SELECT week::TEXT, state, n, people FROM {what}_cell").fetchall()
    counts = {(week or ALL, named or ALL): n for week, named, n, _ in cells}
    people = {(week or ALL, named or ALL): n for week, named, _, n in cells}
    weeks, states = sorted({w for w, _ in counts}, key=lambda w: (w == ALL, w.zfill(4))), sorted({s for _, s in counts})
    out = hidden(counts, people, k)
    con.execute(f"CREATE TABLE tables.{what}s (week TEXT, {state} TEXT, {unit} INTEGER)")
    shown = [[w, s, None if (w, s) in out else counts.get((w, s), 0)] for w in weeks for s in states]
    if shown:
        con.executemany(f"INSERT INTO tables.{what}s VALUES (?, ?, ?)", shown)
    return len(out)


def _comment(con: duckdb.DuckDBPyConnection, k: int) -> None:
    """The published comments, where a relation or column is as it was; ours, where it is not."""
    comments = con.execute(
        """SELECT database_name, table_name, NULL, comment FROM duckdb_tables()
           UNION ALL SELECT database_name, table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"""
    ).fetchall()
    known = {(table, column): comment for place, table, column, comment in comments if place == "published"}
    known |= {
        ("verdicts", None): f"Goal-weeks by post-infusion week and status. NULL: not shown (k = {k}). all: the total.",
        ("days", None): f"Days that count, by week and state of the day. NULL: not shown (k = {k}). all: the total.",
        ("activity", None): f"Mean over people of each one's mean day. Rows of fewer than {k} people are not here.",
        ("activity", "people_at_least"): f"At least so many people; rounded down to steps of {k}.",
        ("activity", "mean"): "Steps or minutes a day, rounded.",
        ("activity", "metric"): "A metric of the product.",
        ("days", "week"): "Post-infusion week, or all.",
        ("days", "day_state"): "valid, insufficient_wear, implausible, no_data, or all.",
        ("days", "person_days"): "Number of days. NULL: not shown.",
        ("verdicts", "week"): "Post-infusion week, or all.",
        ("verdicts", "status"): "met, partly_met, missed, insufficient_data, superseded ..., or all.",
        ("verdicts", "goal_weeks"): "Number of goal-weeks. NULL: not shown.",
        ("activity", "week"): "Post-infusion week.",
    }
    for place, table, column, _ in comments:
        if place in ("rows", "tables"):
            what = f'COLUMN {place}.{table}."{column}"' if column else f"TABLE {place}.{table}"
            text = (COMMENTS.get(column) if place == "rows" and column else None) or known[table, column]
            con.execute(f"COMMENT ON {what} IS '{text.replace(chr(39), chr(39) * 2)}'")
