"""What is read from GGIR's summaries of days."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from connectors import Ignored, connectors
from flows.night.run import Scope
from flows.night.steps import plan
from models.activity import Extract
from models.fault import Fault, StudyError
from models.study.settings import read_toml
from tests.fuzzing import read
from tests.goldens import CONTEXT
from tests.studies import StudyFolder
from tests.writers import ggir as writer

PART5 = "results/part5_daysummary_MM_L40M100V400_T5A5.csv"
COLLECTED = Path(__file__).parents[2] / "shared/data/exports2/ggir/results"
DAY = "2026-03-09"


def days(content: bytes, name: str = PART5, cut_points: str = "L40M100V400") -> list[dict]:
    result = read(name, content, replace(CONTEXT, cut_points=cut_points))
    assert isinstance(result, Extract), result
    return result.daily_totals.to_dicts()


def refused(content: bytes, name: str = PART5, cut_points: str = "L40M100V400") -> Fault:
    result = read(name, content, replace(CONTEXT, cut_points=cut_points))
    assert isinstance(result, Fault)
    return result


def test_moderate_and_vigorous_are_all_minutes_of_the_band_and_not_those_in_bouts() -> None:
    (day,) = days(writer.part5([(DAY, 62.1, 6.2)]))
    assert (day["moderate_ms"], day["vigorous_ms"], day["mvpa_ms"]) == (3_726_000, 372_000, None)


def test_light_minutes_are_those_of_the_waking_day_and_not_known_without_their_column() -> None:
    content = writer.part5([(DAY, 62.1, 6.2)])
    assert days(content)[0]["light_ms"] == 15_489_000
    (day,) = days(content.replace(b"dur_day_total_LIG_min", b"dur_day_LIG_bts_10_min"))
    assert (day["light_ms"], day["moderate_ms"]) == (None, 3_726_000)


def test_what_moderate_means_is_kept_with_the_file() -> None:
    result = read(
        PART5.replace("M100", "M100.6"), writer.part5([(DAY, 1, 1)]), replace(CONTEXT, cut_points="L40M100.6V400")
    )
    assert isinstance(result, Extract)
    assert result.notes == ["moderate and vigorous by the cut-points L40M100.6V400"]


def test_of_several_cut_points_those_of_the_study_are_read_and_the_others_refused() -> None:
    content, others = writer.part5([(DAY, 62.1, 6.2)]), PART5.replace("L40M100V400", "L45M110V430.5")
    fault = refused(content, others)
    assert (fault.place, fault.words) == ("name of the file", "L45M110V430.5")
    assert "cut_points in study.toml" in fault.remedy
    assert days(content, others, "L45M110V430.5")
    assert refused(content, PART5, "L45M110V430.5")


def test_a_renamed_file_whose_cut_points_nobody_knows_is_refused_and_a_copy_is_not() -> None:
    content = writer.part5([(DAY, 62.1, 6.2)])
    assert refused(content, "results/days of Anna.csv").found == "no cut-points"
    assert days(content, PART5.replace(".csv", " (1).csv"))


@pytest.mark.parametrize("window", ["WW", "OO", "segment1"])
def test_windows_that_are_no_dates_are_refused(window: str) -> None:
    fault = refused(writer.part5([(DAY, 62.1, 6.2)], window=window), PART5.replace("MM", window))
    assert (fault.place, fault.expected) == ("line 2, column window", "midnight to midnight (MM)")


@pytest.mark.parametrize(
    ("content", "name", "count"),
    [
        (writer.part5([(DAY, 62, 6)], not_worn=33.3), PART5, 1),
        (writer.part5([(DAY, 62, 6)], not_worn=33.4), PART5, 0),
        (writer.part5([(DAY, 62, 6)]).replace(b",1440,", b",959,"), PART5, 0),
        (writer.days([(DAY, 16, 64.2), ("2026-03-10", 15.99, 64.2), ("2026-03-11", 0, "")]), "part2_daysummary.csv", 1),
        (writer.events([(DAY, 16, 8123), ("2026-03-10", 15.5, 8123)]), "part2_dayeventsummary.csv", 1),
    ],
)
def test_days_that_were_mostly_filled_in_are_left_out_and_said(content: bytes, name: str, count: int) -> None:
    result = read(name, content)
    assert isinstance(result, Extract)
    assert result.daily_totals.height == count
    assert any("fills such time in" in note for note in result.notes) == (content.count(b"\n") - 1 > count)


def test_a_day_of_few_hours_is_never_valid_and_one_of_enough_steps_and_hours_is(study: StudyFolder) -> None:
    rows = [("2026-03-09", 24, 8123), ("2026-03-10", 9.5, 8123), ("2026-03-11", 23, 6040)]
    study.put("P1/part2_dayeventsummary.csv", writer.events(rows))
    study.put(f"P1/{PART5}", writer.part5([("2026-03-12", 62, 6)]))
    study.night()
    told = study.ask(
        "SELECT local_date, day_state, steps, moderate_minutes FROM daily_activity WHERE participant_id = 'P1'"
    )
    assert {(day.day, state, steps, minutes) for day, state, steps, minutes in told} == {
        (9, "valid", 8123, None),
        (10, "no_data", None, None),
        (11, "valid", 6040, None),
        (12, "insufficient_wear", None, 62),
    }


def test_part_2_gives_the_minutes_above_the_studys_threshold_in_short_epochs() -> None:
    content = writer.days([(DAY, 24, 64.2)]).replace(b"64.2,64.2,5.5,64.2", b"64.2,51,11,40.5")
    assert days(content, "part2_daysummary.csv")[0]["mvpa_ms"] == 3_852_000
    assert days(content, "part2_daysummary.csv", "L40M120V400")[0]["mvpa_ms"] == 2_430_000
    assert refused(content, "part2_daysummary.csv", "L40M130V400").place == "column MVPA_E5S_T130_ENMO_0-24hr"


def test_semicolons_decimal_commas_time_stamps_and_na_are_the_same_days() -> None:
    plain = writer.part5([(DAY, 62.1, 6.2)])
    assert days(writer.european(plain)) == days(plain)
    assert days(plain.replace(DAY.encode(), b"2026-03-09T00:00:00+0100")) == days(plain)
    assert days(
        plain.replace(DAY.encode(), b"09/03/2026") + plain.split(b"\n")[1].replace(DAY.encode(), b"22/03/2026")
    )[0]["local_date"] == date(2026, 3, 9)
    assert days(
        plain + plain.split(b"\n")[1].replace(DAY.encode(), b"2026-03-10").replace(b",0,0,0,0.5", b",0,0,NA,NA")
    )


def test_a_file_of_several_people_is_refused_with_what_to_do() -> None:
    content = writer.events([(DAY, 24, 8123)]) + writer.events([(DAY, 24, 4000)], who="P02").split(b"\n")[1]
    fault = refused(content, "part2_dayeventsummary.csv")
    assert (fault.found, fault.expected) == ("rows of several people", "one person")
    assert "each ID" in fault.remedy


def test_two_rows_of_one_date_are_refused() -> None:
    assert refused(writer.part5([(DAY, 62, 6), (DAY, 60, 6)])).place == "line 3, column calendar_date"


@pytest.mark.parametrize(
    "name",
    ["part2_summary.csv", "part4_nightsummary_sleep_cleaned.csv", "part5_personsummary_MM_L40M100V400_T5A5.csv",
     "part6_summary.csv"],
)  # fmt: skip
def test_summaries_of_persons_and_nights_are_companions(name: str) -> None:
    result = read(f"results/{name}", b"ID,filename,Nvaliddays\nP01,P01.cwa,6\n")
    assert isinstance(result, Ignored)
    assert result.by == "ggir"


def test_stepmetrics_is_refused_with_what_to_hand_over_instead() -> None:
    content = b"ID,date,dur_wear_min,threshold_MOD_spm,threshold_VIG_spm,stepsperday\nP01,2026-03-09,900,100,130,8000\n"
    assert "ActiLife's DataTable" in refused(content, "daySummary/P01_DaySum.csv").remedy


def test_the_files_wait_for_the_studys_cut_points_and_are_read_again_when_these_change(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path).write()
    for points, minutes in (("L40M100V400", 62), ("L45M110V430", 51)):
        name = PART5.replace("L40M100V400", points)
        study.put(f"P1/{name}", writer.part5([("2026-03-09", minutes, 6)]))
    asked = "SELECT DISTINCT moderate_minutes FROM daily_activity WHERE moderate_minutes > 0"
    assert [fault.words for fault in study.night().new_faults] == ["L45M110V430"]
    assert study.ask(asked) == [(62,)]
    toml = (tmp_path / "study.toml").read_text("utf-8")
    (tmp_path / "study.toml").write_text(f'cut_points = "L45M110V430"\n{toml}')
    assert [fault.words for fault in study.night().new_faults] == ["L40M100V400"]
    assert study.ask(asked) == [(51,)]
    assert plan(tmp_path, Scope()) == {}


def test_a_setting_that_is_no_set_of_cut_points_is_named(tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text('name = "A"\ntimezone = "Europe/Berlin"\ncut_points = "100, 400"\n')
    with pytest.raises(StudyError, match=r"cut_points.*is not a set of cut-points"):
        read_toml(tmp_path / "study.toml")


@pytest.mark.skipif(not COLLECTED.exists(), reason="the collected exports are not beside this checkout")
def test_the_collected_results_are_read() -> None:
    files = {path.name: path.read_bytes() for path in COLLECTED.glob("*.csv")}
    assert [name for name, content in files.items() if isinstance(read(name, content), Fault)] == [
        "part5_daysummary_WW_L40M100V400_T5A5.csv"
    ]
    part5 = "part5_daysummary_MM_L40M100V400_T5A5.csv"
    assert [(row["local_date"], row["moderate_ms"]) for row in days(files[part5], part5)] == [
        (date(2026, 9, 2), 3_726_000)
    ]
    events = days(files["part2_dayeventsummary.csv"], "part2_dayeventsummary.csv")
    assert [row["steps"] for row in events] == [8123, 6040]
    summary = days(files["part2_daysummary.csv"], "part2_daysummary.csv")
    assert [row["mvpa_ms"] for row in summary] == [3_852_000, 2_868_000]


def test_it_is_asked_for_few_files() -> None:
    assert not {"text", "nameless", "date"} & set(connectors()["ggir"].LOOKS_FOR)


def test_figures_of_another_script_are_no_empty_cell() -> None:
    why = refused(writer.part5([(DAY, 62, 6)]).replace(b",1440,", ",١٢,".encode()))
    assert why.place == "line 2, column dur_day_spt_min"
