"""What is read from the files of Health Sync, and which of several routes of one day counts."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from flows.cli import main
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import export, survives
from tests.studies import StudyFolder
from tests.together import Person, alone, people, study
from tests.writers import health_connect, tracks
from tests.writers import health_sync as writer
from tests.writers.health_sync import PHONE, WATCH, walk

__all__ = ["alone", "people", "study"]  # the fixtures

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[2] / "shared/data/exports2/health_sync"
NINE = datetime(2026, 3, 9, 13, tzinfo=UTC)  # in New York


def read(content: bytes, name: str = "Steps 2026.03.09 Health Connect.csv") -> Extract:
    assert identify(export(content, name)) == "health_sync"
    return extract("health_sync", export(content, name), CONTEXT)


def steps_of(content: bytes) -> list[tuple[str, str, int]]:
    """Metric, time of day in UTC and steps of each minute."""
    rows = read(content).minutes["metric", "start_time", "value"].rows()
    return [(metric, f"{start:%H:%M}", value) for metric, start, value in rows]


def totals_of(content: bytes) -> list[tuple[date, int]]:
    return read(content).daily_totals["local_date", "steps"].rows()


def test_rows_on_full_minutes_are_minutes_and_those_between_have_no_pace() -> None:
    odd = [("2026.03.09 09:05:01", 8, WATCH), ("2026.03.09 09:05:40", 9, WATCH)]
    content = writer.steps([*walk("2026.03.09 09", 2, WATCH), *odd])
    assert steps_of(content) == [("steps", "13:00", 100), ("steps", "13:01", 101), ("steps_spread", "13:05", 17)]
    assert totals_of(content) == []


@pytest.mark.parametrize("minute", ["00:01", "15:00"])
def test_rows_that_are_no_minutes_tell_the_day_alone(minute: str) -> None:
    content = writer.steps([(f"2026.03.09 0{hour}:{minute}", 90, WATCH) for hour in range(1, 9)])
    assert (steps_of(content), totals_of(content)) == ([], [(date(2026, 3, 9), 720)])


def test_a_few_full_minutes_among_many_rows_at_odd_seconds_are_no_minutes() -> None:
    odd = [(f"2026.03.09 09:0{n}:07", 9, WATCH) for n in range(9)]
    content = writer.steps([*walk("2026.03.09 09", 2, WATCH, each=5), *odd])
    assert (steps_of(content), totals_of(content)) == ([], [(date(2026, 3, 9), 92)])


def test_of_two_apps_in_one_file_the_one_with_more_steps_counts() -> None:
    content = writer.steps([*walk("2026.03.09 09", 3, WATCH), *walk("2026.03.09 10", 3, PHONE, each=110)])
    assert steps_of(content) == [("steps", "14:00", 110), ("steps", "14:01", 111), ("steps", "14:02", 112)]


def test_a_total_that_stands_at_midnight_is_not_added_to_the_rows_of_the_same_steps() -> None:
    rows = [("2026.03.09 06:41:09", 600, WATCH), ("2026.03.09 06:41:21", 80, WATCH)]
    assert totals_of(writer.steps([("2026.03.09 00:00:00", 6705, WATCH), *rows])) == [(date(2026, 3, 9), 6705)]
    assert totals_of(writer.steps([("2026.03.09 00:00:00", 300, WATCH), *rows])) == [(date(2026, 3, 9), 680)]
    assert totals_of(writer.steps([("2026.03.09 00:00:00", 40, WATCH), *rows])) == [(date(2026, 3, 9), 720)]


def test_a_minute_after_midnight_is_a_minute() -> None:
    assert steps_of(writer.steps(walk("2026.03.09 00", 2, WATCH)))[0] == ("steps", "04:00", 100)


def test_a_pulse_is_evidence_of_wear_and_never_a_number() -> None:
    told = [("2026.03.09 09:00:02", 87, ""), ("2026.03.09 09:00:09", 91, ""), ("2026.03.09 09:02:00", "null", "")]
    assert steps_of(writer.beats(told)) == [("heart_rate", "13:00", 1)]


def test_an_activity_is_its_active_seconds_and_ends_when_the_time_was_over() -> None:
    result = read(writer.activity("WALKING", "2026.03.09 09:00:00", 987, 900, 1352), "any.csv")
    (session,) = result.sessions.to_dicts()
    assert (session["activity"], session["timer_ms"], session["steps"]) == ("walking", 900_000, 1352)
    assert (session["start_time"], session["end_time"]) == (NINE, NINE + timedelta(seconds=987))
    assert "Anna" not in str(session)


def test_what_is_null_is_not_known_and_a_word_that_nobody_knows_is_other() -> None:
    result = read(writer.activity("Anna's own", "2026.03.09 09:00:00", 600, "null"), "any.csv")
    (session,) = result.sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == ("other", None)
    assert (session["timer_ms"], session["steps"]) == (600_000, None)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (writer.steps([("2026-03-09 09:00:00", 9, WATCH)]), "line 2, column Date"),
        (writer.steps([("2026.03.09 09:00:00", "nine", WATCH)]), "line 2, column Steps"),
        (writer.steps([("2030.03.09 09:00:00", 9, WATCH)]), "line 2, column Date"),
        (writer.activity("WALKING", "2026.03.09 09:00:00", "16:27", 900), "line 2, column Elapsed time"),
        (writer.activity("WALKING", "2026.03.09 09:00:00", "null", "null"), "line 2, column Elapsed time"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(content: bytes, place: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(content)
    assert caught.value.fault.place == place


@pytest.mark.parametrize(
    ("content", "name"),
    [
        (b"a,b\n1,2\n", "Health Sync Sleep/Sleep 2026.03.09.csv"),
        (b"<kml/>", "x/Health Sync Activities/WALKING 2026.03.09 17.48.kml"),
        (b'Date,Time,Active calories\n2026.03.09 00:00:00,00:00:00,"208.1"\n', "Energy.csv"),
    ],
)
def test_other_figures_are_ignored_with_a_reason(content: bytes, name: str) -> None:
    assert isinstance(identify(export(content, name)), Ignored)


@pytest.mark.parametrize("name", sorted(writer.sample()))
def test_damage_is_refused_cleanly_or_read(name: str) -> None:
    survives(writer.sample()[name], name, CONTEXT, lambda result: [f.rows() for f in result.frames().values()])


def test_a_day_of_two_routes_is_one_walk_whichever_came_first(
    alone: StudyFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    study = alone
    connect = writer.steps([*walk("2026.03.05 09", 20, WATCH), ("2026.03.04 23:59:00", 5, WATCH)])
    study.put("P1/Steps 2026.03.05 Samsung Health.csv", writer.steps(walk("2026.03.05 08", 30, ""), with_app=False))
    study.put("P1/Steps 2026.03.05 Health Connect.csv", connect)
    study.put("P1/Steps 2026.03.04 Health Connect.csv", writer.steps(walk("2026.03.04 10", 25, WATCH)))
    study.night()
    samsung, before = sum(range(100, 130)), sum(range(100, 125))
    assert study.day("2026-03-05")["steps"] == samsung
    assert study.day("2026-03-04")["steps"] == before
    assert main(["day", "P1", "2026-03-05", "--json", "--study", str(study.folder)]) == 0
    files = {file["path"]: file["replaced"] for file in json.loads(capsys.readouterr().out)["files"]}
    assert files["P1/Steps 2026.03.05 Health Connect.csv"] == "another file copied more of its steps"
    assert files["P1/Steps 2026.03.05 Samsung Health.csv"] == ""
    for minutes, name in ((50, "Steps 2026.03.05 Health Connect.csv"), (10, "Steps 2026.03.05-2026.03.06.csv")):
        study.put(
            f"P1/{name}", writer.steps([*walk("2026.03.05 09", minutes, WATCH), ("2026.03.06 09:00:00", 5, WATCH)])
        )
        study.night()
        assert study.day("2026-03-05")["steps"] == sum(range(100, 150))


def test_days_in_a_file_each_are_complete_but_one_that_was_copied_in_its_morning(study: Person) -> None:
    for day, until in ((4, 22), (5, 22), (6, 11), (7, 22), (8, 22)):
        odd = [(f"2026.03.0{day} {hour:02d}:17:07", 200, WATCH) for hour in range(6, until)]
        study.put(f"P1/Steps 2026.03.0{day} Health Connect.csv", writer.steps(odd))
    study.night()
    days = [study.day(f"2026-03-0{day}") for day in range(4, 9)]
    assert [day["steps"] for day in days] == [3200, 3200, 1000, 3200, 3200]
    assert [day["day_state"] == "valid" for day in days] == [False, True, False, False, False]


@pytest.mark.parametrize(("copied", "counted"), [(20, sum(range(100, 130))), (30, sum(range(100, 130))), (40, 4780)])
def test_a_walk_that_the_phones_own_export_has_too_is_one_walk_though_its_minutes_lie_apart(
    study: Person, copied: int, counted: int
) -> None:
    """Health Sync writes times on the wall: for somebody who travels its minutes are other instants."""
    study.put("P1/Steps 2026.03.05 Samsung Health.csv", writer.steps(walk("2026.03.05 16", copied, ""), with_app=False))
    phone = health_connect.minutes(datetime(2026, 3, 5, 15, tzinfo=UTC), range(100, 130))
    study.put("P1/health_connect_export.db", health_connect.database(phone))
    study.night()
    day = study.day("2026-03-05")
    assert (day["steps"], day["walking_minutes"]) == (counted, max(copied, 30))


def test_one_walk_in_all_the_files_of_the_app_is_one_and_a_corrected_one_counts(study: Person) -> None:
    start = datetime(2026, 3, 5, 14, tzinfo=UTC)
    end = start + timedelta(seconds=1005)
    study.put("P1/WALKING a.csv", writer.activity("WALKING", "2026.03.05 09:00:00", 1000, 600))
    study.put("P1/WALKING a.tcx", tracks.tcx(tracks.activity("Walking", [(start, 1005.0)], end)))
    study.put("P1/WALKING a.gpx", tracks.gpx([[start, end]], "walking"))
    study.night()
    day = study.day("2026-03-05")
    assert (day["walking_minutes"], day["sources"]) == (10, "health_sync")
    longer = writer.activity("WALKING", "2026.03.05 09:00:00", 1000, 900)
    later = writer.activity("WALKING", "2026.03.06 09:00:00", 1000, 900).splitlines()[1]
    study.put("P1/Activities.csv", longer + later)
    study.night()
    assert study.day("2026-03-05")["walking_minutes"] == 15


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collected exports are not beside this checkout")
def test_the_collected_files_are_read() -> None:
    found = {path.name: path.read_bytes() for path in COLLECTED.rglob("*.csv")}
    steps = {name: read(content, name).minutes["value"].sum() for name, content in found.items() if "Steps" in name}
    assert steps == {"Steps 2026.08.07 Samsung Health.csv": 209, "Steps 2026.08.08 Health Connect.csv": 282}
    walk_of_july = read(found["WALKING 2026.07.25 17.48.csv"], "any.csv").sessions.to_dicts()[0]
    assert (walk_of_july["activity"], walk_of_july["timer_ms"], walk_of_july["steps"]) == ("walking", 987_000, 1352)
    assert read(found["TRAINING 2026.06.04 08.12.csv"], "any.csv").sessions["timer_ms"].to_list() == [2_700_000]
    beats = [read(content, name).minutes.height for name, content in found.items() if "Heart" in name]
    assert beats == [2, 2]
    assert isinstance(identify(export(found["Energy burned 2026.05.20 Health Connect.csv"], "a.csv")), Ignored)
