"""The command `stepwindow` as a person types it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import date
from importlib.metadata import version
from pathlib import Path

import pytest

from flows.answers.verdicts import show_verdicts
from flows.cli import command_names, main
from tests.dying import PATIENCE
from tests.studies import AS_OF, StudyFolder, a_walk, garmin_day
from tests.writers import diary, fit

ROOT = Path(__file__).parents[1]


def stepwindow(*words: object) -> int:
    return main([str(word) for word in words])


@pytest.mark.after_a_night(over=a_walk)
def test_a_rejected_file_ends_the_night_red_with_its_one_line(study: StudyFolder, capsys) -> None:
    study.put("P1/bad.fit", garmin_day("2026-03-03")[:-9])
    assert stepwindow("nightly", "--no-engine", "--study", study.folder) == 1
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("not used: ")]
    assert len(lines) == 1
    assert "sync the device" in lines[0]
    assert "bad.fit" not in lines[0], "a pipe may be a mail"
    assert stepwindow("nightly", "--no-engine", "--study", study.folder) == 0
    assert "1 rejection from before" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda folder: (folder / "study.toml").unlink(), "study.toml"),
        (lambda folder: (folder / "goals.csv").write_bytes(b"\xff\xfe\x00"), "goals.csv"),
        (lambda folder: (folder / "infusions.csv").write_text("who,when\n"), "infusions.csv"),
    ],
)
def test_a_control_file_that_cannot_be_read_stops_the_run_before_anything_is_written(
    study: StudyFolder, capsys, spoil, said: str
) -> None:
    spoil(study.folder)
    assert stepwindow("nightly", "--no-engine", "--study", study.folder) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1
    assert "Traceback" not in error
    assert not (study.folder / "warehouse").exists()


def test_identify_needs_no_study_and_says_what_a_file_would_yield(tmp_path: Path, capsys) -> None:
    (tmp_path / "a.fit").write_bytes(garmin_day("2026-03-03"))
    (tmp_path / "diary.csv").write_bytes(diary.diary([(date(2026, 3, 4), "yoga", 20)]))
    (tmp_path / "settings.fit").write_bytes(fit.other(2))
    (tmp_path / "what.bin").write_bytes(b"\x00\x01")
    files = [tmp_path / name for name in ("a.fit", "diary.csv", "settings.fit", "what.bin", "absent")]
    assert stepwindow("identify", "--json", *files) == 1
    found = json.loads(capsys.readouterr().out)
    assert [f["connector"] for f in found] == ["garmin_fit_monitoring", "diary", None, None, None]
    assert found[0]["covers_from"] == "2026-03-03"
    assert "steps" in found[0]["metrics"]
    assert found[1]["sessions"] == 1
    assert all(f["reason"] for f in found[2:])
    assert set(found[0]) >= {"file", "connector", "reason", "sessions", "minutes", "daily_totals", "covers_from",
                             "covers_to", "metrics"}  # fmt: skip


@pytest.mark.after_a_night(over=a_walk)
def test_goals_shows_the_current_verdicts_and_those_of_another_date(study: StudyFolder, capsys) -> None:
    before = study.ask("SELECT * FROM goal_week_history")
    assert stepwindow("goals", "--json", "--study", study.folder) == 0
    assert [row["status"] for row in json.loads(capsys.readouterr().out)] == ["insufficient_data"]
    assert stepwindow("goals", "--json", "--study", study.folder, "--as-of", "2026-03-05") == 0
    row = json.loads(capsys.readouterr().out)[0]
    assert (row["status"], row["as_of"]) == ("in_progress", "2026-03-05")
    assert study.ask("SELECT * FROM goal_week_history") == before
    assert stepwindow("goals", "--json", "--study", study.folder, "--participant", "P2") == 0
    assert json.loads(capsys.readouterr().out) == []


def test_a_plan_does_nothing_but_say_what_a_night_then_does_and_prints_with_its_verdicts(study, capsys) -> None:
    a_walk(study)
    assert stepwindow("backfill", "--plan", "--json", "--study", study.folder) == 0
    assert json.loads(capsys.readouterr().out)[0]["files"] == 1
    assert stepwindow("nightly", "--no-engine", "--study", study.folder) == 0
    said = capsys.readouterr().out
    assert "Test, as of 2026-03-23" in said
    assert "new: 1 loaded" in said
    assert "no verdict -> cannot be said: 1" in said
    assert "insufficient_data  1" in said
    assert "P1" not in said


@pytest.mark.after_a_night(over=a_walk)
def test_query_reads_and_never_writes(study: StudyFolder, capsys) -> None:
    assert stepwindow("query", "--json", "--study", study.folder, "SELECT count(*) AS n FROM infusion") == 0
    assert json.loads(capsys.readouterr().out) == [{"n": 1}]
    assert stepwindow("query", "--study", study.folder, "DELETE FROM infusion") == 2
    assert "read-only" in capsys.readouterr().err


def test_what_was_never_published_is_one_sentence(study: StudyFolder, capsys) -> None:
    assert stepwindow("goals", "--study", study.folder) == 2
    assert "run `stepwindow nightly` first" in capsys.readouterr().err


SPARED = {
    "query": {"prefect", "polars", "pydantic"},
    "status": {"prefect"},
    "changes": {"prefect", "polars", "pydantic"},
    "goals": {"prefect", "polars"},
    "nightly": {"prefect", "asyncio", "rich.progress"},
    "identify": {"prefect", "duckdb", "pydantic"},
}


@pytest.mark.after_a_night(over=a_walk)
@pytest.mark.parametrize(
    "commands",
    [
        (["query", "SELECT 1"], ["changes"], ["goals"], ["status"], ["nightly", "--no-engine"]),
        (["identify", "goals.csv"],),
    ],
    ids=lambda commands: commands[0][0],
)
def test_a_command_does_not_load_what_it_does_not_need(study: StudyFolder, commands: tuple[list[str], ...]) -> None:
    """Also none that it follows in the same process has."""
    script = (
        "import json, sys; from flows.cli import main\n"
        "for words in json.loads(sys.argv[1]): main(words); print(words[0], *sys.modules, file=sys.stderr)"
    )
    ended = subprocess.run(
        [sys.executable, "-c", script, json.dumps(commands)], capture_output=True, text=True, timeout=PATIENCE,
        check=True, env=os.environ | {"STEPWINDOW_STUDY": str(study.folder), "PYTHONPATH": str(ROOT)}, cwd=study.folder,
    )  # fmt: skip
    loaded = {line.split()[0]: set(line.split()[1:]) for line in ended.stderr.splitlines()}
    assert list(loaded) == [words[0] for words in commands]
    for command, modules in loaded.items():
        assert "models.fault" in modules
        assert not SPARED[command] & modules


@pytest.mark.after_a_night(over=a_walk)
def test_goals_says_why_within_a_hundred_columns(study: StudyFolder, capsys) -> None:
    assert stepwindow("goals", "--study", study.folder, "--why", "G1", "1") == 0
    said = capsys.readouterr().out
    assert "6000" in said.replace(",", "")
    assert max(map(len, said.splitlines())) <= 100
    assert stepwindow("goals", "--study", study.folder, "--why", "G1", "9") == 2
    assert len(capsys.readouterr().err.strip().splitlines()) == 1


@pytest.mark.after_a_night(over=a_walk)
def test_a_backfill_with_what_was_known_then_shows_the_verdict_of_then(study: StudyFolder, capsys) -> None:
    between = study.ask("SELECT max(loaded_at) FROM source_file")[0][0]
    for day in ("2026-03-04", "2026-03-05", "2026-03-06"):
        study.put(f"P1/{day}.fit", garmin_day(day))
    study.night()
    assert study.ask("SELECT status FROM goal_week") == [("met",)]
    assert stepwindow("backfill", "--study", study.folder, "--known-by", between.isoformat(), "--json") == 0
    assert [row["status"] for row in json.loads(capsys.readouterr().out)] == ["insufficient_data"]
    assert study.ask("SELECT status FROM goal_week") == [("met",)]


@pytest.mark.parametrize("command", command_names())
def test_every_command_explains_itself_within_a_hundred_columns_by_an_example(
    command: str, capsys, monkeypatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    with pytest.raises(SystemExit) as ended:
        stepwindow(command, "--help")
    said = capsys.readouterr().out
    assert ended.value.code == 0
    assert max(map(len, said.splitlines())) <= 100
    assert f"for example:\n  stepwindow {command}" in said


def test_help_lists_the_commands_and_the_version_is_told(capsys) -> None:
    for words, part in (
        (["--help"], "SQL on the published database"),
        (["--version"], f"stepwindow {version('stepwindow')}"),
    ):
        with pytest.raises(SystemExit) as ended:
            stepwindow(*words)
        assert ended.value.code == 0
        assert part in capsys.readouterr().out
    assert stepwindow() == 2
    assert "commands:" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["nigtly"], "there is no command 'nigtly' (is nightly meant?)"),
        (["goals", "--participnt", "P1"], "'--participnt' is not understood (is --participant meant?)"),
        (["goals", "--as-of", "yesterday"], "'yesterday' is not a date such as 2026-03-09"),
        (["day"], "the following arguments are required: PARTICIPANT, DATE"),
        (["query", "SELECT 1", "more"], "'more' is not understood; `stepwindow query --help`"),
    ],
)
def test_a_slip_of_the_hand_is_one_line_and_exit_code_2(capsys, words: list[str], said: str) -> None:
    with pytest.raises(SystemExit) as ended:
        stepwindow(*words)
    error = capsys.readouterr().err
    assert ended.value.code == 2
    assert said in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["goals", "--participant", "P7"], "participants.csv has no P7"),
        (["goals", "--infusion", "I7"], "infusions.csv has no I7"),
        (["day", "P7", "2026-03-03"], "participants.csv has no P7"),
        (["backfill", "--connector", "fitbitt"], "no reader called fitbitt"),
        (["nightly", "--study", "nowhere"], "stepwindow init DIR"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_exit_code_2(study: StudyFolder, capsys, monkeypatch, words, said) -> None:
    monkeypatch.setenv("STEPWINDOW_STUDY", str(study.folder))
    assert stepwindow(*words) == 2
    error = capsys.readouterr().err
    assert said in error
    assert len(error.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        (KeyError("the patient's own words"), "a fault of stepwindow itself (KeyError, "),
        (
            OSError(28, "No space left on device", "store.duckdb"),
            "store.duckdb: No space left on device; check the disk",
        ),
        (KeyboardInterrupt(), "stopped; what was done is kept"),
    ],
)
def test_a_fault_is_told_without_a_traceback_and_never_with_exit_code_1(
    study: StudyFolder, capsys, monkeypatch, fault: BaseException, said: str
) -> None:
    def fails(folder: Path) -> None:
        raise fault

    monkeypatch.setattr("models.study.folder.read_study", fails)
    assert stepwindow("status", "--study", study.folder) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error
    assert "own words" not in error


def test_tables_fit_a_hundred_columns_with_the_longest_ids_and_json_holds_them_whole(
    study: StudyFolder, capsys
) -> None:
    who, infusion, goal = "p" * 64, "i" * 64, "g" * 64
    study.participants, study.infusions = [f"{who},,,"], [f"{infusion},{who},2026-03-02,,"]
    study.goals = [f"{goal},,{who},,1,2,daily_mean,steps,5000,,,2026-03-02,,,"]
    study.write().put(f"{who}/{'f' * 120}.fit", garmin_day("2026-03-03"))
    study.put(f"{who}/{'bad' * 40}.fit", garmin_day("2026-03-03")[:-9])
    study.night()
    commands = [["goals"], ["goals", "--why", goal, "1"], ["day", who, "2026-03-03"], ["status"], ["doctor"]]
    commands += [
        ["backfill", "--plan"],
        ["query", "FROM goal_week"],
        ["identify", study.folder / "inbox" / who / "a.fit"],
    ]
    for words in commands:
        where = [] if words[0] == "identify" else ["--study", study.folder]
        assert stepwindow(*words, *where) in (0, 1), words
        assert max(map(len, capsys.readouterr().out.splitlines())) <= 100, words
        assert stepwindow(*words, *where, "--json") in (0, 1), words
        json.loads(capsys.readouterr().out)
    assert stepwindow("goals", "--json", "--study", study.folder) == 0
    week = json.loads(capsys.readouterr().out)[0]
    assert (week["participant_id"], week["goal_id"], week["target_effective"]) == (who, goal, 5000)


def test_verdicts_of_many_people_are_bounded_and_summed_up(capsys) -> None:
    columns = ["participant_id", "infusion_id", "goal_id", "week", "week_start", "kind", "metric", "status", "reason"]
    columns += ["value", "target_effective", "percent", "basis", "valid_days", "eligible_days", "as_of"]
    status = {0: "met", 1: "missed"}
    rows = [
        (f"P{n}", "I", "G", 1, AS_OF, "k", "m", status[n % 2], None, 1, 1, 100, "observed", 7, 7, AS_OF)
        for n in range(20_000)
    ]
    show_verdicts(columns, rows, False, most=40)
    said = capsys.readouterr().out
    assert len(said.splitlines()) < 50
    assert "... and 19,960 more" in said
    assert "20,000 goal-weeks: 10,000 met, 10,000 missed" in said
