"""Loading: the ledger of the inbox, and the canonical rows of every file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date

import polars as pl

from models.fault import CONTROL_FILE, Fault
from models.store.apart import apart
from models.store.batch import Batch, unwritten
from models.store.book import LEDGER, enter
from models.store.rows import forget_rows, make_stale_anew, stretches, write_rows
from models.store.sql import statement
from models.store.store import Store, now


def last_run(store: Store, since: date) -> date:
    """When the last run began whose clock said `since` or later: the last by its place in the books, not its time."""
    query = "SELECT started_at::DATE FROM run WHERE started_at >= ? ORDER BY run_number DESC LIMIT 1"
    runs = store.rows(query, [since])
    return runs[0][0] if runs else since


AS_FAULT = "place, found, expected, what_to_do AS remedy, words, path AS file, participant_id, kind"
Loaded = tuple[dict[str, int], list[Fault]]


def load(store: Store, batch: Batch, code_version: str, run_id: str) -> Loaded:
    """Write a batch of files: each file whole with its ledger row, or not at all.

    What cannot be written down is a rejection of that file. Returns how many came out as loaded, duplicate, rejected,
    ignored, and the faults not known before.
    """
    everyone = batch.files["file"].to_list()
    written = apart(everyone, lambda part: _load(store, batch.part(part), code_version, run_id), mend=store.mend)
    parts = written.done
    for file, error in written.failed.items():
        bare = [unwritten(result, error) for result in batch.part([file]).results()]
        parts.append(_load(store, Batch.of(bare), code_version, run_id))
    counts = {status: sum(counted[status] for counted, _ in parts) for status in _STATES}
    return counts, [fault for _, faults in parts for fault in faults]


_STATES = ("loaded", "duplicate", "rejected", "ignored")


def _load(store: Store, batch: Batch, code_version: str, run_id: str) -> Loaded:
    """Write files in one transaction: a few statements, however many they are."""
    with store.transaction():
        ledger = _ledger_rows(batch, code_version)
        with store.registered("batch", ledger.select("file", "participant_id", "path", "sha256", "status")):
            known_faults = _known_faults(store, _SAME_PATH)
            if known_faults:
                store.con.execute(f"DELETE FROM rejection WHERE {_SAME_PATH}")
            met = store.frame(statement("store/met_before"))
        book, came_out = enter(store, ledger, met)
        refused = {file: batch.faults[file] for file in came_out.filter(status="rejected")["file"]}
        faults = _record_refused(store, batch, refused, known_faults, run_id)
        for cause, files in book.forgotten.items():
            forget_rows(store, files, cause)
        book.write(store)
        fresh = came_out.filter(status="loaded").join(batch.files.drop("status"), on="file", maintain_order="left")
        write_rows(store, fresh, batch.frames, batch.sources)
        numbers = fresh["file_id"].to_list()
        make_stale_anew(store, stretches(store, numbers, book.exports), numbers, book.exports)
    counted = dict(came_out["status"].value_counts().iter_rows())
    return {status: counted.get(status, 0) for status in _STATES}, faults


def _record_refused(
    store: Store, batch: Batch, refused: dict[int, Fault], known: set[tuple], run_id: str
) -> list[Fault]:
    """Write down why files are rejected; returns what was not known before."""
    of = batch.files.filter(pl.col("file").is_in(list(refused))).select("file", "participant_id", "path", "sha256")
    faults = [
        (replace(refused[file], file=path, participant_id=who), sha256) for file, who, path, sha256 in of.iter_rows()
    ]
    record_faults(store, faults, run_id)
    # what lies on the clock was looked at again
    return [fault for fault, _ in faults if fault.key not in known or fault.holds.until]


def _ledger_rows(batch: Batch, code_version: str) -> pl.DataFrame:
    """The ledger rows of files, if they have to do with no others: all columns but `file_id`, and the `file`."""
    is_loaded, at = pl.col("status") == "loaded", pl.lit(now(), pl.Datetime("us"))
    return batch.files.with_columns(
        code_version=pl.lit(code_version), first_seen_at=at, loaded_at=pl.when(is_loaded).then(at),
        out_at=pl.lit(None, pl.Datetime("us")), out_from=pl.lit(None, pl.Date), out_to=pl.lit(None, pl.Date),
    ).select("file", *(name for name in LEDGER if name != "file_id"))  # fmt: skip


def record_standing_faults(store: Store, faults: list[Fault], run_id: str, *, whole: bool) -> tuple[list[Fault], int]:
    """Keep the faults that lie in no file's content (links, unknown folders, rows of control files) as they are today.

    `whole`: all of them were looked for; those no longer found are gone. Returns the new ones, together with what runs
    had found that died before they could tell, and how many of any kind stand from before.
    """
    with store.transaction():
        # of the ledger, which may be long, nothing is looked through but what may be meant
        files = "FROM source_file SEMI JOIN rejection USING (participant_id, path)"
        same = "f.participant_id = rejection.participant_id AND f.path = rejection.path"
        unread = f"EXISTS (FROM ({files}) f WHERE {same})"
        before = _known_faults(store, f"sha256 IS NULL AND NOT {unread}")
        today = {fault.key: fault for fault in faults}
        for gone in before - today.keys() if whole else ():
            same = "participant_id IS NOT DISTINCT FROM ? AND path = ? AND place = ? AND reason = ?"
            store.con.execute(f"DELETE FROM rejection WHERE {same}", list(gone))
        new = [fault for key, fault in today.items() if key not in before]
        record_faults(store, [(fault, None) for fault in new], run_id)
        of_the_dead = "WHERE run_id <> ? AND run_id NOT IN (SELECT run_id FROM run)"
        if untold := store.rows(f"SELECT {AS_FAULT} FROM rejection {of_the_dead}", [run_id]):
            new += [Fault(*row) for row in untold]
            store.con.execute(f"UPDATE rejection SET run_id = ? {of_the_dead}", [run_id, run_id])
        return new, store.rows("SELECT count(*) FROM rejection WHERE run_id <> ?", [run_id])[0][0]


def _known_faults(store: Store, where: str) -> set[tuple]:
    return set(store.rows(f"SELECT participant_id, path, place, reason FROM rejection WHERE {where}"))


def record_faults(store: Store, faults: Iterable[tuple[Fault, str | None]], run_id: str) -> None:
    """Write faults down, each with the SHA-256 of its file. What a cell of a control file says is not kept."""
    rows = [
        (fault.participant_id, sha256, fault.file, fault.place, fault.found, fault.expected, fault.reason, fault.remedy,
         None if fault.kind == CONTROL_FILE else fault.words, fault.kind, run_id)
        for fault, sha256 in faults
    ]  # fmt: skip
    names = [
        "participant_id",
        "sha256",
        "path",
        "place",
        "found",
        "expected",
        "reason",
        "what_to_do",
        "words",
        "kind",
        "run_id",
    ]
    store.insert("rejection", pl.DataFrame(rows, schema=dict.fromkeys([*names, "run_id"], pl.String), orient="row"))


_SAME_PATH = "EXISTS (FROM batch b WHERE b.participant_id = rejection.participant_id AND b.path = rejection.path)"
