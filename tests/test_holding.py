"""Control files that go wrong: what a bad row holds, what stands for it, and how it comes free."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from flows.answers.finding import Finding
from flows.answers.status import look
from flows.cli import main
from flows.report.write import write_report
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
    a_week_of(study, "P1", "P2")
    return study


def a_week_of(study: StudyFolder, *people: str) -> None:
    for who in people:
        for day in range(3, 8):
            study.put(f"{who}/{day}.fit", garmin_day(f"2026-03-{day:02}", 6000))


@pytest.fixture(scope="module")
def after_a_night(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The clinic after a night, to be copied."""
    study = clinic(tmp_path_factory.mktemp("clinic") / "study")
    assert study.night().is_clean
    return study


# People and goals ----------------------------------------------------------------------------------------------------
Rows = dict[str, tuple[str, str, str]]  # by whose row it is: the control file, the row, the same when it is bad
BAD: Rows = {
    "infusions": ("infusions", "infusions-2,infusions,2026-03-16,,", "infusions-2,infusions,2026-16-03,,"),
    "holds": ("holds", "holds,2026-03-13,2026-03-14,", "holds,2026-03-14,2026-03-13,"),
    "participants": ("participants", "participants,,,", "participants,Mars,,"),
    "zones": ("zones", "zones,2026-03-12,America/Chicago", "zones,2026-03-12,America/Chigaco"),
}
BAD_TOO: Rows = {
    "goal": ("goals", "", 'goal-mean,2,goal,,1,2,daily_mean,steps,"6,500",,,2026-03-08,,,'),
    "P-2222": ("infusions", "P-2222-2,P-2222,2026-03-16,,", 'P-2222-2,"P-2222,2026-03-16,,'),
}
NEVER_GOOD: Rows = {
    "soon": ("infusions", "soon-2,soon,2026-03-16,,", "soon-2,soon,soon,,"),
    "many": ("goals", *(f"many-mean,1,many,,1,2,daily_mean,steps,{n},,,2026-03-01,,," for n in ("5000", "many"))),
}
NEW: Rows = {"new": ("participants", "new,,,", "new,Mars,,")}
PEOPLE_HELD = {*BAD, "P-2222", "soon", "new"}


def admit(study: StudyFolder, *people: str) -> None:
    """People with two infusions, two goals, a hold, a move and a week's walks."""
    for who in people:
        study.participants.append(f"{who},,,")
        study.infusions += [f"{who}-1,{who},2026-03-02,,", f"{who}-2,{who},2026-03-16,,"]
        study.goals.append(f"{who}-mean,1,{who},,1,2,daily_mean,steps,5000,,,2026-03-01,,,")
        study.goals.append(f"{who}-days,1,{who},,1,2,days_with,steps,3,5000,,2026-03-01,,,")
        study.holds.append(f"{who},2026-03-13,2026-03-14,")
        study.zones.append(f"{who},2026-03-12,America/Chicago")
    a_week_of(study, *people)


def turn(study: StudyFolder, *cases: Rows, bad: bool) -> None:
    """Let rows go bad, or mend them."""
    for rows, *both in (row for case in cases for row in case.values()):
        lines = getattr(study, rows)
        lines[lines.index(both[not bad])] = both[bad]
    study.write()


@dataclass
class Clinic:
    """A clinic before its rows go bad, while they are, and when they are good again; and the same without bad rows."""

    before: StudyFolder  # as of 2026-03-09
    held: StudyFolder  # as of 2026-03-12, after two nights with a late day of everybody
    mended: StudyFolder  # as of 2026-03-23, after two more
    good: StudyFolder  # as of 2026-03-12
    never: StudyFolder  # as of 2026-03-23


def nights(study: StudyFolder, days: tuple[int, ...], are_clean: bool) -> StudyFolder:
    for day in days:
        run = study.night(as_of=date(2026, 3, day))
        assert run.is_clean == are_clean
        if not are_clean:  # red every night
            assert (set(run.held), list(run.held_goals)) == (PEOPLE_HELD, ["goal-mean", "many-mean"])
    return study


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Clinic:
    folder = tmp_path_factory.mktemp("clinics")
    before = StudyFolder(folder / "before", [], [], [""])
    admit(before, "other", *NEVER_GOOD, *BAD, *BAD_TOO)
    turn(before, NEVER_GOOD, bad=True)
    assert not before.night(as_of=date(2026, 3, 9)).is_clean
    next_day = before.copied(folder / "next day")
    for who in ("other", *NEVER_GOOD, *BAD, *BAD_TOO):
        next_day.put(f"{who}/late.fit", garmin_day("2026-03-08", 9000))
    good = next_day.copied(folder / "good")
    admit(good, "new")
    turn(good, NEVER_GOOD, bad=False)
    nights(good, (12,), are_clean=True)
    held = next_day.copied(folder / "held")
    admit(held, "new")
    turn(held, BAD, BAD_TOO, NEW, bad=True)
    nights(held, (11, 12), are_clean=False)
    mended = held.copied(folder / "mended")
    turn(mended, BAD, BAD_TOO, NEW, NEVER_GOOD, bad=False)
    nights(mended, (13, 23), are_clean=True)
    never = nights(good.copied(folder / "never"), (23,), are_clean=True)
    return Clinic(before, held, mended, good, never)


def verdicts(study: StudyFolder, who: str) -> list[tuple]:
    return study.ask(f"FROM ({VERDICTS}) WHERE starts_with(goal_id, '{who}-')")


def as_held(study: StudyFolder, who: str) -> list[tuple]:
    return [(*row[:-1], True) for row in verdicts(study, who)]


def urgent(study: StudyFolder, who: str) -> list[Finding]:
    return [
        found
        for found in look(read_study(study.folder)).findings
        if (found.urgency, found.participant_id) == ("now", who)
    ]


# A person ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("rows", BAD)
def test_a_bad_row_holds_its_person_and_what_was_published_of_them_stands(rows: str, many: Clinic) -> None:
    assert verdicts(many.held, rows) == as_held(many.before, rows)
    for relation in ("goal_week_history", "daily_activity")[: 1 if rows in ("infusions", "holds") else 2]:
        sql = f"FROM {relation} WHERE participant_id = '{rows}' ORDER BY ALL"
        assert many.held.ask(sql) == many.before.ask(sql)
    if rows in ("infusions", "holds"):
        assert many.held.day("2026-03-08", rows)["steps"] == 9000
    as_of = f"SELECT DISTINCT as_of FROM goal_week WHERE participant_id = '{rows}'"
    assert many.held.ask(as_of) == [(date(2026, 3, 9),)]
    (found,) = urgent(many.held, rows)
    assert found.kind == "held"
    assert f"{rows}.csv line" in found.what


def test_a_bad_row_is_nobody_elses_night(many: Clinic) -> None:
    assert verdicts(many.held, "other") == verdicts(many.good, "other")
    as_of = "SELECT DISTINCT as_of FROM goal_week WHERE participant_id = 'other'"
    assert many.held.ask(as_of) == [(date(2026, 3, 12),)]
    assert not many.held.ask("FROM rejection WHERE place LIKE '%inbox%' OR participant_id IS NOT NULL")
    assert "Mars" not in str(many.held.ask("SELECT held_reason FROM participant"))


@pytest.mark.parametrize(
    "relation",
    ["daily_activity", "infusion_window", "weekly_activity", "participant", "infusion", "goal", "baseline"],
)
def test_once_the_rows_are_mended_all_is_as_if_they_had_never_been_bad(relation: str, many: Clinic) -> None:
    assert many.mended.ask(f"FROM {relation} ORDER BY ALL") == many.never.ask(f"FROM {relation} ORDER BY ALL")


def test_once_the_rows_are_mended_all_is_judged_with_true_causes(many: Clinic) -> None:
    assert many.mended.ask(VERDICTS) == many.never.ask(VERDICTS)
    assert many.mended.ask(CAUSES) == many.never.ask(CAUSES)
    assert not many.mended.ask_store("FROM judged_goal") + many.mended.ask_store("FROM held_goal")


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
    getattr(study, rows)[number] = line
    assert sorted(read_study(study.write().folder).held_people) == who


@pytest.mark.parametrize("who", ["soon", "new"])
def test_a_person_whose_rows_were_never_usable_has_no_verdict_and_then_the_first(who: str, many: Clinic) -> None:
    assert verdicts(many.held, who) == [
        (f"{who}-{goal}", f"{who}-{n}", week, "insufficient_data", "control_row_unusable", None, target, None, True)
        for goal, target in (("days", 3), ("mean", 5000))
        for n in ((1,) if who == "soon" else (1, 2))
        for week in (1, 2)
    ]
    history = f"FROM goal_week_history WHERE participant_id = '{who}'"
    assert many.held.ask(history) == []
    first = many.mended.ask(f"SELECT DISTINCT cause {history} AND supersedes IS NULL")
    assert first == [("first_verdict",)]
    if who == "new":
        assert many.held.ask("SELECT count(*) FROM daily_activity WHERE participant_id = 'new'") == [(0,)]


def test_a_rebuild_of_a_store_keeps_what_was_published_of_who_is_held(
    after_a_night: StudyFolder, tmp_path: Path
) -> None:
    study = after_a_night.copied(tmp_path / "study")
    stood = study.ask(OF_P2)
    study.infusions[2] = "I3,P2,2026-16-03,,"
    run = study.write().night(command="backfill", rebuild=True)
    assert set(run.held) == {"P2"}
    assert study.ask(OF_P2) == [(*row[:-1], True) for row in stood]
    study.night()
    assert study.ask(OF_P2) == [(*row[:-1], True) for row in stood]


# A goal --------------------------------------------------------------------------------------------------------------
def test_a_goal_is_held_alone(many: Clinic) -> None:
    assert verdicts(many.held, "goal-mean") == as_held(many.before, "goal-mean")
    assert verdicts(many.held, "goal-days") == verdicts(many.good, "goal-days")
    assert [found.kind for found in urgent(many.held, "goal")] == ["held"]
    reason = "SELECT held_reason FROM participant WHERE participant_id = 'goal'"
    assert "goals.csv line" in many.held.ask(reason)[0][0]


def test_a_goal_that_was_never_usable_has_the_weeks_of_the_study_and_no_verdict(many: Clinic, tmp_path: Path) -> None:
    study = many.held.copied(tmp_path / "study")
    write_report(study.folder / "warehouse", "Test")
    page = (study.folder / "warehouse/report/participant/many.html").read_text("utf-8")
    assert "goal many-mean: goals.csv line 7, target" in page
    assert "A goal of which no row can be used" in page
    found = study.ask("SELECT DISTINCT status, reason, is_held FROM goal_week WHERE goal_id = 'many-mean'")
    assert found == [("insufficient_data", "control_row_unusable", True)]
    assert study.ask("SELECT count(*) FROM goal_week_history WHERE goal_id = 'many-mean'") == [(0,)]
    assert verdicts(study, "many-days") == verdicts(many.good, "many-days")


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
def copies(study: StudyFolder) -> list[str]:
    return [path.read_text("utf-8") for path in (study.folder / "warehouse/control").rglob("*") if path.is_file()]


@pytest.fixture(scope="module")
def changed(after_a_night: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The clinic after another night, with another target and a date that moved."""
    study = after_a_night.copied(tmp_path_factory.mktemp("clinic") / "study")
    study.goals[0] = "G1,1,P1,,1,1,daily_mean,steps,70000,,,2026-03-01,,,"
    study.infusions[2] = "I3,P2,2026-03-12,,"
    study.write().night()
    return study


def test_every_set_of_control_files_that_was_used_is_kept_once_for_its_owner_alone(
    after_a_night: StudyFolder, changed: StudyFolder, many: Clinic, tmp_path: Path
) -> None:
    assert len(versions.copies(many.held.folder / "warehouse")) == 2  # of three nights
    study = changed.copied(tmp_path / "study")
    study.goals, study.infusions = after_a_night.goals, after_a_night.infusions
    study.write().night()
    warehouse = study.folder / "warehouse"
    assert len(versions.copies(warehouse)) == 3
    assert len(versions.used(warehouse)) == 2
    modes = {path.stat().st_mode & 0o777 for path in (warehouse / "control").rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert "a word about P2" not in "".join(copies(study))
    assert not list(warehouse.glob(".draft*"))


def test_what_was_known_then_is_judged_by_the_control_files_of_then(
    after_a_night: StudyFolder, changed: StudyFolder
) -> None:
    verdicts = "SELECT goal_id, infusion_id, week, status, reason, value, target FROM goal_week ORDER BY ALL"
    ((moment,),) = after_a_night.ask("SELECT max(ended_at) FROM run")

    def as_known(at: datetime) -> list[tuple]:
        return replay(read_study(changed.folder), date(2026, 3, 23), at, verdicts).rows

    assert as_known(moment.replace(tzinfo=UTC)) == after_a_night.ask(verdicts) != changed.ask(verdicts)
    assert as_known(datetime.now(UTC)) == changed.ask(verdicts)


def test_who_is_forgotten_is_in_no_copy_of_the_control_files(many: Clinic, tmp_path: Path, capsys) -> None:
    study = many.held.copied(tmp_path / "study")
    assert [text for text in copies(study) if "P-2222-2" in text]
    assert main(["forget", "P-2222", "--yes", "--json", "--study", str(study.folder)]) == 0
    assert json.loads(capsys.readouterr().out)["left"] == {}
    assert not [text for text in copies(study) if "P-2222" in text]
    assert any("other-1,other" in text for text in copies(study))
    study.night(as_of=date(2026, 3, 12))
    assert not [text for text in copies(study) if "P-2222" in text]


def test_the_differences_are_told_row_by_row(after_a_night: StudyFolder, tmp_path: Path, capsys) -> None:
    assert main(["control", "--diff", "--study", str(clinic(tmp_path / "new").folder)]) == 2
    assert "run `stepwindow nightly` first" in capsys.readouterr().err
    study = after_a_night.copied(tmp_path / "study")
    at = ["--study", str(study.folder)]
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
