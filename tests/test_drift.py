"""A vendor changes a file: what is new is remarked on, what is gone or renamed is named, nothing changes in silence.

Every column of every table among the samples, and every field of every JSON, is renamed in turn. The file is then
rejected naming it, or read exactly as before, or, where layouts with and without it are known, read with less.
"""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from connectors import Ignored
from models.activity import Extract
from models.fault import Fault
from tests.fuzzing import figures, read
from tests.goldens import samples
from tests.mutations import table, written

NEW = "qqq"
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
    "healthexport_app": {"Apple exercise time(min)", "Step count(count)"},
    "huawei": {"deviceCode", "subUser"},
    "polar": {"localTime", "samples", "steps", "summary"},
    "strava": {"Moving Time", "Total Steps", "Timer Time"},
}
MARKS = {"exportVersion", "data"}  # by which a file is known at all
TABLES = {
    (kind, name): (content, parts)
    for kind, make in samples().items()
    for name, content in make().items()
    if (parts := table(content, name))
}
JSONS = {
    (kind, name): content
    for kind, make in samples().items()
    for name, content in make().items()
    if content[:1] in b"[{"
}


def whole(name: str, content: bytes) -> Extract:
    """What the sample itself gives."""
    result = read(name, content)
    assert isinstance(result, Extract)
    return result


def changed_in_silence(kind: str, renamed: str, before: Extract, after: Extract | Fault | Ignored) -> str | None:
    """What is wrong with what comes of a renamed column; None where nothing is."""
    word = renamed.rsplit(".", 1)[-1].split(" (")[0].casefold()
    if isinstance(after, Fault):
        return None if word in str(after).casefold() or renamed in MARKS else f"{renamed}: is not named: {after}"
    if isinstance(after, Ignored):
        return f"{renamed}: ignored: {after.why}"
    if figures(after) != figures(before) and renamed not in OPTIONAL.get(kind, ()):
        return f"{renamed}: other numbers than before"
    return None


@pytest.mark.parametrize(("kind", "name"), sorted(TABLES))
def test_a_renamed_column_is_named_and_a_new_one_remarked_on(kind: str, name: str) -> None:
    content, (top, rows, separator) = TABLES[kind, name]
    before, header = whole(name, content), rows[0]
    wrong = []
    for at, column in enumerate(header):
        names = [NEW if n == at else other for n, other in enumerate(header)]
        after = read(name, written(top, [names, *rows[1:]], separator))
        wrong.append(changed_in_silence(kind, column, before, after))
        if isinstance(after, Extract) and not any(NEW in note for note in after.notes):
            wrong.append(f"{column}: its new name is in no note")
    assert not [fault for fault in wrong if fault]


@pytest.mark.parametrize(("kind", "name"), sorted(TABLES))
def test_a_table_with_a_new_column_is_read_as_before(kind: str, name: str) -> None:
    content, (top, rows, separator) = TABLES[kind, name]
    width = len(rows[0])
    wider = [[*rows[0], NEW], *([*row[:width], "7", *row[width:]] for row in rows[1:])]
    after = whole(name, written(top, wider, separator))
    assert figures(after) == figures(whole(name, content))
    assert any(NEW in note for note in after.notes)


def fields(value: object) -> Iterator[str]:
    """Every key in a JSON value."""
    if isinstance(value, dict):
        yield from value
    for inner in value.values() if isinstance(value, dict) else value if isinstance(value, list) else ():
        yield from fields(inner)


def renamed(value: object, old: str) -> object:
    """A JSON value with one key renamed wherever it stands."""
    if isinstance(value, dict):
        return {NEW if key == old else key: renamed(inner, old) for key, inner in value.items()}
    return [renamed(inner, old) for inner in value] if isinstance(value, list) else value


@pytest.mark.parametrize(("kind", "name"), sorted(JSONS))
def test_a_renamed_field_is_named_or_was_not_needed(kind: str, name: str) -> None:
    said, before = json.loads(JSONS[kind, name]), whole(name, JSONS[kind, name])
    after = {key: read(name, json.dumps(renamed(said, key)).encode()) for key in sorted(set(fields(said)))}
    assert not [fault for key, result in after.items() if (fault := changed_in_silence(kind, key, before, result))]


def test_every_table_of_the_samples_is_tried() -> None:
    plain = {path for make in samples().values() for path in make() if path.lower().endswith(".csv")}
    assert plain - {name for _, name in TABLES} == {"fitbit_export_20191031.csv", "session.csv"}  # two tables in a file
