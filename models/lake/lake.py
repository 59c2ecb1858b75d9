"""The lake: a Delta table for each published relation, in it a folder for each site.

Sites write files, whenever they like, and nobody sees them. The programme takes them (`take`): a commit a relation, for
all sites at once, and one commit at the end, of `programme_version`, that says which versions of the tables belong
together. Killed before that, the version before stands, and the next run finds the files and commits what is missing.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import fsspec
import polars as pl
from deltalake import DeltaTable, Schema, write_deltalake
from deltalake.exceptions import DeltaError, TableNotFoundError
from deltalake.schema import ArrayType, Field, PrimitiveType
from deltalake.transaction import AddAction, RemoveAction
from fsspec.implementations.local import LocalFileSystem

from models.fault import AWAY, StoreError
from models.lake.part import Columns, Part
from models.lake.patience import in_words, patiently

VERSIONS, SITES = "programme_version", "programme_site"
_PLAIN = {
    "VARCHAR": "string", "INTEGER": "integer", "BIGINT": "long", "DOUBLE": "double", "BOOLEAN": "boolean",
    "DATE": "date", "TIMESTAMP WITH TIME ZONE": "timestamp",
}  # fmt: skip
_DECIMAL = re.compile(r"DECIMAL\((\d+),\s*(\d+)\)")


class Version(NamedTuple):
    """A state of the lake: its number (0: nothing was committed yet), the version of each relation's table, and what
    its sites send (all, share)."""

    number: int
    tables: dict[str, int]
    send: str = ""

    def frame(self) -> pl.DataFrame:
        """As `programme_version`: a row a relation."""
        rows = [(self.number, relation, version, self.send) for relation, version in self.tables.items()]
        columns = {VERSIONS: pl.Int64, "relation": pl.String, "table_version": pl.Int64, "send": pl.String}
        return pl.DataFrame(rows, schema=columns, orient="row")


class Files(NamedTuple):
    """What a relation consists of: its columns but `site`, and where its files lie, as Parquet."""

    columns: Columns
    uris: list[str]


class Lake:
    """The lake at an address: a folder, or what fsspec opens. StoreError, in one line, where it cannot be reached."""

    def __init__(self, address: str | Path) -> None:
        self.address = str(address) if "://" in str(address) else str(Path(address).absolute())
        with self._reached():
            self._files, self._root = fsspec.url_to_fs(self.address)

    def write(self, relation: str, path: str, data: bytes) -> None:
        """Put a file there, whole or not at all. Nobody sees it before it is taken."""
        target = f"{self._root}/{relation}/{path}"
        is_local = isinstance(self._files, LocalFileSystem)
        made = f"{target}.{os.getpid()}" if is_local else target  # elsewhere an object is there once it is whole
        with self._reached():
            patiently(self._files.makedirs, target.rpartition("/")[0], exist_ok=True)
            patiently(self._files.pipe_file, made, data)
            if is_local:
                os.replace(made, target)

    def standing(self, relation: str, version: int | None = None) -> dict[str, Part]:
        """The files of a relation by their path, as of a version of its table (None: the last). Empty: no table."""
        with self._reached():
            table = self._table(relation, version)
            if table is None:
                return {}
            known = pl.DataFrame(table.get_add_actions(flatten=True)).select("path", "num_records", "size_bytes")
            return {path: Part(path, rows, size) for path, rows, size in known.rows()}

    def misfit(self, relation: str, columns: Columns) -> str | None:
        """The first of these columns that is of another type in the lake; None where they can be taken."""
        with self._reached():
            table = self._table(relation, None)
        known = {field.name: field.type for field in table.schema().fields} if table else {}
        return next((f.name for f in map(_field, columns) if f.name in known and known[f.name] != f.type), None)

    def take(self, relation: str, forms: Collection[Columns], given: Mapping[str, Iterable[Part]]) -> int:
        """Make the files of these sites what they gave, in one commit; those of other sites stay. The table's version.

        `forms`: the columns that their files have. Nothing is committed where all of it is so already.
        """
        with self._reached():
            table = self._table(relation, None)
            for columns in sorted(forms):
                table = table or self._made(relation, columns)
                self._widen(table, columns)
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
                table = DeltaTable(f"{self.address}/{relation}")
            return table.version()

    def current(self) -> Version:
        """The state that was committed last."""
        with self._reached():
            table = self._table(VERSIONS, None)
            if table is None:
                return Version(0, {})
            rows = pl.read_delta(table).filter(pl.col(VERSIONS) == pl.col(VERSIONS).max())
            tables = dict(rows.select("relation", "table_version").rows())
            return Version(rows[VERSIONS].item(0), tables, rows["send"].item(0))

    def id(self) -> str:
        """What tells this lake from any other, wherever it lies. "": nothing was committed yet."""
        with self._reached():
            table = self._table(VERSIONS, None)
            return str(table.metadata().id) if table else ""

    def commit(self, tables: Mapping[str, int], send: str) -> Version:
        """Say that these versions of the tables belong together. Nothing is committed where that was said last."""
        last = self.current()
        if dict(tables) == last.tables:
            return last
        version = Version(last.number + 1, dict(tables), send)
        with self._reached():
            write_deltalake(f"{self.address}/{VERSIONS}", version.frame(), mode="append")
        return version

    def rows(self, relation: str, version: int | None) -> list[dict[str, Any]]:
        """All rows of a small table, as of a version of it. None: there is none."""
        with self._reached():
            table = None if version is None else self._table(relation, version)
            return [] if table is None else pl.read_delta(table).to_dicts()

    def put(self, relation: str, frame: pl.DataFrame) -> int:
        """Make a small table of the programme's own what this frame is; its version."""
        with self._reached():
            table = self._table(relation, None)
            if table is None or not pl.read_delta(table).equals(frame):
                write_deltalake(f"{self.address}/{relation}", frame, mode="overwrite", schema_mode="overwrite")
            return DeltaTable(f"{self.address}/{relation}").version()

    def files(self, relation: str, version: int) -> Files:
        """The files of a relation, as of a version of its table."""
        with self._reached():
            table = DeltaTable(f"{self.address}/{relation}", version=version)
        columns = tuple((field.name, _sql(field.type)) for field in table.schema().fields if field.name != "site")
        return Files(columns, sorted(f"{self.address}/{relation}/{path}" for path in self.standing(relation, version)))

    def sweep(self, hours: int) -> int:
        """Delete files that no table has any more for so long; returns how many.

        With 0, every older version is gone, and what a run that died had written. For whoever holds the programme's
        lock: what a site is writing meanwhile no table has yet.
        """
        with self._reached():
            found = 0
            for relation in self._names():
                table = self._table(relation, None)
                if table is not None:
                    found += len(table.vacuum(hours, dry_run=False, enforce_retention_duration=False, full=not hours))
            return found

    def relations(self) -> list[str]:
        """The names of the tables that sites give to."""
        return [name for name in self._names() if name not in (SITES, VERSIONS)]

    def objects(self) -> Iterator[tuple[str, bytes]]:
        """Everything that lies there, tables and their logs: name below the lake, content."""
        with self._reached():
            for path in sorted(patiently(self._files.find, self._root)):
                yield path.removeprefix(f"{self._root}/"), patiently(self._files.cat_file, path)

    def sizes(self, relation: str) -> dict[str, int]:
        """The bytes of every file that lies there of a relation, whether its table has it or not, by path."""
        with self._reached():
            found = patiently(self._files.find, f"{self._root}/{relation}", detail=True)
        return {path.removeprefix(f"{self._root}/{relation}/"): of["size"] for path, of in found.items()}

    def try_writing(self) -> None:
        """Write a file and take it away again, in a folder that is made. StoreError where that cannot be done."""
        with self._reached():
            patiently(self._files.makedirs, self._root, exist_ok=True)
            patiently(self._files.pipe_file, f"{self._root}/.try", b"")
            patiently(self._files.rm_file, f"{self._root}/.try")

    def _names(self) -> list[str]:
        with self._reached():
            if not patiently(self._files.exists, self._root):
                return []
            found = [path.rstrip("/") for path in patiently(self._files.ls, self._root, detail=False)]
            return sorted(
                os.path.basename(path) for path in found if patiently(self._files.exists, f"{path}/_delta_log")
            )

    def _table(self, relation: str, version: int | None) -> DeltaTable | None:
        try:
            return DeltaTable(f"{self.address}/{relation}", version=version)
        except TableNotFoundError:
            return None

    def _made(self, relation: str, columns: Columns) -> DeltaTable:
        fields = [Field("site", PrimitiveType("string"), nullable=False), *map(_field, columns)]
        if "://" not in self.address:
            Path(self.address, relation).mkdir(parents=True, exist_ok=True)
        return DeltaTable.create(f"{self.address}/{relation}", Schema(fields), partition_by=["site"])

    def _widen(self, table: DeltaTable, columns: Columns) -> None:
        """Add columns that the table does not have."""
        known = {field.name for field in table.schema().fields}
        if fresh := [field for field in map(_field, columns) if field.name not in known]:
            table.alter.add_columns(fresh)

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except (DeltaError, OSError) as error:
            what = f"lake: {self.address} cannot be used ({in_words(error)})"
            remedy = "see that it is there, has space, and that this machine may write to it, then run again"
            raise StoreError(what, remedy, AWAY) from None


def _field(column: tuple[str, str]) -> Field:
    name, kind = column
    return Field(name, _type(kind), nullable=True)


def _type(kind: str) -> PrimitiveType | ArrayType:
    if kind.endswith("[]"):
        return ArrayType(_type(kind[:-2]), contains_null=True)
    if number := _DECIMAL.fullmatch(kind):
        return PrimitiveType(f"decimal({number[1]},{number[2]})")
    return PrimitiveType(_PLAIN[kind])


def _sql(kind: object) -> str:
    if isinstance(kind, ArrayType):
        return f"{_sql(kind.element_type)}[]"
    name = kind.type if isinstance(kind, PrimitiveType) else ""
    return next((sql for sql, delta in _PLAIN.items() if delta == name), name.upper())
