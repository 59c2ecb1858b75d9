"""A vendor changes a file: nothing changes in silence (connectors/testing/drift.py), tried with every sample."""

from __future__ import annotations

import pytest

from connectors.testing.damage import table
from connectors.testing.drift import of_a_new_column, of_columns, of_fields
from tests.goldens import samples

# What some layouts of an export have and others do not. Without it less is known, and a person reads of the new name.
OPTIONAL = {
    "actigraph": {"Steps", "steps"},
    "diary": {"start_time"},
    "fitbit_json": {"activeDuration", "steps"},
    "fitbit_takeout": {"data source"},
    "garmin_account": {
        "moderateIntensityMinutes",
        "vigorousIntensityMinutes",
        "elapsedDuration",
        "steps",
        "durationInMilliseconds",
    },
    "garmin_activities_csv": {"Steps", "Elapsed Time", "Passos", "Duração"},
    "garmin_api": {"elapsedDuration", "steps"},
    "ggir": {"dur_day_total_LIG_min"},
    "google_fit": {
        "Heart Points",
        "Heart Minutes",
        "Walking duration (ms)",
        "Treadmill walking duration (ms)",
        "aggregate",
        "intValue",
    },
    "google_health_api": {
        "activeDuration",
        "dataSource",
        "displayName",
        "metricsSummary",
        "recordingMethod",
        "startUtcOffset",
        "steps",
    },
    "health_auto_export": {"Apple Exercise Time (min)", "Apple Stand Hour (hours)", "Step Count (count)"},
    "health_auto_export_json": {"metrics", "workouts", "duration", "stepCount"},
    "health_sync": {"Source", "Steps"},
    "healthexport_app": {"Apple exercise time(min)", "Step count(count)"},
    "huawei": {"deviceCode", "subUser"},
    "mi_fitness": {"Sid"},
    "oura": {"low_activity_time", "Low Activity Time"},
    "polar": {"localTime", "samples", "steps", "summary"},
    "simple_health_export": {"HKTimeZone"},
    "strava": {"Moving Time", "Total Steps", "Timer Time"},
}
MARKS = {"exportVersion", "data"}  # by which a file is known at all
TABLES = {
    (kind, name): content
    for kind, make in samples().items()
    for name, content in make().items()
    if table(content, name)
}
JSONS = {
    (kind, name): content
    for kind, make in samples().items()
    for name, content in make().items()
    if content[:1] in b"[{"
}


@pytest.mark.parametrize(("kind", "name"), sorted(TABLES))
def test_a_renamed_column_is_named_and_a_new_one_remarked_on(kind: str, name: str) -> None:
    assert not list(of_columns(name, TABLES[kind, name], OPTIONAL.get(kind, ())))


@pytest.mark.parametrize(("kind", "name"), sorted(TABLES))
def test_a_table_with_a_new_column_is_read_as_before(kind: str, name: str) -> None:
    assert not list(of_a_new_column(name, TABLES[kind, name]))


@pytest.mark.parametrize(("kind", "name"), sorted(JSONS))
def test_a_renamed_field_is_named_or_was_not_needed(kind: str, name: str) -> None:
    assert not list(of_fields(name, JSONS[kind, name], OPTIONAL.get(kind, ()), MARKS))


def test_every_table_of_the_samples_is_tried() -> None:
    plain = {path for make in samples().values() for path in make() if path.lower().endswith(".csv")}
    assert plain - {name for _, name in TABLES} == {"fitbit_export_20191031.csv", "session.csv"}  # two tables in a file
