"""Two commands at the same time, in a forced order: whoever was first, nothing of a forgotten person is left."""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from importlib import import_module
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

import pytest

from flows.report.write import write_report
from models.store.lock import held, undisturbed
from tests.dying import code_of, ran, started
from tests.studies import StudyFolder, garmin_day

WHO = "P-7731"


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Path:
    study = StudyFolder(tmp_path_factory.mktemp("two") / "study")
    study.participants = ["P1,,,", f"{WHO},,,"]
    study.infusions = ["I1,P1,2026-03-02,,", f"{WHO}-1,{WHO},2026-03-02,,"]
    study.write()
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.put(f"{WHO}/a.fit", garmin_day("2026-03-04", serial=77))
    study.put(f"{WHO}/broken.fit", garmin_day("2026-03-05")[:-1])
    study.night()
    return study.folder


@pytest.fixture
def study(published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StudyFolder:
    monkeypatch.setenv("STEPWINDOW_WAIT", "110")  # a busy machine may need longer than a minute for what is waited for
    return StudyFolder(published).copied(tmp_path / "study")


class Held:
    """A command in a process of its own that stands still when it calls a function, until it is told to go on."""

    def __init__(self, place: Path, at: str, *argv: str) -> None:
        self.at_it, self.may_go = place / f"{at}.reached", place / f"{at}.go"
        self.process = started(hold_still, list(argv), at, self.at_it, self.may_go)
        until(self.at_it.exists)

    def goes_on(self) -> int:
        self.may_go.touch()
        return code_of(self.process)


def hold_still(argv: list[str], at: str, reached: Path, go: Path) -> None:
    from flows.cli import main

    module, _, name = at.rpartition(".")
    whole = getattr(import_module(module), name)

    def held_still(*given: Any, **named: Any) -> Any:
        reached.touch()
        until(go.exists)
        return whole(*given, **named)

    setattr(sys.modules[module], name, held_still)
    quiet(main, argv)


def quiet(main: Callable[[list[str]], int], argv: list[str]) -> None:
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.exit(main(argv))


def until(true: Callable[[], bool]) -> None:
    for _ in range(2400):
        if true():
            return
        time.sleep(0.025)
    raise AssertionError("it never came to that")


def of(study: StudyFolder) -> list[str]:
    return ["--study", str(study.folder)]


def forget(study: StudyFolder) -> list[str]:
    return ["forget", WHO, "--yes", *of(study)]


def waiting(argv: list[str]) -> BaseProcess:
    """A command that is started now, and cannot have got anywhere a second later."""
    from flows.cli import main

    process = started(quiet, main, argv)
    time.sleep(1.5)
    assert process.is_alive()
    return process


def left_of(study: StudyFolder) -> list[str]:
    warehouse = study.folder / "warehouse"
    files = [path for path in warehouse.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path.name for path in files if WHO.encode() in path.read_bytes() or WHO in path.name]


@pytest.mark.parametrize(
    "command", [["nightly"], ["backfill", "--reload"], ["backfill", "--rebuild"]], ids=lambda words: words[-1]
)
def test_a_run_that_had_read_who_there_is_and_waited_does_not_bring_a_person_back(study, tmp_path, command) -> None:
    assert left_of(study)
    run = Held(tmp_path, "flows.night.begin.open_store", *command, "--no-engine", *of(study))
    assert ran(forget(study))[0] == 0
    assert run.goes_on() == 0
    assert left_of(study) == []
    assert study.ask("SELECT DISTINCT participant_id FROM source_file") == [("P1",)]
    assert study.ask("SELECT participant_id FROM participant") == [("P1",)]


def test_a_backfill_of_one_person_that_waited_says_that_they_were_forgotten(study, tmp_path) -> None:
    asked = ["backfill", "--participant", WHO, "--no-engine", *of(study)]
    run = Held(tmp_path, "flows.night.begin.open_store", *asked)
    assert ran(forget(study))[0] == 0
    assert run.goes_on() == 2
    assert left_of(study) == []
    with held(study.folder / "warehouse", "a test"):  # it let go of the store
        pass


@pytest.mark.parametrize(
    ("at", "command"),
    [
        ("flows.report.site.folder", ["report"]),
        ("flows.handover.tables.write_relations", ["export", "--format", "csv", "OUT"]),
        ("models.store.share.record", ["share", "OUT"]),
        ("models.store.replay.resolve", ["backfill", "--known-by", "2027-01-01T00:00"]),
        ("flows.night.steps.resolve", ["nightly", "--no-engine"]),
        ("models.store.read._rows", ["goals", "--as-of", "2026-03-20"]),
    ],
    ids=lambda told: told[0] if isinstance(told, list) else "",
)
def test_forgetting_waits_for_what_reads_the_person_and_leaves_nothing_of_it(study, tmp_path, at, command) -> None:
    words = [str(tmp_path / "out") if word == "OUT" else word for word in command]
    if "known-by" in str(command) or command[0] == "nightly":
        study.put("P1/more.fit", garmin_day("2026-03-06"))
    other = Held(tmp_path, at, *words, *of(study))
    withdrawal = waiting(forget(study))
    assert WHO in {who for (who,) in study.ask("SELECT participant_id FROM participant")}
    assert other.goes_on() == 0 or command[0] == "nightly"
    assert code_of(withdrawal) == 0
    assert left_of(study) == []
    assert list((study.folder / "warehouse").glob("replay-*")) == []


@pytest.mark.parametrize(
    "at",
    [
        "models.store.withdraw.find",
        "models.store.withdraw.rewrite",
        "flows.report.write.write_report",
        "models.store.search.search",
    ],
)
def test_nobody_gets_in_between_while_a_person_is_forgotten(study, tmp_path, at) -> None:
    assert write_report(study.folder / "warehouse", "Test").written == 2
    withdrawal = Held(tmp_path, at, *forget(study))
    asked = {
        "nightly": ["nightly", "--no-engine"],
        "report": ["report"],
        "share": ["share", str(tmp_path / "copy")],
        "export": ["export", "--format", "csv", str(tmp_path / "out")],
        "replay": ["backfill", "--known-by", "2027-01-01T00:00"],
    }
    for command in asked.values():
        code, _, said = ran([*command, *of(study)], STEPWINDOW_WAIT="0.1")
        assert (code, "another run is using the store" in said, "forget" in said) == (2, True, True)
    assert withdrawal.goes_on() == 0
    assert left_of(study) == []
    assert not (tmp_path / "copy").exists()
    assert not (tmp_path / "out").exists()


def test_the_copy_of_a_replay_that_was_killed_is_removed_by_the_next_run_and_no_other_folder_is(
    study, tmp_path
) -> None:
    warehouse = study.folder / "warehouse"
    (warehouse / "replay-of-my-own").mkdir()
    (warehouse / "replay-of-my-own" / "notes.txt").write_text("mine")
    replay = Held(tmp_path, "models.store.replay.resolve", "backfill", "--known-by", "2027-01-01T00:00", *of(study))
    assert len(list(warehouse.glob("replay-*"))) == 2
    study.night()
    assert len(list(warehouse.glob("replay-*"))) == 2  # it lives
    replay.process.kill()
    replay.process.join()
    study.night()
    assert [path.name for path in warehouse.glob("replay-*")] == ["replay-of-my-own"]
    assert (warehouse / "replay-of-my-own" / "notes.txt").read_text() == "mine"


def test_a_replay_of_a_study_read_before_somebody_was_forgotten_knows_nothing_of_them(study, tmp_path) -> None:
    from models.store.replay import replay
    from models.study.folder import read_study

    known = read_study(study.folder)
    assert ran(forget(study))[0] == 0
    then = replay(known, datetime.now(UTC).date(), datetime.now(UTC), "SELECT participant_id FROM participant")
    assert then.rows == [("P1",)]


def test_a_control_file_that_cannot_be_read_stops_a_run_before_anything_is_made(study, tmp_path) -> None:
    shutil.rmtree(study.folder / "warehouse")
    (study.folder / "goals.csv").write_bytes(b"\xff\xfe\x00")
    assert ran(["nightly", "--no-engine", *of(study)])[0] == 2
    assert not (study.folder / "warehouse").exists()


def test_a_control_file_that_breaks_while_a_run_waits_stops_it_and_the_store_is_let_go_of(study, tmp_path) -> None:
    run = Held(tmp_path, "flows.night.begin.open_store", "nightly", "--no-engine", *of(study))
    (study.folder / "participants.csv").unlink()
    assert run.goes_on() == 2
    with undisturbed(study.folder / "warehouse"):
        pass
    assert study.ask("SELECT count(*) FROM participant") == [(2,)]


def test_a_person_who_left_the_control_files_is_in_no_published_row(study) -> None:
    for file in ("participants.csv", "infusions.csv", "goals.csv"):
        lines = (study.folder / file).read_text().splitlines(keepends=True)
        (study.folder / file).write_text("".join(line for line in lines if WHO not in line))
    study.night()
    for (relation,) in study.ask("SELECT table_name FROM duckdb_columns() WHERE column_name = 'participant_id'"):
        others = study.ask(f"SELECT DISTINCT participant_id FROM {relation} WHERE participant_id IS DISTINCT FROM 'P1'")
        assert others in ([], [(None,)] if relation == "rejection" else [])
    reasons = study.ask("SELECT reason FROM rejection WHERE participant_id IS NULL")
    assert any("folder of an unknown participant" in reason for (reason,) in reasons)
    assert not any("truncated" in reason or "checksum" in reason for (reason,) in reasons)  # their file's is theirs


def test_no_published_relation_but_the_rejections_can_have_a_row_of_nobody(study) -> None:
    possible = "SELECT table_name FROM duckdb_columns() WHERE column_name = 'participant_id' AND is_nullable"
    assert study.ask(possible) == [("rejection",)]
