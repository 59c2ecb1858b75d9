"""Control files that go wrong: what a bad row holds, what stands for it, and how it comes free."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.answers.status import look
from flows.cli import main
from models.store.replay import replay
from models.study import versions
from models.study.folder import read_study
from models.study.holding import Ids, losses
from tests.studies import StudyFolder, garmin_day

VERDICTS = """SELECT goal_id, infusion_id, week, status, reason, value, target, valid_days, is_held
              FROM goal_week ORDER BY ALL"""
OF_P2 = VERDICTS.replace("ORDER", "WHERE participant_id = 'P2' ORDER")
CAUSES = "SELECT DISTINCT goal_id, week, cause FROM goal_week_history WHERE is_current ORDER BY ALL"


def clinic(folder: Path) -> StudyFolder:
    """Two people of two infusions each, a week's walks, a hold and a move."""
    study = StudyFolder(
        folder,
        participants=["P1,,,", "P2,,,"],
        infusions=["I1,P1,2026-03-02,,", "I2,P2,2026-03-02,,", "I3,P2,2026-03-16,,"],
        goals=[
            "G1,1,P1,,1,2,daily_mean,steps,5000,,,2026-03-01,,,",
            "G2,1,P2,,1,2,daily_mean,steps,5000,,,2026-03-01,,,",
            "G3,1,P2,,1,2,days_with,steps,3,5000,,2026-03-01,,,",
        ],
        holds=["P2,2026-03-13,2026-03-14,a word about P2"],
        zones=["P2,2026-03-12,America/Chicago"],
    ).write()
    for day in range(3, 8):
        for who in ("P1", "P2"):
            study.put(f"{who}/{day}.fit", garmin_day(f"2026-03-{day:02}", 6000))
    return study


def spoil(study: StudyFolder, rows: str, number: int, line: str) -> Callable[[], None]:
    """Write another line into a control file; what is returned takes it back."""
    kept = list(getattr(study, rows))
    getattr(study, rows)[number : number + 1] = [line]
    study.write()

    def mend() -> None:
        setattr(study, rows, kept)
        study.write()

    return mend


@pytest.fixture(scope="module")
def after_a_night(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The clinic after a night, to be copied."""
    study = clinic(tmp_path_factory.mktemp("clinic") / "study")
    assert study.night().is_clean
    return study


@pytest.fixture(scope="module")
def long_ago(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The clinic after a night as of 2026-03-09, to be copied."""
    study = clinic(tmp_path_factory.mktemp("clinic") / "study")
    assert study.night(as_of=date(2026, 3, 9)).is_clean
    return study


@pytest.fixture(scope="module")
def never(long_ago: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The same after two more nights, with a late day of everybody, and no bad row in any."""
    study = long_ago.copied(tmp_path_factory.mktemp("clinic") / "never")
    a_late_day(study)
    for day in (13, 23):
        study.night(as_of=date(2026, 3, day))
    return study


def a_late_day(study: StudyFolder) -> None:
    for who in ("P1", "P2"):
        study.put(f"{who}/late.fit", garmin_day("2026-03-08", 9000))


BAD = {  # control file: the row of P2 that goes bad
    "infusions": (2, "I3,P2,2026-16-03,,"),
    "holds": (0, "P2,2026-03-14,2026-03-13,"),
    "participants": (1, "P2,Mars,,"),
    "zones": (0, "P2,2026-03-12,America/Chigaco"),
}


# A person ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", BAD)
def test_a_bad_row_holds_its_person_until_it_is_mended_and_then_all_is_as_if_it_had_never_been(
    rows: str, long_ago: StudyFolder, never: StudyFolder, tmp_path: Path
) -> None:
    study = long_ago.copied(tmp_path / "study")
    stood, days = study.ask(OF_P2), study.ask("FROM daily_activity WHERE participant_id = 'P2' ORDER BY ALL")
    history = study.ask("SELECT count(*) FROM goal_week_history WHERE participant_id = 'P2'")
    mend = spoil(study, rows, *BAD[rows])
    a_late_day(study)
    for day in (11, 12):  # red every night
        run = study.night(as_of=date(2026, 3, day))
        assert not run.is_clean
        assert list(run.held) == ["P2"]
    assert study.ask(OF_P2) == [(*row[:-1], True) for row in stood]
    assert study.ask("SELECT count(*) FROM goal_week_history WHERE participant_id = 'P2'") == history
    assert study.ask("SELECT DISTINCT participant_id, as_of FROM goal_week ORDER BY 1") == [
        ("P1", date(2026, 3, 12)), ("P2", date(2026, 3, 9))
    ]  # fmt: skip
    went_on = study.ask("SELECT steps FROM daily_activity WHERE participant_id = 'P2' AND local_date = '2026-03-08'")
    if rows in ("infusions", "holds"):
        assert went_on == [(9000,)]
    else:
        assert study.ask("FROM daily_activity WHERE participant_id = 'P2' ORDER BY ALL") == days
    assert not study.ask("FROM rejection WHERE place LIKE '%inbox%' OR participant_id IS NOT NULL")
    (found,) = [f for f in look(read_study(study.folder)).findings if f.kind == "held"]
    assert (found.urgency, found.participant_id) == ("now", "P2")
    assert f"{rows}.csv line" in found.what
    assert "Mars" not in study.ask("SELECT held_reason FROM participant WHERE participant_id = 'P2'")[0][0]

    mend()
    for day in (13, 23):
        assert study.night(as_of=date(2026, 3, day)).is_clean
    assert study.ask(VERDICTS) == never.ask(VERDICTS)
    assert study.ask(CAUSES) == never.ask(CAUSES)
    for table in (
        "daily_activity",
        "infusion_window",
        "weekly_activity",
        "participant",
        "infusion",
        "goal",
        "baseline",
    ):
        assert study.ask(f"FROM {table} ORDER BY ALL") == never.ask(f"FROM {table} ORDER BY ALL")


@pytest.mark.parametrize(
    ("rows", "number", "line", "who"),
    [
        ("infusions", 1, "I1,P2,2026-03-02,,", ["P2"]),  # the id of another's infusion: the second row is the bad one
        ("infusions", 2, "I3,P2,2026-03-02,,", ["P2"]),  # two on one date
        ("infusions", 2, "I3,P20,2026-03-16,,", ["P2"]),  # nobody's, but it was the infusion of somebody
        ("infusions", 2, "I9,P99,2026-03-16,,", []),  # an infusion and a person nobody knew
        ("infusions", 2, "I3,P2,16,03,2026,,", ["P2"]),  # more cells than columns
        ("infusions", 2, 'I3,"P2,2026-03-16,,', ["P2"]),  # a quotation mark
        ("participants", 1, "P 2,,,", ["P2"]),  # other files name who was there
        ("goals", 1, ",1,P2,,1,2,daily_mean,steps,5000,,,2026-03-01,,,", ["P2"]),  # no goal_id
    ],
    ids=str,
)
def test_who_is_held_by_a_row(rows, number, line, who, after_a_night: StudyFolder, tmp_path: Path) -> None:
    study = after_a_night.copied(tmp_path / "study")
    spoil(study, rows, number, line)
    assert sorted(read_study(study.folder).held_people) == who


def test_a_person_whose_rows_were_never_usable_has_no_verdict_and_then_the_first(tmp_path: Path) -> None:
    study = clinic(tmp_path / "study")
    mend = spoil(study, "infusions", 2, "I3,P2,soon,,")
    assert not study.night().is_clean
    assert study.ask(OF_P2) == [
        (goal, "I2", week, "insufficient_data", "control_row_unusable", None, target, None, True)
        for goal, target in (("G2", 5000), ("G3", 3))
        for week in (1, 2)
    ]
    assert study.ask("SELECT count(*) FROM goal_week_history WHERE participant_id = 'P2'") == [(0,)]
    study.put("P2/late.fit", garmin_day("2026-03-08", 9000))
    study.night()
    assert {row[3] for row in study.ask(OF_P2)} == {"insufficient_data"}
    mend()
    assert study.night().is_clean
    never = clinic(tmp_path / "never")
    never.put("P2/late.fit", garmin_day("2026-03-08", 9000))
    never.night()
    assert study.ask(VERDICTS) == never.ask(VERDICTS)
    assert study.ask("SELECT DISTINCT cause, supersedes FROM goal_week_history") == [("first_verdict", None)]


def test_a_new_person_with_a_bad_row_is_nobody_elses_night(after_a_night: StudyFolder, tmp_path: Path) -> None:
    study = after_a_night.copied(tmp_path / "study")
    before = study.ask(VERDICTS)
    study.participants.append("P3,Mars,,")
    study.infusions.append("I4,P3,2026-03-02,,")
    study.goals.append("G4,1,P3,,1,1,daily_mean,steps,5000,,,2026-03-01,,,")
    study.write()
    study.put("P3/a.fit", garmin_day("2026-03-04"))
    for _ in range(2):
        run = study.night()
        assert set(run.held) == {"P3"}
    assert study.ask("SELECT count(*) FROM daily_activity WHERE participant_id = 'P3'") == [(0,)]
    assert study.ask("SELECT DISTINCT reason FROM goal_week WHERE participant_id = 'P3'") == [("control_row_unusable",)]
    assert [row for row in study.ask(VERDICTS) if row[0] != "G4"] == before


def test_a_rebuild_of_a_store_keeps_what_was_published_of_who_is_held(
    after_a_night: StudyFolder, tmp_path: Path
) -> None:
    study = after_a_night.copied(tmp_path / "study")
    stood = study.ask(OF_P2)
    spoil(study, "infusions", 2, "I3,P2,2026-16-03,,")
    run = study.night(command="backfill", rebuild=True)
    assert set(run.held) == {"P2"}
    assert study.ask(OF_P2) == [(*row[:-1], True) for row in stood]
    study.night()
    assert study.ask(OF_P2) == [(*row[:-1], True) for row in stood]


# A goal --------------------------------------------------------------------------------------------------------------
def test_a_goal_is_held_alone_and_judged_with_true_causes_when_its_row_is_mended(
    long_ago: StudyFolder, tmp_path: Path
) -> None:
    study, never = long_ago.copied(tmp_path / "study"), long_ago.copied(tmp_path / "never")
    stood = study.ask(OF_P2)
    study.goals.append('G2,2,P2,,1,2,daily_mean,steps,"6,500",,,2026-03-08,,,')
    study.write()
    for day in (10, 11):
        run = study.night(as_of=date(2026, 3, day))
        assert (run.held, list(run.held_goals), run.is_clean) == ({}, ["G2"], False)
        never.night(as_of=date(2026, 3, day))
    of_g2 = [row for row in study.ask(OF_P2) if row[0] == "G2"]
    assert of_g2 == [(*row[:-1], True) for row in stood if row[0] == "G2"]
    assert [row for row in study.ask(OF_P2) if row[0] == "G3"] == [r for r in never.ask(OF_P2) if r[0] == "G3"]
    assert [f.kind for f in look(read_study(study.folder)).findings if f.urgency == "now"] == ["held_goal"]
    assert "goals.csv line 5" in study.ask("SELECT held_reason FROM participant WHERE participant_id = 'P2'")[0][0]
    study.goals.pop()
    study.write()
    for each in (study, never):
        assert each.night(as_of=date(2026, 3, 23)).is_clean
    assert study.ask(VERDICTS) == never.ask(VERDICTS)
    assert study.ask(CAUSES) == never.ask(CAUSES)
    assert not study.ask_store("FROM judged_goal") + study.ask_store("FROM held_goal")


def test_a_goal_that_was_never_usable_has_the_weeks_of_the_study_and_no_verdict(
    after_a_night: StudyFolder, tmp_path: Path
) -> None:
    study = clinic(tmp_path / "study")
    mend = spoil(study, "goals", 1, "G2,1,P2,,1,2,daily_mean,steps,many,,,2026-03-01,,,")
    toml = study.folder / "study.toml"
    toml.write_text(toml.read_text().replace("nightly = false", "nightly = true"))
    assert study.night().held == {}
    page = (study.folder / "warehouse/report/participant/P2.html").read_text()
    assert "goal G2: goals.csv line 3, target" in page
    assert "A goal of which no row can be used" in page
    found = study.ask("SELECT DISTINCT status, reason, is_held FROM goal_week WHERE goal_id = 'G2'")
    assert found == [("insufficient_data", "control_row_unusable", True)]
    assert study.ask("SELECT count(*) FROM goal_week_history WHERE goal_id = 'G2'") == [(0,)]
    assert study.ask("SELECT count(*) FROM goal_week WHERE goal_id = 'G3' AND is_held") == [(0,)]
    mend()
    study.night()
    assert study.ask(VERDICTS) == after_a_night.ask(VERDICTS)


# A file that lost much -----------------------------------------------------------------------------------------------
def names(people: int = 8, infusions: int = 1, goals: int = 1) -> Ids:
    found = Ids()
    for n in range(people):
        found.participants.add(f"P{n}")
        found.infusions |= {f"P{n}-{i}": f"P{n}" for i in range(infusions)}
        found.goals |= {f"P{n}-g{g}": {(f"P{n}", "")} for g in range(goals)}
    return found


FILES = {name: f"{name}.csv" for name in ("participants", "infusions", "goals")}


def test_what_goes_with_its_person_is_no_loss_of_its_own() -> None:
    assert losses(names(6), names(8), FILES) == []
    (loss,) = losses(names(5), names(8), FILES)
    assert (loss.file, loss.found[:19]) == ("participants.csv", "3 of 8 participants")
    without = names(8)
    del without.goals["P0-g0"], without.goals["P1-g0"]
    assert losses(without, names(8), FILES) == []
    del without.goals["P2-g0"]
    assert [loss.file for loss in losses(without, names(8), FILES)] == ["goals.csv"]
    many = names(20)
    for n in range(5):
        del many.goals[f"P{n}-g0"]
    assert losses(many, names(20), FILES) == []  # a quarter, no more


def test_a_goal_that_goes_with_its_infusion_is_no_loss_of_its_own() -> None:
    before, now = names(3, infusions=4), names(3, infusions=4)
    before.goals |= {f"one-{n}": {("P0", "P0-0")} for n in range(4)}
    del now.infusions["P0-0"]
    assert losses(now, before, FILES) == []


def test_a_file_that_lost_much_is_not_believed_until_that_is_confirmed(
    after_a_night: StudyFolder, tmp_path: Path, capsys
) -> None:
    study = after_a_night.copied(tmp_path / "study")
    before = study.ask(VERDICTS)
    goals, study.goals = study.goals, []
    study.write()
    study.put("P1/late.fit", garmin_day("2026-03-08", 9000))
    for _ in range(2):
        run = study.night()
        assert [alarm.file for alarm in run.alarms] == ["goals.csv"]
        assert not run.is_clean
    assert [row for row in study.ask(VERDICTS) if row[0] != "G1"] == [row for row in before if row[0] != "G1"]
    assert study.ask("SELECT valid_days FROM goal_week WHERE goal_id = 'G1' AND week = 1") == [(6,)]  # and goes on
    assert [f.kind for f in look(read_study(study.folder)).findings if f.urgency == "now"] == ["lost_rows"]
    assert main(["control", "--diff", "--study", str(study.folder)]) == 1
    said = capsys.readouterr().out
    assert said.count("removed") == 3
    assert "--accept-loss" in said
    assert study.night(accept_loss=True).is_clean
    assert study.night().is_clean
    assert study.ask("SELECT count(*) FROM goal_week") == [(0,)]
    assert goals


# The copies ----------------------------------------------------------------------------------------------------------
def test_every_set_of_control_files_that_was_used_is_kept_once_for_its_owner_alone(
    after_a_night: StudyFolder, tmp_path: Path
) -> None:
    study = after_a_night.copied(tmp_path / "study")
    mend = spoil(study, "goals", 0, "G1,1,P1,,1,2,daily_mean,steps,7000,,,2026-03-01,,,")
    study.night()
    study.night()
    mend()
    study.night()
    warehouse = study.folder / "warehouse"
    assert len(versions.copies(warehouse)) == 3
    assert len(versions.used(warehouse)) == 2
    kept = [path for path in (warehouse / "control").rglob("*") if path.is_file()]
    assert {oct(path.stat().st_mode & 0o777) for path in kept} == {"0o600"}
    assert "a word about P2" not in "".join(path.read_text() for path in kept)
    assert not list(warehouse.glob(".draft*"))


def test_what_was_known_then_is_judged_by_the_control_files_of_then(after_a_night: StudyFolder, tmp_path: Path) -> None:
    study = after_a_night.copied(tmp_path / "study")
    known = "SELECT goal_id, infusion_id, week, status, reason, value, target FROM goal_week ORDER BY ALL"
    before, moment = study.ask(known), datetime.now(UTC)
    spoil(study, "goals", 0, "G1,1,P1,,1,1,daily_mean,steps,70000,,,2026-03-01,,,")
    spoil(study, "infusions", 2, "I3,P2,2026-03-12,,")
    study.night()
    assert study.ask(known) != before

    def as_known(at: datetime) -> list[tuple]:
        return replay(read_study(study.folder), date(2026, 3, 23), at, known).rows

    assert as_known(moment) == before
    assert as_known(datetime.now(UTC)) == study.ask(known)


def test_who_is_forgotten_is_in_no_copy_of_the_control_files(tmp_path: Path, capsys) -> None:
    study = clinic(tmp_path / "study")
    for rows in ("participants", "infusions", "goals", "holds", "zones"):
        setattr(study, rows, [line.replace("P2", "P-2222") for line in getattr(study, rows)])
    study.goals[1] = study.goals[1].replace("P-2222,,1", "P-2222,I2,1")
    (study.folder / "inbox/P2").rename(study.folder / "inbox/P-2222")
    study.write()
    study.night()
    spoil(study, "infusions", 2, 'I3,"P-2222,2026-03-16,,')
    study.night()
    assert main(["forget", "P-2222", "--yes", "--json", "--study", str(study.folder)]) == 0
    assert json.loads(capsys.readouterr().out)["left"] == {}
    kept = [path.read_text() for path in (study.folder / "warehouse/control").rglob("*") if path.is_file()]
    assert not [text for text in kept if "P-2222" in text or "I2" in text]
    assert any("I1,P1" in text for text in kept)
    study.night()
    assert not [path for path in (study.folder / "warehouse/control").rglob("*.csv") if "P-2222" in path.read_text()]


def test_the_differences_are_told_row_by_row(tmp_path: Path, capsys) -> None:
    study = clinic(tmp_path / "study")
    at = ["--study", str(study.folder)]
    assert main(["control", "--diff", *at]) == 2
    assert "run `stepwindow nightly` first" in capsys.readouterr().err
    study.night()
    assert main(["control", "--diff", *at]) == 0
    study.goals[0] = study.goals[0].replace("5000", "7000")
    study.goals[2] = study.goals[2].replace("3,5000", "9,5000")
    study.infusions[1:2] = []
    study.holds.append("P1,2026-03-04,2026-03-04,")
    study.settings = "weeks = 6\n"
    study.write()
    capsys.readouterr()
    assert main(["control", "--diff", "--json", *at]) == 1
    told = json.loads(capsys.readouterr().out)
    assert [(c["file"], c["line"], c["change"], c["row"], c["what"]) for c in told["changes"]] == [
        ("study.toml", None, "added", "goals.weeks", ""),
        ("infusions.csv", 3, "removed", "I2", ""),
        ("goals.csv", 2, "changed", "G1 1", "target: 5000 -> 7000"),
        ("goals.csv", 4, "changed", "G3 1", "target: 3 -> 9"),
        ("holds.csv", 3, "added", "P1 2026-03-04 2026-03-04", ""),
    ]
    assert [(h["participant_id"], h["goal_id"]) for h in told["held"]] == [("P2", "G3")]
    assert main(["control", *at]) == 0
    assert "in use since" in capsys.readouterr().out
