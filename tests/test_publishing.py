"""What analysts see while nights publish: a whole night, always, and never a lock."""

from __future__ import annotations

import os
import uuid
from contextlib import closing
from datetime import date, datetime
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import duckdb
import pytest

from flows.night.begin import begin
from flows.night.run import Scope
from flows.night.steps import load_exports, publish, read_control_files
from flows.version import CODE_VERSION
from models.store import publish as store_publish
from models.store.export import write_relations
from models.store.store import StoreError, open_store
from tests.dying import started
from tests.studies import StudyFolder, fill, fitbit_day, garmin_day
from tests.test_night import content_of


def more(study: StudyFolder) -> None:
    """Days of watches, a file that is cut off, and somebody who will leave the study."""
    fill(study)
    study.put("P1/cut.fit", garmin_day("2026-03-08")[:-40])
    study.participants.append("LEAVES-SOON,,,")
    for name, content in fitbit_day("2026-03-05", 4000).items():
        study.put(f"LEAVES-SOON/{name}", content)
    study.write()


pytestmark = pytest.mark.after_a_night(over=more)


def reading(link: Path, ours: Connection) -> None:
    """An analyst who reads until told to stop, and then tells how often, what did not go together, and what failed."""
    reads, halves, faults = 0, 0, []
    ours.send("ready")
    while not ours.poll(0.05):
        try:
            with duckdb.connect(str(link), read_only=True) as con:
                told = con.execute("SELECT sum(files_loaded) FROM run").fetchall()[0][0]
                (files,) = con.execute("SELECT count(*) FROM source_file WHERE status = 'loaded'").fetchall()[0]
                (judged,) = con.execute("SELECT count(*) FROM goal_week").fetchall()[0]
            halves += (told, judged) != (files, 1)
            reads += 1
        except Exception as error:
            faults.append(str(error))
    ours.send((reads, halves, faults))


def new_files_published(study: StudyFolder) -> int:
    """Load what is new and publish at once: days and weeks are not the subject here."""
    run = begin(study.folder, Scope())
    with closing(run.store):
        for step in (read_control_files, load_exports, publish):
            step(run)
    return run.files["loaded"]


def a_run(run_id: str) -> dict:
    """A run that found nothing new."""
    now = datetime(2026, 3, 23, 4)
    return {
        "code_version": CODE_VERSION,
        "run_id": run_id,
        "command": "nightly",
        "as_of": now.date(),
        "started_at": now,
        "files_loaded": 0,
    }


def everything(warehouse: Path) -> dict[str, list]:
    """All that analysts see: each relation's rows as a multiset, its columns and constraints, and every comment."""
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
    return found


def handed_over(warehouse: Path, folder: Path) -> list[bytes]:
    """The bytes of a hand-over."""
    folder.mkdir()
    write_relations(warehouse, folder, "csv")
    return [path.read_bytes() for path in sorted(folder.iterdir())]


@pytest.fixture
def from_nothing(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Grows with each file that is written from nothing."""
    if duckdb.__version__ < "2.0.1":
        pytest.skip("this DuckDB makes every published file from nothing")
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


def test_a_file_that_began_with_the_one_before_says_what_one_from_nothing_says(study, from_nothing, tmp_path) -> None:
    warehouse = study.folder / "warehouse"
    study.put("P1/garmin/2026-03-07.fit", garmin_day("2026-03-07"))
    study.put("P1/broken.fit", garmin_day("2026-03-08")[:-40])
    study.infusions[0] = "I1,P1,2026-03-04,,"
    study.goals.append("G2,,P1,,1,2,weekly_total,walking_minutes,30;40,,,2026-03-02,,,")
    study.write().night(as_of=date(2026, 3, 24))
    begun, sent = published_again(warehouse, anew=False), handed_over(warehouse, tmp_path / "begun")
    assert from_nothing == []
    assert (published_again(warehouse, anew=True), handed_over(warehouse, tmp_path / "anew")) == (begun, sent)
    (study.folder / "inbox/P1/garmin/2026-03-04.fit").unlink()
    del from_nothing[:]
    study.night(command="backfill", rebuild=True, accept_loss=True)
    assert len(from_nothing) == 1, "a rebuilt store remembers no file"
    assert published_again(warehouse, anew=False) == published_again(warehouse, anew=True)


def test_rows_that_are_alike_are_counted(study, from_nothing) -> None:
    warehouse = study.folder / "warehouse"
    for rows in (3, 2, 1):
        with closing(open_store(warehouse)) as store:
            store.con.execute("CREATE TEMP TABLE one AS FROM rejection LIMIT 1")
            store.con.execute("DELETE FROM rejection")
            store.con.execute(f"INSERT INTO rejection SELECT one.* FROM one, range({rows})")
            store_publish.replace_published(store, a_run(f"r{rows}"))
        assert len(study.ask("FROM rejection")) == rows
    assert from_nothing == []


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


def test_with_a_duckdb_whose_renewed_files_older_ones_may_not_open_it_is_made_from_nothing(
    study, from_nothing, monkeypatch
) -> None:
    warehouse = study.folder / "warehouse"
    as_before = published_again(warehouse, anew=False)
    assert from_nothing == []
    monkeypatch.setattr(duckdb, "__version__", "2.0.0")
    assert published_again(warehouse, anew=False) == as_before
    assert len(from_nothing) == 1


def test_nothing_of_a_person_who_left_the_study_stays_in_the_file(study, from_nothing) -> None:
    link = study.folder / "warehouse/analytics.duckdb"
    assert b"LEAVES-SOON" in link.read_bytes()
    study.participants.remove("LEAVES-SOON,,,")
    study.write().night()
    assert b"LEAVES-SOON" not in link.read_bytes()
    assert len(from_nothing) == 1


def test_analysts_reading_all_the_time_never_block_a_night_nor_see_half_of_one(study: StudyFolder) -> None:
    analysts = []
    for _ in range(2):
        ours, theirs = Pipe()
        started(reading, study.folder / "warehouse/analytics.duckdb", theirs)
        analysts.append(ours)
    for analyst in analysts:
        assert analyst.recv() == "ready"
    study.put("P1/garmin/2026-03-07.fit", garmin_day("2026-03-07"))
    assert new_files_published(study) == 1
    with closing(open_store(study.folder / "warehouse")) as store:
        for number in range(6):
            store_publish.replace_published(store, a_run(str(number)))
    for analyst in analysts:
        analyst.send("enough")
        reads, halves, faults = analyst.recv()
        assert reads > 5
        assert (halves, faults) == (0, [])


def test_a_publish_that_fails_leaves_the_old_one_and_no_run_that_ended(study: StudyFolder, monkeypatch) -> None:
    warehouse = study.folder / "warehouse"
    before = content_of(study), os.readlink(warehouse / "analytics.duckdb")

    def failing(*arguments):
        raise OSError(5, "Input/output error")

    study.put("P1/2026-03-07.fit", garmin_day("2026-03-07"))
    for step in ("publish.put_in_place", "pointer.os.symlink", "pointer.os.replace", "pointer.to_disk"):
        assert os.readlink(warehouse / "analytics.duckdb") == before[1], f"before {step}"
        with monkeypatch.context() as patch:
            patch.setattr(f"models.store.{step}", failing)
            with closing(open_store(warehouse)) as store, pytest.raises(OSError, match="Input/output"):
                store_publish.replace_published(store, a_run(uuid.uuid4().hex))
        assert content_of(study) == before[0], step
        assert study.ask_store("SELECT count(*) FROM run") == [(1,)], step
    assert new_files_published(study) == 1
    assert len(list(warehouse.glob("analytics-*.duckdb"))) <= 2
    assert list(warehouse.glob(".draft-*")) == []


def test_a_disk_that_fails_while_publishing_is_a_sentence(study: StudyFolder, monkeypatch) -> None:
    def failing(path: Path) -> None:
        raise OSError(5, "Input/output error")

    monkeypatch.setattr("models.store.pointer.to_disk", failing)
    with pytest.raises(StoreError, match=r"the disk failed \(Input/output error\); check it, then run again"):
        study.night()


def test_the_published_file_is_of_the_oldest_form_that_older_clients_read(study: StudyFolder) -> None:
    """Storage version 64: DuckDB 1.0 and everything since (the store itself is in today's)."""
    head = (study.folder / "warehouse/analytics.duckdb").read_bytes()[:20]
    assert head[8:20] == b"DUCK" + (64).to_bytes(8, "little")
    with duckdb.connect(str(study.folder / "warehouse/analytics.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM run").fetchall() == [(1,)]
