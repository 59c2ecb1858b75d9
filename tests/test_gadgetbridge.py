"""What is read from Gadgetbridge's database."""

from __future__ import annotations

import csv
import io
import random
import sqlite3
import zipfile
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from connectors import Context, extract, identify
from connectors.kit.export import Export
from models.clock import ZoneLog
from models.fault import Rejected
from tests.studies import StudyFolder
from tests.test_zip import packed
from tests.together import Person, alone, people, study
from tests.writers import gadgetbridge as writer
from tests.writers.gadgetbridge import Activity, Row, every_minute

__all__ = ["alone", "people", "study"]  # the fixtures

CONTEXT = Context(ZoneLog("participant_home", "Europe/Berlin"), date(2026, 11, 29), b"secret")
NOON = datetime(2026, 3, 5, 17, 0, tzinfo=UTC)  # in New York
HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports2" / "gadgetbridge"
XIAOMI, GARMIN = "XIAOMI", "GARMIN"


def export(content: bytes, name: str = writer.NAME) -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes, name: str = writer.NAME):
    assert identify(export(content, name)) == "gadgetbridge"
    return extract("gadgetbridge", export(content, name), CONTEXT)


def values(content: bytes, metric: str = "steps") -> list[tuple[str, int]]:
    told = read(content).minutes.filter(pl.col("metric") == metric)
    return [(f"{start:%H:%M}", value) for start, value in told["start_time", "value"].rows()]


def test_minutes_of_a_band_are_steps_and_minus_one_is_not_measured():
    rows = every_minute(NOON, [100, -1, 0, 90])
    assert values(writer.database({XIAOMI: rows})) == [("17:00", 100), ("17:02", 0), ("17:03", 90)]


def test_a_heart_rate_outside_10_to_250_is_none_and_the_rate_is_not_kept():
    rows = [Row(NOON + n * MINUTE, 0, beat) for n, beat in enumerate([255, 254, 251, 250, 70, 10, 9, 0, -1])]
    assert values(writer.database({XIAOMI: rows}), "heart_rate") == [("17:03", 1), ("17:04", 1), ("17:05", 1)]


@pytest.mark.parametrize(
    ("model", "kinds", "worn"),
    [
        ("HUAMI_EXTENDED", [1, 115, 118, 120, 8], [0, 3, 4]),
        ("MI_BAND", [1, 3, 0, 0, 1, 0, 6, 0], [0, 4, 5]),  # 0: as before
        (XIAOMI, [0, 8, 0, 3], [0, 2, 3]),
    ],
)
def test_a_row_of_what_was_not_worn_is_neither_steps_nor_a_heart_beat(model, kinds, worn):
    content = writer.database({model: [Row(NOON + n * MINUTE, 0, 70, kind) for n, kind in enumerate(kinds)]})
    assert [at for at, _ in values(content)] == [f"17:0{n}" for n in worn]
    assert [at for at, _ in values(content, "heart_rate")] == [f"17:0{n}" for n in worn]


def test_a_row_with_steps_was_worn_and_a_hybrid_watch_tells_wear_in_a_column_of_its_own():
    rows = [Row(NOON, 50, kind=115), Row(NOON + MINUTE, 0, kind=115)]
    assert values(writer.database({"HUAMI_EXTENDED": rows})) == [("17:00", 50)]
    rows = [Row(NOON + n * MINUTE, 0, last=wear) for n, wear in enumerate([0, 2, 1, 0])]
    assert [at for at, _ in values(writer.database({"HYBRID_HR": rows}))] == ["17:00", "17:01", "17:03"]


@pytest.mark.parametrize("model", ["GARMIN", "CMF", "FITBIT"])
def test_totals_since_midnight_are_counters_and_the_one_at_midnight_is_of_the_day_before(model):
    midnight = datetime(2026, 3, 5, 23, 0, tzinfo=UTC)  # in Berlin
    totals = [(-60, 400), (-30, -1), (0, 520), (1, 3), (300, 900)]
    result = read(writer.database({model: [Row(midnight + at * MINUTE, steps) for at, steps in totals]}))
    assert result.minutes.is_empty()
    assert result.readings["local_date", "activity_type", "steps"].rows() == [
        (date(2026, 3, 5), 6, 400),
        (date(2026, 3, 5), 6, 520),
        (date(2026, 3, 6), 6, 3),
        (date(2026, 3, 6), 6, 900),
    ]


def test_rows_that_are_not_a_minute_apart_are_steps_without_a_cadence():
    rows = [Row(NOON + n * 15 * MINUTE, 150) for n in range(4)]
    result = read(writer.database({"COLMI": rows}))
    assert set(result.minutes["source", "metric", "value"].rows()) == {("gadgetbridge_ring", "steps_spread", 10)}


def test_a_night_takes_one_device_a_minute_and_differences_of_totals(study: Person) -> None:
    study.participants.append("P2,,,")
    band = [*every_minute(NOON, [110] * 20), *every_minute(NOON + 3 * HOUR, [0] * 20, kind=115)]
    totals = [(-4 * 60, 0), (5, 430), (15, 1480), (190, 2480)]
    watch = [Row(NOON + at * MINUTE, steps, 66, device=2) for at, steps in totals]
    study.put("P1/Gadgetbridge.db", writer.database({"HUAMI_EXTENDED": band}))
    study.put("P2/Gadgetbridge.db", writer.database({GARMIN: watch}))
    study.night()
    day, other = study.day("2026-03-05"), study.day("2026-03-05", "P2")
    assert (day["steps"], day["brisk_minutes"]) == (2200, 20)
    assert (other["steps"], other["brisk_minutes"]) == (2480, None)


def test_a_database_that_was_cut_short_is_not_read_without_its_end():
    content = writer.database({XIAOMI: every_minute(NOON, [100] * 200, beat=70)})
    for lost in (1, 100, 4000):
        with pytest.raises(Rejected, match="not all of it came through"):
            read(content[:-lost])


def test_rows_that_are_still_in_the_journal_beside_it_are_called_for(alone: StudyFolder, tmp_path: Path) -> None:
    study = alone
    folder = tmp_path / "copied"
    folder.mkdir()
    (folder / "Gadgetbridge").write_bytes(writer.database({XIAOMI: every_minute(NOON, [100] * 20)}))
    with closing(sqlite3.connect(folder / "Gadgetbridge")) as app:
        app.execute("PRAGMA journal_mode = WAL")
        app.execute("UPDATE XIAOMI_ACTIVITY_SAMPLE SET STEPS = 120")
        app.commit()
        for file in sorted(folder.iterdir()):
            study.put(f"P1/copied/{file.name}", file.read_bytes())
    copied = (study.folder / "inbox/P1/copied").iterdir()
    study.put("P2/backup.zip", packed({f"database/{file.name}": file.read_bytes() for file in copied}))
    assert not study.night().is_clean
    rejected = study.ask("SELECT participant_id, reason FROM rejection ORDER BY ALL")
    assert [who for who, _ in rejected] == ["P1", "P2"]
    assert all(why.startswith("found the newest rows of a database") for _, why in rejected)


def test_a_recorded_activity_has_the_time_that_it_ran_and_nothing_of_its_name():
    walk = Activity(NOON, NOON + HOUR, 0x20, writer.details(1710.5, 3010))
    (session,) = read(writer.database({XIAOMI: []}, [walk])).sessions.to_dicts()
    assert (session["activity"], session["vendor_activity"]) == ("walking", "activity kind 0:20")
    assert (session["timer_ms"], session["steps"]) == (1_710_500, 3010)
    assert "nna" not in str(session)


def test_activities_by_their_numbers_and_one_that_is_not_known_is_other_with_its_number():
    kinds = {0x10: "running", 0x80: "cycling", 0x4000: "yoga", 0x200000: "strength", 0x400000: "hiking", 4: "other"}
    kinds |= {0x04000009: "pilates", 0x04000012: "walking", 0x0400005C: "dance", 0x04000099: "other", -1: "other"}
    activities = [Activity(NOON + n * HOUR, NOON + (n + 1) * HOUR, kind) for n, kind in enumerate(kinds)]
    sessions = read(writer.database({}, activities)).sessions
    assert sessions["activity"].to_list() == list(kinds.values())
    assert sessions["vendor_activity"].null_count() == 0
    assert sessions["vendor_activity"][-2] == "activity kind 400:99"


@pytest.mark.parametrize("details", [None, "", "{", "[" * 100_000, '{"steps": 3}', [1], {"steps": {"value": "many"}}])
def test_an_activity_without_a_summary_that_can_be_read_is_as_long_as_it_lasted(details):
    (session,) = read(writer.database({}, [Activity(NOON, NOON + HOUR, 0x4000, details)])).sessions.to_dicts()
    assert (session["timer_ms"], session["steps"]) == (3_600_000, None)


@pytest.mark.parametrize(
    ("model", "named"),
    [
        ("HUAWEI", "rows of a watch of Huawei, which are packed: not read"),
        ("PEBBLE_HEALTH", "rows of a watch of Pebble, which are packed: not read"),
        ("WITHINGS_STEEL_HR", "rows of a watch that are longer than a minute: not read"),
    ],
)
def test_packed_rows_are_named_and_not_read_and_refused_where_there_is_nothing_else(model, named):
    rows = every_minute(NOON, [100, 90])
    result = read(writer.database({XIAOMI: rows, model: every_minute(NOON, [7, 7], device=2)}))
    assert (result.minutes["value"].to_list(), result.notes, result.export) == ([100, 90], [named], "report")
    with pytest.raises(Rejected, match=r"not read.*maker's own app"):
        read(writer.database({XIAOMI: [], model: rows}))
    assert read(writer.database({XIAOMI: rows, model: []})).notes == []


def test_a_table_without_a_column_that_is_needed_is_named_and_a_new_column_remarked_on():
    tables = {XIAOMI: every_minute(NOON, [100, 90]), "PINE_TIME": every_minute(NOON, [5], device=2)}
    for column, less in (("STEPS", True), ("TIMESTAMP", True), ("HEART_RATE", False), ("RAW_KIND", False)):
        then = [f"ALTER TABLE PINE_TIME_ACTIVITY_SAMPLE RENAME COLUMN {column} TO QQQ"]
        result = read(writer.database(tables, then=then))
        assert result.minutes["value"].sum() == 190 + 5 * (not less)
        expected = f"rows of a watch without a column {column}: not read" if less else "new column 'QQQ': not read"
        assert result.notes == [expected]
    then = ["ALTER TABLE BASE_ACTIVITY_SUMMARY RENAME COLUMN ACTIVITY_KIND TO QQQ"]
    with pytest.raises(Rejected, match="ACTIVITY_KIND"):
        read(writer.database(tables, then=then))


def test_a_newer_database_replaces_what_it_lacks_and_corrects(study: Person) -> None:
    later = every_minute(NOON + 24 * HOUR, [50, 60])
    walk = Activity(NOON, NOON + HOUR, 0x20)
    study.put("P1/old.db", writer.database({XIAOMI: every_minute(NOON, [100, 100, 100])}, [walk]))
    study.night()
    study.put("P1/new.db", writer.database({XIAOMI: [*every_minute(NOON, [100, 40]), *later]}, version=95))
    study.night()
    assert (study.day("2026-03-05")["steps"], study.day("2026-03-06")["steps"]) == (140, 110)
    assert study.ask("SELECT count(*) FROM session") == [(0,)]


def test_a_backup_that_is_a_zip_is_read_where_it_lies_in_it(study: Person) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("database/Gadgetbridge", writer.database({XIAOMI: every_minute(NOON, [100, 90])}))
        archive.writestr("preferences/global.json", '{"user_name": "Anna"}')
        archive.writestr("gadgetbridge.json", '{"gadgetbridgeVersion": "0.83.0"}')
    study.put("P1/gadgetbridge.zip", packed.getvalue())
    study.night()
    assert study.day("2026-03-05")["steps"] == 190
    assert study.ask_store("SELECT count(*) FROM source_file WHERE status = 'rejected'") == [(0,)]


def test_the_collected_database_gives_the_days_that_lie_beside_it():
    if not COLLECTED.is_dir():
        pytest.skip("the collected exports are not beside this checkout")
    result = read((COLLECTED / "Gadgetbridge.db").read_bytes())
    minutes = result.minutes.filter(pl.col("metric") == "steps").group_by("device", "local_date")
    totals = result.readings.group_by("device", "local_date")
    told = [minutes.agg(pl.col("value").sum()), totals.agg(pl.col("steps").max())]
    days = {(device, day): steps for frame in told for device, day, steps in frame.rows()}
    expected = {
        (CONTEXT.pseudonym("gadgetbridge", int(row["device"])), date.fromisoformat(row["date"])): int(row["steps"])
        for row in csv.DictReader((COLLECTED / "expected_days.csv").open(encoding="utf-8"))
    }
    assert days == expected
    assert result.sessions["activity"].to_list() == ["walking", "yoga", "strength", "pilates"]


@pytest.mark.parametrize(
    ("statement", "place"),
    [
        ("UPDATE XIAOMI_ACTIVITY_SAMPLE SET STEPS = 'many'", "table ...ACTIVITY_SAMPLE"),
        ("UPDATE BASE_ACTIVITY_SUMMARY SET START_TIME = 'noon'", "START_TIME"),
        ("UPDATE BASE_ACTIVITY_SUMMARY SET ACTIVITY_KIND = 'walk'", "ACTIVITY_KIND"),
        ("UPDATE BASE_ACTIVITY_SUMMARY SET END_TIME = START_TIME - 1", "END_TIME"),
        ("UPDATE XIAOMI_ACTIVITY_SAMPLE SET TIMESTAMP = 99999999999999", "start_time"),
        ("UPDATE XIAOMI_ACTIVITY_SAMPLE SET STEPS = 9999999999", "steps"),
    ],
)
def test_a_database_that_says_what_cannot_be_is_rejected_naming_the_place(statement, place):
    content = writer.database({XIAOMI: [Row(NOON, 100)]}, [Activity(NOON, NOON + HOUR, 0x20)], [statement])
    with pytest.raises(Rejected) as caught:
        read(content)
    assert place in caught.value.fault.place


def test_a_database_whose_tables_are_named_late_is_known_and_another_one_is_not():
    filler = ["CREATE TABLE A (x BLOB)", "INSERT INTO A VALUES (zeroblob(200000))", "DROP TABLE BASE_ACTIVITY_SUMMARY"]
    tables = [f'CREATE TABLE "T{n}" ({", ".join(f"column_{m} TEXT" for m in range(60))})' for n in range(80)]
    late = writer.database({}, then=[*tables, *filler, 'CREATE TABLE "CMF_ACTIVITY_SAMPLE" (TIMESTAMP INT)'])
    assert b"CMF_ACTIVITY_SAMPLE" not in late[:65_536]
    assert identify(export(late)) == "gadgetbridge"
    with pytest.raises(Rejected, match="no reader knows"):
        identify(export(writer.database({}, then=filler), "contacts.db"))


def test_a_damaged_database_is_rejected_or_read_right_and_never_breaks_the_reader():
    content = writer.sample()[writer.NAME]
    dice = random.Random(7)
    for _ in range(150):
        damaged = bytearray(content)
        for _ in range(dice.choice((1, 3, 40))):
            damaged[dice.randrange(16, len(content))] = dice.randrange(256)
        with suppress(Rejected):
            extract("gadgetbridge", export(bytes(damaged)), CONTEXT)


def test_a_view_in_the_place_of_a_table_is_not_run():
    endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) SELECT x AS TIMESTAMP, 1 AS STEPS FROM n"
    content = writer.database(
        {XIAOMI: every_minute(NOON, [5, 6])}, then=[f"CREATE VIEW CMF_ACTIVITY_SAMPLE AS {endless}"]
    )
    assert read(content).minutes["value"].to_list() == [5, 6]
    with closing(sqlite3.connect(":memory:")) as made:
        made.execute(f"CREATE VIEW BASE_ACTIVITY_SUMMARY AS {endless}")
        made.execute("CREATE TABLE CMF_ACTIVITY_SAMPLE (TIMESTAMP INT)")
        with pytest.raises(Rejected, match="BASE_ACTIVITY_SUMMARY"):
            read(made.serialize())
