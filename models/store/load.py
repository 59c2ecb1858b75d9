"""Loading: the ledger of the inbox, and the canonical rows of every file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from typing import Any

import polars as pl

from models.fault import CONTROL_FILE, Fault
from models.shown import shown
from models.store.apart import apart, in_words
from models.store.file_result import FileResult
from models.store.rows import Export, forget_rows, make_stale_anew, stretches, write_rows
from models.store.store import Store, now


def last_run(store: Store, since: date) -> date:
    """When the last run began whose clock said `since` or later: the last by its place in the books, not its time."""
    query = "SELECT started_at::DATE FROM run WHERE started_at >= ? ORDER BY run_number DESC LIMIT 1"
    runs = store.rows(query, [since])
    return runs[0][0] if runs else since


AS_FAULT = "place, found, expected, what_to_do AS remedy, words, path AS file, participant_id, kind"
Loaded = tuple[dict[str, int], list[Fault]]


def load(store: Store, results: Iterable[FileResult], code_version: str, run_id: str) -> Loaded:
    """Write a batch of files: each file whole with its ledger row, or not at all.

    What cannot be written down is a rejection of that file. Returns how many came out as loaded, duplicate, rejected,
    ignored, and the faults not known before.
    """
    batch = list(results)
    written = apart(
        range(len(batch)), lambda part: _load(store, [batch[n] for n in part], code_version, run_id), mend=store.mend
    )
    parts = written.done
    for number, error in written.failed.items():
        why = Fault(
            "whole file", in_words(error), "what can be written down", "report this: it is a fault of stepwindow"
        )
        # what it was found to be is left out, for it may be what cannot be written: of its path and content, what can
        bare = replace(
            batch[number], extract=None, ignored=None, connector=None, connector_version=None, sources={}, rejected=why,
            path=shown(batch[number].path), size=min(batch[number].size, 2**63 - 1), modified_ns=0,
        )  # fmt: skip
        parts.append(_load(store, [bare], code_version, run_id))
    counts = {status: sum(counted[status] for counted, _ in parts) for status in _STATES}
    return counts, [fault for _, faults in parts for fault in faults]


_STATES = ("loaded", "duplicate", "rejected", "ignored")
# A content that came out as the one did is, at another path, a duplicate of one of the others.
_ALIKE = {"loaded": (), "ignored": ("ignored",), "rejected": ("rejected", "unknown"), "unloaded": ("unloaded",)}


def _load(store: Store, batch: list[FileResult], code_version: str, run_id: str) -> Loaded:
    """Write files in one transaction."""
    counts = dict.fromkeys(_STATES, 0)
    fresh: list[tuple[int, FileResult]] = []
    refused: list[tuple[Fault, str | None]] = []
    faults = []
    with store.transaction():
        paths = [[result.participant_id, result.path, result.sha256] for result in batch]
        with store.registered("batch", pl.DataFrame(paths, schema=_PATHS, orient="row")):
            book = _Book(store, code_version)
            faults_before = _known_faults(store, _SAME_PATH.format("rejection"))
            store.con.execute(f"DELETE FROM rejection WHERE {_SAME_PATH.format('rejection')}")
        for result in batch:
            status, file_id = book.enter(result)
            if status in counts:
                counts[status] += 1
            if status == "loaded":
                fresh.append((file_id, result))
            elif status == "rejected" and result.rejected:
                fault = replace(result.rejected, file=result.path, participant_id=result.participant_id)
                refused.append((fault, result.sha256))
                if fault.key not in faults_before or fault.holds.until:  # what lies on the clock was looked at again
                    faults.append(fault)
        record_faults(store, refused, run_id)
        for cause, files in book.forgotten.items():
            forget_rows(store, files, cause)
        book.write(store)
        if fresh:
            write_rows(store, fresh)
        numbers = [file_id for file_id, _ in fresh]
        make_stale_anew(store, stretches(store, numbers, book.exports), numbers, book.exports)
    return counts, faults


def record_standing_faults(store: Store, faults: list[Fault], run_id: str, *, whole: bool) -> tuple[list[Fault], int]:
    """Keep the faults that lie in no file's content (links, unknown folders, rows of control files) as they are today.

    `whole`: all of them were looked for; those no longer found are gone. Returns the new ones, together with what runs
    had found that died before they could tell, and how many of any kind stand from before.
    """
    with store.transaction():
        unread = (
            "EXISTS (FROM source_file f WHERE f.participant_id = rejection.participant_id AND f.path = rejection.path)"
        )
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


_PATHS = {"participant_id": pl.String, "path": pl.String, "sha256": pl.String}
_SAME_PATH = "EXISTS (FROM batch b WHERE b.participant_id = {0}.participant_id AND b.path = {0}.path)"
_SAME_CONTENT = "EXISTS (FROM batch b WHERE b.participant_id = {0}.participant_id AND b.sha256 = {0}.sha256)"
_LEDGER: dict[str, Any] = {
    "file_id": pl.Int32, "participant_id": pl.String, "path": pl.String, "size_bytes": pl.Int64,
    "modified_ns": pl.Int64, "sha256": pl.String, "status": pl.String, "note": pl.String, "connector": pl.String,
    "connector_version": pl.Int32, "code_version": pl.String, "zones": pl.String, "source": pl.String,
    "covers_from": pl.Date, "covers_to": pl.Date, "rows": pl.Int64, "first_seen_at": pl.Datetime("us"),
    "loaded_at": pl.Datetime("us"), "holds_since": pl.Date, "holds_until": pl.Date, "kind": pl.String,
    "export": pl.String, "out_at": pl.Datetime("us"), "out_from": pl.Date, "out_to": pl.Date,
}  # fmt: skip


_COUNTS = dict.fromkeys(("out_at", "out_from", "out_to"))  # it is not, or no longer, out


class _Book:
    """The ledger rows that a batch has to do with, read once, changed in memory, written once."""

    def __init__(self, store: Store, code_version: str) -> None:
        query = f"FROM source_file f WHERE {_SAME_PATH.format('f')} OR {_SAME_CONTENT.format('f')}"
        names, marks = list(_LEDGER), ", ".join(_LEDGER)
        found = [dict(zip(names, row, strict=True)) for row in store.rows(f"SELECT {marks} {query}")]
        self.by_path: dict[tuple, list[dict]] = {}
        self.by_content: dict[tuple, list[dict]] = {}
        for row in found:
            self._index(row)
        # one writer: the next numbers are those after the highest
        self.numbers = count(store.rows("SELECT coalesce(max(file_id), 0) + 1 FROM source_file")[0][0])
        self.code_version = code_version
        self.unloaded = set(store.rows("SELECT participant_id, sha256 FROM unloaded"))
        self.before = [(row["file_id"], row["path"]) for row in found]
        self.forgotten: dict[str, list[int]] = {}  # files whose rows are to be taken out, by the cause
        self.exports: set[Export] = set()  # that gain or lose a part

    def _index(self, row: dict) -> None:
        self.by_path.setdefault((row["participant_id"], row["path"]), []).append(row)
        self.by_content.setdefault((row["participant_id"], row["sha256"]), []).append(row)

    def _forget(self, row: dict, cause: str) -> None:
        self.forgotten.setdefault(cause, []).append(row["file_id"])

    def enter(self, result: FileResult) -> tuple[str, int]:
        """Write what came of one file; returns its status and the number its rows carry."""
        who, path = result.participant_id, result.path
        at_path = self.by_path.get((who, path), [])
        here = next((row for row in at_path if row["sha256"] == result.sha256), None)
        unread = next((row for row in at_path if row["sha256"] is None), None)  # a night that could not read it
        if here and result.is_known and here["status"] not in ("duplicate", "withdrawn"):
            here["modified_ns"] = result.modified_ns
            return "unchanged", here["file_id"]
        status = "rejected" if result.rejected else "ignored" if result.ignored else "loaded"
        if status == "loaded" and (who, result.sha256) in self.unloaded:
            status = "unloaded"
        same = self.by_content.get((who, result.sha256), []) if result.sha256 else []
        first = next(
            (row for row in same if row["path"] != path and row["status"] in ("loaded", *_ALIKE[status])), None
        )
        dated_anew = result.extract and first and first["status"] == "loaded" and first["zones"] != result.zones
        if status == "loaded" and not here and dated_anew:
            here, first = first, None  # it was renamed, and is dated by other zones now
        if result.is_known or first:
            status = "duplicate"
        row = here or unread or {"file_id": next(self.numbers), "first_seen_at": now(), "loaded_at": None, **_COUNTS}
        was = here and (here["status"], here["export"])
        if here:
            self._forget(here, "code_changed" if here["zones"] == result.zones else "zone_changed")
        self._written_over(at_path, row, result)
        row |= self._row(result, status, first, row["loaded_at"])
        if status == "loaded":
            row |= _COUNTS
        if result.export and (status == "loaded" or (status, result.export) != was):
            self.exports.add((who, result.export))
        if not (here or unread):
            self._index(row)
        elif row is unread:
            self.by_content.setdefault((who, result.sha256), []).append(row)
        return status, row["file_id"]

    def _row(self, result: FileResult, status: str, first: dict | None, loaded_at: datetime | None) -> dict:
        loaded = result.extract if status == "loaded" else None
        labels = loaded.labels if loaded else set()
        covers = loaded.covers() if loaded else (None, None)
        known = first if status == "duplicate" and first else None
        return {
            "participant_id": result.participant_id,
            "path": result.path,
            "size_bytes": result.size,
            "modified_ns": result.modified_ns,
            "sha256": result.sha256,
            "status": status,
            "note": "; ".join(loaded.notes) if loaded else result.ignored if status == "ignored" else None,
            "connector": known["connector"] if known else result.connector,
            "connector_version": known["connector_version"] if known else result.connector_version,
            "code_version": self.code_version,
            "zones": result.zones,
            "source": ";".join(sorted(labels)) or None,
            "covers_from": covers[0],
            "covers_to": covers[1],
            "rows": loaded.rows if loaded else 0,
            "loaded_at": (loaded_at or now()) if loaded else None,  # decoding again loads nothing new
            "holds_since": None if known else result.holds.since,
            "holds_until": None if known else result.holds.until,
            "kind": known["kind"] if known else result.kind,
            "export": result.export,
        }

    def _written_over(self, at_path: list[dict], row: dict, result: FileResult) -> None:
        """What lay here before is gone, also if its size and time were the same, and no part of its export any more."""
        for old in at_path:
            if old is row:
                continue
            if (old["size_bytes"], old["modified_ns"]) == (result.size, result.modified_ns):
                old["modified_ns"] = -1
            if old["export"] and "!/" not in old["path"]:
                self.exports.add((old["participant_id"], old["export"]))
                old["export"] = None

    def write(self, store: Store) -> None:
        """Put the rows back."""
        schema = {"file_id": pl.Int32, "path": pl.String}
        with store.registered("before", pl.DataFrame(self.before, schema=schema, orient="row")):
            store.con.execute(
                "DELETE FROM source_file WHERE EXISTS "
                "(FROM before b WHERE b.file_id = source_file.file_id AND b.path = source_file.path)"
            )
        rows = [row for group in self.by_path.values() for row in group]
        store.insert("source_file", pl.DataFrame(rows, schema=_LEDGER, orient="row"))
