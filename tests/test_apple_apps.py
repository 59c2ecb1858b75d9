"""What is read from the apps that export Apple Health: as tables of sums, of samples, and of workouts."""

from __future__ import annotations

import random
from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from connectors import Context, Ignored, connectors, extract, identify
from connectors.kit.apple import activity_of
from connectors.kit.local_numbers import decimal_of
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Rejected
from tests.goldens import export_of
from tests.writers import apple
from tests.writers.apple import AUTO, AUTO_WORKOUT, HEALTHEXPORT, QS, SIMPLE, STEPS, at, simple_export, table

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 12, 31), b"secret")
FOLDER = Path(__file__).parents[1].parent / "shared" / "data" / "exports"
OURS = ("simple_health_export", "health_auto_export", "qs_access", "healthexport_app")
WATCH = ("Jane’s Apple Watch", "9.1", "Watch6,2", "<<HKDevice: 0x0>>")
PHONE = ("Jane’s iPhone", "17.1", "iPhone13,2", "<<HKDevice: 0x0>>")


def read(kind: str, content: bytes | str, name: str = "export.csv") -> Extract:
    file = export_of(name, content.encode() if isinstance(content, str) else content)
    assert identify(file) == kind
    return extract(kind, file, CONTEXT)


def days(result: Extract) -> list[tuple]:
    """(date, steps, minutes of exercise)"""
    rows = result.daily_totals.select("local_date", "steps", "mvpa_ms").rows()
    return [(day.isoformat(), steps, None if ms is None else ms / 60_000) for day, steps, ms in rows]


# Simple Health Export


def steps_file(*rows: tuple, quoted: bool = True, first: str = "sep=,") -> bytes:
    return simple_export([(STEPS, *row) for row in rows], SIMPLE, quoted=quoted, first=first)


def test_simple_health_export_keeps_watch_and_phone_apart_under_the_labels_of_apple_health():
    content = steps_file((*WATCH, at(6), at(6, 1), "count", 100), (*PHONE, at(6), at(6, 15), "count", 1500))
    minutes = read("simple_health_export", content).minutes
    assert minutes.group_by("source", "metric").agg(pl.col("value").sum()).sort("source").rows() == [
        ("apple_phone", "steps_spread", 1500),
        ("apple_watch", "steps", 100),
    ]
    assert "Jane" not in str(minutes.rows())
    same = extract("apple_health", export_of("x.xml", apple.export_xml([apple.record(at(6), at(6, 1), 9)])), CONTEXT)
    assert set(same.minutes["device"]) < set(minutes["device"])


@pytest.mark.parametrize(
    "content",
    [
        steps_file((*WATCH, at(6), at(6, 1), "count", 100), quoted=False),
        steps_file((*WATCH, at(6), at(6, 1), "count", 100), first=""),
        b"\xef\xbb\xbf" + steps_file((*WATCH, at(6), at(6, 1), "count", 100)),
    ],
    ids=["a product type without quotes", "no first line", "a byte order mark"],
)
def test_simple_health_export_is_read_however_it_is_quoted(content):
    minutes = read("simple_health_export", content).minutes
    assert minutes.select("source", "value").rows() == [("apple_watch", 100)]


def test_simple_health_export_leaves_out_what_was_typed_in_by_hand():
    rows = [(STEPS, *WATCH, at(6), at(6, 1), "count", 100, ""), (STEPS, *WATCH, at(7), at(8), "count", 9000, "1")]
    result = read("simple_health_export", simple_export(rows, [*SIMPLE, "HKWasUserEntered"]))
    assert result.minutes["value"].sum() == 100
    assert result.notes == ["1 step samples typed in by hand: left out"]


def test_simple_health_export_counts_each_minute_of_exercise_once():
    kind = "HKQuantityTypeIdentifierAppleExerciseTime"
    rows = [(kind, *WATCH, at(6), at(6, 3), "min", 3), (kind, *WATCH, at(6, 2), at(6, 3), "min", 1)]
    rows.append((kind, *PHONE, at(7), at(7, 9), "min", 9))
    assert days(read("simple_health_export", simple_export(rows, SIMPLE))) == [("2026-08-20", None, 3)]


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (("100", "-3"), "line 4, column value"),
        (("2026-08-20 06:01:00", "2026-08-20 25:61:00"), "line 4, column endDate"),
        (("2026-08-20 06:01:00", "2026-08-20 05:01:00"), "line 4, column endDate"),
        (("2026-08-20 06:00:00", "2031-08-20 06:00:00"), "line 4, column startDate"),
        (("value", "worth"), "line 2, column value"),
        (
            ("HKQuantityTypeIdentifierStepCount,Jane’s A", "HKQuantityTypeIdentifierHeartRate,Jane’s A"),
            "line 4, column type",
        ),
    ],
)
def test_simple_health_export_names_the_line_of_what_cannot_be(change, place):
    phone = (*PHONE, at(5), at(5, 1), "count", 7)
    content = steps_file(phone, (*WATCH, at(6), at(6, 1), "count", 100), phone).decode().replace(*change)
    with pytest.raises(Rejected) as caught:
        read("simple_health_export", content)
    assert caught.value.fault.place == place


def test_other_kinds_of_sample_are_ignored_with_a_reason():
    kind = "HKQuantityTypeIdentifierBodyMass"
    content = simple_export([(kind, *PHONE, at(6), at(6), "kg", 71)], SIMPLE)
    verdict = identify(export_of(f"{kind}_SimpleHealthExportCSV.csv", content))
    assert isinstance(verdict, Ignored)


# QS Access


def test_qs_access_sums_hours_and_takes_no_zero_for_evidence():
    hours = [(f"20-Sep-2026 {h:02d}:00", f"20-Sep-2026 {h + 1:02d}:00", "0.0", "0.1", "9.5") for h in range(5, 9)]
    none = [("22-Sep-2026 00:00", "23-Sep-2026 00:00", "0.0", "0.0", "0.0")]
    assert days(read("qs_access", table(QS, [*hours, *none]))) == [("2026-09-20", 38, None)]


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (("20-Sept-2026 00:00", "21-Sep-2026 00:00", "0", "0", "5"), "line 3, column Start"),
        (("20-Sep-2026 00:00", "27-Sep-2026 00:00", "0", "0", "5"), "line 3, column Finish"),
        (("20-Sep-2026 12:00", "21-Sep-2026 12:00", "0", "0", "5"), "line 3, column Finish"),
        (("18-Sep-2026 00:00", "19-Sep-2026 00:00", "0", "0", "5"), "line 3, column Start"),
        (("20-Sep-2026 00:00", "21-Sep-2026 00:00", "0", "0", "-5"), "line 3, column Steps (count)"),
    ],
)
def test_qs_access_rejects_what_is_no_hour_or_day(row, place):
    first = ("19-Sep-2026 00:00", "20-Sep-2026 00:00", "0", "0", "5")
    with pytest.raises(Rejected) as caught:
        read("qs_access", table(QS, [first, row]))
    assert caught.value.fault.place == place


# HealthExport


def test_healthexport_days_and_hours_give_the_same_day():
    day = table(HEALTHEXPORT, [("2026-08-20", None, "11.000", "73.000", "3614.014")])
    hours = table(
        HEALTHEXPORT,
        [("2026-08-20 07:00:00", None, None, "40", "3000"), ("2026-08-20 08:00:00", None, "11", "33", "614.014")],
    )
    assert days(read("healthexport_app", day, "cumulative_days.csv")) == [("2026-08-20", 3614, 11)]
    assert days(read("healthexport_app", hours, "cumulative_hours.csv")) == [("2026-08-20", 3614, 11)]


def test_a_day_of_more_steps_than_32_bits_hold_is_refused():
    seconds = [
        (f"2026-08-20 {n // 3600:02}:{n // 60 % 60:02}:{n % 60:02}", None, None, None, "500000") for n in range(5_000)
    ]
    with pytest.raises(Rejected, match="daily_totals, steps: found a value that cannot be"):
        read("healthexport_app", table(HEALTHEXPORT, seconds))


def test_no_exercise_is_none_only_where_standing_shows_a_watch():
    content = table(HEALTHEXPORT, [("2026-08-20", None, None, "73", "10"), ("2026-08-21", None, None, None, "10")])
    assert days(read("healthexport_app", content)) == [("2026-08-20", 10, 0), ("2026-08-21", 10, None)]


def test_healthexport_weeks_and_doubled_days_are_rejected():
    for first, second in (("2026-08-03", "2026-08-10"), ("2026-08-03", "2026-08-03")):
        rows = [(first, None, None, None, "70000"), (second, None, None, None, "60000")]
        with pytest.raises(Rejected):
            read("healthexport_app", table(HEALTHEXPORT, rows))


def test_a_workout_of_healthexport_has_its_range_in_one_cell_and_its_pauses_taken_off():
    row = ("2026-01-02 15:05:17 - 2026-01-02 16:12:32", "Running", "10.4", "4015.067", "0.5")
    (run,) = read("healthexport_app", table(apple.HEALTHEXPORT_WORKOUT, [row])).sessions.to_dicts()
    assert (run["activity"], run["timer_ms"], run["source"]) == ("running", 4_015_067, "apple_health")
    assert run["start_time"] == datetime(2026, 1, 2, 20, 5, 17, tzinfo=UTC)
    for bad in ("2026-01-02 15:05:17", "2026-01-02 15:05:17 - 2026-01-01 16:12:32", "today - tomorrow"):
        with pytest.raises(Rejected, match="column Date"):
            read("healthexport_app", table(apple.HEALTHEXPORT_WORKOUT, [(bad, *row[1:])]))


# Health Auto Export


def auto(
    rows: list[tuple], columns: tuple[str, ...] = AUTO, separator: str = ",", name: str = "HealthAutoExport.csv"
) -> Extract:
    return read("health_auto_export", table(columns, rows, separator), name)


def test_rows_of_days_and_rows_of_hours_give_days():
    assert days(auto([("2026-08-20 00:00:00", 8, 41, 12, 13010), ("2026-08-21 00:00:00", 8, 0, 0, 80)])) == [
        ("2026-08-20", 13010, 41),
        ("2026-08-21", 80, None),
    ]
    hours = [(f"2026-08-20 {h:02d}:00:00", 8, 2 if h == 9 else None, 1, 100.25) for h in range(8, 12)]
    assert days(auto(hours)) == [("2026-08-20", 401, 2)]


def test_rows_of_minutes_are_minutes_without_a_cadence():
    rows = [(f"2026-08-20 08:{m:02d}:00", 1, 1, None, 33.4) for m in range(3)]
    result = auto([*rows, ("2026-08-20 08:03:00", 1, None, None, 0)])
    assert result.minutes.select("metric", "start_time", "value").rows() == [
        ("steps_spread", at(12), 33),
        ("steps_spread", at(12, 1), 34),
        ("steps_spread", at(12, 2), 33),
    ]
    assert days(result) == [("2026-08-20", None, 3)]


def test_spanish_with_semicolons_decimal_commas_several_rows_a_date_and_a_total():
    columns = ("Fecha/Hora", "Peso (kg)", "Longitud del Paso al Caminar (cm)", "Conteo de Pasos (recuentos)")
    rows = [("2026-05-02 00:00:00", "90,5", "71,2", None), ("2026-05-02 12:00:00", None, None, "5000,4")]
    rows += [("2026-05-03 00:00:00", None, None, "1.250,5"), ("Total", None, None, "6250,9")]
    assert days(auto(rows, columns, ";")) == [("2026-05-02", 5000, None), ("2026-05-03", 1250, None)]


@pytest.mark.parametrize(
    "columns",
    [
        ("Date/Time", "Step Count (steps)", "Apple Exercise Time (min)"),
        ("Datum/Uhrzeit", "Schrittzahl (Anzahl)", "Trainingsminuten (min)"),
        ("Date/Heure", "Nombre de Pas (nombre)", "Temps d’exercice (min)"),
        ("Data/Hora", "Contagem de Passos (contagem)", "Tempo de Exercício da Apple (min)"),
        ("Fecha/Hora", "Conteo de Pasos (recuentos)", "Tiempo de Ejercicio de Apple (min)"),
    ],
)
def test_columns_are_known_by_their_meaning_in_five_languages(columns):
    assert days(auto([("2026-08-20 00:00:00", 5000, 12)], columns)) == [("2026-08-20", 5000, 12)]


def test_columns_in_an_unknown_language_are_refused_and_a_table_without_steps_is_ignored():
    with pytest.raises(Rejected, match="language"):
        auto([("2026-08-20 00:00:00", 5000)], ("Date", "Training Schritteli (n)"))
    name = "HealthAutoExport-2026-05-01-2026-05-02.csv"
    verdict = identify(export_of(name, table(("Date", "Weight (kg)"), [("2026-08-20 00:00:00", 70)])))
    assert isinstance(verdict, Ignored)


STEP = ("Date", "Step Count (count)")


@pytest.mark.parametrize(
    ("stamps", "expected"),
    [
        (["1/1/2024 0:00:00", "1/13/2024 0:00:00", "1/14/2024 0:00:00"], ["2024-01-01", "2024-01-13", "2024-01-14"]),
        (["12/1/2024 0:00:00", "13/1/2024 0:00:00"], ["2024-01-12", "2024-01-13"]),
        (["3/9/2024 0:00:00", "4/9/2024 0:00:00", "5/9/2024 0:00:00"], ["2024-09-03", "2024-09-04", "2024-09-05"]),
        (["9/3/2024 12:00 AM", "9/4/2024 12:00 AM", "9/5/2024 12:00 AM"], ["2024-09-03", "2024-09-04", "2024-09-05"]),
        (["01.02.2024 00:00", "02.02.2024 00:00"], ["2024-02-01", "2024-02-02"]),
        (["2/2/24 0:00"], ["2024-02-02"]),
        (["2026-05-01", "2026-05-02"], ["2026-05-01", "2026-05-02"]),
        (["2026-05-01 00:00:00 +0200", "2026-05-02 00:00:00 +0200"], ["2026-05-01", "2026-05-02"]),
        (["11/12/2026 0:00", "12/12/2026 0:00"], ["2026-12-11", "2026-12-12"]),
    ],
)
def test_the_order_of_day_and_month_is_told_by_the_file(stamps, expected):
    assert [day for day, _, _ in days(auto([(stamp, 100) for stamp in stamps], STEP))] == expected


@pytest.mark.parametrize(
    "stamps",
    [
        ["1/2/2024 0:00:00"],
        ["1/2/2024 0:00:00", "5/7/2024 0:00:00"],
        ["13/1/2024 0:00:00", "1/13/2024 0:00:00"],
        ["2024-01-01", "2024-01-08"],
        ["2024-01-01", "2024-02-01", "2024-03-01"],
        ["2024-01-01", "soon"],
        ["2024-02-30"],
        ["2031-01-01"],
    ],
)
def test_dates_that_the_file_does_not_decide_are_rejected(stamps):
    with pytest.raises(Rejected):
        auto([(stamp, 100) for stamp in stamps], STEP)


def test_one_row_for_a_range_of_days_is_no_day():
    with pytest.raises(Rejected, match="weeks, months"):
        auto([("2026-05-01 00:00:00", 200_000)], STEP, name="HealthAutoExport-2026-05-01-2026-05-31.csv")


@pytest.mark.parametrize(
    ("cells", "sign"),
    [
        (["1.5", "1,214"], "."), (["1,5", "1.214"], ","), (["1,214.5"], "."), (["1.214,5"], ","), (["1,214,000"], "."),
        (["0.125"], "."), (["1234.567"], "."), (["1,214"], None), (["1214"], None), (["x,5"], None),
    ],
)  # fmt: skip
def test_the_decimal_sign_is_told_by_the_cells(cells, sign):
    assert decimal_of(pl.DataFrame({"a": cells})) == sign


@pytest.mark.parametrize("cell", ["1.214", "1,214", "12.34.5", "-3", "5e9", "many", "1e5"])
def test_a_number_that_can_be_read_two_ways_or_none_is_rejected(cell):
    with pytest.raises(Rejected):
        auto([("2026-08-20 00:00:00", cell)], STEP, ";")
    with pytest.raises(Rejected, match="decimal commas"):
        auto([("2026-08-20 00:00:00", "1,5"), ("2026-08-21 00:00:00", "1.5")], STEP, ";")


def test_a_workout_has_the_length_of_its_timer_and_local_times():
    rows = [("Traditional Strength Training", "2026-09-24 16:02:11", "2026-09-24 17:00:00", "00:50:00", 210)]
    rows.append(("Social Dance", "2026-09-25 20:01", "2026-09-25 22:00", "01:59:30", 450))
    result = read("health_auto_export", table(AUTO_WORKOUT, rows), "Workouts-en.csv").sessions
    assert result.select("activity", "timer_ms", "start_time").rows() == [
        ("strength", 3_000_000, datetime(2026, 9, 24, 20, 2, 11, tzinfo=UTC)),
        ("dance", 7_170_000, datetime(2026, 9, 26, 0, 1, tzinfo=UTC)),
    ]
    assert result["local_date"].to_list() == [date(2026, 9, 24), date(2026, 9, 25)]


@pytest.mark.parametrize("duration", ["02:00:00", "57", "00:75:00", "-00:10:00", ""])
def test_a_workout_longer_than_from_start_to_end_or_without_a_length_is_rejected(duration):
    row = ("Yoga", "2026-09-24 16:02:11", "2026-09-24 17:00:00", duration, 1)
    with pytest.raises(Rejected, match="column Duration"):
        read("health_auto_export", table(AUTO_WORKOUT, [row]))


@pytest.mark.parametrize(
    ("name", "ours"),
    [
        *[
            ("Caminata al Aire Libre", "walking"),
            ("Correr", "running"),
            ("Entrenamiento de Fuerza Tradicional", "strength"),
        ],
        *[("Gehen (Outdoor)", "walking"), ("Laufen im Freien", "running"), ("Outdoor-Radfahren", "cycling")],
        *[("Marche en extérieur", "walking"), ("Randonnée", "hiking"), ("Musculation", "strength"), ("Danse", "dance")],
        *[("Caminhada ao Ar Livre", "walking"), ("Ioga", "yoga"), ("Treino de força funcional", "strength")],
        *[("Outdoor Walk", "walking"), ("High Intensity Interval Training", "hiit"), ("Zauberei", "other")],
    ],
)
def test_names_of_workouts_are_known_in_five_languages(name, ours):
    assert activity_of(name) == ours


# All of them


def spoiled(content: bytes, draw: random.Random) -> bytes:
    """Rows cut, columns swapped, bytes flipped, or another encoding."""
    lines = content.decode().splitlines(keepends=True)
    how = draw.randrange(5)
    if how == 0:
        return "".join(lines[: draw.randrange(len(lines) + 1)]).encode()
    if how == 1:
        cells = lines[0].rstrip("\n").split(",")
        draw.shuffle(cells)
        return (",".join(cells) + "\n" + "".join(lines[1:])).encode()
    if how == 2:
        return content.decode().encode(draw.choice(["utf-16", "cp1252"]), "replace")
    if how == 3:
        return content[: draw.randrange(len(content))]
    broken = bytearray(content)
    for _ in range(draw.choice([1, 3])):
        broken[draw.randrange(len(broken))] = draw.randrange(256)
    return bytes(broken)


@pytest.mark.parametrize("kind", OURS)
def test_a_spoiled_file_gives_a_clean_rejection_or_an_extract(kind):
    draw = random.Random(11)
    for name, content in apple.SAMPLES[kind]().items():
        for _ in range(150):
            bad = spoiled(content, draw)
            file = export_of(name, bad)
            said = ""
            try:
                found = identify(file)
                if not isinstance(found, Ignored):
                    extract(found, file, CONTEXT)
            except Rejected as fault:
                said = str(fault)
            assert "Jane" not in said


def test_a_stream_of_simple_health_export_is_the_same_in_small_reads():
    from connectors.simple_health_export import _plain

    content = steps_file((*WATCH, at(6), at(6, 1), "count", 100), (*PHONE, at(6), at(6, 1), "count", 1), quoted=False)
    with _plain(export_of("x", content)).open() as stream:
        piecewise = b"".join(iter(lambda: stream.read(7), b""))
    assert piecewise == _plain(export_of("x", content)).read()
    assert piecewise.startswith(b"\r\ntype")
    assert b',"Watch6,2",' in piecewise


@pytest.mark.skipif(not FOLDER.is_dir(), reason="the collected exports are not beside this checkout")
def test_the_layouts_seen_in_the_wild_are_read():
    found: dict[str, list[Extract]] = {}
    for path in sorted(p for p in FOLDER.glob("apple_*/**/*.csv") if p.is_file()):
        content = path.read_bytes()
        kind = identify(export_of(path.name, content))
        assert isinstance(kind, str)
        assert [k for k, c in connectors().items() if c.identify(export_of(path.name, content))] == [kind]
        found.setdefault(kind, []).append(extract(kind, export_of(path.name, content), CONTEXT))
    assert sorted(found) == sorted(OURS)
    assert all(
        result.rows and not [n for n in result.notes if "sourceVersion" in n] for r in found.values() for result in r
    )
    daily, hourly = sorted((days(result) for result in found["qs_access"]), key=len, reverse=True)
    assert daily[0] == hourly[0] == ("2016-09-20", 10, None)
    assert len(daily) == 10
