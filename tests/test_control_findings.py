"""What is told of control files that can be read: goals changed in place, sources that no reader gives."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from flows.answers.control_findings import changed_goals, unknown_sources
from flows.answers.status import look
from models.study.folder import read_study
from tests.studies import StudyFolder, fitbit_day, read_here

STEPS = "G1,,P1,,1,1,daily_mean,steps,{},,,2026-03-01,,,"
LATER = "G2,,P1,,4,4,daily_mean,steps,{},,,2026-03-01,,,"


def told(study: StudyFolder) -> list[str]:
    return [f.what for f in look(read_study(study.folder)).findings if f.kind == "changed_goal"]


def test_a_goal_changed_in_place_after_it_ruled_a_week_is_named_until_it_is_put_back(tmp_path, monkeypatch):
    read_here(monkeypatch)
    study = StudyFolder(tmp_path, goals=[STEPS.format(5000), LATER.format(5000)]).write()
    for day in range(3, 10):
        for name, content in fitbit_day(f"2026-03-{day:02}").items():
            study.put(f"P1/{name}", content)
    study.night()
    assert study.ask("SELECT goal_id, status FROM goal_week ORDER BY ALL") == [("G1", "met"), ("G2", "upcoming")]
    assert told(study) == []
    study.goals = [STEPS.format(9000), LATER.format(9000)]
    edited = replace(study).write()
    named = "goals.csv line 2: G1, version 1, was changed without a new version after it had ruled a week (target)"
    assert told(edited) == [named]
    assert edited.night().is_clean
    assert told(edited) == [named]
    assert edited.night(rebuild=True).is_clean
    assert told(edited) == [named]
    goals = edited.folder / "goals.csv"
    header, *rows = goals.read_text("utf-8").splitlines()
    cleared = [f"{header},set_by,cleared_by,cleared_on", *[f"{row},nurse,physician,2026-03-10" for row in rows]]
    rests_on = "SELECT participant_id, control_fingerprint FROM judged_participant ORDER BY ALL"
    before = edited.ask_store(rests_on)
    goals.write_text("\n".join(cleared) + "\n")
    run = edited.night()
    assert (run.is_clean, run.changes, told(edited)) == (True, 0, [named])  # clearing it later is no change
    assert edited.ask_store(rests_on) == before
    assert edited.ask("SELECT DISTINCT set_by, cleared_by, cleared_on FROM goal") == [
        ("nurse", "physician", date(2026, 3, 10))
    ]
    edited.goals = [STEPS.format(5000), LATER.format(9000), STEPS.format(9000).replace("G1,,", "G1,2,")]
    assert told(edited.write()) == []
    edited.goals = [STEPS.format("many"), LATER.format(9000)]
    assert not edited.write().night().is_clean
    kinds = [finding.kind for finding in look(read_study(edited.folder)).findings]
    assert "held" in kinds
    assert "control_changed" not in kinds  # the row is other than the one that is used, and the run knew it


# What `goals.csv` said of G1 when it ruled its first week.
RULED = {
    "goal_id": "G1", "version": 1, "participant_id": "P1", "infusion_id": None, "from_week": 1, "to_week": 4,
    "kind": "daily_mean", "metric": "steps", "targets": [Decimal("5000.000")], "per_day": None, "derivation": None,
    "effective_from": None, "correction": False, "status": "active",
}  # fmt: skip


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        ("G1,1,P1,,1,4,daily_mean,steps,5000.0,,,2026-03-01,,,", []),
        ("G1,1,P1,,1,4,daily_mean,steps,,,baseline_pct:10,2026-03-01,,,", ["targets", "derivation"]),
        ("G1,1,P1,I1,1,4,daily_mean,walking_minutes,5000,,,2026-03-01,,,", ["infusion_id", "metric"]),
        ("G1,1,P1,,1,4,daily_mean,steps,5000,,,2026-03-01,2026-03-09,,on_hold", ["effective_from", "status"]),
        ("G1,1,P1,,1,3,daily_mean,steps,5000,,,2026-03-01,,,", ["to_week"]),
        ("G1,1,P1,,1,9,daily_mean,steps,5000,,,2026-03-01,,,", []),  # longer: no week is ruled anew
        ("G2,1,P1,,1,4,daily_mean,steps,9000,,,2026-03-01,,,", []),  # another goal, and G1 is gone
    ],
)
def test_what_a_version_says_otherwise_is_told_by_column(tmp_path, line, columns):
    study = read_study(StudyFolder(tmp_path, goals=[line]).write().folder)
    was = RULED | {"effective_from": study.rows.goals[0].set_on}
    named = ["target" if name == "targets" else name for name in columns]
    assert [found.what for found in changed_goals(study, [was]) if f"({', '.join(named)})" not in found.what] == []
    assert len(list(changed_goals(study, [was]))) == bool(columns)


def test_fewer_weeks_of_the_study_change_no_goal(tmp_path):
    study = StudyFolder(tmp_path, goals=["G1,,P1,,1,,daily_mean,steps,5000,,,2026-03-01,,,"], settings="weeks = 2\n")
    found = read_study(study.write().folder)
    assert not list(changed_goals(found, [RULED | {"effective_from": found.rows.goals[0].set_on}]))


def test_the_remedy_names_the_next_version(tmp_path):
    study = read_study(StudyFolder(tmp_path, goals=[STEPS.format(9000)]).write().folder)
    (finding,) = changed_goals(study, [RULED | {"to_week": 1, "effective_from": study.rows.goals[0].set_on}])
    assert "add one with version 2 and the date it was set on" in finding.remedy
    assert (finding.urgency, finding.participant_id) == ("soon", "P1")


def test_a_source_that_no_reader_gives_is_named_with_the_one_that_may_be_meant(tmp_path):
    study = StudyFolder(tmp_path, participants=["P1,,garmn; Fitbit;Apple Watch,", "P2,,pebble,"]).write()
    found = read_study(study.folder)
    assert found.faults == []  # the rest of the row holds
    first, second = unknown_sources(found)
    assert first.what == ("participants.csv, source_priority of P1: no reader knows 'garmn'; did you mean garmin?")
    assert second.what.endswith("no reader knows 'pebble'")
    assert "apple_watch" in second.remedy
