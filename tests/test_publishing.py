"""What analysts see while nights publish: a whole night, always, and never a lock."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from datetime import datetime
from pathlib import Path

import duckdb
import pytest

from models import store_publish
from models.store import StoreError, open_store
from tests.dying import ran
from tests.studies import StudyFolder, garmin_day
from tests.test_night import content_of, fill

READER = """if True:
    import duckdb, sys, time
    reads, halves, faults = 0, 0, []
    print("ready", flush=True)
    while not __import__("select").select([sys.stdin], [], [], 0.05)[0]:
        try:
            with duckdb.connect(sys.argv[1], read_only=True) as con:
                told = con.execute("SELECT sum(files_loaded) FROM run").fetchall()[0][0]
                files, = con.execute("SELECT count(*) FROM source_file WHERE status = 'loaded'").fetchall()[0]
                judged, = con.execute("SELECT count(*) FROM goal_week").fetchall()[0]
            halves += (told, judged) != (files, 1)
            reads += 1
        except Exception as error:
            faults.append(str(error))
    print(reads, halves, faults)"""


def a_run(run_id: str) -> dict:
    """A run that found nothing new."""
    now = datetime(2026, 3, 23, 4)
    return {"run_id": run_id, "command": "nightly", "as_of": now.date(), "started_at": now, "files_loaded": 0}


def test_analysts_reading_all_the_time_never_block_a_night_nor_see_half_of_one(study: StudyFolder) -> None:
    fill(study)
    study.night()
    link = study.folder / "warehouse/analytics.duckdb"
    readers = [
        subprocess.Popen([sys.executable, "-c", READER, str(link)], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        for _ in range(2)
    ]
    for reader in readers:
        assert reader.stdout is not None
        assert reader.stdout.readline() == b"ready\n"
    study.put("P1/garmin/2026-03-07.fit", garmin_day("2026-03-07"))
    assert study.night().files["loaded"] == 1
    store = open_store(study.folder / "warehouse")
    for number in range(6):
        store_publish.publish(store, a_run(str(number)))
    store.close()
    for reader in readers:
        reads, halves, faults = reader.communicate(b"\n", timeout=60)[0].decode().split(maxsplit=2)
        assert int(reads) > 5
        assert (halves, faults.strip()) == ("0", "[]")


def test_a_publish_that_fails_leaves_the_old_one_and_no_run_that_ended(study: StudyFolder, monkeypatch) -> None:
    study.night()
    warehouse = study.folder / "warehouse"
    before = content_of(study), os.readlink(warehouse / "analytics.duckdb")

    def failing(*arguments):
        raise OSError(5, "Input/output error")

    study.put("P1/2026-03-03.fit", garmin_day("2026-03-03"))
    for step in ("put_in_place", "os.symlink", "os.replace", "to_disk"):
        assert os.readlink(warehouse / "analytics.duckdb") == before[1], f"before {step}"
        with monkeypatch.context() as patch:
            patch.setattr(f"models.store_publish.{step}", failing)
            with closing(open_store(warehouse)) as store, pytest.raises(OSError, match="Input/output"):
                store_publish.publish(store, a_run(f"failed-{step}"))
        assert content_of(study) == before[0], step
        assert study.ask_store("SELECT count(*) FROM run") == [(1,)], step
    assert study.night().files["loaded"] == 1
    assert len(list(warehouse.glob("analytics-*.duckdb"))) <= 2
    assert list(warehouse.glob(".draft-*")) == []


def test_a_disk_that_fails_while_publishing_is_a_sentence(study: StudyFolder, monkeypatch) -> None:
    def failing(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("models.store_publish.to_disk", failing)
    with pytest.raises(StoreError, match=r"the disk failed \(Input/output error\); check it, then run again"):
        study.night()


def test_the_published_file_is_of_the_oldest_form_that_older_clients_read(study: StudyFolder) -> None:
    """Storage version 64: DuckDB 1.0 and everything since (the store itself is in today's)."""
    study.night()
    head = (study.folder / "warehouse/analytics.duckdb").read_bytes()[:20]
    assert head[8:20] == b"DUCK" + (64).to_bytes(8, "little")
    with duckdb.connect(str(study.folder / "warehouse/analytics.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM run").fetchall() == [(1,)]


def test_everything_in_a_warehouse_is_for_its_owner_alone_whatever_the_umask(study: StudyFolder) -> None:
    """Of what the engine makes, too: see test_engine."""
    fill(study)
    code, _, complaints = ran(["nightly", "--no-engine", "--study", str(study.folder)], umask=0)
    assert code == 0, complaints
    warehouse = study.folder / "warehouse"
    found = [warehouse, *(path for path in warehouse.rglob("*") if not path.is_symlink())]
    open_to_others = {str(path): oct(path.stat().st_mode) for path in found if path.stat().st_mode & 0o077}
    assert len(found) > 8
    assert open_to_others == {}
