"""Columns of the clinic's own: which are published and as what, and that nothing is judged by them."""

from __future__ import annotations

import re
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from flows.answers.control_diff import compare
from flows.answers.run_summary import show
from models.study import versions
from models.study.folder import read_study
from models.study.study import Study
from tests.studies import StudyFolder, garmin_day

PEOPLE = ("P1", "P2", "P3", "P4", "P5", "P6")


def with_column(folder: Path, name: str, values: Sequence[str]) -> Study:
    """A study of six people with a column more in participants.csv; people beyond the values have none."""
    cells = dict(zip(PEOPLE, values, strict=False))
    study = StudyFolder(folder, participants=[f"{who},,,,,{cells.get(who, '')}" for who in PEOPLE])
    study.covariates["participants"] = name
    study.write()
    return read_study(folder)


def published(study: Study) -> list[tuple[tuple[str, str], ...]]:
    return [p.covariates for p in study.rows.participants]


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("arm", ["ketamine", "placebo", "ketamine", "placebo", "", "ketamine"]),
        ("site", ["north"] * 6),
        ("dose_mg", ["52.5", "40", "0.125", "-3", "123456.5", "NA"]),
        ("consented_on", ["2026-01-05", "2026-02-28", "", ".", "-", "2015-01-01"]),
        ("per_kg", ["0.4525", "82.53", "1.3333", "43.3333", "0.5", "1"]),
        ("site_id", ["1", "2"] * 3),
        ("wave", ["10001", "10001", "10002", "10002", "1", "2"]),
        ("responder", ["true", "true", "false", "true"]),
    ],
)
def test_numbers_dates_and_words_that_several_people_share_are_used(name, values, tmp_path: Path) -> None:
    study = with_column(tmp_path, name, values)
    assert (study.faults, study.notes) == ([], [])
    expected = [*values, *[""] * (6 - len(values))]
    assert published(study) == [((name, v),) if v not in ("", "NA", ".", "-") else () for v in expected]


@pytest.mark.parametrize(
    ("name", "values", "place", "looks_like"),
    [
        ("ward", ["Muster", "Doe", "Roe", "Poe"], "line 2", "4 different words or long numbers among 4 people"),
        ("chart", ["48213", "48214", "48215", "48216"], "line 2", "among 4 people"),
        ("chart", ["1", "2", "4821377"], "line 4", "telephone number, an address or the number of a record"),
        ("reach", ["A", "A", "555-0142"], "line 4", "telephone number"),
        ("reach", ["A", "A", "jane@a.example"], "line 4", "an address of mail"),
        ("who", ["A", "A", "Jane Doe"], "line 4", "a name, an address or free text"),
        ("where", ["A", "", "12 Elm Street"], "line 4", "a name, an address or free text"),
        ("sib", ["P2", "P2", "", ""], "line 2", "names a participant"),
        ("day", ["2026-01-05", "1980-04-17"], "line 3", "a date of birth"),
        ("day", ["17.04.1980", "2026-01-05"], "line 2", "not written as 2026-03-09"),
        ("day", ["17Apr1980", "17Apr1980"], "line 2", "or a date of birth"),
        ("weight", ["70", "82.500"], "line 3", "a number that can mean two"),
        ("weight", ["70", "#N/A"], "line 3", "an error of the spreadsheet"),
        ("long", ["A" * 17] * 6, "line 2", "a name, an address or free text"),
        ("dob", ["2026-01-05"], "", "by its name"),
        ("Date of birth", ["1"], "", "by its name"),
        ("surname", ["A"] * 6, "", "by its name"),
        ("geburtsjahr", ["1980"], "", "by its name"),
        ("phone_2", ["1"], "", "by its name"),
        ("notes", ["1"], "", "by its name"),
        ("nurse", ["Roe"] * 6, "", "by its name"),
        ("given_by", ["Roe"] * 6, "", "by its name"),
        ("Patient of Dr. Roe", ["yes"] * 6, "", "its name is no word"),
        ("dr_roes_patient", ["yes"] * 6, "", "by its name"),
        ("prescriber", ["Roe", "Poe"] * 3, "", "by its name"),
        ("anaesthetist", ["Roe", "Poe"] * 3, "", "by its name"),
        ("gp", ["Roe", "Poe"] * 3, "", "by its name"),
        ("anmerkung", ["x"] * 6, "", "by its name"),
        ("yob", ["1980"] * 6, "", "by its name"),
        ("latitude", ["47.4"] * 6, "", "by its name"),
        ("p3_friend", ["1"] * 6, "", "about one participant"),
        ("sib", ["p2", "P1."], "line 2", "names a participant"),
        ("reach", ["555.0142", "555.0143", "555.0144"], "line 2", "3 different words or long numbers among 3 people"),
        ("seen", ["17.041980", "18.051981"], "line 2", "2 different words or long numbers among 2 people"),
        ("place", ["47.376887", "-8.541694"], "line 2", "2 different words or long numbers among 2 people"),
        ("dose", ["43.3333333", "40.0000001", "41.6666667"], "line 2", "names and ids are; round what was calculated"),
        ("dose", ["40", "43.333333333333336"], "line 3", "nine figures after the point; round what was calculated"),
        ("chart_no", ["4821", "4822", "4823"], "line 2", "3 different words or long numbers among 3 people"),
        ("größe", ["1"], "", "its name is no word"),
        ("x" * 33, ["1"], "", "its name is no word"),
    ],
)
def test_a_column_that_may_say_who_somebody_is_is_left_out_as_a_whole_and_named(
    name, values, place, looks_like, tmp_path: Path
) -> None:
    study = with_column(tmp_path, name, values)
    assert published(study) == [()] * 6
    assert (study.faults, study.held_people) == ([], {})
    [note] = study.notes
    assert re.match(rf"participants\.csv: column '[^']+' is not published{f' .{place}.' if place else ''}: ", note)
    assert looks_like in note
    assert not [v for v in values if len(v) > 4 and v in note.replace("2026-03-09", "")]
    assert not [v for v in values if len(v) > 4 and v in repr(study)]


def test_what_stands_in_the_column_of_one_person_again_and_again_is_a_word_of_one_person(tmp_path: Path) -> None:
    days = [f"I{n},P{n % 2 + 1},2026-03-{n:02},,,{('Roe', 'Poe')[n % 2]},{n}.5" for n in range(1, 9)]
    study = StudyFolder(tmp_path, infusions=days)
    study.covariates["infusions"] = "ward,Dose MG"
    study.write()
    found = read_study(tmp_path)
    assert [i.covariates for i in found.rows.infusions][:2] == [(("dose_mg", "1.5"),), (("dose_mg", "2.5"),)]
    assert [note.partition(" (")[0] for note in found.notes] == ["infusions.csv: column 'ward' is not published"]


def test_no_word_of_infusions_names_a_participant_who_has_none(tmp_path: Path) -> None:
    days = [f"I{n},P{n},2026-03-02,,,P6" for n in (1, 2)]
    study = StudyFolder(tmp_path, participants=[f"{who},,," for who in PEOPLE], infusions=days)
    study.covariates["infusions"] = "pair"
    [note] = read_study(study.write().folder).notes
    assert note == "infusions.csv: column 'pair' is not published (line 2): names a participant"


def test_names_that_stand_twice_errors_of_typing_and_too_many_columns_are_named(tmp_path: Path) -> None:
    twice = with_column(tmp_path, "arm,Arm,langage", ["1,1,en"])
    assert published(twice) == [()] * 6
    assert twice.notes == [
        "participants.csv: column 'langage' is not used; is language meant?",
        "participants.csv: column 'arm' is not published: its name stands there twice",
    ]
    many = with_column(tmp_path, ",".join(f"c{n}" for n in range(52)), [",".join("1" * 52)])
    assert (len(published(many)[0]), len(many.notes)) == (50, 2)
    assert many.notes[0] == "participants.csv: column 'c50' is not published: only 50 columns are"


ALL = "SELECT participant_id, infusion_id, name, value, number::DOUBLE, date::TEXT FROM covariate ORDER BY ALL"
VERDICTS = "SELECT * EXCLUDE (as_of) FROM goal_week ORDER BY ALL"


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A study with covariates after a night."""
    study = StudyFolder(tmp_path_factory.mktemp("covariates") / "study")
    study.participants = [f"{who},,,,,{arm},Doe-{who}" for who, arm in zip(PEOPLE, "ABABAB", strict=True)]
    study.infusions = ["I1,P1,2026-03-02,,,52.5,2026-03-01", "I2,P2,2026-03-02,,,40,"]
    study.covariates = {"participants": "arm,ward", "infusions": "dose_mg,ordered_on"}
    study.write().put("P1/a.fit", garmin_day("2026-03-03"))
    study.night()
    return study


def test_covariates_are_published_typed_and_what_is_left_out_stands_nowhere(first: StudyFolder) -> None:
    assert first.ask(ALL) == [
        ("P1", "I1", "dose_mg", "52.5", 52.5, None),
        ("P1", "I1", "ordered_on", "2026-03-01", None, "2026-03-01"),
        ("P1", None, "arm", "A", None, None),
        ("P2", "I2", "dose_mg", "40", 40.0, None),
        *[("P2", None, "arm", "B", None, None), ("P3", None, "arm", "A", None, None)],
        *[("P4", None, "arm", "B", None, None), ("P5", None, "arm", "A", None, None)],
        ("P6", None, "arm", "B", None, None),
    ]
    assert compare(read_study(first.folder)).is_none
    kept = [path for path in (first.folder / "warehouse").rglob("*") if path.is_file() and not path.is_symlink()]
    assert [path.name for path in kept if b"Doe-P" in path.read_bytes()] == []
    assert b"ordered_on" in (versions.used(first.folder / "warehouse")[0] / "infusions.csv").read_bytes()


def test_another_value_is_published_alone_and_who_is_held_stands_as_before(
    first: StudyFolder, tmp_path: Path, capsys: pytest.CaptureFixture
) -> None:
    study = first.copied(tmp_path / "study")
    before = study.ask(VERDICTS), study.ask("SELECT count(*) FROM goal_week_history")
    study.participants[0] = "P1,,,,,B,x"
    study.participants[1] = "P2,no zone,,,,A,x"
    study.infusions[0] = "I1,P1,2026-03-02,,,55,"
    study.write()
    changes = {change.row: change.what for change in compare(read_study(study.folder)).changes}
    assert changes["P1"] == "arm: A -> B"
    assert changes["I1"] == "dose_mg: 52.5 -> 55; ordered_on: 2026-03-01 -> empty"
    run = study.night()
    show(run)
    assert "  1 column of the clinic's own not published: `stepwindow status` says why\n" in capsys.readouterr().out
    assert (run.changes, set(run.held)) == (0, {"P2"})
    assert study.ask(ALL)[:4] == [
        ("P1", "I1", "dose_mg", "55", 55.0, None),
        ("P1", None, "arm", "B", None, None),
        ("P2", "I2", "dose_mg", "40", 40.0, None),
        ("P2", None, "arm", "B", None, None),
    ]
    stood = f"{VERDICTS.replace('(as_of)', '(as_of, is_held)')}"
    assert study.ask(stood) == first.ask(stood)
    assert study.ask("SELECT count(*) FROM goal_week_history") == before[1]


@pytest.mark.parametrize("row", ["P2,no zone,,,,", "P2,,,,,"])
def test_a_column_that_is_refused_is_published_of_nobody_also_not_of_who_is_held(
    first: StudyFolder, tmp_path: Path, row: str
) -> None:
    study = first.copied(tmp_path / "study")
    study.participants = [f"{who},,,,,Roe-{who}" for who in PEOPLE]
    study.participants[1] = f"{row}B"
    study.infusions[1] = "I2,P2,no date,,,40,"
    study.covariates["participants"] = "arm"
    study.write()
    of_infusions = [row for row in first.ask(ALL) if row[1]]
    for _ in range(2):
        assert set(study.night().held) == {"P2"}
        assert study.ask(ALL) == of_infusions
    used = versions.used(study.folder / "warehouse")[0]
    assert "I2,P2,2026-03-02,,,40," in (used / "infusions.csv").read_text("utf-8"), "what stands of them is kept"
    assert "arm" not in (used / "participants.csv").read_text("utf-8")
    shutil.rmtree(study.folder / "warehouse/control")
    study.night(rebuild=True)
    assert [row for row in study.ask(ALL) if row[0] != "P2"] == [row for row in of_infusions if row[0] != "P2"]
