"""The canonical rows of files: into the store, out of it, and which days either touches.

An export that is complete for a stretch of days replaces an older one there (models/sql/day/020_superseded.sql), so all
days of the stretch are resolved again when it comes, when a part of it comes, and when it goes.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta
from typing import Any

import polars as pl

from models.clock import INSTANT
from models.store.samples import SAMPLED, gathered
from models.store.sql import statement
from models.store.store import Store

Export = tuple[str, str]  # whose, and what its files have in common (source_file.export)

_EXPORTS = {"participant_id": pl.String, "export": pl.String}
_WHO = ["source", "device"]
_DATED = ("minutes", "readings", "session", "session_part", "daily_total", "attestation", "doubted_day")
_TOUCHING = ("coverage", "session_part", "attestation", "session", "doubted_day")  # they name the days a file speaks of
_SESSION_OF = pl.col("sha256").str.head(12) + "-"


def forget_rows(store: Store, file_ids: list[int], cause: str) -> None:
    """Take the rows of files out; the days they were on become stale, for a `cause` (migrations/008_cause.sql).

    So do those on which they, or the exports they are parts of, may have replaced other rows.
    """
    if not file_ids:
        return
    exports = store.rows(
        "SELECT DISTINCT participant_id, s.export FROM source_file s JOIN source_file l USING (participant_id, sha256) "
        "WHERE l.file_id IN (SELECT unnest(?)) AND s.export IS NOT NULL AND l.kind = 'archive'",
        [file_ids],
    )
    make_stale(store, stretches(store, file_ids, exports), cause)
    for table in _DATED:
        store.con.execute(
            f"INSERT INTO stale_day SELECT DISTINCT participant_id, local_date + d, ? FROM {table}, "
            "(VALUES (-1), (0), (1)) AS o(d) WHERE file_id IN (SELECT unnest(?))",
            [cause, file_ids],
        )
    for table in (*_DATED, "coverage", "suspect_day"):
        store.con.execute(f"DELETE FROM {table} WHERE file_id IN (SELECT unnest(?))", [file_ids])


def forget_devices(store: Store) -> None:
    """Strike the devices of which no rows are left: after a file went, they may be another person's."""
    used = "SELECT device_id FROM coverage UNION ALL SELECT device_id FROM session"
    store.con.execute(f"DELETE FROM device WHERE device_id NOT IN ({used})")


def stretches(store: Store, files: Collection[int], exports: Collection[Export]) -> pl.DataFrame:
    """Whose, of which reader, `first` and `last`: of these exports, and of these files as far as they are complete."""
    single = pl.DataFrame({"file_id": list(files)}, schema={"file_id": pl.Int32})
    bundle = pl.DataFrame(list(exports), schema=_EXPORTS, orient="row")
    with store.registered("single", single), store.registered("bundle", bundle):
        return store.frame(statement("store/stretches"))


def make_stale(store: Store, spans: pl.DataFrame, cause: str) -> None:
    """The days of spans (participant_id, first, last) are resolved again, and those beside: wear crosses midnight."""
    if spans.is_empty():
        return
    days = "unnest(generate_series(first - 1, last + 1, INTERVAL 1 DAY))::DATE"
    with store.registered("spans", spans):
        store.con.execute(f"INSERT INTO stale_day SELECT DISTINCT participant_id, {days}, ? FROM spans", [cause])


def make_stale_anew(store: Store, spans: pl.DataFrame, files: Collection[int], exports: Collection[Export]) -> None:
    """The same for spans of what these files say, which come now and are parts of these exports.

    A date that lies inside what an export of their kind had before is corrected; any other is late.
    """
    if spans.is_empty():
        return
    single = pl.DataFrame({"file_id": list(files)}, schema={"file_id": pl.Int32})
    bundle = pl.DataFrame(list(exports), schema=_EXPORTS, orient="row")
    spans = spans.select("participant_id", "connector", "first", "last").unique()
    with store.registered("single", single), store.registered("bundle", bundle), store.registered("spans", spans):
        store.con.execute(statement("store/stale_anew"))


Classes = dict[str, dict[str, str]]  # of each reader, label -> device class


def write_rows(store: Store, files: pl.DataFrame, frames: dict[str, pl.DataFrame], sources: Classes) -> None:
    """Append the canonical rows of files, and note which days they touch.

    `files`: of the files that are loaded, what models/store/batch.py says, and their `file_id`. `frames`: rows of these
    and of other files, by their `file`. `sources`: the device class of each reader's labels.
    """
    if files.is_empty():
        return
    marks = files.select("file", "file_id", "participant_id")
    is_own = pl.col("file_id").is_not_null()
    few = {name: gathered(name, frame) if name in SAMPLED else frame for name, frame in frames.items()}
    own = {name: frame.join(marks, on="file", how="left").filter(is_own).drop("file") for name, frame in few.items()}
    tables = _tables({name: frame for name, frame in own.items() if frame.height}, files)
    if (doubted := _dates(files, "doubted")).height:
        tables["doubted_day"] = doubted
    devices = _devices(store, list(tables.values()), files, sources)
    exports = set(files.filter(pl.col("export").is_not_null()).select("participant_id", "export").unique().iter_rows())
    readers = files.select("file_id", "connector")
    spans = [_spans(frame.join(readers, on="file_id")) for table, frame in tables.items() if table in _TOUCHING]
    make_stale_anew(store, pl.concat(spans), files["file_id"].to_list(), exports)
    for table, frame in tables.items():
        if "source" in frame.columns:
            frame = frame.join(devices, on=["participant_id", *_WHO], how="left", nulls_equal=True).drop(_WHO)
        if table == "coverage":
            frame = frame.drop("participant_id", "first_date", "last_date")
        store.insert(table, _storable(frame))
    store.insert("suspect_day", _dates(files, "suspect"))


def _tables(frames: dict[str, pl.DataFrame], files: pl.DataFrame) -> dict[str, pl.DataFrame]:
    """The frames of a batch as the rows of the store's tables; those without rows are left out."""
    tables = {name: frame for name, frame in frames.items() if name in SAMPLED}
    if (sessions := frames.get("sessions")) is not None:
        sessions = sessions.join(files.select("file_id", "sha256"), on="file_id").with_columns(
            session_id=_SESSION_OF + pl.int_range(pl.len()).over("file_id").cast(pl.String)
        )
        tables["session"] = sessions.drop("parts", "sha256")
        parts = sessions.select("file_id", "participant_id", "session_id", "parts").explode("parts")
        tables["session_part"] = parts.filter(pl.col("parts").is_not_null()).unnest("parts")
    if (totals := frames.get("daily_totals")) is not None:
        tables["daily_total"] = _figures(totals)
    if (attestations := frames.get("attestations")) is not None:
        tables["attestation"] = attestations
    tables["coverage"] = _coverage(frames, files)
    return tables


def _dates(files: pl.DataFrame, which: str) -> pl.DataFrame:
    """The dates of each file that are suspect, or doubted."""
    dates = files.select("file_id", "participant_id", local_date=which)
    return dates.explode("local_date").filter(pl.col("local_date").is_not_null())


def _spans(rows: pl.DataFrame) -> pl.DataFrame:
    """From first_date (or local_date) to last_date, of whom and by which reader."""
    first, last = ("first_date", "last_date") if "first_date" in rows.columns else ("local_date", "local_date")
    return rows.select("participant_id", "connector", first=first, last=last).unique()


def _storable(frame: pl.DataFrame) -> pl.DataFrame:
    """Instants without their zone (they are UTC), vocabularies as text."""
    return frame.with_columns(
        pl.selectors.datetime(time_zone="UTC").dt.replace_time_zone(None), pl.selectors.enum().cast(pl.String)
    )


def _figures(totals: pl.DataFrame) -> pl.DataFrame:
    """Daily totals with one row per figure that the file has."""
    index = ["file_id", "participant_id", *_WHO, "local_date", "day_basis"]
    figures = totals.unpivot(index=index, variable_name="metric", value_name="value")
    return figures.filter(pl.col("value").is_not_null()).with_columns(metric="total_" + pl.col("metric"))


def _coverage(frames: dict[str, pl.DataFrame], files: pl.DataFrame) -> pl.DataFrame:
    """From the first to the last row, per file, device and metric; dates for the days in between.

    Daily totals reach from the noon of their first day to that of their last: an export begins and ends inside a day,
    unless it is of days that were over when it was written, or its own rows say where it begins and ends.
    """
    start = pl.col("start_time")
    dates = {"first_date": pl.col("local_date").min(), "last_date": pl.col("local_date").max()}
    key = ["file_id", "participant_id", *_WHO]
    spans = []
    if (minutes := frames.get("minutes")) is not None:
        metric = (
            pl.col("metric").cast(pl.String).str.strip_suffix("_spread")
        )  # samples of either kind replace each other
        until = pl.col("last_at").max() + timedelta(minutes=1)
        since = pl.col("first_at").min()
        spans.append(minutes.group_by([*key, metric]).agg(covers_from=since, covers_to=until, **dates))
    if (readings := frames.get("readings")) is not None:
        since, until = pl.col("first_at").min(), pl.col("last_at").max()
        reach = readings.group_by(key).agg(covers_from=since, covers_to=until, **dates)
        reach = reach.join(files.select("file_id", "begins"), on="file_id").with_columns(
            covers_from=pl.min_horizontal("covers_from", "begins"), metric=pl.lit("readings")
        )
        spans.append(reach)
    if (sessions := frames.get("sessions")) is not None:
        until = start.max() + timedelta(milliseconds=1)
        placed = sessions.filter(start.is_not_null()).group_by(key)
        spans.append(
            placed.agg(covers_from=start.min(), covers_to=until, **dates).with_columns(metric=pl.lit("session"))
        )
    if (totals := frames.get("daily_totals")) is not None:
        noon = (pl.col("local_date").cast(pl.Datetime("ms")) + timedelta(hours=12)).dt.replace_time_zone("UTC")
        reach = files.select("file_id", "days_are_over", pl.col("first_row", "last_row").dt.replace_time_zone("UTC"))
        figures = _figures(totals).join(reach, on="file_id")
        more = pl.when(pl.col("days_are_over").first()).then(timedelta(hours=12)).otherwise(timedelta(0))
        since = pl.coalesce(pl.col("first_row").first(), noon.min() - more)
        until = pl.coalesce(pl.col("last_row").first(), noon.max() + more)
        until = pl.max_horizontal(until, since + timedelta(milliseconds=1))
        spans.append(figures.group_by([*key, "metric"]).agg(covers_from=since, covers_to=until, **dates))
    text: dict[str, Any] = dict.fromkeys(["participant_id", *_WHO, "metric"], pl.String)
    span: dict[str, Any] = {"covers_from": INSTANT, "covers_to": INSTANT, "first_date": pl.Date, "last_date": pl.Date}
    empty = pl.DataFrame(schema={"file_id": pl.Int32, **text, **span})
    found = pl.concat([empty, *(found.select(empty.columns) for found in spans)])
    return found.join(files.select("file_id", "tz_source"), on="file_id")


def _devices(store: Store, frames: list[pl.DataFrame], files: pl.DataFrame, sources: Classes) -> pl.DataFrame:
    """The device numbers of every (participant, source, pseudonym) in the frames; new ones are entered, of the class
    that the reader of the first of these files gives them. ValueError where it gives none: a fault of the reader."""
    key = ["participant_id", "source", "device"]
    first = pl.col("file_id").min()
    named = [f.group_by(key).agg(first) for f in frames if "source" in f.columns]
    empty = pl.DataFrame(schema=dict.fromkeys(key, pl.String) | {"file_id": pl.Int32})
    seen = pl.concat([empty, *named]).group_by(key).agg(first)
    with store.registered("seen", seen):
        query = "SELECT participant_id, source, pseudonym AS device, device_id FROM device"
        known = store.frame(f"{query} SEMI JOIN seen USING (participant_id)").with_columns(pl.col(key).cast(pl.String))
    new = seen.join(known, on=key, how="anti", nulls_equal=True).sort(key)
    if new.is_empty():
        return known
    last = store.rows("SELECT coalesce(max(device_id), 0) FROM device")[0][0]
    new = new.with_columns(device_id=pl.int_range(1, pl.len() + 1, dtype=pl.Int32) + last)
    told = [(reader, label, which) for reader, labels in sources.items() for label, which in labels.items()]
    classes = pl.DataFrame(told, dict.fromkeys(("connector", "source", "device_class"), pl.String), orient="row")
    read_by = new.join(files.select("file_id", "connector"), on="file_id", how="left", maintain_order="left")
    entered = read_by.join(classes, on=["connector", "source"], how="left", maintain_order="left")
    if entered["device_class"].null_count():
        raise ValueError("a source that its reader does not declare")
    store.insert("device", entered.drop("file_id", "connector").rename({"device": "pseudonym"}))
    return pl.concat([known, new.select(known.columns)])
