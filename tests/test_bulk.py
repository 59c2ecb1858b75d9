"""Small files in bulk: read together, sent as one batch, written by a few statements; and each as if it were alone."""

from __future__ import annotations

import os
import pickle
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path

import polars as pl
import pytest

from connectors import Context
from flows.night import bulk
from flows.night.chunks import Chunk, Columns
from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile
from flows.night.parcel import pack, unpack
from flows.night.reading import read_chunk
from models.clock import ZoneLog
from models.fault import Fault, StoreError
from models.store import batch as batches
from models.store.batch import FILES, Batch, gathered, joined
from models.store.file_result import FileResult, Known
from models.store.load import load
from models.store.store import Store, open_store
from tests.goldens import FOLDER as SAMPLES
from tests.studies import garmin_day
from tests.test_bad_input import zipped
from tests.writers import diary, strava

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 12, 31), b"secret")
HOME = Folder(CONTEXT, {})
DAYS = [garmin_day(f"2026-03-{day:02}", 1000 * day) for day in range(3, 7)]
YOGA = diary.diary([(date(2026, 3, 4), "yoga", 20, "08:00")])


def chunk_of(folder: Path, files: dict[str, bytes], whose: Folder = HOME) -> Chunk:
    """Files of a person, as the scan of an inbox sees them."""
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    return [(whose, as_seen(folder / name, f"P1/{name}")) for name in files]


def as_seen(file: Path, path: str) -> InboxFile:
    found = file.stat()
    return InboxFile("P1", path, str(file), found.st_size, found.st_mtime_ns)


def together(chunk: Chunk) -> Batch:
    """What came of a chunk, as much of it at once as can be, and the rest alone."""
    parts, at = [], 0
    while at < len(chunk):
        batch, read = bulk.read_together(chunk, at)
        parts.append(batch if read else read_chunk(chunk[at : at + 1]))
        at += max(read, 1)
    return joined(parts)


def assert_same(one: Batch, other: Batch) -> None:
    """Two batches of the same files, whatever numbers these have."""
    assert one.files.drop("file").equals(other.files.drop("file"))
    paths = [dict(batch.files.select("file", "path").iter_rows()) for batch in (one, other)]
    assert one.frames.keys() == other.frames.keys()
    for name, frame in one.frames.items():
        of = [
            batch.frames[name].with_columns(pl.col("file").replace_strict(p))
            for batch, p in zip((one, other), paths, strict=True)
        ]
        assert of[0].rows() == of[1].rows(), name
        assert frame["file"].is_sorted()
    faults = [
        {p[file]: why for file, why in batch.faults.items()} for batch, p in zip((one, other), paths, strict=True)
    ]
    assert faults[0] == faults[1]


def test_samples_of_every_vendor_give_together_what_they_give_alone() -> None:
    files = sorted(path for path in SAMPLES.rglob("*") if path.is_file() and path.name != "golden.json")
    chunk = [(HOME, as_seen(path, f"P1/{path.relative_to(SAMPLES)}")) for path in files]
    assert_same(together(chunk), read_chunk(chunk))


def test_damaged_unknown_empty_packed_and_repeated_files_are_what_they_are_alone(tmp_path: Path) -> None:
    files = {
        "a.fit": DAYS[0], "cut.fit": DAYS[1][:-40], "empty.csv": b"", "who knows.bin": b"\0\1\2\3" * 10,
        "twin.fit": DAYS[0], "all.zip": zipped(**{"x.fit": DAYS[2], "y.fit": DAYS[2]}), "diary.csv": YOGA,
        "Takeout/Fitbit/z.fit": DAYS[3], "broken.zip": b"PK\3\4 and no more",
    }  # fmt: skip
    chunk = chunk_of(tmp_path, files)
    found = together(chunk)
    assert_same(found, read_chunk(chunk))
    status = dict(found.files.select("path", "status").iter_rows())
    assert status["P1/cut.fit"] == status["P1/who knows.bin"] == status["P1/broken.zip"] == "rejected"
    assert status["P1/a.fit"] == status["P1/twin.fit"] == status["P1/all.zip!/x.fit"] == "loaded"


def test_a_content_that_is_known_is_looked_up_and_not_read(tmp_path: Path) -> None:
    (first,) = together(chunk_of(tmp_path, {"a.fit": DAYS[0]})).results()
    known = Known(first.size, first.modified_ns, first.sha256, "loaded", HOME.zones, "1", connector=first.connector)
    chunk = chunk_of(tmp_path, {"b.fit": DAYS[0], "c.fit": DAYS[1]}, Folder(CONTEXT, {"P1/a.fit": known}))
    assert together(chunk).files["status"].to_list() == ["known", "loaded"]


def test_people_who_live_apart_are_read_each_by_their_own_zone(tmp_path: Path) -> None:
    away = Folder(replace(CONTEXT, zones=ZoneLog("participant_home", "Asia/Tokyo")), {})
    chunk = [
        *chunk_of(tmp_path / "a", {"a.csv": YOGA}), *chunk_of(tmp_path / "b", {"b.csv": YOGA}, away),
        *chunk_of(tmp_path / "c", {"c.csv": YOGA}),
    ]  # fmt: skip
    assert together(chunk).frames["sessions"]["start_time"].dt.hour().to_list() == [13, 23, 13]


def test_a_backfill_of_some_readers_says_nothing_of_other_files(tmp_path: Path) -> None:
    only = replace(HOME, only=frozenset(["diary"]))
    found = together(chunk_of(tmp_path, {"a.fit": DAYS[0], "b.csv": YOGA, "c.fit": DAYS[1]}, only))
    assert found.files["path"].to_list() == ["P1/b.csv"]


def test_a_file_that_changes_while_it_is_read_waits_and_the_others_do_not(tmp_path: Path) -> None:
    chunk = chunk_of(
        tmp_path, {"a.fit": DAYS[0], "b.fit": DAYS[1], "c.fit": DAYS[2], "d.fit": DAYS[3], "e.fit.part": b""}
    )
    (tmp_path / "a.fit").write_bytes(DAYS[0] + b"more")
    os.utime(tmp_path / "c.fit", (1, 1))
    found = together(chunk)
    assert found.files["path"].to_list() == ["P1/b.fit", "P1/d.fit"]
    assert found.frames["readings"]["file"].unique().len() == 2


def test_a_chunk_is_the_same_in_the_process_that_reads_it(tmp_path: Path) -> None:
    other = replace(HOME, reload=True)
    chunk = [*chunk_of(tmp_path, {"a.fit": DAYS[0], "b.csv": YOGA}), *chunk_of(tmp_path, {"c.fit": DAYS[1]}, other)]
    sent = pickle.loads(pickle.dumps(Columns.of(chunk)))
    assert sent.chunk() == chunk
    assert len(sent.folders) == 2


def test_a_large_file_a_link_and_one_on_another_machine_are_read_alone(tmp_path: Path, monkeypatch) -> None:
    chunk = chunk_of(tmp_path, {"a.fit": DAYS[0], "b.fit": DAYS[1]})
    (tmp_path / "link.fit").symlink_to(tmp_path / "a.fit")
    linked = chunk[0][1]._replace(place=str(tmp_path / "link.fit"))
    far = chunk[0][1]._replace(place=tmp_path / "a.fit")
    for one in (linked, far):
        assert bulk.read_together([(HOME, one), *chunk], 0)[1] == 0
    monkeypatch.setattr(bulk, "SMALL", len(DAYS[0]) - 1)
    assert bulk.read_together(chunk, 0)[1] == 0


def test_no_more_is_read_at_once_than_memory_is_for(tmp_path: Path, monkeypatch) -> None:
    chunk = chunk_of(tmp_path, {f"{n}.fit": day for n, day in enumerate(DAYS)})
    monkeypatch.setattr(bulk, "MOST_BYTES", sum(map(len, DAYS[:3])))
    assert bulk.read_together(chunk, 0)[1] == 3
    assert bulk.read_together(chunk, 3)[1] == 1
    monkeypatch.setattr(bulk, "MOST_FILES", 2)
    assert bulk.read_together(chunk, 0)[1] == 2


# Batches ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def days(tmp_path: Path) -> Batch:
    return together(chunk_of(tmp_path, {f"{n}.fit": day for n, day in enumerate(DAYS)} | {"x.bin": b"\0\1\2"}))


def test_a_batch_travels_and_is_cut_and_joined_without_losing_a_row(days: Batch) -> None:
    assert_same(unpack(pack(days)), days)
    halves = [days.part([0, 2]), days.part([1, 3, 4])]
    assert [half.files["file"].to_list() for half in halves] == [[0, 2], [1, 3, 4]]
    back = joined(halves)
    assert back.files["path"].to_list() == [f"P1/{name}" for name in ("0.fit", "2.fit", "1.fit", "3.fit", "x.bin")]
    assert list(back.faults) == [back.files["file"][-1]]
    assert back.rows == days.rows
    assert_same(Batch.of(days.results()), days)


def test_small_batches_are_written_together_up_to_a_bound(days: Batch, monkeypatch) -> None:
    monkeypatch.setattr(batches, "MOST_FILES", 12)
    assert [batch.files.height for batch in gathered([days] * 5)] == [10, 10, 5]
    monkeypatch.setattr(batches, "MOST_ROWS", days.rows)
    assert [batch.files.height for batch in gathered([days] * 2)] == [5, 5]


def test_what_was_read_is_written_before_it_is_said_why_no_more_is(days: Batch) -> None:
    def broken() -> Iterator[Batch]:
        yield days
        raise StoreError("no process")

    written = []
    with pytest.raises(StoreError):
        written.extend(gathered(broken()))  # as far as it comes
    assert [batch.files.height for batch in written] == [5]


def test_what_cannot_be_put_down_is_a_rejection_of_that_file_alone() -> None:
    results = [FileResult("P1", f"P1/{n}", 1, 1, f"{n}" * 64, "z", ignored="why") for n in range(5)]
    results[3].size = 2**70
    found = Batch.of(results)
    assert found.files["status"].to_list() == ["ignored", "ignored", "ignored", "rejected", "ignored"]
    assert found.files.schema == FILES
    assert "can be written down" in str(found.faults[3])


# Loading ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path / "warehouse")) as opened:
        yield opened


def ledger(store: Store) -> list[tuple]:
    return store.rows("SELECT file_id, path, status FROM source_file ORDER BY ALL")


def statements(store: Store, batch: Batch) -> list[str]:
    """What is said to the database to load a batch."""
    said: list[str] = []
    real = store.con

    class Heard:
        def __getattr__(self, name: str):
            return getattr(real, name)

        def execute(self, sql: str, *values):
            said.append(sql)
            return real.execute(sql, *values)

    store.con = Heard()  # type: ignore[assignment]
    load(store, batch, "1", "run")
    store.con = real
    return said


def test_many_files_of_many_people_are_written_by_as_many_statements_as_few(store: Store, days: Batch) -> None:
    few = statements(store, others(days, "P1"))
    many = statements(store, joined([others(days, f"Q{n}") for n in range(20)]))
    assert len(many) == len(few)
    assert store.rows("SELECT count(*), max(device_id) FROM device") == [(21, 21)]


def others(batch: Batch, who: str) -> Batch:
    """The same files as if they were somebody else's."""
    path = pl.lit(f"{who}/") + pl.col("path")
    return replace(batch, files=batch.files.with_columns(participant_id=pl.lit(who), path=path))


@pytest.mark.parametrize("files", [["activities.csv", "0.fit"], ["0.fit", "activities.csv"]])
def test_what_two_readers_call_the_same_is_of_the_class_that_its_own_reader_says(store: Store, tmp_path, files) -> None:
    here = {"activities.csv": strava.sample()["export_1/activities.csv"], "0.fit": DAYS[0]}
    batch = together(chunk_of(tmp_path / "P1", {name: here[name] for name in files}))
    load(store, batch, "1", "run")
    assert store.rows("SELECT source, device_class FROM device WHERE source = 'strava'") == [("strava", "unknown")]


def test_files_are_numbered_in_the_order_of_the_inbox_whoever_they_have_met(store: Store, days: Batch) -> None:
    one, two, three, four, five = days.results()
    again = replace(two, path="P1/again.fit", extract=None)  # known by its content
    load(store, Batch.of([two]), "1", "run")
    counts, _ = load(store, Batch.of([one, again, three, replace(three, path="P1/twin.fit"), four, five]), "1", "run")
    assert counts == {"loaded": 3, "duplicate": 2, "rejected": 1, "ignored": 0}
    assert ledger(store) == [
        (1, "P1/1.fit", "loaded"), (2, "P1/0.fit", "loaded"), (3, "P1/again.fit", "duplicate"),
        (4, "P1/2.fit", "loaded"), (5, "P1/twin.fit", "duplicate"), (6, "P1/3.fit", "loaded"),
        (7, "P1/x.bin", "rejected"),
    ]  # fmt: skip
    rows = store.rows("SELECT file_id, count(*) FROM readings GROUP BY ALL ORDER BY ALL")
    assert [file_id for file_id, _ in rows] == [1, 2, 4, 6]


def test_the_same_batch_twice_changes_nothing(store: Store, days: Batch) -> None:
    load(store, days, "1", "run")
    before = kept(store)
    counts, new = load(store, days, "1", "run")
    assert kept(store) == before
    assert (counts["loaded"], counts["rejected"], new) == (4, 1, [])


def kept(store: Store) -> list[list[tuple]]:
    """What files left in the store, but for the time."""
    return [
        store.rows("SELECT * EXCLUDE (loaded_at, first_seen_at) FROM source_file ORDER BY ALL"),
        *(store.rows(f"FROM {table} ORDER BY ALL") for table in ("readings", "coverage", "device", "rejection")),
    ]


def test_a_file_that_cannot_be_written_costs_no_other_file_of_its_batch(store: Store, days: Batch) -> None:
    beyond = days.files.with_columns(rows=pl.when(pl.col("file") == 2).then(2**40).otherwise("rows"))
    store.con.execute("ALTER TABLE source_file ALTER rows TYPE INTEGER")
    counts, faults = load(store, replace(days, files=beyond), "1", "run")
    assert counts == {"loaded": 3, "duplicate": 0, "rejected": 2, "ignored": 0}
    assert {fault.file for fault in faults} == {"P1/2.fit", "P1/x.bin"}
    assert isinstance(faults[0], Fault)
