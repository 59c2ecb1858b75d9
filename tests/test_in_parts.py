"""Days are resolved, and weeks judged, some people at a time: each part is whole and stays, and all of them are the
same as at once."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from flows.night.begin import begin
from flows.night.run import Run, Scope
from flows.night.steps import judge_weeks, load_exports, read_control_files, resolve_days
from models.store import judge, publish, resolve
from tests.studies import StudyFolder, fitbit_day
from tests.test_night import content_of

PEOPLE = ("P1", "P2")
DAYS = ("2026-03-03", "2026-03-08")
EACH = 8  # resolved of each: those days, the ones beside them, and two between
WEEKS = 2  # judged of each
OF_BOTH = """SELECT participant_id, goal_id, infusion_id, week, status, value FROM goal_week
    WHERE goal_id = 'P1-walk' AND infusion_id = 'P1-1' ORDER BY ALL"""


@pytest.fixture(scope="module")
def at_once(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    study = a_study(tmp_path_factory.mktemp("at_once"))
    run = study.night()
    assert (run.days, run.changes) == (len(PEOPLE) * EACH, len(PEOPLE) * WEEKS)
    return study


def a_study(folder: Path) -> StudyFolder:
    study = StudyFolder(
        folder,
        participants=[f"{who},,," for who in PEOPLE],
        infusions=[f"{who}-1,{who},2026-03-02,," for who in PEOPLE],
        goals=[f"{who}-walk,,{who},,1,2,weekly_total,walking_minutes,60,,,2026-03-02,,," for who in PEOPLE],
    ).write()
    for who in PEOPLE:
        for day in DAYS:
            for path, content in fitbit_day(day).items():
                study.put(f"{who}/{path}", content)
    return study


@pytest.fixture
def one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is a part."""
    monkeypatch.setattr(resolve, "_AT_A_TIME", 1)
    monkeypatch.setattr(judge, "_AT_A_TIME", 1)


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.parametrize("done", [1, 3])
def test_what_was_resolved_when_a_night_died_stays_and_the_next_night_does_the_rest(
    at_once: StudyFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    study = a_study(tmp_path)
    run = begin(study.folder, Scope())
    read_control_files(run)
    load_exports(run)
    with monkeypatch.context() as dying:
        dying.setattr(resolve, "_resolve", dies_after(done, resolve._resolve))
        with pytest.raises(KeyboardInterrupt):
            resolve_days(run)
    run.store.close()
    assert run.days == [0, 6, 12, 14][done]  # the days between are the last
    assert run.days + study.night().days == len(PEOPLE) * EACH
    assert content_of(study) == content_of(at_once)


def dies_after(done: int, as_it_is: Callable[..., int]) -> Callable[..., int]:
    """The work as it is, for so many parts."""
    calls = iter(range(done))

    def part(*given):
        if next(calls, None) is None:
            raise KeyboardInterrupt
        return as_it_is(*given)

    return part


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.parametrize("done", [1, 2])
def test_what_was_judged_when_a_night_died_stays_and_the_next_night_does_the_rest(
    at_once: StudyFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, done: int
) -> None:
    study = a_study(tmp_path)
    run = begin(study.folder, Scope())
    for step in (read_control_files, load_exports, resolve_days):
        step(run)
    with monkeypatch.context() as dying:
        if done < len(PEOPLE):
            dying.setattr(judge, "_judge", dies_after(done, judge._judge))
        else:  # all are judged, and the study does not say so
            dying.setattr(judge, "asdict", dies_after(done, judge.asdict))
        with pytest.raises(KeyboardInterrupt):
            judge_weeks(run)
    run.store.close()
    assert run.changes == done * WEEKS
    assert study.ask_store("SELECT count(*) FROM verdict") == [(done * WEEKS,)]
    assert study.ask_store("FROM judging") == []
    assert study.night().changes == len(PEOPLE) * WEEKS  # those of the run that died are its own
    assert content_of(study) == content_of(at_once)


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.parametrize(("step", "work", "counted"), [(resolve, "_resolve", "days"), (judge, "_judge", "changes")])
def test_who_is_held_after_a_part_was_done_leaves_what_was_done_for_others_counted_once(
    at_once: StudyFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: ModuleType, work: str, counted: str
) -> None:
    study = a_study(tmp_path)
    as_it_is = getattr(step, work)

    def fails_for_the_second(*given):
        if any(isinstance(of, dict | list) and "P2" in of for of in given):
            raise ZeroDivisionError
        return as_it_is(*given)

    with monkeypatch.context() as failing:
        failing.setattr(step, work, fails_for_the_second)
        run: Run = study.night()
    assert set(run.held) == {"P2"}
    of_one = {"days": EACH, "changes": WEEKS}[counted]
    assert getattr(run, counted) == getattr(study.night(), counted) == of_one
    assert content_of(study) == content_of(at_once)


@pytest.mark.usefixtures("one_by_one")
@pytest.mark.parametrize(("held", "anew"), [("", False), ("before", False), ("meanwhile", False), ("meanwhile", True)])
def test_weeks_that_go_over_to_another_person_are_theirs_whenever_the_first_one_is_judged(
    at_once: StudyFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, held: str, anew: bool
) -> None:
    study = at_once.copied(tmp_path / "study")
    if anew:  # the published file is made from nothing
        monkeypatch.setattr(publish, "_last", lambda *_: None)
    if held:
        study.holds = ["P1,2026-03-99,2026-03-10,"]
        assert set(study.write().night().held) == {"P1"}
    study.goals[0] = study.goals[0].replace(",P1,", ",P2,")
    study.infusions[0] = "P1-1,P2,2026-02-20,,"
    if held == "meanwhile":
        assert set(study.write().night().held) == {"P1"}
        for relation in ("baseline", "weekly_activity", "infusion_window", "infusion"):
            of_it = f"SELECT DISTINCT participant_id FROM {relation} WHERE infusion_id = 'P1-1'"
            assert study.ask(of_it) == [("P2",)], relation
    study.holds = []
    study.write().night()
    theirs = study.ask(OF_BOTH)
    assert [row[:3] for row in theirs] == [("P2", "P1-walk", "P1-1")] * WEEKS
    assert study.night(command="backfill", rebuild=True).changes == 0
    assert study.ask(OF_BOTH) == theirs
