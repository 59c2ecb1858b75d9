"""What is read from the CSV of the Fitbit dashboard."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import date
from pathlib import Path

import pytest

from connectors import Context, extract, identify
from connectors.kit.export import Export
from models.clock import ZoneLog
from models.fault import Rejected
from tests.writers import fitbit_dashboard as writer
from tests.writers.fitbit_dashboard import Day

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "fitbit_dashboard"
FIRST = date(2019, 10, 1)


def read(content: bytes, name: str = "fitbit_export_20191031.csv"):
    file = Export(name, len(content), lambda: io.BytesIO(content))
    assert identify(file) == "fitbit_dashboard"
    return extract("fitbit_dashboard", file, CONTEXT)


def test_the_activities_give_daily_totals_and_the_other_blocks_nothing():
    result = read(writer.export([Day(FIRST, 20_866, lightly=63, fairly=17, very=168, sedentary=1_192)]))
    assert result.daily_totals.to_dicts() == [
        {
            "source": "fitbit",
            "device": None,
            "local_date": FIRST,
            "steps": 20_866,
            "walking_ms": None,
            "light_ms": 63 * 60_000,
            "moderate_ms": 17 * 60_000,
            "vigorous_ms": 168 * 60_000,
            "mvpa_ms": None,
            "day_basis": "local",
        }
    ]
    assert (result.rows, result.notes) == (1, [])


def test_a_day_without_the_tracker_is_not_known_rather_than_zero():
    unworn = Day(FIRST, 0, lightly=0, sedentary=1440)
    quiet = Day(date(2019, 10, 2), 0, lightly=3, sedentary=900)
    result = read(writer.export([unworn, quiet]))
    assert result.daily_totals.select("local_date", "steps").rows() == [(quiet.day, 0)]
    assert result.notes == ["1 days without the tracker: not known"]


@pytest.mark.parametrize("thousands", [",", ".", " ", "'", "\u202f"])
def test_thousands_may_be_set_apart_by_any_one_mark(thousands):
    result = read(writer.export([Day(FIRST, 20_866, sedentary=1_192)], thousands=thousands))
    assert result.daily_totals["steps"].to_list() == [20_866]


def test_two_marks_in_one_file_are_refused():
    with pytest.raises(Rejected, match="Minutes Sedentary"):
        read(writer.export([Day(FIRST, 20_866, sedentary=1_192)]).replace(b"1,192", b"1.192"))


@pytest.mark.parametrize("form", ["%d-%m-%Y", "%m/%d/%Y", "%d.%m.%y"])
def test_dates_of_a_locale_are_read_where_the_file_shows_their_order(form):
    days = [Day(date(2019, 10, n), 100 * n) for n in (11, 12, 13)]
    result = read(writer.export(days, form))
    assert result.daily_totals.select("local_date", "steps").rows() == [(d.day, d.steps) for d in days]
    assert read(writer.export(days[:2], form)).daily_totals.height == 2  # days in a row only one way
    if "." not in form:
        with pytest.raises(Rejected, match="in January or February"):
            read(writer.export(days[:1], form))


def test_what_a_spreadsheet_does_to_the_file_changes_nothing():
    plain = writer.export([Day(FIRST, 4188, 5, 6)], thousands="")
    padded = b"\xef\xbb\xbf" + plain.replace(b"Activities\n", b"Activities,,,,,,,,,\n").replace(b"\n", b"\r\n")
    semicolons = plain.replace(b"4,188", b"4188").replace(b"2,417", b"2417").replace(b",", b";").replace(b'"', b"")
    for content in (padded, semicolons):
        assert read(content).daily_totals.equals(read(plain).daily_totals)


def test_a_new_column_is_noted_and_a_missing_one_named():
    assert read(writer.export([], header=writer.HEADER + ",Aura")).notes == ["new column 'Aura': not read"]
    with pytest.raises(Rejected, match=r"line \d+, column Minutes Very Active"):
        read(writer.export([Day(FIRST)], header=writer.HEADER.replace("Minutes Very Active", "Very")))
    swapped = writer.HEADER.replace("Steps,Distance", "Distance,Steps")
    with pytest.raises(Rejected, match="column Steps"):
        read(writer.export([Day(FIRST, 9000)], header=swapped))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b'"20866"', b'"-3"'),
        (b'"20866"', b'"1000000000"'),
        (b'"20866"', b'"many"'),
        (b'"2019-10-01","4,188"', b'"2019-13-01","4,188"'),
        (b'"2019-10-01","4,188"', b'"2039-10-01","4,188"'),
        (b'"2019-10-02","4,188"', b'"2019-10-01","4,188"'),
        (b'"800"', b'"3001"'),
        (b"Sleep", b"Activities"),
    ],
)
def test_a_wrong_cell_rejects_the_file(before, after):
    content = writer.export([Day(FIRST, 20_866), Day(date(2019, 10, 2), 20_866, fairly=1)], thousands="")
    assert before in content
    with pytest.raises(Rejected):
        read(content.replace(before, after))


def test_a_damaged_file_is_rejected_or_read_right_and_never_breaks_the_reader():
    content = writer.sample()["fitbit_export_20191031.csv"]
    for at in range(60, len(content), 11):
        for damaged in (content[:at], content[:at] + b"\xfe" + content[at + 1 :], content[:at] + content[at + 5 :]):
            file = Export("x.csv", len(damaged), lambda damaged=damaged: io.BytesIO(damaged))
            with suppress(Rejected):
                assert extract("fitbit_dashboard", file, CONTEXT).rows <= 3


@pytest.mark.skipif(not SHARED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_file_seen_in_the_wild_is_read():
    (path,) = SHARED.glob("*.csv")
    totals = read(path.read_bytes(), path.name).daily_totals
    assert totals.height == 10
    assert totals.row(0, named=True)["steps"] == 20_866
    assert totals["vigorous_ms"].to_list()[:2] == [168 * 60_000, 120 * 60_000]
