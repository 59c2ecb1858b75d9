"""The lake: a Delta table for each published relation, in it a folder for each site.

Sites write files, whenever they like, and nobody sees them. The programme takes them (`take`): a commit a relation, for
all sites at once, and one commit at the end, of `programme_version`, that says which versions of the tables belong
together. Killed before that, the version before stands, and the next run finds the files and commits what is missing.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Collection, Iterable, Mapping
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Literal

import polars as pl
from deltalake import DeltaTable, QueryBuilder, Schema, write_deltalake
from deltalake.exceptions import TableNotFoundError
from deltalake.schema import Field, PrimitiveType
from deltalake.transaction import AddAction, RemoveAction

from models.lake.address import Address
from models.lake.columns import field, sql
from models.lake.part import Columns, Part
from models.lake.patience import OF_DELTA, patiently
from models.lake.version import KEPT, SITES, VERSIONS, Files, Version, last, left, said

_HOURS = int(KEPT.total_seconds()) // 3600
_ROOM = 1_000_000  # bytes that a lake has to take before a run: with no room for its log there is a panic in many words
_LOG = {
    "delta.checkpointInterval": "1",  # a commit is a night of all sites: whoever opens the table reads one file
    "delta.logRetentionDuration": f"interval {KEPT.days} days",
    "delta.deletedFileRetentionDuration": f"interval {KEPT.days} days",
    "delta.enableExpiredLogCleanup": "false",  # `sweep` does, when a run has committed all: until then old logs count
}


class Lake(Address):
    """The lake at an address: a folder, or what fsspec opens. StoreError, in one line, where it cannot be reached."""

    kind = "lake"

    def standing(self, relation: str, version: int | None = None) -> dict[str, Part]:
        """The files of a relation by their path, as of a version of its table (None: the last). Empty: no table."""
        with self._reached():
            table = self._table(relation, version)
            if table is None:
                return {}
            known = pl.DataFrame(table.get_add_actions(flatten=True)).select("path", "num_records", "size_bytes")
            return {path: Part(path, rows, size) for path, rows, size in known.rows()}

    def columns(self, relation: str) -> dict[str, str]:
        """The SQL types of a relation's columns by name, without `site`. Empty: no table."""
        with self._reached():
            table = self._table(relation, None)
        return dict(_columns(table)) if table else {}

    def take(self, relation: str, forms: Collection[Columns], given: Mapping[str, Iterable[Part]]) -> int:
        """Make the files of these sites what they gave, in one commit; those of other sites stay. The table's version.

        `forms`: the columns that their files have. Nothing is committed where all of it is so already.
        """
        with self._reached():
            table = self._table(relation, None)
            for columns in sorted(forms):
                table = table or self._made(relation, columns)
                self._in_form(table, columns)
            assert table is not None
            there = {path: part for path, part in self.standing(relation).items() if part.site in given}
            now = {part.path: part for parts in given.values() for part in parts}
            moment = int(time.time() * 1000)
            actions: list[AddAction | RemoveAction] = [
                RemoveAction(path, True, moment, part.bytes, {"site": part.site})
                for path, part in there.items()
                if path not in now
            ]
            actions += [  # of its statistics only the count: a least participant_id is a participant_id
                AddAction(path, part.bytes, {"site": part.site}, moment, True, json.dumps({"numRecords": part.rows}))
                for path, part in now.items()
                if path not in there
            ]
            if actions:
                table.create_write_transaction(actions, "append", table.schema(), partition_by=["site"])
                table = self._opened(relation)
            return table.version()

    def current(self) -> Version:
        """The state that was committed last."""
        with self._reached():
            table = self._table(VERSIONS, None)
            if table is None:
                return Version(0, {})
            return last(_rows(table))

    def id(self) -> str:
        """What tells this lake from any other, wherever it lies. "": nothing was committed yet."""
        with self._reached():
            table = self._table(VERSIONS, None)
            return str(table.metadata().id) if table else ""

    def commit(self, tables: Mapping[str, int], send: str) -> Version:
        """Say that these versions of the tables belong together. Nothing is committed where that was said last."""
        before = self.current()
        if dict(tables) == before.tables:
            return before
        version = Version(before.number + 1, dict(tables), send)
        with self._reached():
            self._write(VERSIONS, said(version), "append")
        return version

    def rows(self, relation: str, version: int | None) -> list[dict[str, Any]]:
        """All rows of a small table, as of a version of it. None: there is none."""
        with self._reached():
            table = None if version is None else self._table(relation, version)
            return [] if table is None else _rows(table).to_dicts()

    def put(self, relation: str, frame: pl.DataFrame) -> int:
        """Make a small table of the programme's own what this frame is; its version."""
        with self._reached():
            table = self._table(relation, None)
            if table is None or not _rows(table).equals(frame):
                self._write(relation, frame, "overwrite")
            return self._opened(relation).version()

    def files(self, relation: str, version: int) -> Files:
        """The files of a relation, as of a version of its table."""
        with self._reached():
            table = self._opened(relation, version)
        return Files(
            _columns(table), sorted(f"{self.address}/{relation}/{path}" for path in self.standing(relation, version))
        )

    def sweep(self, at_once: bool) -> int:
        """Delete files that no table has had for KEPT, and what logs and `programme_version` say of before that.

        Returns how many files. `at_once`: every older state, and what a run that died had written. For whoever holds
        the programme's lock: what a site is writing meanwhile no table has yet.
        """
        self._forget_versions(timedelta() if at_once else KEPT)
        with self._reached():
            found = 0
            for relation in self._names():
                table = self._opened(relation)
                # Delta names the files, and they are deleted here: its own deleting is a commit, so a version, too
                idle = table.vacuum(0 if at_once else _HOURS, enforce_retention_duration=False, full=True)
                self._delete([f"{relation}/{path}" for path in idle])
                table.cleanup_metadata()
                found += len(idle)
            return found

    def relations(self) -> list[str]:
        """The names of the tables that sites give to."""
        return [name for name in self._names() if name not in (SITES, VERSIONS)]

    def sizes(self, relation: str) -> dict[str, int]:
        """The bytes of every file that lies there of a relation, whether its table has it or not, by path."""
        with self._reached():
            found = patiently(self._files.find, f"{self._root}/{relation}", detail=True)
        return {path.removeprefix(f"{self._root}/{relation}/"): of["size"] for path, of in found.items()}

    def try_writing(self) -> None:
        """Write a file and take it away again, in a folder that is made. StoreError where that cannot be done, also for
        want of room: it is found out before anybody has a night for nothing."""
        with self._reached():
            patiently(self._files.makedirs, self._root, exist_ok=True)
            trial = f"{self._root}/.try"
            self._remove(trial)  # else a link of that name would be written through
            try:
                patiently(self._files.pipe_file, trial, bytes(_ROOM))
            finally:
                self._remove(trial)

    def _remove(self, path: str) -> None:
        with suppress(FileNotFoundError):
            patiently(self._files.rm_file, path)

    def _names(self) -> list[str]:
        with self._reached():
            if not patiently(self._files.exists, self._root):
                return []
            found = [path.rstrip("/") for path in patiently(self._files.ls, self._root, detail=False)]
            return sorted(
                os.path.basename(path) for path in found if patiently(self._files.exists, f"{path}/_delta_log")
            )

    @property
    def _options(self) -> dict[str, str] | None:
        return OF_DELTA if "://" in self.address else None

    def _opened(self, relation: str, version: int | None = None) -> DeltaTable:
        return DeltaTable(f"{self.address}/{relation}", version=version, storage_options=self._options)

    def _table(self, relation: str, version: int | None) -> DeltaTable | None:
        try:
            return self._opened(relation, version)
        except TableNotFoundError:
            return None

    def _write(self, relation: str, frame: pl.DataFrame, mode: Literal["append", "overwrite"]) -> None:
        form: Any = "merge" if mode == "append" else "overwrite"
        write_deltalake(
            f"{self.address}/{relation}",
            frame,
            mode=mode,
            schema_mode=form,
            configuration=_LOG,
            storage_options=self._options,
        )

    def _forget_versions(self, kept: timedelta) -> None:
        """Of `programme_version` keep the states of so long, and the last."""
        with self._reached():
            table = self._table(VERSIONS, None)
            if table is None:
                return
            rows = _rows(table)
            if len(of_use := left(rows, kept)) < len(rows):
                self._write(VERSIONS, of_use, "overwrite")

    def _made(self, relation: str, columns: Columns) -> DeltaTable:
        fields = [Field("site", PrimitiveType("string"), nullable=False), *map(field, columns)]
        if "://" not in self.address:
            Path(self.address, relation).mkdir(parents=True, exist_ok=True)
        return DeltaTable.create(
            f"{self.address}/{relation}",
            Schema(fields),
            partition_by=["site"],
            configuration=_LOG,
            storage_options=self._options,
        )

    def _in_form(self, table: DeltaTable, columns: Columns) -> None:
        """Add columns that the table does not have, and how long its log is kept where an older version made it."""
        if table.metadata().configuration != _LOG:
            table.alter.set_table_properties(_LOG)
        known = {one.name for one in table.schema().fields}
        if fresh := [one for one in map(field, columns) if one.name not in known]:
            table.alter.add_columns(fresh)


def _rows(table: DeltaTable) -> pl.DataFrame:
    """All rows of a small table. (Polars' own `read_delta` finds no file below a folder with a space in its name.)"""
    return pl.DataFrame(QueryBuilder().register("it", table).execute("SELECT * FROM it"))


def _columns(table: DeltaTable) -> Columns:
    return tuple((one.name, sql(one.type)) for one in table.schema().fields if one.name != "site")
