"""What analysts see while nights publish: a whole night, always, and never a lock."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import uuid
from collections.abc import Callable
from contextlib import closing
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from models.store import publish as store_publish
from models.store.export import write_relations
from models.store.store import StoreError, open_store
from tests.dying import ran
from tests.studies import StudyFolder, fill, fitbit_day, garmin_day
from tests.test_night import content_of

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


def everything(warehouse: Path) -> dict[str, list]:
    """All that analysts see: each relation's rows as a multiset, its columns and constraints, every comment, and the
    bytes of a hand-over."""
    with duckdb.connect(str(warehouse / "analytics.duckdb"), read_only=True) as con:

        def ask(sql: str) -> list[tuple]:
            return con.execute(sql).fetchall()

        found = {
            name: sorted(ask(f'FROM "{name}"'), key=repr) for (name,) in ask("SELECT table_name FROM duckdb_tables()")
        }
        found["tables"] = ask("SELECT table_name, sql, comment FROM duckdb_tables() ORDER BY table_name")
        found["columns"] = ask(
            "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
        )
    with tempfile.TemporaryDirectory() as folder:
        write_relations(warehouse, Path(folder), "csv")
        found["handed over"] = [path.read_bytes() for path in sorted(Path(folder).iterdir())]
    return found


@pytest.fixture
def from_nothing(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Grows with each file that is written from nothing."""
    made, make = [], store_publish._begin

    def counted(store, path) -> None:
        made.append(path)
        make(store, path)

    monkeypatch.setattr(store_publish, "_begin", counted)
    return made


def published_again(warehouse: Path, *, anew: bool) -> dict[str, list]:
    """What analysts see after one more run that found nothing, by one way or the other; the run is not kept."""
    with closing(open_store(warehouse)) as store:
        store_publish.replace_published(store, a_run("again"), anew=anew)
        store.con.execute("DELETE FROM run WHERE run_id = 'again'")
    return everything(warehouse)


LOSING = {"command": "backfill", "rebuild": True, "accept_loss": True}


@pytest.mark.after_a_night(over=fill)
def test_a_file_that_began_with_the_one_before_says_what_one_from_nothing_says(study, from_nothing) -> None:
    inbox, warehouse = study.folder / "inbox", study.folder / "warehouse"
    changes: list[tuple[Callable[[], object], dict]] = [
        (lambda: study.put("P1/garmin/2026-03-07.fit", garmin_day("2026-03-07")), {}),
        (lambda: study.put("P1/broken.fit", garmin_day("2026-03-08")[:-40]), {"as_of": date(2026, 3, 24)}),
        (lambda: (inbox / "P1/garmin/2026-03-04.fit").unlink(), LOSING),
        (lambda: study.infusions.__setitem__(0, "I1,P1,2026-03-04,,"), {"command": "backfill"}),
        (lambda: study.goals.append("G2,,P1,,1,2,weekly_total,walking_minutes,30;40,,,2026-03-02,,,"), {}),
    ]
    for change, scope in changes:
        change()
        study.write()
        del from_nothing[:]
        study.night(**scope)
        assert len(from_nothing) == bool(scope.get("rebuild")), "a rebuilt store remembers no file"
        assert published_again(warehouse, anew=False) == published_again(warehouse, anew=True)


def test_rows_that_are_alike_are_counted(study, from_nothing) -> None:
    study.put("P1/cut.fit", garmin_day("2026-03-08")[:-40])
    study.night()
    warehouse = study.folder / "warehouse"
    for rows in (3, 2, 1):
        with closing(open_store(warehouse)) as store:
            store.con.execute("CREATE TEMP TABLE one AS FROM rejection LIMIT 1")
            store.con.execute("DELETE FROM rejection")
            store.con.execute(f"INSERT INTO rejection SELECT one.* FROM one, range({rows})")
            store_publish.replace_published(store, a_run(f"r{rows}"))
        assert len(study.ask("FROM rejection")) == rows
    assert len(from_nothing) == 1


def written_to(study: StudyFolder) -> None:
    """An analyst's client opened it for writing."""
    with duckdb.connect(str((study.folder / "warehouse/analytics.duckdb").resolve())) as con:
        con.execute("CREATE TABLE mine AS SELECT 1")


def damaged(study: StudyFolder) -> None:
    """A disk that forgets bits, and says nothing."""
    file = (study.folder / "warehouse/analytics.duckdb").resolve()
    told, content = file.stat(), bytearray(file.read_bytes())
    for place in range(3 * 4096 + 100, len(content), 4096):
        content[place] ^= 0x10
    file.write_bytes(content)
    os.utime(file, ns=(told.st_atime_ns, told.st_mtime_ns))


def gone(study: StudyFolder) -> None:
    """Somebody tidied up."""
    (study.folder / "warehouse/analytics.duckdb").resolve().unlink()


def grown(study: StudyFolder) -> None:
    """Years of nights."""
    with closing(open_store(study.folder / "warehouse")) as store:
        store.con.execute("UPDATE published SET bytes_anew = bytes // 3")


def of_another_form(study: StudyFolder) -> None:
    """The version before this one had another column."""
    with closing(open_store(study.folder / "warehouse")) as store:
        store.con.execute("UPDATE published SET form = 'older'")


@pytest.mark.after_a_night(over=fill)
def test_a_file_that_cannot_be_begun_with_is_made_from_nothing(study, from_nothing) -> None:
    warehouse = study.folder / "warehouse"
    whole = published_again(warehouse, anew=False)
    assert from_nothing == []
    for fault in (written_to, damaged, gone, grown, of_another_form):
        fault(study)
        assert published_again(warehouse, anew=False) == whole, fault
        assert len(from_nothing) == 1, fault
        assert published_again(warehouse, anew=False) == whole, fault
        assert len(from_nothing) == 1, fault
        del from_nothing[:]


def test_nothing_of_a_person_who_left_the_study_stays_in_the_file(study, from_nothing) -> None:
    study.participants[1:] = ["LEAVES-SOON,,,"]
    study.write()
    for name, content in fitbit_day("2026-03-05", 4000).items():
        study.put(f"LEAVES-SOON/{name}", content)
    study.night()
    link = study.folder / "warehouse/analytics.duckdb"
    assert b"LEAVES-SOON" in link.read_bytes()
    del study.participants[1:]
    study.write().night()
    assert b"LEAVES-SOON" not in link.read_bytes()
    assert len(from_nothing) == 2


@pytest.mark.after_a_night(over=fill)
def test_analysts_reading_all_the_time_never_block_a_night_nor_see_half_of_one(study: StudyFolder) -> None:
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
        store_publish.replace_published(store, a_run(str(number)))
    store.close()
    for reader in readers:
        reads, halves, faults = reader.communicate(b"\n", timeout=60)[0].decode().split(maxsplit=2)
        assert int(reads) > 5
        assert (halves, faults.strip()) == ("0", "[]")


@pytest.mark.after_a_night
def test_a_publish_that_fails_leaves_the_old_one_and_no_run_that_ended(study: StudyFolder, monkeypatch) -> None:
    warehouse = study.folder / "warehouse"
    before = content_of(study), os.readlink(warehouse / "analytics.duckdb")

    def failing(*arguments):
        raise OSError(5, "Input/output error")

    study.put("P1/2026-03-03.fit", garmin_day("2026-03-03"))
    for step in ("put_in_place", "os.symlink", "os.replace", "to_disk"):
        assert os.readlink(warehouse / "analytics.duckdb") == before[1], f"before {step}"
        with monkeypatch.context() as patch:
            patch.setattr(f"models.store.publish.{step}", failing)
            with closing(open_store(warehouse)) as store, pytest.raises(OSError, match="Input/output"):
                store_publish.replace_published(store, a_run(uuid.uuid4().hex))
        assert content_of(study) == before[0], step
        assert study.ask_store("SELECT count(*) FROM run") == [(1,)], step
    assert study.night().files["loaded"] == 1
    assert len(list(warehouse.glob("analytics-*.duckdb"))) <= 2
    assert list(warehouse.glob(".draft-*")) == []


def test_a_disk_that_fails_while_publishing_is_a_sentence(study: StudyFolder, monkeypatch) -> None:
    def failing(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("models.store.publish.to_disk", failing)
    with pytest.raises(StoreError, match=r"the disk failed \(Input/output error\); check it, then run again"):
        study.night()


@pytest.mark.after_a_night
def test_the_published_file_is_of_the_oldest_form_that_older_clients_read(study: StudyFolder) -> None:
    """Storage version 64: DuckDB 1.0 and everything since (the store itself is in today's)."""
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
