"""What is read from a Google Fit Takeout."""

from __future__ import annotations

import io
import json
import re
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from connectors import Context, Ignored, extract, identify
from connectors.kit.export import Export
from models.clock import ZoneLog
from models.fault import Rejected
from tests.studies import StudyFolder, read_here
from tests.writers import google_fit as writer
from tests.writers.google_fit import Day

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
SAMPLES = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "google_fit"
INDIA = timedelta(hours=5, minutes=30)


def export(content: bytes | str, name: str = writer.DAILY_PATH) -> Export:
    content = content.encode() if isinstance(content, str) else content
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes | str, name: str = writer.DAILY_PATH):
    file = export(content, name)
    assert identify(file) == "google_fit"
    return extract("google_fit", file, CONTEXT)


def at(hour: int, minute: int = 0, second: float = 0) -> datetime:
    return datetime(2025, 1, 29, hour, minute, tzinfo=UTC) + timedelta(seconds=second)


MONDAY = date(2026, 3, 9)


def test_a_day_has_steps_walking_and_minutes_derived_from_heart_points():
    result = read(writer.daily([Day(MONDAY, 5885, 60, 5, heart_points=11, heart_minutes=8, move_minutes=85)]))
    assert result.daily_totals.to_dicts() == [
        {
            "source": "google_fit",
            "device": None,
            "local_date": MONDAY,
            "steps": 5885,
            "walking_ms": 65 * 60_000,
            "light_ms": None,
            "moderate_ms": 5 * 60_000,
            "vigorous_ms": 3 * 60_000,
            "mvpa_ms": 8 * 60_000,
            "day_basis": "local",
        }
    ]
    assert result.notes == []


def test_an_empty_cell_is_not_known_rather_than_zero():
    (day,) = read(writer.daily([Day(MONDAY, steps=3486)])).daily_totals.to_dicts()
    assert day["steps"] == 3486
    assert [day[name] for name in ("walking_ms", "moderate_ms", "vigorous_ms", "mvpa_ms")] == [None] * 4
    (day,) = read(
        writer.daily([Day(MONDAY, treadmill_minutes=5, heart_points=0, heart_minutes=0)])
    ).daily_totals.to_dicts()
    assert (day["steps"], day["walking_ms"], day["moderate_ms"], day["vigorous_ms"], day["mvpa_ms"]) == (
        None,
        300_000,
        0,
        0,
        0,
    )


def test_a_day_on_which_nothing_is_told_is_no_row():
    assert read(writer.daily([Day(MONDAY), Day(date(2026, 3, 10), 5)])).daily_totals["local_date"].to_list() == [
        date(2026, 3, 10)
    ]


@pytest.mark.parametrize(("points", "minutes"), [(5, 8), (17, 8), (3, 0)])
def test_points_that_do_not_fit_their_minutes_give_no_split(points, minutes):
    (day,) = read(writer.daily([Day(MONDAY, 1, heart_points=points, heart_minutes=minutes)])).daily_totals.to_dicts()
    assert (day["moderate_ms"], day["vigorous_ms"], day["mvpa_ms"]) == (None, None, minutes * 60_000)


def test_columns_may_come_in_any_number_and_order():
    days = [Day(MONDAY, 5885, 60)]
    few = read(
        writer.daily(days, ["Average weight (kg)", "Step count", "Calories (kcal)", "Date"]), "Daily Summaries.csv"
    )
    assert few.daily_totals.select("steps", "walking_ms").rows() == [(5885, None)]
    old = "Date,Average heart rate (bpm),Biking duration (ms),Inactive duration (ms),Move Minutes count,Step count\n"
    result = read(old + "2021-05-01,70,1,2,3,4000\n")
    assert result.daily_totals["steps"].to_list() == [4000]
    assert result.notes == []


def test_a_new_column_is_noted_and_places_are_not_even_that():
    result = read("Date,Step count,Heart Points,Heart Minutes,Low latitude (deg),Aura\n2026-03-09,5,,,52.5,blue\n")
    assert result.notes == ["new column 'Aura': not read"]
    assert "52.5" not in str(result.daily_totals.rows())


def test_a_person_who_never_counted_steps_has_no_such_column_and_no_steps_are_known():
    result = read("Date,Move Minutes count,Distance (m),Heart Points,Heart Minutes\n2026-03-09,60,1.5,20,12\n")
    assert result.daily_totals.select("steps", "mvpa_ms").rows() == [(None, 720_000)]
    assert result.notes == ["no column 'Step count': steps are not known"]


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("Date,Steps,Heart Points,Heart Minutes\n", "line 1, column Step count"),
        ("Day,Step count,Heart Points,Heart Minutes\n", "line 1, column Date"),
        ("Date,Step count,Heart Points\n2026-03-09,-3,\n", "line 2, column Step count"),
        ("Date,Step count,Heart Points\n2026-03-09,3,\n09.03.2026,3,\n", "line 3, column Date"),
        ("Date,Step count,Walking duration (ms)\n2026-03-09,3,120000000\n", "line 2, column Walking duration (ms)"),
        ("Date,Step count,Heart Minutes\n2026-03-09,3,2000\n", "line 2, column Heart Minutes"),
        ("Date,Step count,Heart Minutes\n2026-03-09,3,5\n2026-03-09,4,5\n", "line 3, column Date"),
    ],
)
def test_bad_input_is_rejected_whole_naming_line_and_column(content, place):
    with pytest.raises(Rejected) as caught:
        read(content)
    assert caught.value.fault.place == place


def test_german_columns_are_read_as_far_as_they_are_known():
    head = "Datum,Anzahl der Aktivitätsminuten,Kalorien (kcal),Distanz (m),Kardiopunkte,Kardiominuten,"
    head += "Minimaler Breitengrad (Grad),Durchschnittsgeschwindigkeit (m/s),Schrittzahl,Durchschnittsgewicht (kg)\n"
    result = read(head + "2026-03-09,85,1490.5,3880.1,11.0,8,52.5,1.1,5885,80.5\n")
    (day,) = result.daily_totals.to_dicts()
    assert (day["steps"], day["moderate_ms"], day["vigorous_ms"]) == (5885, 5 * 60_000, 3 * 60_000)
    assert day["walking_ms"] is None
    assert result.notes == []
    (day,) = read(
        "Datum,Schrittzahl,Kardiominuten,Gehen – Dauer (ms),Laufen – Dauer (ms)\n2026-03-09,5885,8,3615334,60000\n"
    ).daily_totals.to_dicts()
    assert day["walking_ms"] == 3_615_334
    quarters = head.replace("Datum", "Beginn,Ende") + "10:00:00.000+01:00,10:15:00.000+01:00,,,,,,,,300,\n"
    (day,) = read(quarters, "2026-03-09.csv").daily_totals.to_dicts()
    assert (day["local_date"], day["steps"]) == (date(2026, 3, 9), 300)


def test_the_strokes_of_a_table_of_swims_are_not_taken_for_steps_by_their_place():
    speeds = "Tempo (m/s),Max (m/s),Min (m/s)"
    for head in (f"Datum,{speeds},Züge,Strecke (m),Energie (kcal)", f"Datum,Strecke (m),{speeds},Züge,Energie (kcal)"):
        cells = ["2026-03-09", *("1000" if name in ("Züge", "Strecke (m)") else "1" for name in head.split(",")[1:])]
        with pytest.raises(Rejected, match="no such column"):
            read(f"{head}\n{','.join(cells)}\n", "swims.csv")


def test_quarters_of_an_hour_sum_to_the_day_that_their_name_tells():
    content = writer.quarter_hours([*[None] * 40, 400, 1250, *[None] * 54])
    result = read(content, "Takeout/Fit/Daily activity metrics/2026-03-08.csv")
    (day,) = result.daily_totals.to_dicts()
    assert (day["local_date"], day["steps"], day["walking_ms"]) == (date(2026, 3, 8), 1650, 240_000)
    assert (day["moderate_ms"], day["vigorous_ms"], day["mvpa_ms"]) == (120_000, 120_000, 240_000)
    assert result.days_are_over
    assert not read(writer.quarter_hours([100] * 40), "2026-03-08.csv").days_are_over


def test_quarters_of_an_hour_without_a_figure_are_no_day():
    assert read(writer.quarter_hours([None] * 96), "2026-03-08.csv").daily_totals.is_empty()


@pytest.mark.parametrize(
    ("content", "name", "place"),
    [
        (writer.quarter_hours([300]), "quarters.csv", "file name"),
        (writer.quarter_hours([300]), "2026-13-45.csv", "file name"),
        (writer.quarter_hours([300, 200]).replace(b"00:15:00.000-04:00,00:30", b"00:00:00.000-04:00,00:30"),
         "2026-03-08.csv", "line 3, column Start time"),
        (writer.quarter_hours([300]).replace(b"00:15:00", b"noon"), "2026-03-08.csv", "line 2, column End time"),
    ],
)  # fmt: skip
def test_quarters_of_an_hour_that_cannot_be_are_rejected_naming_the_place(content, name, place):
    with pytest.raises(Rejected) as caught:
        read(content, name)
    assert caught.value.fault.place == place


def test_quarters_of_an_hour_are_the_day_in_the_night_and_a_daily_file_beside_them_adds_nothing(tmp_path, monkeypatch):
    study = StudyFolder(tmp_path).write()
    read_here(monkeypatch)
    folder = "P1/Takeout/Fit/Daily activity metrics"
    study.put(f"{folder}/2026-03-04.csv", writer.quarter_hours([*[None] * 32, *[150] * 48, *[None] * 16]))
    study.night()
    alone = study.day("2026-03-04")
    assert (alone["steps"], alone["walking_minutes"], alone["day_state"]) == (7200, 96, "valid")
    rows = [writer.Day(date(2026, 3, n), steps=7200, walking_minutes=96) for n in (3, 4, 5)]
    study.put(f"{folder}/Daily activity metrics.csv", writer.daily(rows))
    study.night()
    assert study.day("2026-03-04")["steps"] == 7200


def test_a_language_that_is_not_known_is_refused_and_says_what_to_do():
    head = "Päivämäärä,Kalorit (kcal),Matka (m),Keskinopeus (m/s),Askelmäärä,Kävelyn kesto (ms)\n"
    with pytest.raises(Rejected, match="English") as caught:
        read(head + "2026-03-09,1490.5,3880.1,1.1,5885,3615334\n")
    assert caught.value.fault.place == "line 1, column Step count"


RUSSIAN = (
    "Дата,Минуты активности,Калории (ккал),Дистанция (м),Баллы кардиотренировок,Минуты кардиотренировок,"
    "Средний пульс (уд/мин),Мин. широта (град.),Средняя скорость (м/с),Макс. скорость (м/с),Мин. скорость (м/с),"
    "Число шагов,Средний вес (кг),Продолжительность: Ходьба (мс),Продолжительность: Бег (мс),"
    "Продолжительность: Йога (мс),Продолжительность: Бег (мс)\n"
)


def test_russian_columns_are_read_though_some_stand_twice():
    result = read(RUSSIAN + "2026-03-09,85,1490.5,3880.1,11.0,8,71,52.5,1.1,2.2,0.3,5885,80.5,3615334,,,60000\n")
    (day,) = result.daily_totals.to_dicts()
    assert (day["steps"], day["walking_ms"], day["vigorous_ms"]) == (5885, 3_615_334, 180_000)
    assert result.notes == []


@pytest.mark.parametrize("word", ["Andar", "Caminar"])
def test_both_spanish_words_for_walking_are_read_also_of_quarters_of_an_hour(word):
    head = f"Fecha,Calorías (kcal),Distancia (m),Recuento de pasos,Recuento de Minutos Activos,{word} duración (ms)"
    result = read(f"{head},Dormir duración (ms)\n2026-03-09,1490.5,3880.1,5885,85,3615334,60000\n")
    (day,) = result.daily_totals.to_dicts()
    assert (day["steps"], day["walking_ms"], result.notes) == (5885, 3_615_334, [])
    times = "10:00:00.000+01:00,10:15:00.000+01:00"
    head = head.replace("Fecha", "una hora,otra hora")
    (day,) = read(f"{head}\n{times},14.1,280.0,400,5,240000\n", "2026-03-09.csv").daily_totals.to_dicts()
    assert (day["local_date"], day["steps"], day["walking_ms"]) == (MONDAY, 400, 240_000)


# A language without words: only places, units, times and dates are to be known.
DUTCH = (
    "minuten A,energie (kcal),afstand (m),punten B,minuten B,breedte (deg),hoogte (m),snelheid A (m/s),"
    "snelheid B (m/s),snelheid C (m/s),aantal,gewicht (kg),duur (ms)\n"
)


def test_in_an_unknown_language_the_steps_are_found_by_their_place_and_nothing_else_is_read():
    days = "2026-03-09,85,1490.5,3880.1,11.0,8,,,1.1,2,0.5,5885,,3615334\n2026-03-10,,1300.5,,,,,,,,,,,\n"
    result = read(f"datum,{DUTCH}{days}", "Takeout/Fit/Dagcijfers/Dagcijfers.csv")
    (day,) = result.daily_totals.to_dicts()
    assert (day["local_date"], day["steps"]) == (MONDAY, 5885)
    assert {day[name] for name in ("walking_ms", "moderate_ms", "vigorous_ms", "mvpa_ms")} == {None}
    assert [note.startswith("columns in a language that is not known") for note in result.notes] == [True]


def test_so_are_those_of_quarters_of_an_hour():
    rows = [f"{h:02d}:00:00.000+01:00,{h:02d}:15:00.000+01:00,5,14.1,280.0,,,,,1,2,0.5,400,,\n" for h in (8, 9)]
    rest = "10:00:00.000+01:00,10:15:00.000+01:00,,14.1,,,,,,,,,,,\n"
    (day,) = read(f"begin,eind,{DUTCH}{''.join(rows)}{rest}", "2026-03-09.csv").daily_totals.to_dicts()
    assert (day["local_date"], day["steps"]) == (MONDAY, 800)
    assert read(f"begin,eind,{DUTCH}{rest}", "2026-03-09.csv").daily_totals.is_empty()


@pytest.mark.parametrize(("metres", "count"), [("3880.1", 85), ("", 85), ("10.0", 5885)])
def test_a_number_that_makes_no_stride_with_the_distance_is_not_taken_for_steps(metres, count):
    with pytest.raises(Rejected, match="English"):
        read(f"datum,{DUTCH}2026-03-09,85,1490.5,{metres},11.0,8,,,1.1,2,0.5,{count},,3615334\n")


def test_the_same_row_twice_is_one_day():
    assert read("Date,Step count,Heart Minutes\n2026-03-09,3,5\n2026-03-09,3,5\n").daily_totals.height == 1


def test_a_session_is_dated_by_the_offset_in_its_name():
    name, content = writer.session("walking", at(19, 53, 54.103), at(20, 10, 8.685), offset=INDIA, steps=1453)
    assert name.endswith("2025-01-30T01_23_54.103+05_30_WALKING.json")
    result = read(content, name)
    (session,) = result.sessions.to_dicts()
    assert result.tz_source == "record_offset"
    assert session["local_date"] == date(2025, 1, 30)
    assert (session["start_time"], session["end_time"]) == (at(19, 53, 54.103), at(20, 10, 8.685))
    assert (session["timer_ms"], session["steps"]) == (974_582, 1453)
    assert (session["source"], session["activity"], session["vendor_activity"]) == ("google_fit", "walking", "walking")
    assert session["parts"] == [
        {"start_time": at(19, 53, 54.103), "end_time": at(20, 10, 8.685), "local_date": date(2025, 1, 30)}
    ]


def test_a_pause_in_a_session_is_not_counted():
    spans = [(at(10), at(10, 10)), (at(10, 10), at(10, 20)), (at(10, 30), at(10, 40))]
    name, content = writer.session("yoga", at(10), at(10, 40), segments=spans)
    (session,) = read(content, name).sessions.to_dicts()
    assert session["timer_ms"] == 30 * 60_000
    assert [(p["start_time"], p["end_time"]) for p in session["parts"]] == [
        (at(10), at(10, 20)),
        (at(10, 30), at(10, 40)),
    ]


@pytest.mark.parametrize(
    ("vendor", "ours"),
    [
        *[("running.treadmill", "running"), ("biking.stationary", "cycling"), ("strength_training", "strength")],
        *[("interval_training.high_intensity", "hiit"), ("dancing", "dance"), ("rowing.machine", "aerobics")],
        *[("underwater_chess", "other")],
    ],
)
def test_activities_are_mapped_and_unknown_ones_are_kept_as_other(vendor, ours):
    name, content = writer.session(vendor, at(10), at(11))
    (session,) = read(content, name).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"], session["steps"]) == (ours, vendor, None)


@pytest.mark.parametrize(
    "change",
    [
        {"startTime": "2025-01-29T25:61:00Z"},
        {"startTime": "2025-01-29T10:00:00"},
        {"endTime": None},
        {"endTime": "2025-01-28T10:00:00Z"},
        {"duration": "ages"},
        {"fitnessActivity": [[]]},
        {"fitnessActivity": -1},
        {"aggregate": [{"metricName": "com.google.step_count.delta", "intValue": -3}]},
        {"segment": "all of it"},
    ],
)
def test_a_damaged_session_is_rejected(change):
    name, content = writer.session("walking", at(10), at(11))
    with pytest.raises(Rejected):
        read(json.dumps(json.loads(content) | change), name)
    with pytest.raises(Rejected):
        read(content[:-40], name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Takeout/Fit/All Sessions/2025-01-29_SLEEP.json", writer.session("sleep", at(1), at(6))[1]),
        (
            "Takeout/Fit/All Data/derived.json",
            b'{"Data Source": "derived:com.google.step_count.delta", "Data Points": []}',
        ),
        ("Takeout/Fit/Activities/2025_PT16M_Walking.tcx", b'<?xml version="1.0"?><TrainingCenterDatabase/>'),
    ],
)
def test_what_travels_with_an_export_and_holds_nothing_is_ignored_with_a_reason(name, content):
    verdict = identify(export(content, name))
    assert isinstance(verdict, Ignored)
    assert verdict.why


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_layouts_seen_in_the_wild_are_read():
    daily = read((SAMPLES / "Daily activity metrics_2025.csv").read_bytes())
    assert daily.notes == []
    assert daily.daily_totals.height == 25
    first = daily.daily_totals.row(0, named=True)
    assert (first["steps"], first["walking_ms"], first["mvpa_ms"], first["vigorous_ms"]) == (
        3952,
        3_172_589,
        540_000,
        0,
    )
    (path,) = SAMPLES.glob("All Sessions/*.json")
    (session,) = read(path.read_bytes(), path.name).sessions.to_dicts()
    assert (session["activity"], session["timer_ms"], session["steps"]) == ("walking", 974_582, 1453)
    for name in ("Daily activity metrics_2025.csv", "2025-01-30.csv"):
        head, rows = (SAMPLES / name).read_text("utf-8").split("\n", 1)
        foreign = ",".join(re.sub(r"^\w[\w ]*", "x", column) + str(n) for n, column in enumerate(head.split(",")))
        foreign = re.sub(r"(\([a-z/]+\))(\d+)", r"\2 \1", foreign)
        known, unknown = (read(f"{top}\n{rows}", name).daily_totals["steps"] for top in (head, foreign))
        assert known.drop_nulls().equals(unknown)
    quarters = read((SAMPLES / "2025-01-30.csv").read_bytes(), "2025-01-30.csv").daily_totals
    row = daily.daily_totals.filter(pl.col("local_date") == date(2025, 1, 30))
    assert quarters["local_date"].to_list() == [date(2025, 1, 30)]
    assert quarters["steps"].to_list() == row["steps"].to_list()
