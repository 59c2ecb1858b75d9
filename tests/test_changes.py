"""What a run changed: `stepwindow changes`, changes.csv, the lists of the pages, the file or row behind each change."""

from __future__ import annotations

import csv
import io
import json
import re
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from flows.answers.changes import show_last_run
from flows.answers.status import Status
from flows.answers.status import show as show_status
from flows.cli import main
from flows.night import steps
from flows.report import changes as on_pages
from flows.report import site
from flows.report.sections import SECTIONS
from models.store import publish
from models.store.read import published
from models.store.replay import replay
from models.study.folder import read_study
from tests.studies import AS_OF, StudyFolder, garmin_day
from tests.writers import diary

FIRST = date(2026, 3, 3)
DAYS = [str(FIRST + timedelta(days=n)) for n in range(7)]
LATE = f"P1/{DAYS[1]}.fit and 5 more"
NAMES = [
    "run_id", "participant_id", "goal_id", "infusion_id", "week", "status_before", "status_after", "value_before",
    "value_after", "cause",
]  # fmt: skip
OTHERS = ("Cut", "Diary", "Goal", "Held", "Infusion", "Moved", "New", "Step", "Zone", "Clinic", "Worse")


def yoga(who: str, *days: int) -> bytes:
    """A diary of some minutes a day, whose content is nobody else's."""
    return diary.diary([(date(2026, 3, day), "yoga", 20, f"08:{OTHERS.index(who):02}") for day in days])


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A night that sees too little of P1's week; one with the rest, in which something of everybody else changes, too;
    one with nothing new."""
    study = StudyFolder(tmp_path_factory.mktemp("changes") / "study")
    home = {"Zone": "Pacific/Pago_Pago"}  # from there to Kiritimati a date is skipped
    study.participants = ["P1,,,", *(f"{who},{home.get(who, '')},," for who in OTHERS)]
    study.infusions = ["I1,P1,2026-03-02,,", *(f"{who}-I,{who},2026-03-02,," for who in OTHERS)]
    yoga_goal = ",1,1,weekly_total,yoga_minutes,30,,,2026-03-02,,,"
    study.goals += [f"{who}-G,,{who},{yoga_goal}" for who in OTHERS if who != "Step"]
    study.goals += ["-Step-G,,Step,,1,1,daily_mean,steps,5000,,,2026-03-02,,,"]
    study.write()
    study.put(f"P1/{DAYS[0]}.fit", garmin_day(DAYS[0]))
    for who in OTHERS:
        if who not in ("New", "Step", "Clinic"):
            study.put(f"{who}/diary-{who}.csv", yoga(who, 4, 5))
    study.night()

    for day in DAYS[1:]:
        study.put(f"P1/{day}.fit", garmin_day(day))
    study.put("Diary/diary-Diary.csv", yoga("Diary", 4))
    study.put("Worse/diary-Worse.csv", yoga("Worse", 4, 5).replace(b"2026-03-05", b"2026-13-05"))
    study.goals = [row.replace(",30,", ",50,") if row.startswith("Goal") else row for row in study.goals]
    study.holds = ["Held,2026-03-05,2026-03-05,ill"]
    study.infusions = [row.replace("03-02", "03-03") if row.startswith("Infusion") else row for row in study.infusions]
    study.infusions += ["Cut-J,Cut,2026-03-05,,"]
    study.participants = ["Step,,,false" if row.startswith("Step") else row for row in study.participants]
    study.zones = ["Zone,2026-03-04,Pacific/Kiritimati"]
    (study.folder / "inbox/New").mkdir()
    (study.folder / "inbox/Moved/diary-Moved.csv").rename(study.folder / "inbox/New/diary-Moved.csv")
    study.write()
    told = "participant_id,date,activity,minutes\nClinic,2026-03-12,yoga,45\nClinic,2026-03-04,yoga,45\n"
    (study.folder / "attendance.csv").write_text(told)
    study.night()
    study.night()
    return study


def changes(study: StudyFolder, capsys: pytest.CaptureFixture, *words: str) -> str:
    assert main(["changes", "--study", str(study.folder), *words]) == 0
    return capsys.readouterr().out


def runs(study: StudyFolder) -> list[str]:
    return [run for (run,) in study.ask("SELECT run_id FROM run ORDER BY run_number")]


def left(study: StudyFolder) -> list[dict[str, str]]:
    """What changes.csv says."""
    return list(csv.DictReader(io.StringIO((study.folder / "warehouse/changes.csv").read_text("utf-8"))))


@contextmanager
def pages_of(study: StudyFolder, until: int | None = None) -> Iterator[Callable[..., list[dict[str, Any]]]]:
    """Asks as the pages do, of what is published; as if the run of a number were the last one."""
    last = "FROM run " if until is None else f"FROM (FROM run WHERE run_number <= {until}) run "
    with published(study.folder / "warehouse") as rows_of:

        def ask(sql: str, **given: Any) -> list[dict[str, Any]]:
            wanted = {name: value for name, value in given.items() if f"${name}" in sql}
            names, rows = rows_of(sql.replace("FROM run ", last), wanted)
            return [dict(zip(names, row, strict=True)) for row in rows]

        yield ask


def test_a_run_without_changes_says_so_in_one_line(study: StudyFolder, capsys) -> None:
    header = ",".join(NAMES) + "\n"
    assert changes(study, capsys) == "no verdict changed\n"
    assert json.loads(changes(study, capsys, "--json")) == []
    assert changes(study, capsys, "--csv") == header
    assert (study.folder / "warehouse/changes.csv").read_text("utf-8") == header
    assert main(["status", "--study", str(study.folder)]) == 0
    assert "No verdict changed in the last run." in capsys.readouterr().out
    with pages_of(study) as ask:
        page = site.template("changes.html").module.last_run(on_pages.of_last_run(ask))
    assert "No verdict changed since the run as of" in page


def test_a_pipe_reads_counts_and_a_verdict_that_stays_turns_into_nothing(
    study: StudyFolder, capsys, monkeypatch
) -> None:
    monkeypatch.setattr("flows.answers.changes.counted", lambda _: [("met", "met", False, 3), (None, "met", False, 1)])
    show_last_run(study.folder, study.folder / "warehouse", most=40)
    assert capsys.readouterr().out == "    met as before: 3\n    no verdict -> met: 1\n"


def test_after_somebody_was_forgotten_status_says_that_the_changes_are_of_the_run_before(capsys) -> None:
    last = {"command": "forget", "as_of": AS_OF, "ended_at": datetime(2026, 3, 23, 2), "outcome": "clean",
            "files_loaded": 0, "files_rejected": 0, "weeks_changed": 0}  # fmt: skip
    show_status(Status("Test", AS_OF, [], 0, last, [], [], []), everything=False)
    assert "No verdict changed in the last run that judged." in capsys.readouterr().out


def test_what_stood_before_a_run_lacks_the_files_that_it_found_moved_or_written_over(study: StudyFolder) -> None:
    ((began,),) = study.ask("SELECT started_at FROM run ORDER BY run_number LIMIT 1 OFFSET 1")
    assert replay(read_study(study.folder), AS_OF, began, "FROM goal_week").lost == 3  # Diary's, Moved's, Worse's


def test_each_change_is_a_line_with_its_cause_and_the_file_or_row_behind_it(study: StudyFolder, capsys) -> None:
    lines = changes(study, capsys, "--since", runs(study)[1]).splitlines()
    assert lines == [
        "Clinic Clinic-G week 1: cannot be said -> met (late_data): attendance.csv line 3 (added)",
        "Cut Cut-G week 1 after Cut-I: met -> cannot be said (infusion_added): infusions.csv line 14 (added)",
        "Cut Cut-G week 1 after Cut-J: no verdict -> cannot be said (first_verdict)",
        "Diary Diary-G week 1: met -> partly met (corrected_data): Diary/diary-Diary.csv",
        "Goal Goal-G week 1: met -> partly met (goal_changed): goals.csv line 5 (target: 30 -> 50)",
        "Held Held-G week 1: met -> partly met (hold_changed): holds.csv line 2 (added)",
        "Infusion Infusion-G week 1: met as before, 40 (infusion_moved): "
        "infusions.csv line 7 (infused_on: 2026-03-02 -> 2026-03-03)",
        "Moved Moved-G week 1: met -> cannot be said (file_moved): Moved/diary-Moved.csv",
        "New New-G week 1: cannot be said -> met (late_data): New/diary-Moved.csv",
        f"P1 G1 week 1: cannot be said -> met (late_data): {LATE}",
        "Step -Step-G week 1: cannot be said as before (participant_changed): "
        "participants.csv line 10 (foot_step_goals: empty -> false)",
        "Worse Worse-G week 1: met -> cannot be said (corrected_data): Worse/diary-Worse.csv",
        "Zone Zone-G week 1: met as before, 40 (zone_changed): zones.csv line 2 (added)",
    ]


def test_since_a_run_each_change_of_each_run_is_a_line(study: StudyFolder, capsys) -> None:
    first, _, third = runs(study)
    of_p1 = [line for line in changes(study, capsys, "--since", first).splitlines() if line.startswith("P1 ")]
    assert of_p1 == [
        "P1 G1 week 1: no verdict -> cannot be said (first_verdict)",
        f"P1 G1 week 1: cannot be said -> met (late_data): {LATE}",
    ]
    assert changes(study, capsys, "--since", third) == "no verdict changed\n"


def test_since_a_date_are_the_runs_that_began_on_it_or_later(study: StudyFolder, capsys) -> None:
    began = study.ask("SELECT min(started_at AT TIME ZONE 'UTC')::DATE FROM run")[0][0]
    assert len(re.findall("^P1 ", changes(study, capsys, "--since", str(began)), re.MULTILINE)) == 2
    assert changes(study, capsys, "--since", str(began + timedelta(days=2))) == "no verdict changed\n"


def test_for_machines_it_is_what_the_history_says(study: StudyFolder, capsys) -> None:
    second = runs(study)[1]
    row = next(
        row for row in json.loads(changes(study, capsys, "--since", second, "--json")) if row["participant_id"] == "P1"
    )
    assert list(row) == [*NAMES, "behind"]
    assert row["behind"] == [f"P1/{day}.fit" for day in DAYS[1:]]
    assert (row["run_id"], row["status_before"], row["status_after"]) == (second, "insufficient_data", "met")
    assert (row["value_after"], row["cause"]) == (6000, "late_data")
    read = list(csv.DictReader(io.StringIO(changes(study, capsys, "--since", second, "--csv"))))
    assert list(read[0]) == NAMES
    assert float(next(row for row in read if row["goal_id"] == "G1")["value_after"]) == 6000


def test_a_cell_is_no_formula_to_a_spreadsheet_and_the_file_is_for_its_owner_alone(
    study: StudyFolder, tmp_path: Path, capsys
) -> None:
    again = study.copied(tmp_path / "study")
    again.put("P1/again.fit", garmin_day(DAYS[0], 13_000))
    again.put("Step/a.fit", garmin_day(DAYS[0], 7_000, serial=3))
    again.participants = [row.replace("false", "") for row in again.participants]
    again.write().night()
    assert changes(again, capsys) == (
        "P1 G1 week 1: met as before, 6000 -> 7000 (late_data): P1/again.fit\n"
        "Step -Step-G week 1: cannot be said as before (participant_changed): "
        "participants.csv line 10 (foot_step_goals: false -> empty)\n"
    )
    file = again.folder / "warehouse/changes.csv"
    assert [row["goal_id"] for row in left(again)] == ["G1", "'-Step-G"]
    assert file.read_text("utf-8") == changes(again, capsys, "--csv")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_while_the_store_is_not_to_be_had_files_are_known_by_their_contents(study: StudyFolder, capsys) -> None:
    store = study.folder / "warehouse/store.duckdb"
    store.rename(store.with_suffix(".elsewhere"))
    try:
        lines = changes(study, capsys, "--since", runs(study)[1])
    finally:
        store.with_suffix(".elsewhere").rename(store)
    assert re.search("P1 G1 week 1: cannot be said -> met [(]late_data[)]: content [0-9a-f]{12} and 5 more\n", lines)
    assert ".fit" not in lines


def test_a_setting_and_a_file_that_was_unloaded_are_named(study: StudyFolder, tmp_path: Path, capsys) -> None:
    again = study.copied(tmp_path / "study")
    assert main(["unload", "--study", str(again.folder), "Zone", "Zone/diary-Zone.csv"]) == 0
    assert "Zone/diary-Zone.csv" in (out := changes(again, capsys)), out
    assert [row["cause"] for row in left(again)] == ["file_unloaded"]
    again.settings = 'truncation = "flag"\n'
    again.write().night()
    lines = changes(again, capsys).splitlines()
    assert lines
    assert all("study.toml: goals.truncation" in line for line in lines if "settings_changed" in line)
    assert any("settings_changed" in line for line in lines)


@pytest.mark.parametrize("dies", ["before anything is published", "before changes.csv is written"])
def test_what_a_run_changed_that_died_is_what_the_next_one_changed(
    study: StudyFolder, tmp_path: Path, monkeypatch, capsys, dies: str
) -> None:
    again = study.copied(tmp_path / "study")
    before = left(again)
    again.put("P1/again.fit", garmin_day(DAYS[0], 13_000))

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(*((steps, "replace_published") if "anything" in dies else (publish, "write_changes")), die)
        with pytest.raises(KeyboardInterrupt):
            again.night()
    assert left(again) == before
    again.put("P1/once-more.fit", garmin_day(DAYS[1], 13_000))
    run = again.night()
    (row,) = left(again)
    assert (row["run_id"], float(row["value_before"]), float(row["value_after"])) == (run.run_id, 6000, 8000)
    assert changes(again, capsys) == (
        "P1 G1 week 1: met as before, 6000 -> 8000 (late_data): P1/again.fit and 1 more\n"
    )
    again.night()
    assert left(again) == []


def test_a_backfill_that_keeps_nothing_leaves_the_file_as_it_was(study: StudyFolder, capsys) -> None:
    file = study.folder / "warehouse/changes.csv"
    before = file.stat().st_mtime_ns
    folder = str(study.folder)
    assert main(["backfill", "--no-engine", "--study", folder, "--as-of", str(AS_OF - timedelta(days=9))]) == 0
    assert main(["backfill", "--no-engine", "--study", folder, "--known-by", "2026-03-09T02:00"]) == 0
    assert file.stat().st_mtime_ns == before
    capsys.readouterr()


def test_who_is_forgotten_is_in_no_list_and_the_rest_of_it_stays(study: StudyFolder, tmp_path: Path, capsys) -> None:
    again = study.copied(tmp_path / "study")
    again.put("P1/again.fit", garmin_day(DAYS[0], 13_000))
    again.put("Zone/more.csv", diary.diary([(date(2026, 3, 6), "yoga", 33, "09:00")]))
    again.night()
    assert [row["participant_id"] for row in left(again)] == ["P1", "Zone"]
    assert main(["forget", "Zone", "--yes", "--study", str(again.folder)]) == 0
    capsys.readouterr()
    assert [row["participant_id"] for row in left(again)] == ["P1"]
    assert changes(again, capsys) == "P1 G1 week 1: met as before, 6000 -> 7000 (late_data): P1/again.fit\n"
    assert "Zone" not in (again.folder / "warehouse/changes.csv").read_text("utf-8")


def test_the_pages_list_what_tells_most_and_say_how_many_more(study: StudyFolder, monkeypatch) -> None:
    monkeypatch.setattr(on_pages, "SHOWN", 4)
    with pages_of(study, until=2) as ask:
        found = on_pages.of_last_run(ask)
    assert [row["participant_id"] for row in found["lines"]] == ["Clinic", "Cut", "Diary", "Goal"]
    (diary_now,) = study.ask(
        "SELECT sha256 FROM source_file WHERE participant_id = 'Diary' AND covers_to = '2026-03-04'"
    )
    content = f"content {diary_now[0][:12]}"  # a page names no file of a person's
    assert [row["behind"] for row in found["lines"]][1:] == [["infusions.csv"], [content], ["goals.csv"]]
    page = site.template("changes.html").module.last_run(found)
    assert '<a href="participant/Goal.html">Goal</a>' in page
    assert "met → partly met" in page
    assert "the goal was changed: goals.csv" in page
    assert f"And {found['n'] - 4} more" in page


def test_a_persons_page_shows_what_turned_for_thirty_days(study: StudyFolder) -> None:
    sql, order = SECTIONS["changes"]

    def lines(days_later: int) -> list[dict[str, Any]]:
        with pages_of(study) as ask:
            theirs = f"FROM ({sql}) WHERE participant_id = 'P1' ORDER BY {order}"
            return ask(theirs, as_of=AS_OF + timedelta(days=days_later))

    (row,) = lines(0)
    assert (row["changed_on"], row["status_before"], row["status_after"]) == (AS_OF, "insufficient_data", "met")
    assert lines(29) == [row]
    assert lines(30) == lines(-1) == []
    page = site.template("changes.html").module.thirty_days([row])
    assert "cannot be said → met" in page
    assert "a file came later" in page
    assert site.template("changes.html").module.thirty_days([]).strip() == ""
