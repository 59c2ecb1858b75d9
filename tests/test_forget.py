"""Withdrawal: the person is gone from everything, nothing brings them back, and a search shows it."""

from __future__ import annotations

import json
import shutil
import sqlite3
from contextlib import closing, redirect_stdout
from datetime import date
from io import StringIO
from pathlib import Path

import pytest

from flows.answers.remains import remains
from flows.cli import main
from models.fault import StudyError
from models.store import withdraw as store_forget
from models.store.search import search
from models.store.store import open_store
from models.store.withdraw import Traces, forget
from models.study.folder import read_study
from models.study.forgotten import tombstones
from tests.studies import StudyFolder, garmin_day
from tests.writers import diary

WHO = "P-7731"  # long enough to be searched for in bytes


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """P1 and somebody who will withdraw: two nights, the second after a late file and a broken one."""
    study = StudyFolder(tmp_path_factory.mktemp("two") / "study")
    study.participants = ["P1,,,,,A", f"{WHO},America/Detroit,,,,A"]
    study.infusions = ["I1,P1,2026-03-02,,,40", f"{WHO}-1,{WHO},2026-03-02,,,41.8125"]
    study.covariates = {"participants": "arm", "infusions": "dose_mg"}
    study.goals = [
        "G1,,P1,,1,1,daily_mean,steps,5000,,,2026-03-02,,,",
        f"{WHO}-walk,,{WHO},,1,1,daily_mean,steps,,,baseline_pct:10,2026-03-02,,,",
    ]
    study.holds = [f"{WHO},2026-03-08,2026-03-08,ill"]
    study.write()
    for day in ("2026-03-04", "2026-02-20", "2026-02-21", "2026-02-22", "2026-02-23"):
        study.put(f"{WHO}/{day}.fit", garmin_day(day, steps=4000, serial=77))
    study.put("P1/2026-03-03.fit", garmin_day("2026-03-03"))
    study.put(f"{WHO}/diary.csv", diary.diary([(date(2026, 3, 4), "yoga", 20)]))
    study.night()
    study.put(f"{WHO}/late.fit", garmin_day("2026-03-06", serial=77))
    study.put(f"{WHO}/broken.fit", garmin_day("2026-03-07")[:-1])
    study.night()
    return study.folder


@pytest.fixture
def study(two_nights: Path, tmp_path: Path) -> StudyFolder:
    """A copy of it."""
    shutil.copytree(two_nights, tmp_path / "study", symlinks=True)
    return StudyFolder(tmp_path / "study")


def withdraw(study: StudyFolder, capsys: pytest.CaptureFixture, code: int = 0) -> dict:
    capsys.readouterr()
    assert main(["forget", WHO, "--yes", "--json", "--study", str(study.folder)]) == code
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module")
def forgotten(two_nights: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, dict]:
    """The same study, with copies that were made of it, once the person was forgotten; and what the command printed."""
    folder = tmp_path_factory.mktemp("after") / "study"
    shutil.copytree(two_nights, folder, symlinks=True)
    warehouse = folder / "warehouse"
    shutil.copy(warehouse / "store.duckdb", warehouse / "store.before-rebuild.duckdb")
    (warehouse / "report").mkdir()
    (warehouse / "report" / "copied.html").write_text(f'<meta name="fingerprint" content="{64 * "0"}"><h1>{WHO}</h1>')
    with redirect_stdout(StringIO()):
        for who in ("P1", WHO):
            assert main(["letter", who, "--study", str(folder)]) == 0
    with redirect_stdout(StringIO()) as printed:
        assert main(["forget", WHO, "--yes", "--json", "--study", str(folder)]) == 0
    return StudyFolder(folder), json.loads(printed.getvalue())


@pytest.fixture
def withdrawn(forgotten: tuple[StudyFolder, dict], tmp_path: Path) -> StudyFolder:
    """A copy of it."""
    return forgotten[0].copied(tmp_path / "withdrawn")


def everything(study: StudyFolder) -> bytes:
    return b"".join(path.read_bytes() for path in (study.folder / "warehouse").rglob("*") if path.is_file())


def of_the_clinic(study: StudyFolder) -> dict[Path, bytes]:
    """The inbox and the control files."""
    files = {path.relative_to(study.folder): path for path in study.folder.rglob("*") if path.is_file()}
    return {name: path.read_bytes() for name, path in files.items() if name.parts[0] != "warehouse"}


def others(study: StudyFolder) -> list[list[tuple]]:
    """What is known of everybody else."""
    relations = ("daily_activity", "goal_week", "goal_week_history", "infusion_window", "source_file", "goal")
    return [study.ask(f"SELECT * FROM {name} WHERE participant_id <> '{WHO}' ORDER BY ALL") for name in relations]


def test_a_person_who_withdraws_is_gone_from_every_file_and_nobody_else_is_touched(two_nights, forgotten) -> None:
    before, (after, told) = StudyFolder(two_nights), forgotten
    warehouse = after.folder / "warehouse"
    contents = [sha for (sha,) in before.ask(f"SELECT sha256 FROM source_file WHERE participant_id = '{WHO}'")]
    assert WHO.encode() in everything(before)
    assert told["left"] == {}
    assert len(told["searched"]) == len([p for p in warehouse.rglob("*") if p.is_file() and not p.is_symlink()])
    assert {"store.before-rebuild.duckdb", "report"} <= set(told["files_removed"])
    assert {"covariate", "verdict", "frozen_target", "coverage", "rejection", "device"} <= set(told["rows_removed"])
    assert not (warehouse / "report" / "copied.html").exists()
    assert (warehouse / "report" / "index.html").exists()
    assert {f"letters/{WHO}.html", f"letters/{WHO}.pdf"} <= set(told["files_removed"])
    assert sorted(path.name for path in (warehouse / "letters").iterdir()) == ["P1.html", "P1.pdf"]
    remains = everything(after)
    for trace in (WHO, "41.8125", *contents):
        assert trace.encode() not in remains
    assert others(after) == others(before)
    assert of_the_clinic(after) == of_the_clinic(before)
    assert f"inbox/{WHO}" in told["for_the_clinic_to_delete"]
    assert "goals.csv: line 3" in told["for_the_clinic_to_delete"]


def is_still_gone(study: StudyFolder) -> bool:
    """Nothing of the person is in the warehouse, and the tombstone is."""
    assert read_study(study.folder).forgotten == {WHO}
    assert study.ask(f"SELECT count(*) FROM source_file WHERE participant_id = '{WHO}'") == [(0,)]
    assert study.ask("SELECT participant_id FROM participant") == [("P1",)]
    return WHO.encode() not in everything(study) and bool(tombstones(study.folder / "warehouse"))


def test_no_rebuild_brings_them_back(withdrawn) -> None:
    assert withdrawn.night(command="backfill", rebuild=True).is_clean
    assert is_still_gone(withdrawn)


def test_a_lost_list_of_tombstones_brings_nobody_back_also_where_all_is_decoded_again(withdrawn) -> None:
    (withdrawn.folder / "warehouse" / "forgotten.txt").unlink()
    assert withdrawn.night(command="backfill", reload=True).is_clean
    assert is_still_gone(withdrawn)


def test_a_lost_store_brings_nobody_back_and_what_the_clinic_left_of_them_is_no_fault(withdrawn, capsys) -> None:
    for path in (withdrawn.folder / "warehouse").glob("store.duckdb*"):
        path.unlink()
    people, goals = withdrawn.folder / "participants.csv", withdrawn.folder / "goals.csv"
    people.write_text(people.read_text("utf-8").replace(f"{WHO},America/Detroit,,\n", ""))  # goals.csv still names them
    goals.write_text(goals.read_text("utf-8") + f"{WHO}-x,,{WHO},I1,1,1,daily_mean,steps,many,,,2026-03-02,,,\n")
    assert main(["nightly", "--no-engine", "--study", str(withdrawn.folder)]) == 0
    assert "1 participant forgotten: their folder and rows were not read" in capsys.readouterr().out
    assert is_still_gone(withdrawn)


def test_a_command_killed_after_the_tombstone_or_one_that_left_something_is_given_again(
    study, capsys, monkeypatch
) -> None:
    with monkeypatch.context() as dying:
        dying.setattr(store_forget, "replace_published", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            forget(study.folder / "warehouse", WHO, "0", "0")
    study.night()
    assert study.ask("SELECT participant_id FROM participant") == [("P1",)]
    (study.folder / "warehouse/prefect").mkdir()
    ours = study.folder / "warehouse/prefect/prefect.db"
    with closing(sqlite3.connect(ours)) as engine, engine:
        engine.execute("CREATE TABLE flow_run (name TEXT)")
        engine.execute("INSERT INTO flow_run VALUES (?)", [f"night of {WHO}"])
    told = withdraw(study, capsys, code=2)
    assert told["left"] == {"prefect/prefect.db": ["flow_run: 1 rows", "its bytes: the participant_id"]}
    ours.unlink()
    told = withdraw(study, capsys)
    assert (told["left"], told["rows_removed"]) == ({}, {})
    assert WHO.encode() not in everything(study)


def test_every_table_says_whose_its_rows_are_or_is_about_nobody(study) -> None:
    store = open_store(study.folder / "warehouse")
    try:
        about = {table for table, _ in store_forget.about(store)}
        tables = {name for (name,) in store.rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")}
    finally:
        store.close()
    assert tables - about == {
        "audit",
        "division",
        "forgotten",
        "judging",
        "migration",
        "published",
        "run",
        "study",
        "written_control",
    }


def test_the_search_finds_each_kind_of_trace_where_there_is_one(two_nights, tmp_path) -> None:
    shutil.copy(two_nights / "warehouse/store.duckdb", tmp_path)
    ((sha,),) = StudyFolder(two_nights).ask_store(f"SELECT sha256 FROM source_file WHERE path = '{WHO}/late.fit'")
    own, none = frozenset([f"{WHO}/late.fit"]), frozenset[str]()
    for traces in (Traces(WHO, none, none, {}), Traces("x", own, none, {}), Traces("x", none, frozenset([sha]), {})):
        assert [place.name for place in search(tmp_path, traces) if place.found] == ["store.duckdb"]
    assert not any(place.found for place in search(two_nights / "warehouse", Traces("P-773", none, none, {})))
    (tmp_path / "letters").mkdir()
    (tmp_path / f"letters/{WHO}.pdf").write_bytes(b"packed")
    places = search(tmp_path, Traces(WHO, none, none, {}))
    assert {place.name: place.found for place in places}[f"letters/{WHO}.pdf"] == ("its name",)


def test_a_page_with_somebody_on_it_is_found_however_short_the_id_is(tmp_path) -> None:
    (tmp_path / "index.html").write_text('12 March <a href="../../participant/12.html">12</a>')
    found = {who: [p.found for p in search(tmp_path, Traces(who, frozenset(), frozenset(), {}))] for who in ("12", "2")}
    (tmp_path / "index.html").rename(tmp_path / "2.html")
    assert [p.found for p in search(tmp_path, Traces("2", frozenset(), frozenset(), {}))] == [("its name",)]
    assert found == {"12": [("a link to the person's page",)], "2": [()]}


def test_an_id_that_is_a_number_takes_nobody_elses_rows_along_and_is_not_found_where_it_is_none(
    tmp_path, capsys
) -> None:
    study = StudyFolder(tmp_path / "study", participants=["1,,,", "P2,,,", "steps,,,"])
    study.infusions = ["1,1,2026-03-02,,", "I2,P2,2026-03-02,,", "I3,steps,2026-03-02,,"]
    study.goals = [
        f"G{n},1,{who},,1,1,daily_mean,steps,5000,,,2026-03-02,,," for n, who in enumerate(("1", "P2", "steps"))
    ]
    study.write().night()
    copies = study.folder / "warehouse" / "report" / "snapshots"
    for day, who in (("2026-03-01", "1"), ("2026-03-02", "P2")):
        (copies / day / "assets").mkdir(parents=True)
        (copies / day / "index.html").write_text(f'1 steps <a href="../../participant/{who}.html">{who}</a>')
    for who in ("1", "steps"):
        assert main(["forget", who, "--yes", "--study", str(study.folder)]) == 0
    assert "turns up by chance" in capsys.readouterr().out
    assert [(copies / day / "index.html").exists() for day in ("2026-03-01", "2026-03-02")] == [False, True]
    (stored,) = (study.folder / "warehouse" / "control").glob("*/goals.csv")
    assert [line[:7] for line in stored.read_text("utf-8").splitlines()[1:]] == ["G1,1,P2"]


def test_a_misspelt_id_is_refused_and_a_person_is_asked_before_anything_is_removed(study, capsys, monkeypatch) -> None:
    before = everything(study)
    assert main(["forget", "P-7732", "--yes", "--study", str(study.folder)]) == 2
    assert "check the spelling" in capsys.readouterr().err
    assert main(["forget", WHO, "--study", str(study.folder)]) == 2
    assert "--yes" in capsys.readouterr().err
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda question: "no")
    assert main(["forget", WHO, "--study", str(study.folder)]) == 2
    assert "nothing was removed" in capsys.readouterr().err
    assert everything(study) == before


def test_a_damaged_list_of_tombstones_stops_the_run_rather_than_letting_somebody_back(withdrawn) -> None:
    path = withdrawn.folder / "warehouse" / "forgotten.txt"
    path.write_text(path.read_text("utf-8")[:-40])
    with pytest.raises(StudyError, match=r"forgotten\.txt: damaged"):
        read_study(withdrawn.folder)


def test_a_backfill_of_a_forgotten_person_says_so(withdrawn, capsys) -> None:
    assert main(["backfill", "--participant", WHO, "--no-engine", "--study", str(withdrawn.folder)]) == 2
    assert "was forgotten on request" in capsys.readouterr().err


def left(study: StudyFolder) -> dict[str, str]:
    """What `status` says of what is the clinic's to delete, by kind."""
    findings = remains(read_study(study.folder))
    return {finding.kind: finding.what for finding in findings}


def test_what_is_the_clinics_to_delete_stands_in_status_until_it_is_gone_and_confirmed(withdrawn, capsys) -> None:
    confirm = ["forget", WHO, "--confirm", "--study", str(withdrawn.folder)]
    places = "inbox/P-7731; participants.csv: line 3; infusions.csv: line 3; goals.csv: line 3; holds.csv: line 2"
    assert left(withdrawn)["forgotten_left"] == f"{WHO} was forgotten and is not read, but is still there: {places}"
    assert main(confirm) == 2
    assert places in capsys.readouterr().err
    shutil.rmtree(withdrawn.folder / "inbox" / WHO)
    for sheet in withdrawn.folder.glob("*.csv"):
        sheet.write_text("".join(row for row in sheet.read_text("utf-8").splitlines(True) if WHO not in row))
    assert list(left(withdrawn)) == ["forgotten_unconfirmed"]
    assert "1 person forgotten of whom there may be more: backups" in left(withdrawn)["forgotten_unconfirmed"]
    assert main(["status", "--study", str(withdrawn.folder)]) == 0
    assert "1 person forgotten" in capsys.readouterr().out
    assert main([*confirm[:1], "P-7732", *confirm[2:]]) == 2
    left_over = withdrawn.folder / "warehouse" / "letters" / f"{WHO}.pdf"
    left_over.write_bytes(b"packed")  # as where the withdrawal was killed before it came to letters
    capsys.readouterr()
    assert main(confirm) == 2
    assert f"letters/{WHO}.pdf; run `stepwindow forget {WHO}` again" in capsys.readouterr().err
    assert list(left(withdrawn)) == ["forgotten_unconfirmed"]
    left_over.unlink()
    assert main(confirm) == 0
    assert left(withdrawn) == {}
    assert withdrawn.night().is_clean
    assert left(withdrawn) == {}
