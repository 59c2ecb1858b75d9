"""Goals that what a person hands over can never tell: named in `status`, `doctor`, `goals --why` and on their page."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from flows.answers.doctor import examine
from flows.answers.status import look
from flows.answers.untold import Untold, untold
from flows.answers.why import explain
from flows.cli import main
from models.study.folder import read_study
from tests.goldens import samples
from tests.studies import StudyFolder, fitbit_day, garmin_day
from tests.writers import diary, fitbit_dashboard
from tests.writers.fitbit_dashboard import Day

WALKING = "G1,,P1,,1,1,weekly_total,walking_minutes,100,,,2026-03-02,,,"
DASHBOARD = fitbit_dashboard.export([Day(date(2026, 3, 3), 8123, 20, 15), Day(date(2026, 3, 4), 6000, 0, 15)])
TAKEOUT = "the CSV files of a Google Takeout (Fitbit and Google Health)"


def found(study: StudyFolder) -> list[Untold]:
    return untold(study.folder / "warehouse")


def a_study(folder: Path, *goals: str, **files: bytes | str) -> StudyFolder:
    study = StudyFolder(folder, goals=[*goals], reports=True).write()
    for name, content in files.items():
        study.put(f"P1/{name}", content)
    assert study.night().is_clean
    return study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """Walking and yoga are asked of somebody who hands over the dashboard's CSV; P2 hands over nothing."""
    goals = (WALKING, "G2,,P1,,1,1,days_with,yoga_minutes,2,10,,2026-03-02,,,", WALKING.replace("G1,,P1", "G3,,P2"))
    return a_study(tmp_path_factory.mktemp("untold") / "study", *goals, **{"fitbit_export.csv": DASHBOARD})


def test_it_is_said_what_cannot_be_told_by_what_and_what_to_ask_for(study: StudyFolder) -> None:
    walking, yoga = found(study)
    assert (walking.participant_id, walking.goals, walking.metric) == ("P1", "G1", "walking_minutes")
    assert walking.what.startswith("walking minutes cannot be told by the CSV that the website's dashboard exported")
    assert walking.ask == f"Ask for the JSON files of an account export (Fitbit), or {TAKEOUT}"
    assert (yoga.goals, yoga.metric) == ("G2", "yoga_minutes")


def test_status_doctor_why_and_the_persons_page_say_the_same(study: StudyFolder, capsys) -> None:
    warehouse, (walking, _) = study.folder / "warehouse", found(study)
    (told,) = [item for item in look(read_study(study.folder)).worklist if item.kind == "undecided"]
    assert told.participant_id == "P1"
    assert f"G1: {walking.what}; G2: yoga minutes cannot be told by " in told.what
    assert f"or {TAKEOUT} as well." in told.what_to_do
    (count,) = [f.what for f in examine(study.folder).findings if f.kind == "worklist"]
    assert "1 undecided" in count
    assert explain(warehouse, "G1", 1)["cannot_be_told"] == walking.sentence
    assert main(["goals", "--study", str(study.folder), "--why", "G1", "1"]) == 0
    assert "walking minutes cannot be told by" in capsys.readouterr().out.replace("\n", " ").lower()
    page = (warehouse / "report" / "participant" / "P1.html").read_text()
    assert f"or {TAKEOUT}" in page
    assert "cannot be told" not in (warehouse / "report" / "participant" / "P2.html").read_text()


def test_no_export_is_called_with_the_marks_of_a_program_text(tmp_path: Path) -> None:
    vigorous = WALKING.replace("walking", "vigorous")
    (told,) = found(a_study(tmp_path, vigorous, **{"export.xml": samples()["apple_health"]().popitem()[1]}))
    assert told.what.startswith("vigorous minutes cannot be told by the export.xml of an iPhone, with everything")


def test_where_a_single_export_can_tell_nothing_is_said(study: StudyFolder, tmp_path: Path) -> None:
    mended = study.copied(tmp_path / "study")
    mended.put("P1/diary.csv", diary.diary([(date(2026, 3, 4), "dance", 20)]))
    assert mended.night().is_clean
    assert found(mended) == []
    assert explain(mended.folder / "warehouse", "G1", 1)["cannot_be_told"] is None
    assert "cannot be told" not in (mended.folder / "warehouse/report/participant/P1.html").read_text()


def test_steps_are_asked_of_another_device_where_a_diary_is_all_there_is(tmp_path: Path) -> None:
    steps = "G1,,P1,,1,1,daily_mean,steps,5000,,,2026-03-02,,,"
    (told,) = found(a_study(tmp_path, steps, **{"diary.csv": diary.diary([(date(2026, 3, 4), "walking", 20)])}))
    assert told.what == "steps cannot be told by a list of what people do without a watch (The diary)"
    assert told.ask == "Ask whether they carry another device that tells steps, and for its export"


def test_what_is_made_of_others_is_told_by_them_and_massage_by_the_diary_alone(tmp_path: Path) -> None:
    metrics = ("mvpa_equivalent_minutes", "movement_minutes", "exercise_minutes", "massage_minutes")
    goals = [f"G{n},,P1,,1,1,weekly_total,{metric},100,,,2026-03-02,,," for n, metric in enumerate(metrics)]
    (told,) = found(a_study(tmp_path, *goals, **{"a.fit": garmin_day("2026-03-03")}))
    assert told.metric == "massage_minutes"
    assert told.ask == "Ask for a list of what people do without a watch (The diary)"


def test_steps_that_never_came_by_the_minute_tell_no_walking(tmp_path: Path) -> None:
    rows = "\n".join(f"2026-03-0{day} {hour:02d}:00:00,400,fitbit" for day in (3, 4) for hour in range(8, 20))
    content = f"timestamp,steps,data source\n{rows.replace(' ', 'T').replace(',400', 'Z,400')}\n"
    study = a_study(tmp_path, WALKING, **{"steps_2026-03-03.csv": content})
    (told,) = found(study)
    assert told.what.startswith(f"walking minutes cannot be told by {TAKEOUT}")


def test_readers_are_loaded_only_where_a_metric_was_never_known(
    study: StudyFolder, tmp_path: Path, monkeypatch
) -> None:
    well = a_study(tmp_path, WALKING, **fitbit_day("2026-03-04"))
    monkeypatch.setitem(sys.modules, "connectors", None)
    assert found(well) == []
    with pytest.raises(ImportError):
        found(study)


def test_without_a_night_nothing_is_said(tmp_path: Path) -> None:
    assert untold(tmp_path) == []
