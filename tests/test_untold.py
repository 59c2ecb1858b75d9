"""Goals that what a person hands over can never tell: named in `status`, `doctor`, `goals --why` and on their page."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from connectors import built_in
from flows.answers.doctor import examine
from flows.answers.export_label import label_of
from flows.answers.status import look
from flows.answers.untold import Untold, of_rows, untold
from flows.answers.why import explain
from flows.cli import main
from flows.letter.ways import is_made_by_patients
from models.store.read import published
from models.store.sql import queries
from models.study.folder import read_study
from models.taxonomy import LOGGED_METRICS, PASSIVE_METRICS
from tests.goldens import samples
from tests.studies import StudyFolder, fitbit_day, garmin_day
from tests.writers import diary, fitbit_dashboard
from tests.writers.fitbit_dashboard import Day

WALKING = "weekly_total,walking_minutes,100,"
METRICS = ("mvpa_equivalent_minutes", "movement_minutes", "exercise_minutes", "massage_minutes")
DASHBOARD = fitbit_dashboard.export([Day(date(2026, 3, 3), 8123, 20, 15), Day(date(2026, 3, 4), 6000, 0, 15)])
TAKEOUT = "the CSV files of a Google Takeout (Fitbit and Google Health)"
HOURS = [f"2026-03-0{day}T{hour:02d}:00:00Z,400,fitbit" for day in (3, 4) for hour in range(8, 20)]
# What is asked of each person, as `kind,metric,target,per_day`, and what each hands over.
ASKED = {
    "dashboard": [WALKING, "days_with,yoga_minutes,2,10"],
    "nothing": [WALKING],
    "iphone": ["weekly_total,vigorous_minutes,100,"],
    "diary": ["daily_mean,steps,5000,"],
    "made": [f"weekly_total,{metric},100," for metric in METRICS],
    "hourly": [WALKING],
    "well": [WALKING],
}
HANDED_OVER: dict[str, dict[str, bytes | str]] = {
    "dashboard": {"fitbit_export.csv": DASHBOARD},
    "iphone": {"export.xml": samples()["apple_health"]().popitem()[1]},
    "diary": {"diary.csv": diary.diary([(date(2026, 3, 4), "walking", 20)])},
    "made": {"a.fit": garmin_day("2026-03-03")},
    "hourly": {"steps_2026-03-03.csv": "\n".join(["timestamp,steps,data source", *HOURS, ""])},
    "well": fitbit_day("2026-03-04"),
}


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """After one night over everybody; whoever takes it only reads."""
    study = StudyFolder(tmp_path_factory.mktemp("untold") / "study", reports=True)
    study.participants = [f"{who},,," for who in ASKED]
    study.infusions = [f"I-{who},{who},2026-03-02,," for who in ASKED]
    study.goals = [
        f"{who}-G{n},,{who},,1,1,{goal},,2026-03-02,,," for who, all in ASKED.items() for n, goal in enumerate(all, 1)
    ]
    study.write()
    for who, files in HANDED_OVER.items():
        for name, content in files.items():
            study.put(f"{who}/{name}", content)
    assert study.night().is_clean
    return study


def found(study: StudyFolder, who: str) -> list[Untold]:
    return untold(study.folder / "warehouse", who)


def test_it_is_said_what_cannot_be_told_by_what_and_what_to_ask_for(study: StudyFolder) -> None:
    walking, yoga = found(study, "dashboard")
    assert (walking.participant_id, walking.goals, walking.metric) == ("dashboard", "dashboard-G1", "walking_minutes")
    assert walking.what.startswith("walking minutes cannot be told by the CSV that the website's dashboard exported")
    assert walking.ask == f"Ask for the JSON files of an account export (Fitbit), or {TAKEOUT}"
    assert (yoga.goals, yoga.metric) == ("dashboard-G2", "yoga_minutes")
    assert found(study, "nothing") == []


def test_status_doctor_why_and_the_persons_page_say_the_same(study: StudyFolder, capsys) -> None:
    warehouse, (walking, _) = study.folder / "warehouse", found(study, "dashboard")
    undecided = [item for item in look(read_study(study.folder)).worklist if item.kind == "undecided"]
    (told,) = [item for item in undecided if item.participant_id == "dashboard"]
    assert f"dashboard-G1: {walking.what}; dashboard-G2: yoga minutes cannot be told by " in told.what
    assert f"or {TAKEOUT} as well." in told.what_to_do
    (count,) = [f.what for f in examine(study.folder).findings if f.kind == "worklist"]
    assert f"{len(undecided)} undecided" in count
    assert explain(warehouse, "dashboard-G1", 1)["cannot_be_told"] == walking.sentence
    assert main(["goals", "--study", str(study.folder), "--why", "dashboard-G1", "1"]) == 0
    assert "walking minutes cannot be told by" in capsys.readouterr().out.replace("\n", " ").lower()
    page = (warehouse / "report/participant/dashboard.html").read_text("utf-8")
    assert f"or {TAKEOUT}" in page
    assert "cannot be told" not in (warehouse / "report/participant/nothing.html").read_text("utf-8")


def test_no_export_is_called_with_the_marks_of_a_program_text(study: StudyFolder) -> None:
    (told,) = found(study, "iphone")
    assert told.what.startswith("vigorous minutes cannot be told by the export.xml of an iPhone, with everything")


def test_where_a_single_export_can_tell_nothing_is_said(study: StudyFolder, tmp_path: Path) -> None:
    mended = study.copied(tmp_path / "study")
    mended.put("dashboard/diary.csv", diary.diary([(date(2026, 3, 4), "dance", 20)]))
    assert mended.night().is_clean
    assert found(mended, "dashboard") == []
    assert explain(mended.folder / "warehouse", "dashboard-G1", 1)["cannot_be_told"] is None
    assert "cannot be told" not in (mended.folder / "warehouse/report/participant/dashboard.html").read_text("utf-8")


def test_steps_are_asked_of_another_device_where_a_diary_is_all_there_is(study: StudyFolder) -> None:
    (told,) = found(study, "diary")
    assert told.what == "steps cannot be told by a list of what people do without a watch (The diary)"
    assert told.ask == "Ask whether they carry another device that tells steps, and for its export"


def test_what_is_made_of_others_is_told_by_them_and_massage_by_the_diary_alone(study: StudyFolder) -> None:
    (told,) = found(study, "made")
    assert told.metric == "massage_minutes"
    assert told.ask == "Ask for a list of what people do without a watch (The diary)"


def test_steps_that_never_came_by_the_minute_tell_no_walking(study: StudyFolder) -> None:
    (told,) = found(study, "hourly")
    assert told.what.startswith(f"walking minutes cannot be told by {TAKEOUT}")


def test_readers_are_loaded_only_where_a_metric_was_never_known(study: StudyFolder, monkeypatch) -> None:
    with published(study.folder / "warehouse") as asked:
        rows = asked.ask(queries("report/sections")["untold"])
    monkeypatch.setitem(sys.modules, "connectors", None)
    assert list(of_rows([row for row in rows if row["participant_id"] == "well"])) == []
    with pytest.raises(ImportError):
        untold(study.folder / "warehouse", "dashboard")


def test_without_a_night_nothing_is_said(tmp_path: Path) -> None:
    assert untold(tmp_path, "dashboard") == []


def test_a_patient_is_asked_for_nothing_that_only_a_program_of_the_clinic_can_make() -> None:
    asked = set()
    for name, reader in built_in().items():
        row = {"participant_id": "P1", "goals": "G1", "readers": [name], "has_minutes": False}
        row["sources"] = ";".join(reader.SOURCES)
        asked |= {
            label
            for metric in PASSIVE_METRICS + LOGGED_METRICS
            for told in of_rows([{**row, "metric": metric}])
            for label in told.wanted
        }
    unmakeable = {label_of(reader.__doc__) for name, reader in built_in().items() if not is_made_by_patients(name)}
    assert asked
    assert unmakeable
    assert not asked & unmakeable
