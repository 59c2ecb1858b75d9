"""The night as a whole: what it leaves, what it leaves alone, and what a second one changes."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.night import reading
from flows.night.begin import begin
from flows.night.run import Run, Scope
from flows.night.steps import load_exports, read_control_files
from models.store.read import published
from models.store.store import open_store
from tests.dying import PATIENCE
from tests.studies import StudyFolder, at, fill, garmin_day, minutes, read_here
from tests.writers import diary, fitbit

EQUAL = ("daily_activity", "hourly_activity", "weekly_activity", "goal_week", "infusion_window", "session",
         "participant", "infusion", "goal", "source_file", "rejection", "source_day", "baseline", "attendance",
         "outcome", "covariate", "study", "code")  # fmt: skip


def content_of(study: StudyFolder) -> dict[str, list[tuple]]:
    """Everything published but the books: what must be the same in two equal studies."""
    found = {}
    with published(study.folder / "warehouse") as ask:
        for relation in EQUAL:
            rows = ask(f"SELECT * NOT SIMILAR TO '.*_at' FROM {relation}")[1]
            found[relation] = sorted(rows, key=str)
    return found


class Nights(NamedTuple):
    """Two nights over one study, and what each left."""

    first: Run
    after_first: StudyFolder
    second: Run
    after_second: StudyFolder


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Before the second night more was handed in, and something was corrected for each of P2, P3 and P4."""
    folder = tmp_path_factory.mktemp("nights")
    study = StudyFolder(folder / "study", ["P1,,,,,52.5,A", "P2,,,,,,A", "P3,,,,,B,A", "P4,,,,,B,A"])
    study.covariates["participants"] = "dose_mg,arm"
    study.write()
    fill(study)
    study.put("P3/steps_2026-03-01.csv", fitbit.steps({None: minutes(at("2026-03-05 23:30"), [50] * 10)}))
    rows = {
        "Charge 6": minutes(at("2026-03-05 09:00"), [100] * 30),
        "MobileTrack": minutes(at("2026-03-05 09:00"), [60] * 30),
    }
    study.put("P4/steps_2026-03-01.csv", fitbit.steps(rows))
    study.put("P4/diary.csv", "date,activity,minutes\n2026-03-03,yoga,30\n")
    first = study.night()
    after_first = study.copied(folder / "first")
    study.put("P1/jane.doe@example.com.fit", garmin_day("2026-03-05", steps=3000, serial=3_912_345_678))
    study.put("P1/bad.fit", garmin_day("2026-03-08")[:-1])
    study.put("P2/diary.csv", diary.diary([(date(2026, 3, 5), "yoga", 20)]))
    study.participants = ["P1,,,,,53,A", "P2,,,,,,B", "P3,Europe/Berlin,,,,B,A", "P4,,fitbit_phone;fitbit,,,B,B"]
    study.write()
    return Nights(first, after_first, study.night(), study)


@pytest.fixture
def study(nights: Nights, tmp_path: Path) -> StudyFolder:
    """A copy of what the second night left."""
    return nights.after_second.copied(tmp_path / "study")


def inbox_of(study: StudyFolder) -> dict[Path, tuple[int, bytes]]:
    files = [path for path in (study.folder / "inbox").rglob("*") if path.is_file()]
    return {path: (path.stat().st_mtime_ns, path.read_bytes()) for path in files}


def loaded(study: StudyFolder, **scope: object) -> int:
    """How many files a run loads; its later steps are not taken."""
    run = begin(study.folder, Scope(**scope))  # type: ignore[arg-type]
    with closing(run.store):
        read_control_files(run)
        load_exports(run)
    return run.files["loaded"]


def test_exports_go_in_and_verdicts_come_out(nights: Nights) -> None:
    assert nights.first.is_clean
    assert nights.first.files["loaded"] == 9
    verdict = nights.after_first.ask("SELECT status, reason, basis, valid_days, eligible_days, value FROM goal_week")
    assert verdict == [("insufficient_data", "too_few_valid_days", None, 3, 7, None)]
    status, basis, value = nights.after_second.ask("SELECT status, basis, value FROM goal_week")[0]
    assert (status, basis, float(value)) == ("met", "estimated", 5250.0)


def test_a_second_night_over_the_same_inbox_changes_nothing(study: StudyFolder) -> None:
    before = content_of(study), study.ask("SELECT * FROM goal_week_history ORDER BY ALL")
    again = study.night()
    assert (again.days, again.changes, sum(again.files.values())) == (0, 0, 0)
    assert (content_of(study), study.ask("SELECT * FROM goal_week_history ORDER BY ALL")) == before


def test_an_incremental_result_equals_a_rebuild_and_the_inbox_is_only_read(study: StudyFolder) -> None:
    grown, inbox = content_of(study), inbox_of(study)
    assert len(grown["covariate"]) == 7
    study.night(command="backfill", rebuild=True)
    assert content_of(study) == grown
    assert inbox_of(study) == inbox


def test_decoding_everything_again_changes_nothing(study: StudyFolder) -> None:
    before = content_of(study)
    again = study.night(command="backfill", reload=True)
    assert again.files["loaded"] == 10
    assert content_of(study) == before


def test_a_diary_edited_in_place_counts_as_it_is_now(nights: Nights) -> None:
    yoga = "SELECT local_date, yoga_minutes FROM daily_activity WHERE yoga_minutes > 0 AND participant_id = 'P2'"
    assert nights.after_first.ask(yoga) == [(date(2026, 3, 4), 20)]
    assert nights.after_second.ask(yoga) == [(date(2026, 3, 5), 20)]


def test_a_corrected_zone_dates_the_same_files_anew(nights: Nights) -> None:
    assert nights.after_first.day("2026-03-05", "P3")["steps"] == 500
    assert nights.after_second.day("2026-03-05", "P3") == {}
    assert nights.after_second.day("2026-03-06", "P3")["steps"] == 500


def test_a_changed_source_priority_resolves_the_days_anew(nights: Nights) -> None:
    assert nights.after_first.day("2026-03-05", "P4")["steps"] == 3000
    day = nights.after_second.day("2026-03-05", "P4")
    assert (day["steps"], day["primary_source"]) == (1800, "fitbit_phone")


def test_a_backfill_of_one_person_some_dates_or_some_kinds_leaves_the_others_waiting(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path).write()
    fill(study)
    study.put("P1/diary.csv", diary.diary([(date(2026, 3, 4), "yoga", 20)]))
    assert loaded(study, command="backfill", participant="P2") == 3
    assert study.ask_store("SELECT DISTINCT participant_id FROM source_file") == [("P2",)]
    assert loaded(study, command="backfill", since=date(2026, 3, 6)) == 1
    assert loaded(study, command="backfill", connectors=frozenset({"diary"})) == 1
    assert loaded(study) == 2


def test_a_file_that_changes_while_it_is_read_waits_for_another_night(study: StudyFolder, monkeypatch) -> None:
    target = study.put("P1/growing.fit", garmin_day("2026-03-03", steps=5000))
    read_here(monkeypatch)
    honest = reading._read_export

    def slow(*arguments):
        yield from honest(*arguments)
        target.write_bytes(target.read_bytes() + b"more")

    monkeypatch.setattr(reading, "_read_export", slow)
    assert sum(study.night().files.values()) == 0
    monkeypatch.undo()
    target.write_bytes(garmin_day("2026-03-03", steps=5000))
    assert loaded(study) == 1


def test_warehouse_files_are_for_their_owner_alone(study: StudyFolder) -> None:
    modes = {p.name: oct(p.stat().st_mode & 0o777) for p in (study.folder / "warehouse").iterdir() if p.is_file()}
    assert set(modes.values()) == {"0o600"}, modes
    assert oct((study.folder / "warehouse").stat().st_mode & 0o777) == "0o700"


# What analysts get --------------------------------------------------------------------------------------------------


def test_every_published_relation_and_column_says_what_it_is(study: StudyFolder) -> None:
    silent = study.ask("SELECT table_name FROM duckdb_tables() WHERE comment IS NULL")
    silent += study.ask("SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL")
    assert silent == []


def test_the_published_columns_are_those_that_analysts_rely_on(study: StudyFolder) -> None:
    daily = (
        "participant_id local_date day_state is_partial steps walking_minutes walking_method brisk_minutes "
        "moderate_minutes vigorous_minutes mvpa_minutes mvpa_equivalent_minutes intensity_method exercise_minutes "
        "exercise_method workout_minutes strength_minutes yoga_minutes dance_minutes movement_minutes massage_minutes "
        "wear_minutes wear_method day_minutes primary_source sources flags light_minutes peak_1_cadence "
        "peak_30_cadence longest_walking_bout_minutes cadence_1_19_minutes cadence_20_39_minutes cadence_40_59_minutes "
        "cadence_60_79_minutes cadence_80_99_minutes cadence_100_119_minutes cadence_120_minutes"
    )
    goal_week = (
        "goal_id version participant_id infusion_id week week_start week_end kind metric target target_effective value "
        "percent status reason basis eligible_days valid_days is_truncated truncated_by as_of evaluated_at "
        "device_changed is_held target_reason per_day baseline_value baseline_days baseline_as_of target_agreed "
        "interval_low interval_high"
    )
    source_file = (
        "sha256 participant_id size_bytes connector connector_version source first_seen_at loaded_at status "
        "covers_from covers_to rows"
    )
    for relation, columns in {"daily_activity": daily, "goal_week": goal_week, "source_file": source_file}.items():
        assert [name for name, *_ in study.ask(f"DESCRIBE {relation}")] == columns.split(), relation


def test_names_and_serial_numbers_are_nowhere_in_the_published_database(study: StudyFolder) -> None:
    published = (study.folder / "warehouse/analytics.duckdb").read_bytes()
    stored = (study.folder / "warehouse/store.duckdb").read_bytes()
    assert b"jane.doe" not in published
    assert b"jane.doe" in stored  # so that the search above would have found it
    for content in (published, stored):
        assert (3_912_345_678).to_bytes(4, "little") not in content
        assert b"3912345678" not in content


def test_analysts_open_it_while_a_run_holds_the_store_and_keep_it_until_they_open_the_next(study: StudyFolder) -> None:
    script = """if True:
        import duckdb, sys
        analyst = duckdb.connect(sys.argv[1], read_only=True)
        print(analyst.sql("SELECT count(*) FROM daily_activity").fetchall()[0][0], flush=True)
        input()
        print(analyst.sql("SELECT count(*) FROM daily_activity").fetchall()[0][0])"""
    command = [sys.executable, "-c", script, str(study.folder / "warehouse/analytics.duckdb")]
    with closing(open_store(study.folder / "warehouse")):
        analyst = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert analyst.stdout is not None
        before = analyst.stdout.readline().strip()
    study.put("P1/garmin/2026-03-09.fit", garmin_day("2026-03-09"))
    study.night()
    out, _ = analyst.communicate("\n", timeout=PATIENCE)
    assert out.strip() == before == "9"
    assert study.ask("SELECT count(*) FROM daily_activity") == [(12,)]


def test_a_file_changed_behind_its_size_and_time_is_found_when_told_to_verify(study: StudyFolder) -> None:
    file = study.folder / "inbox/P4/diary.csv"
    was, minutes = file.stat(), 30
    for then in (40, 55, 25):  # whichever content has the greater SHA-256
        file.write_text(file.read_text("utf-8").replace(str(minutes), str(then)))
        os.utime(file, ns=(was.st_atime_ns, was.st_mtime_ns))
        minutes = then
        assert loaded(study) == 0
        assert study.night(verify=True).files["loaded"] == 1
        assert study.day("2026-03-03", "P4")["yoga_minutes"] == then
    assert loaded(study, verify=True) == 0
