"""Killed at any instant, and what a loss of power leaves: the next night makes it as if nothing had been."""

from __future__ import annotations

import shutil
import sys
from datetime import date
from random import Random

import duckdb
import pytest

from flows.answers.worklist import as_published
from flows.night import chunks
from flows.night import processes as reader
from models.store import batch
from models.store.store import open_store
from tests import dying
from tests.dying import killed
from tests.studies import StudyFolder, fitbit_day, garmin_day
from tests.test_night import content_of
from tests.writers import diary

FILES: dict[str, bytes | str] = {
    **{f"P1/{day}.fit": garmin_day(day) for day in ("2026-03-03", "2026-03-04", "2026-03-06")},
    "P1/cut.fit": garmin_day("2026-03-07")[:-40],
    "P1/diary.csv": diary.diary([(date(2026, 3, 4), "yoga", 20, "08:00")]),
    **{f"P2/{name}": content for name, content in fitbit_day("2026-03-05", 4000).items()},
}
STEPS = (
    "models.store.file.make",
    "models.store.file.put_in_place",
    "models.store.control.write_control",
    "models.store.rows.write_rows",
    "models.store.load.record_standing_faults",
    "models.store.resolve.resolving",
    "models.store.judge.judging",
    "models.store.publish.replace_published",
    "models.store.publish._begin",
    "flows.night.steps.write_report",
    # from here on there is a file to begin with (see publish._last)
    *(["models.store.bring._compare"] if duckdb.__version__ >= "2.0.1" else []),
)


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[dict, int]:
    """What one undisturbed night over FILES leaves, and how many lines of our code it took to leave it."""
    study = StudyFolder(tmp_path_factory.mktemp("undisturbed") / "study").write()
    put_all(study)
    lines = dying.Lines()
    size, chunks.CHUNK_FILES = chunks.CHUNK_FILES, 2
    most, batch.MOST_FILES = batch.MOST_FILES, 2
    cores, reader.processors = reader.processors, lambda: 1
    sys.settrace(lines.axe)
    try:
        study.night()
    finally:
        sys.settrace(None)
        chunks.CHUNK_FILES, batch.MOST_FILES, reader.processors = size, most, cores
    return content_of(study), lines.passed


def put_all(study: StudyFolder) -> None:
    for path, content in FILES.items():
        study.put(path, content)


def nightly(study: StudyFolder) -> list[str]:
    return ["nightly", "--no-engine", "--study", str(study.folder)]


def test_nights_killed_at_any_instants_lose_nothing(undisturbed, study: StudyFolder) -> None:
    content, lines = undisturbed
    instants = [Random().randrange(1, lines // 2) for _ in range(4)]
    print("killed at", instants)  # shown if this fails
    put_all(study)
    for instant in instants:
        assert killed(nightly(study), instant) == -9
    run = study.night()
    assert [fault.file for fault in run.new_faults] == ["P1/cut.fit"]  # a run that died told nobody
    assert content_of(study) == content


def test_nights_killed_at_every_step_lose_nothing_and_leave_no_drafts(undisturbed, study: StudyFolder) -> None:
    """Each night dies one step later than the one before, while files keep coming."""
    files = list(FILES.items())
    for number, step in enumerate(STEPS):
        for path, content in files[number :: len(STEPS)]:
            study.put(path, content)
        assert killed(nightly(study), step) == -9
    warehouse = study.folder / "warehouse"
    (warehouse / ".draft-store.duckdb").write_bytes(b"half a fi")  # as a loss of power leaves them
    (warehouse / ".draft-overflow").mkdir()
    (warehouse / ".draft-overflow/duckdb_temp_storage-0.tmp").write_bytes(b"")
    if STEPS[-1].endswith("_compare"):
        (warehouse / ".draft-analytics.duckdb").unlink()  # a copy of the last one, half renewed
    (warehouse / ".draft-analytics.duckdb").symlink_to("analytics-that-never-was.duckdb")
    study.night()
    assert content_of(study) == undisturbed[0]
    kept = {"store.duckdb", "store.lock", "device.key", "analytics.duckdb", "health.json", "logs", "spill", "control",
            "changes.csv", "metrics.prom"}  # fmt: skip
    assert {p.name for p in warehouse.iterdir() if not p.name.startswith("analytics-")} == kept
    known = "command, started_at IS NOT NULL, as_of, ended_at, files_loaded, run_number"
    died = study.ask(f"SELECT {known} FROM run WHERE outcome = 'killed'")
    assert died == [("nightly", True, None, None, None, None)] * (len(STEPS) - 1)  # one had published when it died
    ended = "SELECT outcome, run_number FROM run WHERE outcome <> 'killed' ORDER BY started_at"
    assert study.ask(ended) == [("with rejections", 1), ("clean", 2)]
    assert study.ask("SELECT outcome FROM run ORDER BY run_number DESC LIMIT 1") == [("clean",)], "the last one ended"
    (cut,) = [item for item in as_published(warehouse) if item.kind == "rejected_file"]
    assert cut.since, "also of what a run found that was killed"
    assert study.night().is_clean
    assert study.ask("SELECT count(*) FROM run") == [(len(died) + 3,)], "each is told once"


def test_what_a_cut_off_log_lost_is_loaded_again_from_the_inbox(undisturbed, study: StudyFolder, tmp_path) -> None:
    put_all(study)
    assert killed(nightly(study), "models.store.publish.replace_published") == -9
    log = study.folder / "warehouse/store.duckdb.wal"
    whole = log.read_bytes()
    assert len(whole) > 10_000
    shutil.copytree(study.folder / "warehouse", tmp_path / "then")
    for share in (0.15, 0.6):
        shutil.rmtree(study.folder / "warehouse")
        shutil.copytree(tmp_path / "then", study.folder / "warehouse")
        log.write_bytes(whole[: int(len(whole) * share)])
        assert study.night().files["loaded"] > 0
        assert content_of(study) == undisturbed[0]


def test_a_rebuild_that_is_killed_leaves_the_old_store(study: StudyFolder) -> None:
    put_all(study)
    warehouse = study.folder / "warehouse"
    open_store(warehouse).close()
    before = (warehouse / "store.duckdb").read_bytes()
    rebuild = ["backfill", "--rebuild", *nightly(study)[1:]]
    assert killed(rebuild, "models.store.file.replace_store") == -9
    assert list(warehouse.glob(".draft-*")) != []
    assert (warehouse / "store.duckdb").read_bytes() == before
    open_store(warehouse).close()  # as the next night does
    assert list(warehouse.glob(".draft-*")) == []
