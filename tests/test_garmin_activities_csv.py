"""What is read from Garmin Connect's list of activities."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, extract, identify
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import export, survives
from tests.writers import garmin_activities_csv as writer
from tests.writers.garmin_activities_csv import Activity

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "garmin"
NAMES = {
    "en": "Strength Training",
    "de": "Krafttraining",
    "fr": "Musculation",
    "pt": "Treinamento de força",
    "es": "Entrenamiento de fuerza",
    "sv": "Styrketräning",
    "da": "Styrketræning",
    "nb": "Styrketrening",
    "hu": "Erősítő edzés",
    "pl": "Trening siłowy",
}


def read(content: bytes, name: str = "Activities.csv"):
    assert identify(export(content, name)) == "garmin_activities_csv"
    return extract("garmin_activities_csv", export(content, name), CONTEXT)


@pytest.mark.parametrize("language", NAMES)
def test_time_is_the_timer_in_every_language_and_the_elapsed_time_is_the_span(language):
    rows = [Activity(NAMES[language], "2026-03-09 23:45:00", "00:30:00.5", "3,104", "01:02:03")]
    (session,) = read(writer.listing(rows, language)).sessions.to_dicts()
    assert (session["activity"], session["timer_ms"], session["steps"]) == ("strength", 1_800_500, 3104)
    assert session["start_time"] == datetime(2026, 3, 10, 3, 45, tzinfo=UTC)
    assert session["end_time"] - session["start_time"] == timedelta(hours=1, minutes=2, seconds=3)
    assert [part["local_date"].day for part in session["parts"]] == [9, 10]
    assert "Anna" not in str(session)


@pytest.mark.parametrize(("language", "kind"), [("it", "Camminata"), ("nl", "Wandelen")])
def test_in_a_language_that_is_not_known_the_first_columns_are_told_by_their_places(language, kind):
    rows = [
        Activity(kind, "2026-03-09 23:45:00", "00:30:00.5", "3,104", "01:02:03"),
        Activity("Xyz", "2026-03-08 09:00:00"),
    ]
    sessions = read(writer.listing(rows, language)).sessions
    assert sessions.select("activity", "timer_ms", "steps").rows() == [
        ("walking", 1_800_500, None),
        ("other", 1_800_000, None),
    ]
    assert sessions["start_time"][0] == datetime(2026, 3, 10, 3, 45, tzinfo=UTC)
    with pytest.raises(Rejected, match="no reader knows"):
        identify(export(writer.listing([Activity(kind, "yesterday")], language), "Activities.csv"))


def test_a_list_without_its_header_is_refused_and_its_first_activity_is_not_taken_for_one():
    rows = [Activity("Walking", f"2026-03-0{day} 08:00:00") for day in (7, 8, 9)]
    _, headless = writer.listing(rows, "en").split(b"\n", 1)
    with pytest.raises(Rejected, match="a table that no reader knows"):
        identify(export(headless, "Activities.csv"))


def test_the_same_word_means_another_time_in_another_language():
    portuguese = writer.HEADERS["pt"].replace("Tempo,", "Ritmo,")
    with pytest.raises(Rejected) as caught:  # Duração alone is the elapsed time
        read(writer.listing([Activity("Corrida", "2026-03-09 10:00:00")], "pt", portuguese))
    assert caught.value.fault.place == "line 1, column Tempo"


@pytest.mark.parametrize(
    ("cell", "steps"),
    [("4,808", 4808), ("4.808", 4808), ("4 808", 4808), ("808", 808), ("9,0", 9), ("1,204,808", None), ("--", None)],
)
def test_steps_are_whole_whatever_parts_their_thousands(cell, steps):
    content = writer.listing([Activity("Walking", "2026-03-09 10:00:00", steps=cell, distance="7,00")])
    if cell == "1,204,808":
        with pytest.raises(Rejected, match="column Steps"):
            read(content)
    else:
        assert read(content).sessions["steps"].to_list() == [steps]


def test_a_list_of_the_newest_first_tells_the_hour_that_happens_twice():
    rows = [Activity("Walking", f"2025-11-02 {hour}:00", "00:05:00") for hour in ("02:10", "01:20", "01:40", "00:50")]
    result = read(writer.listing(rows))
    starts = [start.strftime("%H:%M") for start in result.sessions["start_time"]]
    assert starts == ["07:10", "06:20", "05:40", "04:50"]
    assert result.notes == ["2 times that happened twice, the clocks going back: read by the order of the rows"]
    forward = read(writer.listing(rows[::-1]))
    assert sorted(forward.sessions["start_time"]) == sorted(result.sessions["start_time"])


def test_in_a_list_in_no_order_such_an_hour_is_the_first():
    dates = ["2025-12-01 09:00:00", "2025-11-02 01:40:00", "2025-11-20 09:00:00", "2025-11-02 01:20:00"]
    result = read(writer.listing([Activity("Walking", at, "00:05:00") for at in dates]))
    assert [start.hour for start in result.sessions["start_time"]][1::2] == [5, 5]


def test_an_unknown_activity_is_other_under_its_own_name():
    (session,) = read(writer.listing([Activity("Lawn Darts", "2026-03-09 10:00:00")])).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == ("other", "Lawn Darts")


def test_an_unknown_column_is_noted_and_a_file_from_a_spreadsheet_is_read():
    header = writer.HEADERS["en"] + ",Aura"
    content = (
        writer.listing([], "en", header).decode() + "Hiking,2026-03-09 10:00,false,T,1,1,0:30:00,1,900,0:30:00,3\n"
    )
    result = read(content.replace("\n", "\r\n").encode())
    assert result.notes == ["new column 'Aura': not read"]
    assert result.sessions.select("activity", "timer_ms", "steps").rows() == [("hiking", 1_800_000, 900)]


def test_without_a_timer_the_elapsed_time_counts_and_without_either_there_is_no_session():
    at = "2026-03-09 10:00:00"
    rows = [Activity("Walking", at, "--", elapsed="00:20:00"), Activity("Hiking", at, "--", elapsed="--")]
    result = read(writer.listing(rows))
    assert result.sessions.select("activity", "timer_ms").rows() == [("walking", 1_200_000)]
    assert result.notes == ["1 activities that do not tell how long they were: left out"]


@pytest.mark.parametrize("cells", [["25.2.2026 10:00", "9.3.2026 10:00"], ["2/25/2026 10:00", "3/9/2026 10:00"]])
def test_dates_turned_round_by_a_spreadsheet_are_read_where_they_leave_no_doubt(cells):
    sessions = read(writer.listing([Activity("Walking", cell) for cell in cells])).sessions
    assert sessions["local_date"].to_list() == [date(2026, 2, 25), date(2026, 3, 9)]
    with pytest.raises(Rejected, match="in January or February"):
        read(writer.listing([Activity("Walking", "1/2/2026 10:00")]))


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (Activity("Walking", "9 March"), "line 2, column Date"),
        (Activity("Walking", "2026-03-09 25:61:00"), "line 2, column Date"),
        (Activity("Walking", "2031-03-09 10:00:00"), "line 2, column Date"),
        (Activity("Walking", "2026-03-09 10:00:00", "31:24"), "line 2, column Time"),
        (Activity("Walking", "2026-03-09 10:00:00", "5:24", elapsed="00:05:30"), "line 2, column Time"),
        (Activity("Walking", "2026-03-09 10:00:00", ""), "line 2, column Time"),
        (Activity("Walking", "2026-03-09 10:00:00", steps="-3"), "line 2, column Steps"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(row, place):
    with pytest.raises(Rejected) as caught:
        read(writer.listing([row]))
    assert caught.value.fault.place == place


@pytest.mark.parametrize(("column", "at"), [("Aktivitätstyp", "Aktivitätstyp"), ("Datum", "Datum"), ("Zeit", "Zeit")])
def test_a_renamed_column_is_rejected_by_its_name_in_that_language(column, at):
    header = writer.HEADERS["de"].replace(f"{column},", "Neues,", 1)
    with pytest.raises(Rejected) as caught:
        read(writer.listing([Activity("Gehen", "2026-03-09 10:00:00")], "de", header))
    assert caught.value.fault.place == f"line 1, column {at}"


@pytest.mark.parametrize("name", sorted(writer.sample()))
def test_damage_is_refused_cleanly_or_read(name):
    survives(writer.sample()[name], name, CONTEXT, lambda result: result.sessions.rows())


def test_a_duration_of_two_parts_is_hours_and_minutes():
    rows = [Activity("Gang", "2026-03-09 09:00:00", "1:05", elapsed="01:05:17")]
    (session,) = read(writer.listing(rows, "da")).sessions.to_dicts()
    assert (session["activity"], session["timer_ms"]) == ("walking", 65 * 60_000)
    assert session["end_time"] - session["start_time"] == timedelta(hours=1, minutes=5, seconds=17)


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the collected exports are not beside this checkout")
def test_the_collected_lists_are_read_in_all_their_languages():
    lists = [*COLLECTED.glob("Activities*.csv"), *COLLECTED.parents[1].glob("exports2/*/Activities_*.csv")]
    found = {p.name: read(p.read_bytes(), p.name) for p in lists}
    assert len(found) >= 13
    assert all(result.notes == [] for result in found.values())
    kinds = [row for result in found.values() for row in result.sessions.select("activity", "vendor_activity").rows()]
    assert {name for activity, name in kinds if activity == "other"} == {"Annan"}  # Swedish for other
    french = found["Activities_fr_2026.csv"].sessions
    assert french.select("activity", "timer_ms", "steps").rows() == [
        ("running", 2_120_000, 4404),
        ("strength", 3_479_000, None),
        ("hiking", 10_178_000, 12_426),
    ]
    ride = found["Activities_pt-BR_cycling_2021.csv"].sessions.row(2, named=True)  # pt: the timer is not Duração
    assert ride["timer_ms"] == (2 * 3600 + 30 * 60 + 24) * 1000
    assert ride["end_time"] - ride["start_time"] == timedelta(hours=4, minutes=6, seconds=40)
