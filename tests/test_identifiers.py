"""Who somebody is stays in the store: nothing that names a person, a device or a place is in what analysts get."""

from __future__ import annotations

import struct
from datetime import date, timedelta
from pathlib import Path

from flows.cli import main
from models.store.audit import record
from models.store.read import query_published
from tests.studies import StudyFolder, at, garmin_day
from tests.writers import apple, diary, fit, garmin_activities_csv, samsung_health, strava

LATITUDE, LONGITUDE = 485_500_001, -883_000_007  # semicircles: Manhattan
SERIALS = (3_912_345_678, 3_987_654_321)
# Words that stand in the inputs below, in any letter case.
WORDS = (
    "jane", "doe@", "anna", "elm street", "springfield", "tell_city", "indiana", "miscarriage", "555-0142", "mrn-4711",
    "2833c1ea0", "1980-04-17", "40.7128", "-74.0060", "with dog", "menominee",
)  # fmt: skip


def fill(study: StudyFolder) -> None:
    study.participants = [
        "P1,America/Indiana/Tell_City,,,,Jane Doe,MRN-4711,1980-04-17,Anna",
        "P2,,,,,MRN-4711,Springfield,555-0142,Anna",
        "Jane Doe,,,,,,,,",
    ]
    study.holds = ["P1,2026-03-04,2026-03-04,Jane had a miscarriage"]
    study.goals += ["G9,,P1,,1,1,daily_mean,steps,as Jane wants,,,2026-03-02,,,", "G8,,Jane Doe,,1,1,,,,,,,,,"]
    study.zones = ["P1,2026-03-10,America/Menominee"]
    study.attendance = ["P1,2026-03-04,dance,20,18:00,Jane Doe", "P2,2026-03-04,with Anna,20,,"]
    study.outcomes = ["P1,2026-03-04,Jane had a miscarriage,3", "P2,2026-03-04,PHQ-9,555-0142"]
    study.write()
    head = (study.folder / "participants.csv").read_text("utf-8")
    (study.folder / "participants.csv").write_text(head.replace("left_on\n", "left_on,name,file,seen,doctor\n", 1))
    study.put("P1/jane.doe@example.com_3912345678.fit", garmin_day("2026-03-03", serial=SERIALS[0]))
    walk = fit.Session(at("2026-03-04 10:00"), timedelta(minutes=30), cycles=1500)
    study.put("P1/ACTIVITY-Jane.fit", fit.activity([walk], serial=SERIALS[1], position=(LATITUDE, LONGITUDE % 2**32)))
    study.put("P1/12 Elm Street, Springfield/walk.fit", garmin_day("2026-03-05", serial=SERIALS[0])[:-1])
    me = apple.element("Me", HKCharacteristicTypeIdentifierDateOfBirth="1980-04-17")
    begins = at("2026-03-06 10:00")
    steps = apple.record(begins, begins + timedelta(minutes=5), 430, name="Jane’s iPhone")
    yoga = apple.workout("Yoga", begins, begins + timedelta(minutes=20), inside=apple.metadata("Note", "with Jane"))
    study.put("P1/apple/export.xml", f"{apple.HEAD}<HealthData>{me}{steps}{yoga}</HealthData>")
    study.put("P1/apple/route.gpx", '<gpx><trkpt lat="40.7128" lon="-74.0060"/></gpx>')
    study.put("P2/activities.csv", strava.listing([strava.Activity("Mar 4, 2026, 9:00:00 AM")]))
    listed = [garmin_activities_csv.Activity("walking", "2026-03-05 09:00:00")]
    study.put("P2/Activities of Jane.csv", garmin_activities_csv.listing(listed))
    moved = [samsung_health.Exercise(1001, at("2026-03-06 09:00"), at("2026-03-06 09:30"))]
    samsung = samsung_health.exercises(moved, title="With Jane Doe to 12 Elm Street")
    study.put(f"P2/{samsung_health.path('exercise')}", samsung)
    study.put("P2/diary.csv", diary.diary([(date(2026, 3, 4), "yoga", 20)]))
    study.put("P2/diary_anna.csv", diary.diary([(date(2026, 3, 4), "massage by Anna 555-0142", 20)]))
    study.put("P2/contacts.csv", "name,phone\nJane Doe,555-0142\n")
    study.put("Jane Doe/steps.csv", "day,steps\n")


def text_of(warehouse: Path) -> list[str]:
    """Every cell of every text column that is published, and every comment."""
    listed = "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND data_type LIKE 'VARCHAR%'"
    columns = query_published(warehouse, listed)[1]
    asked = [f'SELECT DISTINCT "{column}"::TEXT FROM "{table}"' for table, column in columns]
    asked += ["SELECT comment FROM duckdb_columns()", "SELECT comment FROM duckdb_tables()"]
    return [cell for sql in asked for (cell,) in query_published(warehouse, sql)[1] if cell]


def test_names_serials_places_and_free_text_of_any_input_are_nowhere_in_what_is_published(study: StudyFolder) -> None:
    fill(study)
    run = study.night()
    assert run.files["loaded"] >= 7
    assert not run.is_clean
    warehouse = study.folder / "warehouse"
    cells = [cell.lower() for cell in text_of(warehouse)]
    content = (warehouse / "analytics.duckdb").read_bytes().lower()
    found = {word for word in WORDS if word.encode() in content or any(word in cell for cell in cells)}
    assert found == set()
    numbers = [*SERIALS, LATITUDE, LONGITUDE]
    for number in numbers:
        assert str(number).encode() not in content
        assert struct.pack("<q", number) not in content
        assert struct.pack("<i" if abs(number) < 2**31 else "<I", number) not in content
    stored = (warehouse / "store.duckdb").read_bytes().lower()
    assert b"jane.doe@example.com" in stored  # so that the search above would have found it
    for serial in SERIALS:
        assert str(serial).encode() not in stored.replace(b"com_3912345678", b"")  # in a file's name it may be
        assert struct.pack("<I", serial) not in stored


def test_every_run_leaves_an_entry_in_the_audit_and_none_is_ever_changed(study: StudyFolder) -> None:
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    entries: list[tuple] = []
    walks: list[dict] = [{"command": "backfill", "participant": "P1", "reload": True}, {"rebuild": True}, {}]
    for scope in walks:
        study.night(**scope)
        now = study.ask("FROM audit ORDER BY happened_at")
        assert now[: len(entries)] == entries
        assert len(now) == len(entries) + 1
        entries = now
    assert [what for _, _, _, what, *_ in entries] == [
        "one participant, decoded again; clean", "made anew from the inbox; clean",
        "all that is new; clean",
    ]  # fmt: skip
    assert main(["export", "--format", "csv", str(study.folder / "out"), "--study", str(study.folder)]) == 0
    kept = study.ask_store("SELECT command, what FROM audit ORDER BY happened_at")
    assert kept[-1] == ("export", "everything published, as csv")
    assert [name for name, *_ in study.ask("DESCRIBE audit") if name == "actor"] == []


def test_no_statement_of_the_product_changes_or_deletes_an_entry_of_the_audit() -> None:
    root = Path(__file__).parents[1]
    texts = [p for kind in ("py", "sql") for layer in ("models", "flows") for p in (root / layer).rglob(f"*.{kind}")]
    said = " ".join(" ".join(path.read_text("utf-8").lower().split()) for path in texts)
    assert "insert into audit" in said
    for statement in ("update audit", "delete from audit", "drop table audit", "truncate audit", "replace into audit"):
        assert statement not in said
    assert record.__module__ == "models.store.audit"
