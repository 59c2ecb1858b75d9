"""What is read from Garmin Connect's report of steps, and what is refused."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import export, survives
from tests.writers import garmin_reports_csv as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "garmin"


def read(content: bytes, name: str = "Steps.csv"):
    assert identify(export(content, name)) == "garmin_reports_csv"
    return extract("garmin_reports_csv", export(content, name), CONTEXT)


def days_of(content: bytes) -> list[tuple]:
    return read(content).daily_totals.select("local_date", "steps").rows()


def test_a_day_has_steps_and_missing_is_not_zero():
    rows = [("2026-03-07", 9120), ("2026-03-08", "11,204"), ("2026-03-09", "--"), ("2026-03-10", 0)]
    assert days_of(writer.steps(rows)) == [(date(2026, 3, 7), 9120), (date(2026, 3, 8), 11_204), (date(2026, 3, 10), 0)]


def test_the_reading_in_which_rows_are_days_in_a_row_decides_which_is_the_month():
    american = writer.steps([("03/07/2026", 1), ("03/08/2026", 2), ("03/09/2026", 3)])
    british = writer.steps([("07/03/2026", 1), ("08/03/2026", 2), ("09/03/2026", 3)])
    german = writer.steps([("7.3.2026", 1), ("8.3.2026", 2), ("9.3.2026", 3)])
    assert days_of(american) == days_of(british) == days_of(german)
    assert days_of(american)[0] == (date(2026, 3, 7), 1)
    assert days_of(writer.steps([("01/01/2026", 1), ("02/01/2026", 2)])) == [(date(2026, 1, n), n) for n in (1, 2)]


@pytest.mark.parametrize(
    "rows",
    [
        [("2026-03-02", 70_000), ("2026-03-09", 71_000), ("2026-03-16", 72_000)],  # weeks
        [("2026-03-09", 8000)],  # one row could be a week
        [("2026-03-09", 8000), ("2026-03-09", 9000)],
        [("Mar 9", 8000), ("Mar 10", 9000)],  # no year
        [("2026-02-29", 8000), ("2026-02-28", 9000)],
        [("2026-03-09", -3), ("2026-03-10", 1)],
        [("2031-03-09", 3), ("2031-03-10", 1)],
    ],
)
def test_what_is_not_plainly_days_is_refused(rows):
    with pytest.raises(Rejected) as caught:
        read(writer.steps(rows))
    assert "Date" in caught.value.fault.place or "Actual" in caught.value.fault.place


def test_a_report_that_does_not_say_of_what_is_refused():
    content = writer.steps([("2026-03-09", 1), ("2026-03-10", 2)])
    with pytest.raises(Rejected, match=r"name it Steps\.csv"):
        read(content, "download.csv")
    assert read(writer.steps([("2026-03-09", 1), ("2026-03-10", 2)], title="Steps 4 Weeks"), "x.csv").rows == 2


def test_a_renamed_column_is_rejected_naming_it():
    with pytest.raises(Rejected) as caught:
        read(writer.steps([("2026-03-09", 1)], ",Walked,Goal"))
    assert caught.value.fault.place == "line 1, column Actual"


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Intensity Minutes.csv", b"Intensity Minutes Weekly Total\n,Actual,Value\n2026-03-09,335,360\n"),
        ("Floors Climbed.csv", b",Actual,Goal\n2026-03-09,3,10\n"),
        ("Stress.csv", b",Stress\n2026-03-09,33\n"),
        ("Sleep.csv", b"Sleep Score 4 Weeks,Score,Resting Heart Rate,Duration\nMar 27,80,50,7h 30min\n"),
        ("months.csv", b"date,steps\nApril 2026,249942\nMay 2026,1\n"),
    ],
)
def test_other_reports_are_ignored_with_a_reason(name, content):
    verdict = identify(export(content, name))
    assert isinstance(verdict, Ignored)
    assert verdict.why


def test_damage_is_refused_cleanly_or_read():
    ((name, content),) = writer.sample().items()
    survives(content, name, CONTEXT, lambda result: result.daily_totals.rows())


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collected exports are not beside this checkout")
def test_the_collected_reports_are_read_or_ignored():
    report = COLLECTED / "Steps_report_2026.csv"
    assert days_of(report.read_bytes()) == [(date(2026, 7, 17), 19_002), (date(2026, 7, 18), 8240)]
    others = [p for p in COLLECTED.glob("*inutes*.csv")] + [COLLECTED / "Steps_user-aggregated_2024.csv"]
    assert len(others) == 3
    assert all(isinstance(identify(export(p.read_bytes(), p.name)), Ignored) for p in others)
