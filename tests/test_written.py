"""Numbers, dates and words as people and their spreadsheets write them: read where they mean one thing, else named."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from models.study.folder import read_study
from models.study.written import is_error, numbers
from tests.studies import StudyFolder

GOAL = "G1,,P1,,1,1,daily_mean,steps,{},,,{},,,"
MONDAY = date(2026, 3, 9)


@pytest.fixture
def study(tmp_path) -> StudyFolder:
    return StudyFolder(tmp_path)


def with_dates(study: StudyFolder, order: str | None) -> StudyFolder:
    study.write()
    toml = study.folder / "study.toml"
    toml.write_text(f'dates = "{order}"\n' * bool(order) + toml.read_text("utf-8"))
    return study


def only_fault(study: StudyFolder) -> str:
    (fault,) = read_study(study.folder).faults
    return str(fault)


# Numbers -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("35,000.0", "35000"),
        ("1.234,5", "1234.5"),
        ("1,234,567", "1234567"),
        ("1.234.567", "1234567"),
        ("7.5", "7.5"),
        ("7,5", "7.5"),
        ("0,500", "0.5"),
        ("1234.500", "1234.5"),
        ("6 500", "6500"),
        ("6\u00a0500", "6500"),
        ("6\u202f500", "6500"),
        ("6'500", "6500"),
        ("6\u2019500", "6500"),
        ("1 234,567", "1234.567"),
        ("7500.000000", "7500"),
    ],
)
def test_a_number_that_means_one_thing_is_read(study, written, meant):
    study.goals = [GOAL.format(f'"{written}"', "2026-03-02")]
    (goal,) = read_study(study.write().folder).rows.goals
    assert goal.targets == (Decimal(meant),)


@pytest.mark.parametrize(("written", "meant"), [("6,500", "6500 or 6.5"), ("1.500", "1500 or 1.5")])
def test_a_number_that_can_mean_two_things_is_named_with_both(study, written, meant):
    study.goals = [GOAL.format(f'"{written}"', "2026-03-02")]
    told = only_fault(study.write())
    assert f"'{written}' can mean two numbers" in told
    assert meant in told
    (fault,) = read_study(study.folder).faults
    assert "6500" not in fault.reason  # logs hold the reason, and no value


@pytest.mark.parametrize("text", ["", "1,23,456", "1 23", "1'234,567.8", "1,234 567", "1.2.3", ",5", "１", "9" * 80])
def test_what_no_spreadsheet_writes_is_no_number(text):
    assert numbers(text) == []


def test_each_number_of_a_ramp_is_read_by_itself(study):
    study.goals = [GOAL.format('"7,5;1 000;1.234,5"', "2026-03-02")]
    (goal,) = read_study(study.write().folder).rows.goals
    assert goal.targets == (Decimal("7.5"), Decimal(1000), Decimal("1234.5"))


# Dates ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "written",
    [
        "2026-03-28", "28.03.2026", "28. 3. 2026", "3/28/2026", "28/3/2026", "28-03-2026", "2026/03/28", "2026.3.28",
        "28-Mar-2026", "28-Mrz-2026", "28 March 2026", "March 28, 2026", "28. März 2026", "28 mars 2026",
        "28 de marzo de 2026", "2026-03-28 00:00:00", "2026-03-28T00:00:00.000", "3/28/2026 12:00:00 AM",
    ],
)  # fmt: skip
@pytest.mark.parametrize("order", [None, "iso", "month_first", "day_first"])
def test_a_date_that_can_mean_one_day_alone_is_read_whatever_the_setting(study, written, order):
    study.goals = [GOAL.format("5000", f'"{written}"')]
    (goal,) = read_study(with_dates(study, order).folder).rows.goals
    assert goal.set_on == date(2026, 3, 28)


@pytest.mark.parametrize("written", ["03/04/2026", "3/4/2026", "03-04-2026"])
def test_a_date_that_can_mean_two_days_is_named_with_both_and_the_setting(study, written):
    study.infusions = [f"I1,P1,{written},,"]
    told = only_fault(with_dates(study, None))
    assert f"infusions.csv line 2, infused_on: '{written}' can mean two days" in told
    assert "2026-03-04 or 2026-04-03" in told
    assert 'dates = "month_first" or "day_first" in study.toml' in told.replace("`", "")


@pytest.mark.parametrize(("order", "meant"), [("month_first", date(2026, 3, 4)), ("day_first", date(2026, 4, 3))])
def test_the_setting_says_which_of_two_days_is_meant_in_every_control_file(study, order, meant):
    study.infusions = ["I1,P1,3/4/2026 10:30,,"]
    study.goals = [GOAL.format("5000", "03-04-2026") + "\n" + GOAL.format("5000", "2026-03-04").replace("G1", "G2")]
    study.holds = ["P1,03/04/2026,3/4/2026 0:00,"]
    study.zones = ["P1,03/04/2026,Europe/Berlin"]
    found = read_study(with_dates(study, order).folder)
    assert found.faults == []
    assert {found.rows.infusions[0].infused_on, found.rows.goals[0].set_on, found.rows.holds[0].to_date} == {meant}
    assert (found.rows.zones[0].from_date, found.rows.goals[1].set_on) == (meant, date(2026, 3, 4))


def test_points_after_the_day_and_a_month_that_comes_first_contradict_each_other(study):
    study.infusions = ["I1,P1,03.04.2026,,"]
    assert read_study(with_dates(study, "day_first").folder).rows.infusions[0].infused_on == date(2026, 4, 3)
    assert "2026-03-04 or 2026-04-03" in only_fault(with_dates(study, "month_first"))


@pytest.mark.parametrize("written", ["28.03.26", "3/28/26", "28-Mar-26", "26-03-28"])
def test_a_year_of_two_figures_is_refused_as_what_it_is(study, written):
    study.infusions = [f"I1,P1,{written},,"]
    assert "has a year of two figures" in only_fault(study.write())


@pytest.mark.parametrize("written", ["3/9/2026 11:30 PM", "9-Mar-2026 23:30", "2026-03-10T04:30Z"])
def test_the_day_of_an_infusion_is_the_clinics_in_every_form(study, written):
    study.infusions = [f"I1,P1,{written},,"]
    (infusion,) = read_study(with_dates(study, "month_first").folder).rows.infusions
    assert infusion.infused_on == (MONDAY if "T" not in written else date(2026, 3, 10))


def test_two_rows_of_one_date_in_two_forms_are_two_rows_of_one_key(study):
    study.zones = ["P1,2026-03-14,Europe/Berlin", "P1,14.03.2026,Asia/Tokyo"]
    assert "zones.csv line 3, from_date: '14.03.2026' is there already, on line 2" in only_fault(study.write())


def test_an_unknown_order_of_dates_stops_everything(study):
    from models.fault import StudyError

    with pytest.raises(StudyError, match=r"study.toml, dates: 'european' is not known here \(expected iso, month_fir"):
        read_study(with_dates(study, "european").folder)


# Words ---------------------------------------------------------------------------------------------------------------
def test_a_word_of_a_vocabulary_may_be_written_in_any_case(study):
    study.infusions = ["I1,P1,2026-03-02, COMPLETED ,", "I2,P1,2026-03-09,Stopped early,"]
    study.goals = ["G1,,P1,,1,1,Daily Mean,STEPS,5000,,,2026-03-02,,False,On_Hold"]
    study.participants = ["P1,,Garmin; Apple Watch,TRUE"]
    found = read_study(study.write().folder)
    assert found.faults == []
    assert [i.status for i in found.rows.infusions] == ["completed", "stopped_early"]
    assert (found.rows.goals[0].kind, found.rows.goals[0].metric, found.rows.goals[0].status) == (
        "daily_mean",
        "steps",
        "on_hold",
    )
    assert found.rows.participants[0].source_priority == ("garmin", "apple_watch")


def test_a_word_a_few_letters_off_is_asked_about_and_not_taken(study):
    study.infusions = ["I1,P1,2026-03-02,compleated,"]
    told = only_fault(study.write())
    assert "'compleated' is not known here (expected completed, stopped_early, scheduled, cancelled)" in told
    assert told.endswith(": did you mean completed?; correct the row")


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ("Europe/Berln", "Europe/Berlin"),
        ("Berlin", "Europe/Berlin"),
        ("europe/berlin", "Europe/Berlin"),
        ("New York", "America/New_York"),
    ],
)
def test_a_zone_that_is_none_is_asked_about(study, written, meant):
    study.participants = [f"P1,{written},,"]
    study.infusions, study.goals = [], []
    assert f"did you mean {meant}?" in only_fault(study.write())
    (fault,) = read_study(study.folder).faults
    assert "did you mean" not in fault.reason  # logs hold the reason


def test_a_zone_without_a_city_is_one_and_nothing_is_asked_where_nothing_is_near(study):
    study.participants = ["P1,CET,,", "P2,Mars,,"]
    study.infusions, study.goals = [], []
    assert "did you mean" not in only_fault(study.write())
    read = read_study(study.folder)
    assert ([p.timezone for p in read.rows.participants], list(read.held_people)) == (["CET", None], ["P2"])


# Errors of spreadsheets ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("word", ["#N/A", "#REF!", "#DIV/0!", "#NAME?", "#NV", "#BEZUG!", "Err:502"])
def test_an_error_of_a_spreadsheet_is_the_fault_of_its_row_also_where_any_text_would_do(study, word):
    study.infusions = [f"I1,P1,2026-03-02,,{word}", "I2,P1,2026-03-09,,C1"]
    told = only_fault(study.write())
    assert f"infusions.csv line 2, course_id: '{word}' is an error of the spreadsheet" in told
    assert [i.infusion_id for i in read_study(study.folder).rows.infusions] == ["I2"]


@pytest.mark.parametrize("text", ["#1", "#P01", "P#1!", "Error", "#", "-"])
def test_what_only_begins_like_an_error_is_none(text):
    assert not is_error(text)


# Files as Excel saves them -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "saved",
    [
        lambda text: text.replace(",", "\t").encode("utf-16"),
        lambda text: b"\xfe\xff" + text.replace(",", "\t").encode("utf-16-be"),
        lambda text: b"sep=;\r\n" + text.replace(",", ";").encode(),
        lambda text: b"\xef\xbb\xbf" + b'"sep=\t"\r\n' + text.replace(",", "\t").encode(),
        lambda text: text.replace(",", "\t").encode(),
    ],
    ids=["unicode text", "its other half", "sep=;", "sep=tab", "tabs"],
)
def test_the_other_ways_in_which_excel_saves_a_table_are_read(study, saved):
    plain = read_study(study.write().folder)
    for name in ("participants.csv", "infusions.csv", "goals.csv"):
        path = study.folder / name
        path.write_bytes(saved(path.read_text("utf-8")))
    found = read_study(study.folder)
    assert (found.faults, found.rows.infusions, found.rows.goals) == ([], plain.rows.infusions, plain.rows.goals)


def test_a_line_that_names_the_separator_counts_as_a_line(study):
    study.write()
    (study.folder / "infusions.csv").write_text("sep=;\ninfusion_id;participant_id;infused_on\nI1;P1;soon\n")
    assert "infusions.csv line 3, infused_on: 'soon'" in only_fault(study)
