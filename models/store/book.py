"""The ledger rows of files that have to do with others: what the ledger says of a file whose path or content it knows.

Of all other files (models/sql/store/met_before.sql) the ledger says what came of them, whatever else is in it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import polars as pl

from models.store.rows import Export
from models.store.sql import statement
from models.store.store import Store

LEDGER: dict[str, Any] = {
    "file_id": pl.Int32, "participant_id": pl.String, "path": pl.String, "size_bytes": pl.Int64,
    "modified_ns": pl.Int64, "sha256": pl.String, "status": pl.String, "note": pl.String, "connector": pl.String,
    "connector_version": pl.Int32, "code_version": pl.String, "zones": pl.String, "source": pl.String,
    "covers_from": pl.Date, "covers_to": pl.Date, "rows": pl.Int64, "first_seen_at": pl.Datetime("us"),
    "loaded_at": pl.Datetime("us"), "holds_since": pl.Date, "holds_until": pl.Date, "kind": pl.String,
    "export": pl.String, "out_at": pl.Datetime("us"), "out_from": pl.Date, "out_to": pl.Date,
}  # fmt: skip
# A content that came out as the one did is, at another path, a duplicate of one of the others; of which, so is one that
# was not read again.
_ALIKE = {"loaded": (), "ignored": ("ignored",), "rejected": ("rejected", "unknown"), "unloaded": ("unloaded",),
          "known": ("rejected", "unknown", "unloaded")}  # fmt: skip
_NOT_READ = {"note": None, "source": None, "covers_from": None, "covers_to": None, "rows": 0, "loaded_at": None}
_ANY_CLOCK = {"holds_since": None, "holds_until": None}
_COUNTS = dict.fromkeys(("out_at", "out_from", "out_to"))  # it is not, or no longer, out


def enter(store: Store, ledger: pl.DataFrame, met: pl.DataFrame) -> tuple[Book, pl.DataFrame]:
    """Number the files of a batch, in its order, and enter those that have `met` others.

    `ledger`: of each `file`, what the ledger says of one that has not (LEDGER without `file_id`). Gives what is to be
    written, and of each file its `status` and `file_id`.
    """
    has_met = pl.col("file").is_in(met["file"].implode())
    # one writer: the next numbers are those after the highest
    first = store.rows("SELECT coalesce(max(file_id), 0) + 1 FROM source_file")[0][0]
    book = Book(store, ledger.filter(has_met))
    entered, made = [], 0
    for entry in ledger.with_columns(others=(~has_met).cum_sum()).filter(has_met).iter_rows(named=True):
        file, number = entry.pop("file"), first + entry.pop("others") + made
        status, file_id = book.enter(entry, number)
        made += file_id == number
        entered.append((file, file_id, status, file_id == number))
    schema = {"file": pl.UInt32, "file_id": pl.Int32, "as": pl.String, "is_new": pl.Boolean}
    numbered = ledger.join(pl.DataFrame(entered, schema, orient="row"), on="file", how="left", maintain_order="left")
    number = first - 1 + pl.col("is_new").fill_null(True).cum_sum()
    numbered = numbered.with_columns(pl.coalesce("file_id", number.cast(pl.Int32)), status=pl.coalesce("as", "status"))
    book.alone = numbered.filter(~has_met).select(list(LEDGER))
    return book, numbered.select("file", "file_id", "status")


class Book:
    """What is to be written into the ledger. The rows that have `met` others are read once, changed in memory, written
    once; those of all other files stand `alone`."""

    alone = pl.DataFrame(schema=LEDGER)

    def __init__(self, store: Store, met: pl.DataFrame) -> None:
        self.by_path: dict[tuple, list[dict]] = {}
        self.by_content: dict[tuple, list[dict]] = {}
        self.forgotten: dict[str, list[int]] = {}  # files whose rows are to be taken out, by the cause
        self.met_exports: set[Export] = set()  # that gain or lose a part
        self.struck: list[tuple[int, str]] = []  # rows that are written anew
        self.unloaded: set[tuple] = set()
        if met.is_empty():
            return
        with store.registered("met", met.select("participant_id", "path", "sha256")):
            found = store.rows(f"SELECT {', '.join(LEDGER)} FROM ({statement('store/ledger_of_met')})")
        for values in found:
            row = dict(zip(LEDGER, values, strict=True))
            self.struck.append((row["file_id"], row["path"]))
            self._index(row)
        self.unloaded.update(store.rows("SELECT participant_id, sha256 FROM unloaded"))

    def _index(self, row: dict) -> None:
        self.by_path.setdefault((row["participant_id"], row["path"]), []).append(row)
        self.by_content.setdefault((row["participant_id"], row["sha256"]), []).append(row)

    def _forget(self, row: dict, cause: str) -> None:
        self.forgotten.setdefault(cause, []).append(row["file_id"])

    def enter(self, entry: dict, number: int) -> tuple[str, int]:
        """Enter a file, with `number` if it has none yet; returns its status and the number that its rows carry."""
        who, path, is_known = entry["participant_id"], entry["path"], entry["status"] == "known"
        at_path = self.by_path.get((who, path), [])
        here = next((row for row in at_path if row["sha256"] == entry["sha256"]), None)
        unread = next((row for row in at_path if row["sha256"] is None), None)  # a night that could not read it
        if here and is_known and here["status"] not in ("duplicate", "withdrawn"):
            here["modified_ns"] = entry["modified_ns"]
            return "unchanged", here["file_id"]
        status = "loaded" if is_known else entry["status"]
        if status == "loaded" and (who, entry["sha256"]) in self.unloaded:
            status = "unloaded"
        same = self.by_content.get((who, entry["sha256"]), []) if entry["sha256"] else []
        alike = ("loaded", *_ALIKE["known" if is_known else status])
        others = [row for row in same if row["path"] != path and row["status"] in alike]
        first = min(others, key=lambda row: row["status"] != "loaded", default=None)
        was_read = entry["status"] == "loaded"
        dated_anew = was_read and first and first["status"] == "loaded" and first["zones"] != entry["zones"]
        if status == "loaded" and not here and dated_anew:
            here, first = first, None  # it was renamed, and is dated by other zones now
        if is_known or first:
            status = "duplicate"
        row = here or unread or {"file_id": number, "first_seen_at": entry["first_seen_at"], "loaded_at": None}
        was = here and (here["status"], here["export"])
        if here:
            self._forget(here, "code_changed" if here["zones"] == entry["zones"] else "zone_changed")
        self._written_over(at_path, row, entry)
        row |= _entered(entry, status, first, row["loaded_at"])
        if status == "loaded" or not (here or unread):
            row |= _COUNTS
        if entry["export"] and (status == "loaded" or (status, entry["export"]) != was):
            self.met_exports.add((who, entry["export"]))
        if not (here or unread):
            self._index(row)
        elif row is unread:
            self.by_content.setdefault((who, entry["sha256"]), []).append(row)
        return status, row["file_id"]

    def _written_over(self, at_path: list[dict], row: dict, entry: dict) -> None:
        """What lay here before is gone, also if its size and time were the same, and no part of its export any more."""
        for old in at_path:
            if old is row:
                continue
            if (old["size_bytes"], old["modified_ns"]) == (entry["size_bytes"], entry["modified_ns"]):
                old["modified_ns"] = -1
            if old["export"] and "!/" not in old["path"]:
                self.met_exports.add((old["participant_id"], old["export"]))
                old["export"] = None

    @property
    def exports(self) -> set[Export]:
        """That gain or lose a part."""
        came = self.alone.filter(pl.col("export").is_not_null()).select("participant_id", "export").unique()
        return self.met_exports | set(came.iter_rows())

    def write(self, store: Store) -> None:
        """Put it into the ledger."""
        if self.struck:
            schema = {"file_id": pl.Int32, "path": pl.String}
            with store.registered("struck", pl.DataFrame(self.struck, schema=schema, orient="row")):
                store.con.execute(
                    "DELETE FROM source_file WHERE EXISTS "
                    "(FROM struck s WHERE s.file_id = source_file.file_id AND s.path = source_file.path)"
                )
        rows = [row for group in self.by_path.values() for row in group]
        met = pl.DataFrame(rows, schema=LEDGER, orient="row")
        store.insert("source_file", pl.concat([met, self.alone]))


def _entered(entry: dict, status: str, first: dict | None, loaded_at: datetime | None) -> dict:
    """What the ledger says of a file that came out so. `first`: of what it is a duplicate."""
    row = {name: value for name, value in entry.items() if name != "first_seen_at"} | {"status": status}
    if status == "loaded":
        return row | {"loaded_at": loaded_at or entry["loaded_at"]}  # decoding again loads nothing new
    if status != entry["status"]:
        row |= _NOT_READ
    if status == "duplicate" and first:
        row |= {name: first[name] for name in ("connector", "connector_version", "kind")} | _ANY_CLOCK
    return row
