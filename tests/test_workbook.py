"""Workbooks (.xlsx) in the place of control files and diaries: read as they are, each row by its line in the sheet."""

from __future__ import annotations

import io
import zipfile
from datetime import date, datetime, time
from decimal import Decimal

import pytest

from models.fault import StudyError
from models.study.folder import read_study
from models.study.workbook import Unreadable, looks_like_one, rows
from tests.studies import StudyFolder
from tests.writers.workbook import Error, Formula, Shown, workbook

GOALS = ["goal_id", "version", "participant_id", "kind", "metric", "target", "set_on", "correction", "derivation"]


def cells(book: bytes) -> list[tuple[int, dict[int, str]]]:
    return list(rows(io.BytesIO(book)))


def one(value: object, **form: bool) -> str:
    """What a cell says; "" where it is empty."""
    ((_, found),) = cells(workbook([["x", value]], **form))  # type: ignore[arg-type]
    return found.get(1, "")


@pytest.fixture
def study(tmp_path) -> StudyFolder:
    return StudyFolder(tmp_path, infusions=["I1,P1,2026-03-02,,"]).write()


def put(study: StudyFolder, name: str, *sheet: list[object] | None, **form: object) -> None:
    """A workbook in the place of a control file."""
    (study.folder / f"{name}.csv").unlink(missing_ok=True)
    (study.folder / f"{name}.xlsx").write_bytes(workbook(sheet, **form))  # type: ignore[arg-type]


def stopped(study: StudyFolder) -> str:
    with pytest.raises(StudyError) as caught:
        read_study(study.folder)
    assert "\n" not in str(caught.value)
    return str(caught.value)


# Cells ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("shared", [True, False])
@pytest.mark.parametrize("text", ["plain", "a & b < c", "Zoë", " tab", "1e3", "2026-03-09"])
def test_a_text_is_what_was_typed(text, shared):
    assert one(text, shared=shared) == text.strip()


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (7500, "7500"),
        (7500.0, "7500"),
        (12.5, "12.5"),
        (0.1 + 0.2, "0.3"),
        (1.125, "1.1250"),  # three figures after a point could be thousands
        (1e9, "1000000000"),
        (-5, "-5"),
        (True, "TRUE"),
        (Shown(0.1, "percent"), "10%"),
        (Formula(12.5), "12.5"),
        (Formula("yoga"), "yoga"),
        (Formula(""), ""),
        (Error("#N/A"), "#N/A"),
        (Formula(Error("#REF!")), "#REF!"),
        (Formula(None), "#UNCALCULATED!"),
        (None, ""),
    ],
)
def test_a_cell_is_told_so_that_it_can_mean_one_thing_alone(value, said):
    assert one(value) == said


@pytest.mark.parametrize("is_1904", [False, True])
@pytest.mark.parametrize(
    ("value", "said"),
    [
        (date(2026, 2, 28), "2026-02-28"),
        (datetime(2026, 2, 28, 10, 30), "2026-02-28T10:30"),
        (datetime(2026, 2, 28, 23, 59, 59, 999_999), "2026-03-01"),
        (time(18, 30), "18:30"),
    ],
)
def test_a_date_is_one_in_either_calendar_of_excel(value, said, is_1904):
    assert one(value, is_1904=is_1904) == said


def test_a_format_of_ones_own_makes_a_date_and_a_span_of_hours_is_none():
    assert one(Shown(46081, "points")) == "2026-02-28"
    assert one(Shown(1.5, "span")) == "36:00"


def test_rows_keep_their_lines_and_empty_ones_are_none():
    assert [line for line, _ in cells(workbook([["a"], None, [None, None], ["b"]]))] == [1, 4]


def test_the_first_sheet_that_can_be_seen_is_read():
    hidden = '<sheet name="old" sheetId="2" state="hidden" r:id="rId9"/><sheet name="now" sheetId="1" r:id="rId1"/>'
    assert cells(workbook([["a"]], sheets=hidden)) == [(1, {0: "a"})]
    with pytest.raises(Unreadable, match="no sheet that can be seen"):
        cells(workbook([["a"]], sheets=hidden.partition('<sheet name="now"')[0]))


# Workbooks that are none ---------------------------------------------------------------------------------------------
def test_a_workbook_that_is_cut_off_is_damaged_and_nothing_else():
    whole = workbook([["a", 1], ["b", 2]])
    for end in range(0, len(whole), 37):
        with pytest.raises(Unreadable):
            cells(whole[:end])


def test_an_old_workbook_and_one_under_a_password_are_named():
    with pytest.raises(Unreadable, match=r"old \.xls form, or with a password"):
        cells(b"\xd0\xcf\x11\xe0" + bytes(500))


def test_a_part_that_expands_beyond_reason_is_not_read_to_its_end(monkeypatch):
    monkeypatch.setattr("models.study.workbook.MOST_EXPANDED", 3_000_000)
    long = f"<!--{' ' * 1000}-->" * 3000
    with pytest.raises(Unreadable, match="a part of over 3 MB"):
        cells(workbook([["a"]], before=long))


def test_entities_are_not_expanded():
    bomb = b'<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]>'
    book = io.BytesIO(workbook([["a"]]))
    with zipfile.ZipFile(book) as old, zipfile.ZipFile(out := io.BytesIO(), "w") as new:
        for name in old.namelist():
            new.writestr(name, bomb * ("sheet1" in name) + old.read(name).partition(b"?>")[2])
    with pytest.raises(Unreadable, match="document type"):
        cells(out.getvalue())


def test_a_stray_cell_a_billion_cells_away_costs_nothing(study):
    last = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>'
    book = workbook([["infusion_id", "participant_id", "infused_on"], ["I1", "P1", date(2026, 3, 2)]])
    with zipfile.ZipFile(io.BytesIO(book)) as old, zipfile.ZipFile(out := io.BytesIO(), "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name).replace(b"</sheetData>", last.encode() + b"</sheetData>"))
    (study.folder / "infusions.csv").unlink()
    (study.folder / "infusions.xlsx").write_bytes(out.getvalue())
    found = read_study(study.folder)
    assert [i.infusion_id for i in found.rows.infusions] == ["I1"]
    assert [str(f) for f in found.faults] == ["infusions.xlsx line 1048576: has 4 cells (expected 3); correct the row"]


def test_a_workbook_is_known_by_its_first_member_and_a_zip_of_exports_is_none():
    assert looks_like_one(workbook([["a"]])[:100])
    with zipfile.ZipFile(out := io.BytesIO(), "w") as drop:
        drop.writestr("diary.xlsx", workbook([["a"]]))
    assert not looks_like_one(out.getvalue()[:100])


# Control files -------------------------------------------------------------------------------------------------------
def test_every_control_file_may_be_a_workbook(study):
    study.zones, study.holds = ["x"], ["x"]
    put(study, "participants", ["participant_id", "foot_step_goals"], ["P1", True], None, ["P2", False])
    put(study, "infusions", ["Infusion_ID", "participant_id", "infused_on", "status"],
        ["I1", "P1", datetime(2026, 3, 2, 9, 30), "Completed"], ["I2", "P2", date(2026, 3, 4), None])  # fmt: skip
    put(study, "goals", GOALS, ["G1", 1.0, "P1", "daily_mean", "steps", 7500.0, date(2026, 3, 1), False, None],
        ["G2", 1, "P1", "weekly_total", "walking_minutes", "10;12,5", "1.3.2026", None, None],
        ["G3", 1, "P2", "daily_mean", "steps", None, date(2026, 3, 1), None, "baseline_pct:10%"])  # fmt: skip
    put(study, "holds", ["participant_id", "from_date", "to_date", "reason"], ["P1", date(2026, 3, 5), "2026-03-06"])
    put(study, "zones", ["participant_id", "from_date", "timezone"], ["P1", date(2026, 3, 5), "Europe/Berlin"])
    found = read_study(study.folder)
    assert (found.faults, found.notes) == ([], [])
    assert [p.foot_step_goals for p in found.rows.participants] == [True, False]
    assert [i.infused_on for i in found.rows.infusions] == [date(2026, 3, 2), date(2026, 3, 4)]
    assert [g.targets for g in found.rows.goals] == [(Decimal(7500),), (Decimal(10), Decimal("12.5")), ()]
    assert (found.rows.goals[2].derivation, found.rows.holds[0].to_date) == ("baseline_pct:10", date(2026, 3, 6))
    assert found.rows.zones[0].timezone == "Europe/Berlin"


def test_a_wrong_row_is_named_by_its_line_in_the_sheet(study):
    put(study, "infusions", None, ["infusion_id", "participant_id", "infused_on"], None, ["I1", "P1", "soon"],
        ["I2", "P1", Formula(Error("#REF!"))], ["I3", "P1", Formula(None)], ["I4", "P1", 46081.5])  # fmt: skip
    told = [str(fault) for fault in read_study(study.folder).faults]
    assert [line.partition(":")[0] for line in told] == [
        f"infusions.xlsx line {line}, infused_on" for line in (4, 5, 6, 7)
    ]
    assert "'#REF!' is an error of the spreadsheet" in told[1]
    assert "'#UNCALCULATED!' is an error of the spreadsheet" in told[2]


def test_a_percentage_is_no_number_of_steps(study):
    put(study, "goals", GOALS, ["G1", 1, "P1", "daily_mean", "steps", Shown(0.1, "percent"), date(2026, 3, 1)])
    (fault,) = read_study(study.folder).faults
    assert (fault.place, fault.words) == ("line 2, target", "10%")


def test_a_cell_beside_the_table_is_the_fault_of_its_row(study):
    put(study, "infusions", ["infusion_id", "participant_id", "infused_on"], ["I1", "P1", "2026-03-02", None, "?"])
    assert [str(f) for f in read_study(study.folder).faults] == [
        "infusions.xlsx line 2: has 4 cells (expected 3); correct the row"
    ]


def test_two_files_for_one_thing_stop_everything(study):
    (study.folder / "goals.xlsx").write_bytes(workbook([GOALS]))
    assert stopped(study).startswith("goals.csv and goals.xlsx: both are there")


def test_a_table_in_a_form_that_is_not_read_is_named_with_the_remedy(study):
    (study.folder / "infusions.csv").rename(study.folder / "infusions.xls")
    assert stopped(study) == "infusions.xls: sheets of this form are not read; save it as .xlsx, or as CSV UTF-8"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "goals.xlsx is a damaged workbook, or none; open it in its program and save it again"),
        (b"\xd0\xcf\x11\xe0" + bytes(100), "goals.xlsx is a workbook in the old .xls form, or with a password"),
        (workbook([]), "goals.xlsx is empty (expected a header with goal_id"),
        (workbook([["goal_id", "kind"]]), "goals.xlsx line 1: no column participant_id, metric, target, set_on"),
        (workbook([[*GOALS, "kind"]]), "goals.xlsx line 1: column kind stands there twice"),
    ],
)
def test_a_workbook_that_cannot_be_used_stops_everything(study, content, said):
    (study.folder / "goals.csv").unlink()
    (study.folder / "goals.xlsx").write_bytes(content)
    assert stopped(study).startswith(said)
