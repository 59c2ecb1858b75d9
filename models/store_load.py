"""Loading: the ledger of the inbox, and the canonical rows of every file."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import polars as pl

from models.activity import Extract
from models.clock import INSTANT
from models.rejection import Rejected
from models.store import Store, now

_CANONICAL = ("minute", "reading", "session", "session_part", "daily_total", "attestation", "coverage")


@dataclass
class FileResult:
    """What came of one file of the inbox. Exactly one of extract, ignored, rejected is set (None: a known content)."""

    participant_id: str
    path: str
    size: int
    modified_ns: int
    sha256: str | None
    zones: str
    connector: str | None = None
    connector_version: int | None = None
    sources: dict[str, str] = field(default_factory=dict)  # label -> device class
    extract: Extract | None = None
    ignored: str | None = None
    rejected: Rejected | None = None

    @property
    def is_known(self) -> bool:
        """The content was read before, so it was not read again."""
        return self.extract is None and self.ignored is None and self.rejected is None


@dataclass(frozen=True)
class Known:
    """What the ledger says of a path."""

    size: int
    modified_ns: int
    sha256: str | None
    status: str
    zones: str
    code_version: str


def ledger(store: Store, participant_id: str) -> dict[str, Known]:
    """The latest ledger row of every path of a participant."""
    rows = store.rows(
        "SELECT path, size_bytes, modified_ns, sha256, status, zones, code_version FROM source_file "
        "WHERE participant_id = ? ORDER BY file_id, first_seen_at",
        [participant_id],
    )
    return {path: Known(*rest) for path, *rest in rows}


@dataclass(frozen=True)
class Fault:
    """One thing not used, as it is told to a person. `path`: inside the inbox, or the control file."""

    participant_id: str | None
    path: str
    place: str
    reason: str
    what_to_do: str
    value: str | None = None  # the wrong value of a control file: for the terminal only, never kept

    def __str__(self) -> str:
        value = f" {self.value!r}" if self.value is not None else ""
        return f"{self.path}, {self.place}:{value} {self.reason}; {self.what_to_do}"

    @property
    def key(self) -> tuple:
        """What makes it the same fault another night."""
        return self.participant_id, self.path, self.place, self.reason


def load(
    store: Store, results: Iterable[FileResult], code_version: str, run_id: str
) -> tuple[dict[str, int], list[Fault]]:
    """Write a batch of files in one transaction: each file whole with its ledger row, or not at all.

    Returns how many came out as loaded, duplicate, rejected, ignored, and the faults not known before.
    """
    counts = {"loaded": 0, "duplicate": 0, "rejected": 0, "ignored": 0}
    fresh: list[tuple[int, FileResult]] = []
    faults = []
    with store.transaction():
        for result in results:
            status, file_id = _ledger_row(store, result, code_version)
            if status in counts:
                counts[status] += 1
            before = _known_faults(store, "participant_id = ? AND path = ?", [result.participant_id, result.path])
            store.con.execute(
                "DELETE FROM rejection WHERE participant_id = ? AND path = ?", [result.participant_id, result.path]
            )
            if status == "loaded":
                fresh.append((file_id, result))
            elif status == "rejected" and result.rejected:
                r = result.rejected
                fault = Fault(result.participant_id, result.path, r.place, r.reason, r.remedy)
                _enter(store, fault, result.sha256, run_id)
                if fault.key not in before:
                    faults.append(fault)
        if fresh:
            _write_rows(store, fresh)
    return counts, faults


def stand_by(store: Store, faults: list[Fault], run_id: str, *, whole: bool) -> tuple[list[Fault], int]:
    """Keep the faults that lie in no file's content (links, unknown folders, rows of control files) as they are today.

    `whole`: all of them were looked for; those no longer found are gone. Returns the new ones, and how many of any kind
    stand from before.
    """
    with store.transaction():
        unread = (
            "EXISTS (FROM source_file f WHERE f.participant_id = rejection.participant_id AND f.path = rejection.path)"
        )
        before = _known_faults(store, f"sha256 IS NULL AND NOT {unread}", [])
        today = {fault.key: fault for fault in faults}
        for gone in before - today.keys() if whole else ():
            same = "participant_id IS NOT DISTINCT FROM ? AND path = ? AND place = ? AND reason = ?"
            store.con.execute(f"DELETE FROM rejection WHERE {same}", list(gone))
        new = [fault for key, fault in today.items() if key not in before]
        for fault in new:
            _enter(store, fault, None, run_id)
        return new, store.rows("SELECT count(*) FROM rejection WHERE run_id <> ?", [run_id])[0][0]


def _known_faults(store: Store, where: str, parameters: list) -> set[tuple]:
    return set(store.rows(f"SELECT participant_id, path, place, reason FROM rejection WHERE {where}", parameters))


def _enter(store: Store, fault: Fault, sha256: str | None, run_id: str) -> None:
    store.con.execute(
        "INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?, ?)",
        [fault.participant_id, sha256, fault.path, fault.place, fault.reason, fault.what_to_do, run_id],
    )


def _ledger_row(store: Store, result: FileResult, code_version: str) -> tuple[str, int]:
    """Write what came of one file; returns its status and the number its rows carry."""
    who, path = result.participant_id, result.path
    same = store.rows(
        "SELECT file_id, path, status, connector, connector_version, first_seen_at, loaded_at FROM source_file "
        "WHERE participant_id = ? AND sha256 = ? AND status <> 'duplicate'",
        [who, result.sha256],
    )
    here = next((row for row in same if row[1] == path), None)
    if here and result.is_known:
        store.con.execute(
            "UPDATE source_file SET modified_ns = ? WHERE file_id = ? AND path = ?", [result.modified_ns, here[0], path]
        )
        return "unchanged", here[0]
    status = "rejected" if result.rejected else "ignored" if result.ignored else "loaded"
    first = next((row for row in same if row[1] != path and row[2] in ("loaded", status)), None)
    if result.is_known or first:
        status = "duplicate"
        connector, connector_version = first[3:5] if first else (None, None)
    else:
        connector, connector_version = result.connector, result.connector_version
    file_id = here[0] if here else store.rows("SELECT nextval('file_number')")[0][0]
    _forget_rows(store, file_id)
    store.con.execute(
        "DELETE FROM source_file WHERE participant_id = ? AND path = ? AND sha256 IS NOT DISTINCT FROM ?",
        [who, path, result.sha256],
    )
    _retire_written(store, who, path)
    loaded = result.extract if status == "loaded" else None
    labels = (
        {s for f in loaded.frames().values() if "source" in f.columns for s in f["source"].unique()} if loaded else ()
    )
    row = {
        "file_id": file_id,
        "participant_id": who,
        "path": path,
        "size_bytes": result.size,
        "modified_ns": result.modified_ns,
        "sha256": result.sha256,
        "status": status,
        "note": "; ".join(loaded.notes) if loaded else result.ignored if status == "ignored" else None,
        "connector": connector,
        "connector_version": connector_version,
        "code_version": code_version,
        "zones": result.zones,
        "source": ";".join(sorted(labels)) or None,
        "covers_from": loaded.covers()[0] if loaded else None,
        "covers_to": loaded.covers()[1] if loaded else None,
        "rows": loaded.rows if loaded else 0,
        "first_seen_at": here[5] if here else now(),
        "loaded_at": (here[6] if here and here[6] else now()) if loaded else None,  # decoding again loads nothing new
    }
    names, marks = ", ".join(row), ", ".join("?" * len(row))
    store.con.execute(f"INSERT INTO source_file ({names}) VALUES ({marks})", list(row.values()))
    return status, file_id


def _retire_written(store: Store, who: str, path: str) -> None:
    """A diary edited in place replaces its old self: a line that was taken out must not go on counting.

    Device exports overwritten in place are kept: the newer one may reach back less far.
    """
    for (file_id,) in store.rows(
        "SELECT f.file_id FROM source_file f WHERE f.participant_id = ? AND f.path = ? AND f.status = 'loaded' "
        "AND f.connector = 'diary'",
        [who, path],
    ):
        _forget_rows(store, file_id)
        note = "replaced by a newer file of the same name"
        store.con.execute("UPDATE source_file SET status = 'ignored', note = ? WHERE file_id = ?", [note, file_id])


def _forget_rows(store: Store, file_id: int) -> None:
    """Take the rows of a file out; the days they were on become stale."""
    for table in ("minute", "reading", "session", "session_part", "daily_total", "attestation"):
        store.con.execute(
            f"INSERT INTO stale_day SELECT DISTINCT participant_id, local_date + d FROM {table}, "
            "(VALUES (-1), (0), (1)) AS o(d) WHERE file_id = ?",
            [file_id],
        )
    for table in _CANONICAL:
        store.con.execute(f"DELETE FROM {table} WHERE file_id = ?", [file_id])


def _write_rows(store: Store, fresh: list[tuple[int, FileResult]]) -> None:
    """Append the canonical rows of files, and note which days they touch."""
    tables: dict[str, list[pl.DataFrame]] = {table: [] for table in _CANONICAL}
    for file_id, result in fresh:
        assert result.extract is not None
        sessions = result.extract.sessions.with_columns(
            session_id=pl.lit(f"{result.sha256[:12]}-" if result.sha256 else "")
            + pl.int_range(pl.len()).cast(pl.String)
        )
        frames = {
            "minute": result.extract.minutes,
            "reading": result.extract.readings,
            "session": sessions.drop("parts"),
            "session_part": _parts(sessions),
            "daily_total": _figures(result.extract.daily_totals),
            "attestation": result.extract.attestations,
            "coverage": _coverage(result.extract),
        }
        for table, frame in frames.items():
            if frame.height:
                who = pl.lit(result.participant_id).alias("participant_id")
                tables[table].append(frame.with_columns(pl.lit(file_id).alias("file_id"), who))
        labels = {s for f in frames.values() if "source" in f.columns for s in f["source"].unique()}
        store.con.execute("UPDATE source_file SET source = ? WHERE file_id = ? AND status = 'loaded'",
                          [";".join(sorted(labels)), file_id])  # fmt: skip
    ready = {table: pl.concat(frames) for table, frames in tables.items() if frames}
    classes = {label: kind for _, result in fresh for label, kind in result.sources.items()}
    devices = _devices(store, list(ready.values()), classes)
    for table, frame in ready.items():
        if "source" in frame.columns:
            frame = frame.join(devices, on=["participant_id", "source", "device"], how="left", nulls_equal=True)
            frame = frame.drop("source", "device")
        if table == "coverage":
            _touch(store, frame)
            frame = frame.drop("participant_id", "first_date", "last_date")
        store.insert(table, _storable(frame))
    for table in ("attestation", "session", "session_part"):
        if table in ready:
            dates = ready[table].select("participant_id", first_date="local_date", last_date="local_date").unique()
            _touch(store, dates)


def _touch(store: Store, spans: pl.DataFrame) -> None:
    """Mark all days from first_date to last_date stale, and their neighbours: wear runs across midnight."""
    days = spans.select(
        "participant_id",
        pl.date_ranges(pl.col("first_date") - timedelta(days=1), pl.col("last_date") + timedelta(days=1)).alias(
            "local_date"
        ),
    )
    store.insert("stale_day", days.explode("local_date").unique())


def _storable(frame: pl.DataFrame) -> pl.DataFrame:
    """Instants without their zone (they are UTC), vocabularies as text."""
    return frame.with_columns(
        pl.selectors.datetime(time_zone="UTC").dt.replace_time_zone(None), pl.selectors.enum().cast(pl.String)
    )


def _figures(totals: pl.DataFrame) -> pl.DataFrame:
    """Daily totals with one row per figure that the file has."""
    index = ["source", "device", "local_date", "day_basis"]
    figures = totals.unpivot(index=index, variable_name="metric", value_name="value")
    return figures.filter(pl.col("value").is_not_null()).with_columns(metric="total_" + pl.col("metric"))


def _parts(sessions: pl.DataFrame) -> pl.DataFrame:
    """One row per stretch of timer time."""
    return sessions.select("session_id", "parts").explode("parts").filter(pl.col("parts").is_not_null()).unnest("parts")


def _coverage(extract: Extract) -> pl.DataFrame:
    """From the first to the last row, per device and metric; dates for the days in between.

    Daily totals reach from the noon of their first day to that of their last: an export begins and ends inside a day.
    """
    who = ["source", "device"]
    start, end = pl.col("start_time"), pl.col("end_time")
    metric = pl.col("metric").cast(pl.String).str.strip_suffix("_spread")  # samples of either kind replace each other
    minutes = extract.minutes.group_by([*who, metric]).agg(
        covers_from=start.min(), covers_to=start.max() + timedelta(minutes=1), **_dates()
    )
    since = pl.min_horizontal(end.min(), pl.lit(extract.begins, dtype=INSTANT))
    readings = extract.readings.group_by(who).agg(covers_from=since, covers_to=end.max(), **_dates())
    placed = extract.sessions.filter(start.is_not_null())
    sessions = placed.group_by(who).agg(
        covers_from=start.min(), covers_to=start.max() + timedelta(milliseconds=1), **_dates()
    )
    noon = (pl.col("local_date").cast(pl.Datetime("ms")) + timedelta(hours=12)).dt.replace_time_zone("UTC")
    totals = _figures(extract.daily_totals).group_by([*who, "metric"]).agg(
        covers_from=noon.min(), covers_to=noon.max() + timedelta(milliseconds=1), **_dates()
    )
    named = [
        minutes,
        readings.with_columns(metric=pl.lit("readings")),
        sessions.with_columns(metric=pl.lit("session")),
        totals,
    ]
    columns = [*who, "metric", "covers_from", "covers_to", "first_date", "last_date"]
    return pl.concat([f.select(columns) for f in named]).with_columns(tz_source=pl.lit(extract.tz_source))


def _dates() -> dict[str, Any]:
    return {"first_date": pl.col("local_date").min(), "last_date": pl.col("local_date").max()}


def _devices(store: Store, frames: list[pl.DataFrame], classes: dict[str, str]) -> pl.DataFrame:
    """The device numbers of every (participant, source, pseudonym) in the frames; new ones are entered."""
    key = ["participant_id", "source", "device"]
    named = [f.select(key) for f in frames if "source" in f.columns]
    seen = pl.concat([pl.DataFrame(schema=dict.fromkeys(key, pl.String)), *named]).unique()
    query = "SELECT participant_id, source, pseudonym AS device, device_id FROM device"
    known = store.frame(query).with_columns(pl.col(key).cast(pl.String))
    new = seen.join(known, on=key, how="anti", nulls_equal=True).sort(key)
    for participant_id, source, pseudonym in new.iter_rows():
        store.con.execute(
            "INSERT INTO device VALUES (nextval('device_number'), ?, ?, ?, ?)",
            [participant_id, source, classes[source], pseudonym],
        )
    return store.frame(query).with_columns(pl.col(key).cast(pl.String))
