"""Apple Health's export in which single records are damaged: they are set aside, the export of ten years is not."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from models.activity import Extract
from models.fault import Rejected
from tests.test_apple_health import read
from tests.writers.apple import PULSE, at, export_xml, record, rings, workout

GOOD = [record(at(6) + timedelta(minutes=n), at(6) + timedelta(minutes=n + 1), 30) for n in range(300)]
ODD = at(6) + timedelta(days=3)
STEPS = record(ODD, ODD + timedelta(minutes=1), 30)
WALK = workout("Walking", ODD, ODD + timedelta(hours=1), pauses=[(ODD, ODD + timedelta(minutes=5))])
DAY = rings("2026-08-23", 35)
DOUBTED = date(2026, 8, 23)


def among(*damaged: str | bytes) -> bytes:
    """An export with these in its middle."""
    mark = "<!-- here -->"
    content = export_xml([*GOOD[:150], mark, *GOOD[150:]])
    return content.replace(mark.encode(), b"".join(d.encode() if isinstance(d, str) else d for d in damaged))


def is_all_else(result: Extract) -> bool:
    alone = read(export_xml(GOOD)).frames()
    return all(frame.equals(result.frames()[name]) for name, frame in alone.items())


@pytest.mark.parametrize(
    "damaged",
    [
        STEPS.replace("value=", "worth="),
        STEPS.replace('value="30"', 'value="3O"'),
        STEPS.replace('endDate="2026-08-23 08:01:00', 'endDate="2026-08-23 25:61:00'),
        STEPS.replace('startDate="2026-08-23 08:00:00', 'startDate="soon'),
        STEPS.replace("/>", ""),
        STEPS.replace('endDate="', "endDate="),
        STEPS.replace('sourceName="', 'Health Mate App Version="2.6" sourceName="'),
        STEPS.replace("Jane", "<Jane"),
        STEPS.replace("Jane", "Jane & "),
        STEPS.encode().replace(b"Jane", b"Jan\xff\xfe"),
        STEPS.encode().replace(b"startDate", b'value="30" startDate'),
        WALK.replace("</Workout>", "</Walkout>"),
        WALK.replace("<WorkoutEvent", "<WorkoutEvent <", 1),
        WALK.replace('duration="', 'duration="about '),
        WALK.replace('durationUnit="min"', 'durationUnit="mon"'),
        DAY.replace('appleExerciseTime="35"', 'appleExerciseTime="3O"'),
    ],
)
def test_one_damaged_record_costs_no_other_one_and_its_day_is_in_doubt(damaged) -> None:
    result = read(among(damaged))
    assert is_all_else(result)
    assert result.notes == ["set aside: 1 record with a value that cannot be (2026-08-23)"]
    assert result.doubted == [DOUBTED]


def test_a_record_that_has_lost_its_times_says_nothing_of_a_day() -> None:
    result = read(among(STEPS.replace("2026-", "20Z6-")))
    assert is_all_else(result)
    assert result.notes == ["set aside: 1 record with a value that cannot be (no date)"]


def test_the_last_record_may_be_the_damaged_one_and_a_piece_may_end_inside_it(monkeypatch) -> None:
    content = export_xml([*GOOD, STEPS.replace("/>", "")])
    for size in (1024 * 1024, 777, 64):
        monkeypatch.setattr("connectors.kit.xml.BLOCK", size)
        result = read(content)
        assert is_all_else(result)
        assert result.notes == ["set aside: 1 record with a value that cannot be (2026-08-23)"]


def test_damage_in_what_is_not_read_is_nothing_to_speak_of() -> None:
    other = STEPS.replace("StepCount", "BodyMass").replace("Jane", "<Jane")
    result = read(among(other, other))
    assert is_all_else(result)
    assert (result.notes, result.doubted) == ([], [])


def test_a_pulse_and_a_workout_of_the_future_are_set_aside_beside_damage() -> None:
    late = ODD.replace(year=2031)
    pulse = record(late, late, 62, kind=PULSE)
    result = read(among(pulse, workout("Yoga", late, late + timedelta(hours=1)), STEPS.replace("/>", "")))
    assert is_all_else(result)
    assert len(result.notes) == 2
    assert result.notes[1].startswith("set aside: 2 records dated after tomorrow")


@pytest.mark.parametrize("damaged", [STEPS.replace("/>", ""), STEPS.replace("value=", "worth=")])
def test_more_than_one_in_a_hundred_or_one_of_a_few_rejects_the_file(damaged: str) -> None:
    for content in (among(damaged * 4), export_xml([*GOOD[:50], damaged])):
        with pytest.raises(Rejected, match=r"in \d of \d+ records"):
            read(content)


def test_records_that_are_nested_for_one_has_no_end_are_never_passed_over() -> None:
    with pytest.raises(Rejected):
        read(among(STEPS.replace("/>", ">")))


def test_a_thousand_damaged_records_are_enough() -> None:
    with pytest.raises(Rejected, match="damaged XML"):
        read(export_xml(["<Record <\n"] * 1_200))
