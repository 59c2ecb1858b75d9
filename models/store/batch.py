"""What came of many files: a row for each of them, and the canonical rows of all in one set of frames.

In this form it travels from where files are read, and in this form it is written: nothing is made for a single file.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import polars as pl

from models.activity import Extract, Extracts
from models.clock import INSTANT
from models.fault import Fault, Holds
from models.shown import shown
from models.store.file_result import FileResult

# `status`: loaded, ignored, rejected; known: its content was read before. `note`: of an ignored file, why it is. The
# rest is what a FileResult and its Extract say, under the names of the ledger (source_file) where it is kept there.
_COLUMNS: dict[str, Any] = {
    "file": pl.UInt32, "participant_id": pl.String, "path": pl.String, "size_bytes": pl.Int64,
    "modified_ns": pl.Int64, "sha256": pl.String, "zones": pl.String, "connector": pl.String,
    "connector_version": pl.Int32, "kind": pl.String, "export": pl.String, "status": pl.String, "note": pl.String,
    "holds_since": pl.Date, "holds_until": pl.Date, "source": pl.String, "covers_from": pl.Date, "covers_to": pl.Date,
    "rows": pl.Int64, "tz_source": pl.String, "begins": INSTANT, "days_are_over": pl.Boolean,
    "first_row": pl.Datetime("ms"), "last_row": pl.Datetime("ms"), "suspect": pl.List(pl.Date),
    "doubted": pl.List(pl.Date),
}  # fmt: skip
FILES = pl.Schema(_COLUMNS)
MOST_FILES = 16_000  # that are written at once, and rows of them; what is not written yet is read again after a crash
MOST_ROWS = 1_000_000
_NO_EXTRACT = (None, None, None, 0, None, None, None, None, None, None, None)


@dataclass(frozen=True)
class Batch:
    """`files`: as FILES says, in the order of the inbox. `frames`: canonical rows by name (models/activity.py), each
    with the `file` it is of as the first column. `faults`: why a file is rejected. `sources`: of each reader,
    label -> device class."""

    files: pl.DataFrame
    frames: dict[str, pl.DataFrame]
    faults: dict[int, Fault]
    sources: dict[str, dict[str, str]]

    @classmethod
    def of(cls, results: Sequence[FileResult], frames: dict[str, pl.DataFrame] | None = None) -> Batch:
        """The results of files; they are numbered from 0. What cannot be put down so is a rejection of that file.

        `frames`: the rows of all of them, where each extract has none of its own.
        """
        try:
            return cls._of(results, frames)
        except Exception as error:
            if frames is not None:
                raise
            if len(results) == 1:
                return cls._of([unwritten(results[0], error)], None)
            half = len(results) // 2
            return joined([cls.of(results[:half]), cls.of(results[half:])])

    @classmethod
    def _of(cls, results: Sequence[FileResult], frames: dict[str, pl.DataFrame] | None) -> Batch:
        extracts: Sequence[Any] = [result.extract for result in results]
        if frames is None:
            own = {number: extract for number, extract in enumerate(extracts) if extract}
            found = Extracts([Extract()] * len(extracts), {}).with_alone(own)
            frames = found.frames
            extracts = [told if extract else None for extract, told in zip(extracts, found.files, strict=True)]
        rows = map(_row, range(len(results)), results, extracts)
        columns = zip(*rows, strict=True) if results else [()] * len(FILES)
        named = zip(FILES.items(), columns, strict=True)
        files = pl.DataFrame([pl.Series(name, values, kind) for (name, kind), values in named])
        faults = {number: result.rejected for number, result in enumerate(results) if result.rejected}
        classes = {(result.connector or "", id(result.sources)): result.sources for result in results if result.sources}
        sources = _merged((reader, labels) for (reader, _), labels in classes.items())
        return cls(files, {name: frame for name, frame in frames.items() if frame.height}, faults, sources)

    @property
    def rows(self) -> int:
        """How many canonical rows these files have."""
        return sum(frame.height for frame in self.frames.values())

    @property
    def inbox_files(self) -> set[str]:
        """The files of the inbox that these are, or are packed in."""
        return set(self.files["path"].str.splitn("!/", 2).struct[0].unique())

    @property
    def readers(self) -> dict[str, int]:
        """How many files were decoded, by reader."""
        return dict(self.files.filter(status="loaded")["connector"].value_counts().iter_rows())

    def part(self, files: Collection[int]) -> Batch:
        """The batch without any other files; these keep their numbers."""
        if len(files) == self.files.height:
            return self
        wanted = pl.DataFrame({"file": list(files)}, {"file": pl.UInt32})
        own = {name: frame.join(wanted, on="file", how="semi") for name, frame in self.frames.items()}
        kept = set(files)
        return Batch(
            self.files.join(wanted, on="file", how="semi"),
            {name: frame for name, frame in own.items() if frame.height},
            {file: fault for file, fault in self.faults.items() if file in kept},
            self.sources,
        )

    def results(self) -> list[FileResult]:
        """File by file, each with its own rows: for who looks at a few."""
        rows: dict[int, dict[str, Any]] = {}
        for name, frame in self.frames.items():
            for (file,), own in frame.partition_by("file", as_dict=True, include_key=False).items():
                rows.setdefault(file, {})[name] = own
        return [_result(row, rows.get(row["file"], {}), self) for row in self.files.iter_rows(named=True)]


def joined(batches: Sequence[Batch]) -> Batch:
    """Batches as one; of each, the files are numbered on from the last one of the batch before."""
    if len(batches) == 1:
        return batches[0]
    files: list[pl.DataFrame] = []
    faults: dict[int, Fault] = {}
    frames: dict[str, list[pl.DataFrame]] = {}
    first = 0
    for batch in batches:
        later = (pl.col("file") + first).cast(pl.UInt32)
        files.append(batch.files.with_columns(later))
        for name, frame in batch.frames.items():
            frames.setdefault(name, []).append(frame.with_columns(later))
        faults |= {first + file: fault for file, fault in batch.faults.items()}
        first += batch.files["file"][-1] + 1 if batch.files.height else 0
    sources = _merged(own for batch in batches for own in batch.sources.items())
    every = pl.concat(files) if files else FILES.to_frame()
    return Batch(every, {name: pl.concat(parts) for name, parts in frames.items()}, faults, sources)


def _merged(sources: Iterable[tuple[str, dict[str, str]]]) -> dict[str, dict[str, str]]:
    """The device classes of each reader's labels; two readers may call different devices the same."""
    found: dict[str, dict[str, str]] = {}
    for reader, labels in sources:
        found[reader] = found.get(reader, {}) | labels
    return found


def gathered(batches: Iterable[Batch]) -> Iterator[Batch]:
    """Batches in their order, small ones joined: to write many files costs as many statements as to write one.

    Where no more can be read, what was read before comes first, and then why.
    """
    waiting: list[Batch] = []
    files = rows = 0
    try:
        for batch in batches:
            if waiting and (files + batch.files.height > MOST_FILES or rows + batch.rows > MOST_ROWS):
                yield joined(waiting)
                waiting, files, rows = [], 0, 0
            waiting.append(batch)
            files, rows = files + batch.files.height, rows + batch.rows
    except Exception:
        if waiting:
            yield joined(waiting)
        raise
    if waiting:
        yield joined(waiting)


def unwritten(result: FileResult, error: BaseException) -> FileResult:
    """The rejection of a file of which not all can be written down: what it was found to be is left out, for it may be
    what cannot be; of its path and content, what can."""
    from models.store.apart import in_words  # here: it needs DuckDB, and where files are read nothing else does

    why = Fault("whole file", in_words(error), "what can be written down", "report this: it is a fault of stepwindow")
    return replace(
        result, extract=None, ignored=None, connector=None, connector_version=None, sources={}, rejected=why,
        path=shown(result.path), size=min(result.size, 2**63 - 1), modified_ns=0,
    )  # fmt: skip


def _row(file: int, result: FileResult, extract: Extract | None) -> tuple:
    """What a file is in the columns of FILES."""
    return (
        file, result.participant_id, result.path, result.size, result.modified_ns, result.sha256, result.zones,
        result.connector, result.connector_version, result.kind, result.export, result.status,
        "; ".join(extract.notes) if extract else result.ignored, *result.holds,
        *(_told(extract) if extract else _NO_EXTRACT),
    )  # fmt: skip


def _told(extract: Extract) -> tuple:
    return (
        ";".join(sorted(extract.labels)) or None, *extract.covers(), extract.rows, extract.tz_source, extract.begins,
        extract.days_are_over, *(extract.summed or (None, None)), sorted(extract.suspect) or None,
        sorted(extract.doubted) or None,
    )  # fmt: skip


def _result(row: dict[str, Any], frames: dict[str, Any], batch: Batch) -> FileResult:
    """The opposite of `_row`."""
    status, note = row["status"], row["note"]
    holds = Holds(row["holds_since"], row["holds_until"])
    extract = Extract(
        **frames, tz_source=row["tz_source"], days_are_over=row["days_are_over"], begins=row["begins"],
        notes=[note] if note else [],
        summed=row["first_row"] and (row["first_row"], row["last_row"]), suspect=frozenset(row["suspect"] or ()),
        doubted=row["doubted"] or [], holds=holds, export=row["kind"],
    ) if status == "loaded" else None  # fmt: skip
    return FileResult(
        row["participant_id"], row["path"], row["size_bytes"], row["modified_ns"], row["sha256"], row["zones"],
        row["connector"], row["connector_version"],
        batch.sources.get(row["connector"], {}), extract, note if status == "ignored" else None,
        batch.faults.get(row["file"]), row["kind"], row["export"],
    )  # fmt: skip
