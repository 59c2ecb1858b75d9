"""Two commands at the same time, in a forced order: whoever was first, nothing of a forgotten person is left."""

from __future__ import annotations

import os
import re
import shutil
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from flows.cli import main
from flows.report.write import write_report
from models.store import lock
from models.store.lock import held, undisturbed
from tests.dying import code_of, started, until
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
def study(published: Path, tmp_path: Path) -> StudyFolder:
    return StudyFolder(published).copied(tmp_path / "study")


class Held:
    """A command in a process of its own that stands still when it calls one of some functions, until it may go on."""

    def __init__(self, place: Path, argv: list[str], *stops: str) -> None:
        self.place = place
        place.mkdir()
        self.process = started(hold_still, argv, stops, place)

    def comes_to(self, stop: str) -> Held:
        until((self.place / f"{stop}.reached").exists)
        return self

    def may_go(self, stop: str) -> Held:
        (self.place / f"{stop}.go").touch()
        return self

    def has_passed(self, stop: str) -> bool:
        return (self.place / f"{stop}.reached").exists()


def hold_still(argv: list[str], stops: Sequence[str], place: Path) -> None:
    def stopped(stop: str, called: Callable[..., Any]) -> Callable[..., Any]:
        def stands_still(*given: Any, **named: Any) -> Any:
            (place / f"{stop}.reached").touch()
            until((place / f"{stop}.go").exists)
            return called(*given, **named)

        return stands_still

    for stop in stops:
        module, _, name = stop.rpartition(".")
        setattr(import_module(module), name, stopped(stop, getattr(import_module(module), name)))
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 1)
    os.dup2(nowhere, 2)
    sys.exit(main(argv))


def of(study: StudyFolder) -> list[str]:
    return ["--study", str(study.folder)]


def forget(study: StudyFolder) -> list[str]:
    return ["forget", WHO, "--yes", *of(study)]


def left_of(study: StudyFolder) -> list[str]:
    warehouse = study.folder / "warehouse"
    files = [path for path in warehouse.rglob("*") if path.is_file() and not path.is_symlink()]
    return [path.name for path in files if WHO.encode() in path.read_bytes() or WHO in path.name]


BEGINS, REMOVES = "flows.night.begin.open_store", "models.store.withdraw.find"


def test_runs_that_had_read_who_there_is_and_waited_do_not_bring_a_person_back(study, tmp_path) -> None:
    assert left_of(study)
    runs = {"nightly": 0, "backfill --reload": 0, f"backfill --participant {WHO}": 2, "backfill --rebuild": 0}
    waiting = {
        run: Held(tmp_path / str(n), [*run.split(), "--no-engine", *of(study)], BEGINS) for n, run in enumerate(runs)
    }
    for run in waiting.values():
        run.comes_to(BEGINS)
    assert main(forget(study)) == 0
    for run, code in runs.items():
        assert (run, code_of(waiting[run].may_go(BEGINS).process)) == (run, code)
        assert (run, left_of(study)) == (run, [])
        assert study.ask("SELECT DISTINCT participant_id FROM source_file") == [("P1",)]
        assert study.ask("SELECT participant_id FROM participant") == [("P1",)]
        with held(study.folder / "warehouse", "a test"):  # it let go of the store
            pass


READERS = {
    "report": "flows.report.site.folder",
    "export --format csv OUT": "flows.handover.tables.write_relations",
    "share OUT": "models.store.share.record",
    "backfill --known-by 2027-01-01T00:00": "models.store.replay.resolve",
    "nightly --no-engine": "flows.night.work.resolving",
    "goals --as-of 2026-03-20": "models.store.read._rows",
}


def reader(command: str, study: StudyFolder, place: Path) -> Held:
    """The command, which is in the middle of reading."""
    argv = [str(place / "out") if word == "OUT" else word for word in command.split()]
    stop = READERS[command]
    return Held(place / command.split()[0], [*argv, *of(study)], stop).comes_to(stop)


@pytest.mark.parametrize("command", READERS)
def test_nobody_is_forgotten_while_something_reads_them(study, tmp_path, monkeypatch, capsys, command) -> None:
    study.put("P1/more.fit", garmin_day("2026-03-06"))
    reading = reader(command, study, tmp_path)
    monkeypatch.setenv("STEPWINDOW_WAIT", "0.1")
    assert main(forget(study)) == 2
    assert re.search("is using the store|has it open", capsys.readouterr().err)
    assert code_of(reading.may_go(READERS[command]).process) == 0
    assert WHO in {who for (who,) in study.ask("SELECT participant_id FROM participant")}


def test_forgetting_waits_for_all_that_read_the_person_and_leaves_nothing_of_it(study, tmp_path) -> None:
    commands = ["backfill --known-by 2027-01-01T00:00", "goals --as-of 2026-03-20", "report"]  # each has its own lock
    reading = {command: reader(command, study, tmp_path) for command in commands}
    withdrawal = Held(tmp_path / "forget", forget(study), REMOVES).may_go(REMOVES)
    for command in reversed(commands):
        time.sleep(1.5)  # it cannot have got anywhere meanwhile
        assert not withdrawal.has_passed(REMOVES), command
        assert WHO in {who for (who,) in study.ask("SELECT participant_id FROM participant")}
        assert code_of(reading[command].may_go(READERS[command]).process) == 0
    assert code_of(withdrawal.process) == 0
    assert left_of(study) == []
    assert list((study.folder / "warehouse").glob("replay-*")) == []


def test_nobody_gets_in_between_while_a_person_is_forgotten(study, tmp_path, monkeypatch, capsys) -> None:
    assert write_report(study.folder / "warehouse", "Test").written == 2
    stops = [REMOVES, "models.store.withdraw.rewrite", "flows.report.write.write_report", "models.store.search.search"]
    others = ["nightly --no-engine", "report", "share copy", "export --format csv out",
              "backfill --known-by 2027-01-01T00:00"]  # fmt: skip
    monkeypatch.chdir(tmp_path)
    withdrawal = Held(tmp_path / "forget", forget(study), *stops)
    monkeypatch.setenv("STEPWINDOW_WAIT", "0.1")
    for stop in stops:
        withdrawal.comes_to(stop)
        for command in others:
            assert (stop, command, main([*command.split(), *of(study)])) == (stop, command, 2)
            said = capsys.readouterr().err
            assert ("another run is using the store" in said, "forget" in said) == (True, True), said
        withdrawal.may_go(stop)
    assert code_of(withdrawal.process) == 0
    assert left_of(study) == []
    assert not (tmp_path / "copy").exists()
    assert not (tmp_path / "out").exists()


def test_who_looks_at_the_lock_while_it_is_written_and_who_is_killed_then_finds_those_who_held_it(
    tmp_path, monkeypatch
) -> None:
    killed = "process 7: nightly, since 2026-03-01 02:30:00 UTC"
    (tmp_path / lock.LOCK).write_text(killed)
    seen: list[list[str]] = []

    def looks(write):
        def looked(*given):
            seen.append(found())
            done = write(*given)
            seen.append(found())
            return done

        return looked

    def found() -> list[str]:
        return [line for line in (tmp_path / lock.LOCK).read_text("utf-8").splitlines() if line]

    for write in ("write", "ftruncate"):
        monkeypatch.setattr(os, write, looks(getattr(os, write)))
    with held(tmp_path, "backfill"):
        assert lock.died(tmp_path) == [killed]
        mine = found()[0]
        lock.settle(tmp_path)
        assert lock.died(tmp_path) == []
    assert {tuple(lines) for lines in seen} == {(killed,), (mine, killed), (f"{mine}, published",), ()}
    assert seen.index([]) == len(seen) - 3, "of nobody, once it was let go of"


def test_the_copy_of_a_replay_that_was_killed_is_removed_by_the_next_run_and_no_other_folder_is(
    study, tmp_path
) -> None:
    warehouse = study.folder / "warehouse"
    (warehouse / "replay-of-my-own").mkdir()
    (warehouse / "replay-of-my-own" / "notes.txt").write_text("mine")
    resolves = "models.store.replay.resolve"
    replay = Held(tmp_path / "replay", ["backfill", "--known-by", "2027-01-01T00:00", *of(study)], resolves)
    replay.comes_to(resolves)
    assert len(list(warehouse.glob("replay-*"))) == 2
    study.night()
    assert len(list(warehouse.glob("replay-*"))) == 2  # it lives
    replay.process.kill()
    replay.process.join()
    study.night()
    assert [path.name for path in warehouse.glob("replay-*")] == ["replay-of-my-own"]
    assert (warehouse / "replay-of-my-own" / "notes.txt").read_text("utf-8") == "mine"


def test_a_replay_of_a_study_read_before_somebody_was_forgotten_knows_nothing_of_them(study, tmp_path) -> None:
    from models.store.replay import replay
    from models.study.folder import read_study

    known = read_study(study.folder)
    assert main(forget(study)) == 0
    then = replay(known, datetime.now(UTC).date(), datetime.now(UTC), "SELECT participant_id FROM participant")
    assert then.rows == [("P1",)]


def test_a_control_file_that_cannot_be_read_stops_a_run_before_anything_is_made(study, tmp_path) -> None:
    shutil.rmtree(study.folder / "warehouse")
    (study.folder / "goals.csv").write_bytes(b"\xff\xfe\x00")
    assert main(["nightly", "--no-engine", *of(study)]) == 2
    assert not (study.folder / "warehouse").exists()


def test_a_control_file_that_breaks_while_a_run_waits_stops_it_and_the_store_is_let_go_of(study, tmp_path) -> None:
    run = Held(tmp_path / "run", ["nightly", "--no-engine", *of(study)], BEGINS).comes_to(BEGINS)
    (study.folder / "participants.csv").unlink()
    assert code_of(run.may_go(BEGINS).process) == 2
    with undisturbed(study.folder / "warehouse"):
        pass
    assert study.ask("SELECT count(*) FROM participant") == [(2,)]


def test_a_person_who_left_the_control_files_is_in_no_published_row(study) -> None:
    for file in ("participants.csv", "infusions.csv", "goals.csv"):
        lines = (study.folder / file).read_text("utf-8").splitlines(keepends=True)
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
    possible += " AND table_name IN (SELECT table_name FROM duckdb_tables())"  # a view declares nothing
    assert study.ask(possible) == [("rejection",)]
