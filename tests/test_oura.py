"""What is read from an Oura export."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from connectors.kit.export import Export
from models.clock import ZoneLog
from models.fault import Rejected
from tests.writers import oura as writer
from tests.writers.oura import Day

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "exports"
DAY = date(2026, 3, 5)
HELSINKI = timezone(timedelta(hours=2))


def export(content: bytes, name: str = "export.csv") -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes, name: str = "export.csv"):
    assert identify(export(content, name)) == "oura"
    return extract("oura", export(content, name), CONTEXT)


@pytest.mark.parametrize("write", [writer.daily_activity, writer.trends])
def test_a_day_has_steps_and_its_times_are_seconds(write):
    result = read(write([Day(DAY, 9120, medium=2400, high=600)]))
    assert result.daily_totals.to_dicts() == [
        {
            "source": "oura",
            "device": None,
            "local_date": DAY,
            "steps": 9120,
            "walking_ms": None,
            "light_ms": 16_200_000,
            "moderate_ms": 2_400_000,
            "vigorous_ms": 600_000,
            "mvpa_ms": None,
            "day_basis": "local",
        }
    ]
    assert result.notes == ["a day of Oura runs from 04:00 to 04:00"]


def test_times_that_may_be_minutes_are_refused_where_nobody_says_that_they_are_seconds():
    short = [Day(DAY, 9120, medium=40, high=10, low=270, sedentary=480)]
    with pytest.raises(Rejected, match="may be minutes"):
        read(writer.trends(short).replace(b",28000,", b",,"))
    assert read(writer.daily_activity(short)).daily_totals["moderate_ms"].to_list() == [40_000]


@pytest.mark.parametrize("cell", ['{"a": 1,"b": 2}', '"{"a": 1,"b": 2}"', '"{""a"": 1,""b"": 2}"', '""', ""])
def test_a_cell_of_json_is_passed_over_however_it_is_quoted(cell):
    content = writer.daily_activity([Day(DAY, 9120, medium=2400)]).decode()
    content = content.replace('{"meet_daily_targets": 78, "stay_active": null}', cell)
    assert read(content.encode()).daily_totals.select("steps", "moderate_ms").rows() == [(9120, 2_400_000)]


def test_a_day_without_the_ring_is_not_known_and_an_empty_cell_neither():
    unworn = Day(date(2026, 3, 6), low=0, sedentary=0)
    result = read(writer.daily_activity([Day(DAY, "", medium=60), unworn]))
    assert result.daily_totals.select("local_date", "steps", "moderate_ms").rows() == [(DAY, None, 60_000)]


def test_columns_may_come_in_any_order_and_a_new_one_is_noted():
    shuffled = "Steps,High Activity Time,date,Medium Activity Time,Equivalent Walking Distance,Low Activity Time,Aura\n"
    result = read(f"{shuffled}9120,600,2026-03-05,2400,7400,16200,blue\n".encode())
    assert result.daily_totals.select("steps", "vigorous_ms").rows() == [(9120, 600_000)]
    assert result.notes[0] == "new column 'Aura': not read"


def test_a_workout_is_dated_by_its_own_offset_and_its_label_is_never_read():
    start = datetime(2026, 3, 5, 10, tzinfo=HELSINKI)
    content = writer.workouts([("walking", start, start + timedelta(minutes=30))], label="with Anna")
    result = read(content)
    (session,) = result.sessions.to_dicts()
    assert (session["start_time"], session["local_date"]) == (datetime(2026, 3, 5, 8, tzinfo=UTC), DAY)
    assert (session["timer_ms"], session["activity"], session["modality"]) == (1_800_000, "walking", "sensed")
    assert result.tz_source == "record_offset"
    assert "Anna" not in str(result.sessions.to_dicts())


@pytest.mark.parametrize(
    ("vendor", "ours"), [("strength_training", "strength"), ("YOGA", "yoga"), ("HIIT", "hiit"), ("wand_duel", "other")]
)
def test_activities_are_mapped_and_unknown_ones_are_kept_as_other(vendor, ours):
    start = datetime(2026, 3, 5, 10, tzinfo=HELSINKI)
    (session,) = read(writer.workouts([(vendor, start, start)], source="manual")).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"], session["modality"]) == (ours, vendor, "self_reported")


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        (b";steps;", b";step_count;", "line 1, column steps"),
        (b";9120;", b";-3;", "line 2, column steps"),
        (b";2026-03-05;", b";05.03.2026;", "line 2, column day"),
        (b";2400;16200;", b";240000;16200;", "line 2, column medium_activity_time"),
        (b";82;500;", b";82;", "line 2"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(before, after, place):
    content = writer.daily_activity([Day(DAY, 9120, medium=2400, high=600)])
    assert before in content
    with pytest.raises(Rejected) as caught:
        read(content.replace(before, after))
    assert caught.value.fault.place == place


def test_one_day_with_two_figures_is_rejected():
    with pytest.raises(Rejected, match="line 3, column day"):
        read(writer.daily_activity([Day(DAY, 5), Day(DAY, 6)]))
    assert read(writer.daily_activity([Day(DAY, 5), Day(DAY, 5)])).daily_totals.height == 1


@pytest.mark.parametrize(
    ("before", "after"), [(b"T10:00:00+02:00", b"T10:00:00"), (b"T10:30", b"T09:30"), (b"T10:30", b"T99:30")]
)
def test_a_damaged_workout_is_rejected(before, after):
    start = datetime(2026, 3, 5, 10, tzinfo=HELSINKI)
    content = writer.workouts([("walking", start, start + timedelta(minutes=30))])
    with pytest.raises(Rejected):
        read(content.replace(before, after))


@pytest.mark.parametrize(("name", "content"), writer.sample().items())
def test_a_damaged_file_is_rejected_or_read_right_and_never_breaks_the_reader(name, content):
    whole = extract("oura", export(content, name), CONTEXT).rows
    for at in range(0, len(content), 31):
        for damaged in (content[:at], content[:at] + b"\xfe" + content[at + 1 :], content[:at] + content[at + 4 :]):
            with suppress(Rejected):
                assert extract("oura", export(damaged, name), CONTEXT).rows <= whole


def test_other_families_of_the_export_are_ignored():
    verdict = identify(export(b"id;day;score;contributors;timestamp\n", "App Data/dailyreadiness.csv"))
    assert isinstance(verdict, Ignored)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_layouts_seen_in_the_wild_are_read():
    folder = SHARED / "oura_app_data" / "App Data"
    for path in (folder / "dailyactivity.csv", SHARED / "oura_trends" / "oura_trends.csv"):
        totals = read(path.read_bytes(), path.name).daily_totals
        assert totals.select("steps", "moderate_ms", "vigorous_ms").rows() == [(9120, 2_400_000, 600_000)]
    (session,) = read((folder / "workout.csv").read_bytes(), "workout.csv").sessions.to_dicts()
    assert (session["activity"], session["timer_ms"], session["modality"]) == ("walking", 1_800_000, "self_reported")
