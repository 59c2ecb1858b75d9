"""What is read from Polar Flow."""

from __future__ import annotations

import io
import json
from contextlib import suppress
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from connectors.kit.export import Export
from models.clock import ZoneLog
from models.fault import Rejected
from tests.writers import polar as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "polar_flow"
MONDAY = date(2026, 3, 9)
EVENING = datetime(2026, 3, 9, 23, 30)
WHOLE = {"NON_WEAR": 60, "SLEEP": 480, "SEDENTARY": 900}


def export(content: bytes, name: str = "activity.json") -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes):
    assert identify(export(content)) == "polar"
    return extract("polar", export(content), CONTEXT)


@pytest.mark.parametrize("spelling", ["CONTINUOS", "CONTINUOUS"])
def test_moderate_and_vigorous_are_continuous_and_intermittent_together(spelling):
    levels = {f"{spelling}_MODERATE": 40, "INTERMITTENT_MODERATE": 14, f"{spelling}_VIGOROUS": 5, "LIGHT": 200}
    (total,) = read(writer.day(MONDAY, 7088, levels)).daily_totals.to_dicts()
    assert (total["local_date"], total["steps"]) == (MONDAY, 7088)
    assert (total["moderate_ms"], total["vigorous_ms"], total["mvpa_ms"]) == (54 * 60_000, 5 * 60_000, None)


def test_a_level_that_is_not_listed_is_none_only_where_the_others_fill_the_day():
    (total,) = read(writer.day(MONDAY, 500, WHOLE)).daily_totals.to_dicts()
    assert (total["moderate_ms"], total["vigorous_ms"]) == (0, 0)
    (total,) = read(writer.day(MONDAY, 500, {"CONTINUOS_MODERATE": 40})).daily_totals.to_dicts()
    assert (total["moderate_ms"], total["vigorous_ms"]) == (40 * 60_000, None)


def test_a_day_on_which_the_device_was_not_worn_is_not_known():
    assert read(writer.day(MONDAY, 0, {"NON_WEAR": 1440})).rows == 0
    assert read(writer.day(MONDAY, 0, WHOLE)).daily_totals["steps"].to_list() == [0]


def test_samples_are_minutes_where_they_are_a_minute_apart_and_make_up_the_days_steps():
    walk = [("23:58:30.000", 100), ("23:59:30.000", 102)]
    minutes = read(writer.day(MONDAY, 202, WHOLE, walk)).minutes
    assert minutes.select("start_time", "local_date", "value").rows() == [
        (datetime(2026, 3, 10, 3, 58, tzinfo=UTC), MONDAY, 100),
        (datetime(2026, 3, 10, 3, 59, tzinfo=UTC), MONDAY, 102),
    ]


@pytest.mark.parametrize(
    ("steps", "samples"),
    [
        (7088, [("08:00:00", 100), ("08:01:00", 102)]),
        (202, [("08:00:00", 100), ("08:05:00", 102)]),
        (202, [("08:00:00", 100), ("08:00:30", 102)]),
        (202, [("08:01:00", 100), ("08:00:00", 102)]),
    ],
)
def test_other_samples_have_no_cadence_and_only_the_total_is_read(steps, samples):
    result = read(writer.day(MONDAY, steps, WHOLE, samples))
    assert (result.minutes.height, result.daily_totals["steps"].to_list()) == (0, [steps])
    assert "only the total is read" in result.notes[0]


def test_what_stands_twice_in_a_day_counts_once():
    walk = [("23:58:30.000", 100), ("23:59:30.000", 102)]
    said = json.loads(writer.day(MONDAY, 202, {"CONTINUOS_MODERATE": 40, "LIGHT": 20}, walk))
    again = [
        entry | {"level": entry["level"].replace("CONTINUOS", "CONTINUOUS")}
        for entry in said["summary"]["activityLevels"]
    ]
    said["summary"]["activityLevels"] += again
    said["samples"]["steps"] *= 2
    result = read(json.dumps(said).encode())
    assert result.daily_totals["moderate_ms"].to_list() == [40 * 60_000]
    assert result.minutes["value"].to_list() == [100, 102]
    again[0]["duration"] = "PT60S"
    with pytest.raises(Rejected, match="one level twice with other lengths"):
        read(json.dumps(said).encode())


def test_samples_without_times_are_the_minutes_of_the_day_where_there_is_one_for_each():
    samples = [{"value": 0}] * 600 + [{"value": 104}] * 10 + [{"value": 0}] * 830
    content = {"exportVersion": "2.6", "date": "2026-03-09", "samples": {"mets": [], "steps": samples}}
    minutes = read(json.dumps(content).encode()).minutes
    walked = minutes.filter(minutes["value"] > 0)["start_time"].to_list()
    assert (minutes.height, len(walked)) == (1440, 10)
    assert walked[0] == datetime(2026, 3, 9, 14, tzinfo=UTC)  # 10:00 in New York


def test_samples_without_times_and_without_a_summary_are_refused():
    content = {"exportVersion": "2.6", "date": "2016-05-09", "samples": {"mets": [], "steps": [{"value": 12}]}}
    with pytest.raises(Rejected, match="samples without times"):
        read(json.dumps(content).encode())


def test_a_training_session_is_placed_by_its_offset_and_says_nothing_else_of_the_person():
    result = read(writer.training(EVENING, 45, "STRENGTH_TRAINING", 120))
    (session,) = result.sessions.to_dicts()
    assert (session["start_time"], session["local_date"]) == (datetime(2026, 3, 9, 21, 30, tzinfo=UTC), MONDAY)
    assert (session["activity"], session["vendor_activity"]) == ("strength", "STRENGTH_TRAINING")
    assert (session["timer_ms"], session["steps"], result.tz_source) == (2_700_000, None, "record_offset")
    assert not any(word in str(session) for word in ("Anna", "61.5", "FEMALE"))


def test_a_training_session_without_its_offset_is_read_by_the_persons_zone():
    result = read(writer.training(EVENING, 45, "YOGA", timezoneOffset=None))
    assert result.sessions["start_time"].to_list() == [datetime(2026, 3, 10, 3, 30, tzinfo=UTC)]
    assert (result.sessions["local_date"].to_list(), result.tz_source) == ([MONDAY], "participant_home")


def test_a_sport_known_only_by_number_is_other():
    (session,) = read(writer.training(EVENING, 45, {"id": "27"}, -240)).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == ("other", "sport 27")


@pytest.mark.parametrize(
    "change",
    [
        {"timezoneOffset": "120"},
        {"timezoneOffset": 7},
        {"startTime": "2026-03-09T25:00:00"},
        {"startTime": "2026-03-09T23:30:00Z"},
        {"stopTime": "2026-03-09T20:00:00"},
        {"duration": "PT9000S"},
        {"duration": "an hour"},
    ],
)
def test_a_training_session_that_is_not_certain_is_refused(change):
    with pytest.raises(Rejected):
        read(writer.training(EVENING, 45, "YOGA", 120, **change))


def test_the_table_of_a_session_gives_its_row_and_neither_name_nor_notes():
    result = read(writer.table(datetime(2018, 6, 5, 11, 17, 3), "00:30:08", "RUNNING"))
    (session,) = result.sessions.to_dicts()
    assert (session["start_time"], session["timer_ms"]) == (datetime(2018, 6, 5, 15, 17, 3, tzinfo=UTC), 1_808_000)
    assert (session["activity"], result.notes) == ("running", [])
    assert "Anna" not in str(session)
    assert "slept" not in str(session)


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        (b",Sport,", b",Sports,", "line 1, column Sport"),
        (b"05-06-2018", b"2018-06-05", "line 2, column Date"),
        (b"11:17:03", b"25:61:00", "line 2, column Date"),
        (b"00:30:08", b"soon", "line 2, column Duration"),
        (b"Sample rate", b"Anna", "line 3"),
        (b",4.48", b"", "line 2"),
    ],
)
def test_a_wrong_table_is_rejected_naming_the_place(before, after, place):
    content = writer.table(datetime(2018, 6, 5, 11, 17, 3), "00:30:08", "RUNNING")
    with pytest.raises(Rejected) as caught:
        read(content.replace(before, after))
    assert caught.value.fault.place == place


@pytest.mark.parametrize(("name", "content"), writer.sample().items())
def test_a_damaged_file_is_rejected_or_read_right_and_never_breaks_the_reader(name, content):
    whole = extract("polar", export(content, name), CONTEXT).rows
    for at in range(0, len(content), 9):
        for damaged in (content[:at], content[:at] + b"\xfe" + content[at + 1 :], content[:at] + content[at + 4 :]):
            with suppress(Rejected):
                assert extract("polar", export(damaged, name), CONTEXT).rows <= whole


def test_other_families_of_the_export_are_ignored():
    verdict = identify(export(b'{"exportVersion": "1.0", "night": "2026-03-09"}', "sleep_result_1.json"))
    assert isinstance(verdict, Ignored)


@pytest.mark.skipif(not SHARED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_layouts_seen_in_the_wild_are_read():
    (total,) = read((SHARED / "activity-2014-10-27.json").read_bytes()).daily_totals.to_dicts()
    assert (total["steps"], total["moderate_ms"], total["vigorous_ms"]) == (7088, 3_240_000, None)
    (session,) = read((SHARED / "session.csv").read_bytes()).sessions.to_dicts()
    assert (session["activity"], session["timer_ms"]) == ("running", 1_808_000)
    assert "Person" not in str(session)
