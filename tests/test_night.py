"""The night as a whole: what it leaves, what it leaves alone, and what a second one changes."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from models.store.read import published
from models.store.store import open_store
from tests.studies import StudyFolder, at, fill, garmin_day, minutes, read_here
from tests.writers import diary, fitbit

EQUAL = ("daily_activity", "weekly_activity", "goal_week", "infusion_window", "session", "participant", "infusion",
         "goal", "source_file", "rejection", "source_day", "baseline")  # fmt: skip


def content_of(study: StudyFolder) -> dict[str, list[tuple]]:
    """Everything published but the books: what must be the same in two equal studies."""
    found = {}
    with published(study.folder / "warehouse") as ask:
        for relation in EQUAL:
            rows = ask(f"SELECT * NOT SIMILAR TO '.*_at' FROM {relation}")[1]
            found[relation] = sorted(rows, key=str)
    return found


def test_exports_go_in_and_verdicts_come_out(study: StudyFolder) -> None:
    fill(study)
    run = study.night()
    assert run.is_clean
    assert run.files["loaded"] == 6
    verdict = study.ask("SELECT status, reason, basis, valid_days, eligible_days, value FROM goal_week")
    assert verdict == [("insufficient_data", "too_few_valid_days", None, 3, 7, None)]
    study.put("P1/garmin/2026-03-07.fit", garmin_day("2026-03-07", steps=3000))
    study.night()
    status, basis, value = study.ask("SELECT status, basis, value FROM goal_week")[0]
    assert (status, basis, float(value)) == ("met", "estimated", 5250.0)


@pytest.mark.after_a_night(over=fill)
def test_a_second_night_over_the_same_inbox_changes_nothing(study: StudyFolder) -> None:
    before = content_of(study), study.ask("SELECT * FROM goal_week_history ORDER BY ALL")
    again = study.night()
    assert (again.days, again.changes, sum(again.files.values())) == (0, 0, 0)
    assert (content_of(study), study.ask("SELECT * FROM goal_week_history ORDER BY ALL")) == before


@pytest.mark.after_a_night(over=fill)
def test_an_incremental_result_equals_a_rebuild(study: StudyFolder, tmp_path: Path) -> None:
    study.put("P1/garmin/late.fit", garmin_day("2026-03-05"))
    study.put("P1/diary.csv", diary.diary([(date(2026, 3, 4), "dance", 30)]))
    study.night()
    grown = content_of(study)
    study.night(command="backfill", rebuild=True)
    assert content_of(study) == grown


@pytest.mark.after_a_night(over=fill)
def test_decoding_everything_again_changes_nothing(study: StudyFolder) -> None:
    before = content_of(study)
    again = study.night(command="backfill", reload=True)
    assert again.files["loaded"] == 6
    assert content_of(study) == before


def test_a_diary_edited_in_place_counts_as_it_is_now(study: StudyFolder) -> None:
    both = [(date(2026, 3, 4), "yoga", 20), (date(2026, 3, 5), "yoga", 20)]
    study.put("P1/diary.csv", diary.diary(both))
    study.night()
    study.put("P1/diary.csv", diary.diary(both[1:]))
    study.night()
    assert study.ask("SELECT local_date, yoga_minutes FROM daily_activity WHERE yoga_minutes > 0") == [
        (date(2026, 3, 5), 20)
    ]


def test_a_corrected_zone_dates_the_same_files_anew(study: StudyFolder) -> None:
    late = minutes(at("2026-03-05 23:30"), [50] * 10)
    study.put("P1/steps_2026-03-01.csv", fitbit.steps({None: late}))
    study.night()
    assert study.day("2026-03-05")["steps"] == 500
    study.participants[0] = "P1,Europe/Berlin,,"
    study.write()
    study.night()
    assert study.day("2026-03-05") == {}
    assert study.day("2026-03-06")["steps"] == 500


def test_a_changed_source_priority_resolves_the_days_anew(study: StudyFolder) -> None:
    rows = {
        "Charge 6": minutes(at("2026-03-05 09:00"), [100] * 30),
        "MobileTrack": minutes(at("2026-03-05 09:00"), [60] * 30),
    }
    study.put("P1/steps_2026-03-01.csv", fitbit.steps(rows))
    study.night()
    assert study.day("2026-03-05")["steps"] == 3000
    study.participants[0] = "P1,,fitbit_phone;fitbit,"
    study.write()
    study.night()
    day = study.day("2026-03-05")
    assert (day["steps"], day["primary_source"]) == (1800, "fitbit_phone")


def test_a_backfill_of_one_person_leaves_the_others_waiting(study: StudyFolder) -> None:
    fill(study)
    run = study.night(command="backfill", participant="P2")
    assert run.files["loaded"] == 3
    assert study.ask("SELECT DISTINCT participant_id FROM source_file") == [("P2",)]
    assert study.night().files["loaded"] == 3


def test_a_backfill_of_some_dates_or_some_kinds_reads_only_those(study: StudyFolder) -> None:
    fill(study)
    assert study.night(command="backfill", since=date(2026, 3, 6)).files["loaded"] == 1
    assert study.night(command="backfill", connectors=frozenset({"diary"})).files["loaded"] == 1
    assert study.night().files["loaded"] == 4


def test_a_file_that_changes_while_it_is_read_waits_for_another_night(study: StudyFolder, monkeypatch) -> None:
    target = study.put("P1/growing.fit", garmin_day("2026-03-03"))
    from flows.night import reading

    read_here(monkeypatch)
    honest = reading._read_export

    def slow(*arguments):
        yield from honest(*arguments)
        target.write_bytes(target.read_bytes() + b"more")

    monkeypatch.setattr(reading, "_read_export", slow)
    assert sum(study.night().files.values()) == 0
    monkeypatch.undo()
    target.write_bytes(garmin_day("2026-03-03"))
    assert study.night().files["loaded"] == 1


def test_the_inbox_is_only_read(study: StudyFolder) -> None:
    fill(study)
    study.put("P1/bad.fit", garmin_day("2026-03-08")[:-1])
    before = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (study.folder / "inbox").rglob("*") if p.is_file()}
    study.night()
    after = {p: (p.stat().st_mtime_ns, p.read_bytes()) for p in (study.folder / "inbox").rglob("*") if p.is_file()}
    assert after == before


@pytest.mark.after_a_night
def test_warehouse_files_are_for_their_owner_alone(study: StudyFolder) -> None:
    modes = {p.name: oct(p.stat().st_mode & 0o777) for p in (study.folder / "warehouse").iterdir() if p.is_file()}
    assert set(modes.values()) == {"0o600"}, modes
    assert oct((study.folder / "warehouse").stat().st_mode & 0o777) == "0o700"


# What analysts get --------------------------------------------------------------------------------------------------


@pytest.mark.after_a_night
def test_every_published_relation_and_column_says_what_it_is(study: StudyFolder) -> None:
    silent = study.ask("SELECT table_name FROM duckdb_tables() WHERE comment IS NULL")
    silent += study.ask("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL")
    assert silent == []


@pytest.mark.after_a_night
def test_the_published_columns_are_those_that_analysts_rely_on(study: StudyFolder) -> None:
    daily = (
        "participant_id local_date day_state is_partial steps walking_minutes walking_method brisk_minutes "
        "moderate_minutes vigorous_minutes mvpa_minutes mvpa_equivalent_minutes intensity_method exercise_minutes "
        "exercise_method workout_minutes strength_minutes yoga_minutes dance_minutes movement_minutes massage_minutes "
        "wear_minutes wear_method day_minutes primary_source sources flags"
    )
    goal_week = (
        "goal_id version participant_id infusion_id week week_start week_end kind metric target target_effective value "
        "percent status reason basis eligible_days valid_days is_truncated truncated_by as_of evaluated_at "
        "device_changed is_held"
    )
    source_file = (
        "sha256 participant_id size_bytes connector connector_version source first_seen_at loaded_at status "
        "covers_from covers_to rows"
    )
    for relation, columns in {"daily_activity": daily, "goal_week": goal_week, "source_file": source_file}.items():
        assert [name for name, *_ in study.ask(f"DESCRIBE {relation}")] == columns.split(), relation


def test_names_and_serial_numbers_are_nowhere_in_the_published_database(study: StudyFolder) -> None:
    study.put("P1/jane.doe@example.com.fit", garmin_day("2026-03-03", serial=3_912_345_678))
    study.night()
    published = (study.folder / "warehouse/analytics.duckdb").read_bytes()
    stored = (study.folder / "warehouse/store.duckdb").read_bytes()
    assert b"jane.doe" not in published
    assert b"jane.doe" in stored  # so that the search above would have found it
    for content in (published, stored):
        assert (3_912_345_678).to_bytes(4, "little") not in content
        assert b"3912345678" not in content


@pytest.mark.after_a_night(over=fill)
def test_analysts_keep_what_they_have_open_and_see_the_next_night_when_they_open_again(study: StudyFolder) -> None:
    link = study.folder / "warehouse/analytics.duckdb"
    script = """if True:
        import duckdb, sys
        analyst = duckdb.connect(sys.argv[1], read_only=True)
        print(analyst.sql("SELECT count(*) FROM daily_activity").fetchall()[0][0], flush=True)
        input()
        print(analyst.sql("SELECT count(*) FROM daily_activity").fetchall()[0][0])"""
    analyst = subprocess.Popen(
        [sys.executable, "-c", script, str(link)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert analyst.stdout is not None
    before = analyst.stdout.readline().strip()
    study.put("P1/garmin/2026-03-09.fit", garmin_day("2026-03-09"))
    study.night()
    out, _ = analyst.communicate("\n", timeout=60)
    assert out.strip() == before == "6"
    assert study.ask("SELECT count(*) FROM daily_activity") == [(9,)]


@pytest.mark.after_a_night(over=fill)
def test_the_published_database_opens_while_a_run_holds_the_store(study: StudyFolder) -> None:
    store = open_store(study.folder / "warehouse")
    try:
        script = """if True:
            import duckdb, sys
            analyst = duckdb.connect(sys.argv[1], read_only=True)
            print(analyst.sql("SELECT count(*) FROM goal_week").fetchall())"""
        path = study.folder / "warehouse/analytics.duckdb"
        said = subprocess.run([sys.executable, "-c", script, str(path)], capture_output=True, text=True, timeout=60)
        assert said.stdout.strip() == "[(1,)]", said.stderr
    finally:
        store.close()


def test_a_file_changed_behind_its_size_and_time_is_found_when_told_to_verify(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path).write()
    file = study.put("P1/diary.csv", "date,activity,minutes\n2026-03-03,yoga,30\n")
    study.night()
    was = file.stat()
    file.write_text(file.read_text().replace("30", "40"))
    os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
    assert study.night().files["loaded"] == 0
    assert study.night(verify=True).files["loaded"] == 1
    assert study.day("2026-03-03")["yoga_minutes"] == 40
    assert study.night(verify=True).files == {"loaded": 0, "duplicate": 0, "rejected": 0, "ignored": 0}
