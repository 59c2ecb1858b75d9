"""Everything that was collected, in one study: every file by itself, in any order, again; days against their truth."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tests.studies import StudyFolder, rows_of

HERE = Path(__file__).parents[1].parent / "shared" / "data"
pytestmark = pytest.mark.skipif(not HERE.is_dir(), reason="the collected files are not beside this checkout")

WATCH = "fit_days"
FOLDERS = ("exports", "exports2", "fit")
NOT_HANDED_OVER = ("expected_", "truth", "manifest", "README")  # what lies beside the files to say what is in them
FEW = "garmin_2016-07.zip"  # the month of the watch that is read in both orders


def people() -> dict[str, list[Path]]:
    """The files of each vendor are those of a person, and so are the days of the watch."""
    found = {"watch": sorted((HERE / WATCH).glob("*.zip"))}
    for folder in FOLDERS:
        for vendor in sorted(path for path in (HERE / folder).iterdir() if path.is_dir()):
            files = sorted(path for path in vendor.rglob("*") if path.is_file())
            found[f"{folder}-{vendor.name}"] = [f for f in files if not f.name.startswith(NOT_HANDED_OVER)]
    return found


def a_study(folder: Path) -> StudyFolder:
    study = StudyFolder(folder, infusions=[], goals=[])
    study.participants = [f"{who},Europe/Copenhagen,," for who in people()]
    return study.write()


def hand_in(study: StudyFolder, who: str, files: list[Path]) -> None:
    for path in files:
        study.put(f"{who}/{path.relative_to(HERE)}", path.read_bytes())


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """One night over all of it."""
    study = a_study(tmp_path_factory.mktemp("archive") / "study")
    for who, files in people().items():
        hand_in(study, who, files)
    study.night()
    return study


def test_the_days_of_the_watch_are_those_that_two_other_programs_read(everything: StudyFolder) -> None:
    days = everything.ask(
        "SELECT local_date::TEXT, steps, moderate_minutes, vigorous_minutes FROM daily_activity "
        "WHERE participant_id = 'watch' AND steps IS NOT NULL"
    )
    with (HERE / WATCH / "truth.csv").open() as lines:
        truth = [row for row in csv.DictReader(lines) if row["steps"]]
    assert len(truth) == 107
    assert sorted(days) == sorted(
        (row["date"], *(int(row[name]) for name in ("steps", "moderate_minutes", "vigorous_minutes"))) for row in truth
    )


def test_every_file_is_loaded_ignored_or_refused_by_name_and_no_reader_failed(everything: StudyFolder) -> None:
    states = everything.ask_store("SELECT path, status FROM source_file WHERE path NOT LIKE '%!/%'")
    assert len(states) == sum(map(len, people().values()))
    refused = everything.ask_store("SELECT path, reason, what_to_do FROM rejection")
    assert [row for row in refused if "fault of stepwindow" in row[2]] == []
    assert all(reason and remedy for _, reason, remedy in refused)


def test_a_second_night_over_it_finds_nothing_new(everything: StudyFolder) -> None:
    before = rows_of(everything)
    run = everything.night()
    assert run.files["loaded"] == 0
    assert rows_of(everything) == before


def test_it_comes_to_the_same_in_another_order_over_many_nights(everything: StudyFolder, tmp_path: Path) -> None:
    study = a_study(tmp_path / "study")
    each = {who: [f for f in files if who != "watch" or f.name == FEW][::-1] for who, files in people().items()}
    for part in range(3):
        for who, files in each.items():
            hand_in(study, who, files[part::3])
        study.night()
    others = [who for who in each if who != "watch"]
    assert rows_of(study, *others) == rows_of(everything, *others)
    few = "SELECT * FROM daily_activity WHERE participant_id = 'watch' AND local_date < '2016-08-01' ORDER BY ALL"
    assert study.ask(few) == everything.ask(few)
