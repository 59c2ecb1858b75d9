"""What is read from a Huawei Health export, and what is refused."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import export, survives
from tests.writers import huawei as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "huawei"
AT = datetime(2026, 3, 9, 14, tzinfo=UTC)


def read(content: bytes, name: str = "any.json"):
    assert identify(export(content, name)) == "huawei"
    return extract("huawei", export(content, name), CONTEXT)


def test_of_devices_that_saw_one_day_the_one_with_the_most_steps_is_read_and_no_other_fills_it_up():
    later, tomorrow = AT + timedelta(minutes=5), AT + timedelta(days=1)
    today = [writer.record(AT, 104, 1), writer.record(AT, 96, 2), writer.record(later, 40, 2)]
    result = read(writer.days([(20260309, today), (20260310, [writer.record(tomorrow, 50, 1)])]))
    assert sorted(result.minutes.select("start_time", "value").rows()) == [(AT, 96), (later, 40), (tomorrow, 50)]
    assert result.minutes["device"].n_unique() == 2
    assert result.notes == ["1 days of a second device, which saw the same walks: left out"]


def test_one_minute_of_one_device_told_twice_is_the_larger_never_the_sum():
    records = [writer.record(AT, 50), writer.record(AT, 60, kind=4), writer.record(AT, 50)]
    assert read(writer.days([(20260309, records)])).minutes["value"].to_list() == [60]


def test_where_no_record_is_of_a_minute_the_steps_are_read_and_no_cadence():
    quarter = timedelta(minutes=15)
    records = [
        writer.record(AT + n * quarter, 150, endTime=int((AT + (n + 1) * quarter).timestamp() * 1000)) for n in range(4)
    ]
    minutes = read(writer.days([(20260309, records)])).minutes
    assert set(minutes["metric"]) == {"steps_spread"}
    assert (minutes["value"].sum(), minutes["value"].max(), minutes.height) == (600, 10, 60)


def test_a_minute_belongs_to_the_day_of_its_own_zone():
    late = datetime(2026, 3, 9, 17, tzinfo=UTC)
    result = read(writer.days([(20260310, [writer.record(late, 9, zone="+0800")])]))
    assert result.minutes["local_date"].to_list() == [date(2026, 3, 10)]
    assert result.tz_source == "record_offset"


def test_a_record_under_another_day_than_its_own_is_refused():
    with pytest.raises(Rejected) as caught:
        read(writer.days([(20260308, [writer.record(AT, 9)])]))
    assert caught.value.fault.place == "day 1, record 1, field recordDay"


def test_steps_that_are_not_told_are_no_minute_and_zero_is_one():
    records = [writer.record(AT, None), writer.record(AT + timedelta(minutes=1), 0)]
    assert read(writer.days([(20260309, records)])).minutes["value"].to_list() == [0]


def test_family_members_and_longer_records_are_left_out_and_counted():
    ((_, content),) = writer.sample().items()
    result = read(content)
    assert result.minutes["value"].to_list() == [104, 31]
    assert result.notes[:2] == [
        "1 records of family members: left out",
        "1 records of more than a minute, on days of which there are minutes: left out",
    ]
    assert "child" not in str(result)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"startTime": -1}, "startTime"),
        ({"startTime": None}, "startTime"),
        ({"endTime": "soon"}, "endTime"),
        ({"timeZone": "Mars"}, "timeZone"),
        ({"deviceCode": [1]}, "deviceCode"),
        ({"sportBasicInfos": [{"steps": -3}]}, "steps"),
        ({"sportBasicInfos": [{"steps": 1}, {"steps": 2}]}, "sportBasicInfos"),
        ({"sportBasicInfos": "none"}, "sportBasicInfos"),
    ],
)
def test_what_is_not_plain_is_refused_naming_the_field(change, field):
    with pytest.raises(Rejected) as caught:
        read(writer.days([(20260309, [writer.record(AT, 5) | change])]))
    assert caught.value.fault.place == f"day 1, record 1, field {field}"


def test_a_file_that_is_cut_off_is_refused():
    content = writer.days([(20260309, [writer.record(AT, 5)])])
    for cut in (1, 30, len(content) - 40):
        with pytest.raises(Rejected):
            read(content[:-cut])


@pytest.mark.parametrize(
    "name",
    [
        "Motion path detail data & description/motion path detail data.json",
        "Health detail data & description/health detail data.json",
        "Sport per minute merged data & description/description.txt",
    ],
)
def test_other_families_are_ignored_with_a_reason(name):
    verdict = identify(export(b"startTime: ..." if name.endswith("txt") else b'[{"a": 1}]', name))
    assert isinstance(verdict, Ignored)
    assert verdict.why


def test_damage_is_refused_cleanly_or_read():
    ((name, content),) = writer.sample().items()
    survives(content, name, CONTEXT, lambda result: result.minutes.rows())


@pytest.mark.skipif(not COLLECTED.is_dir(), reason="the layout sample is not beside this checkout")
def test_the_collected_layout_is_read_as_one_device_a_day():
    (path,) = COLLECTED.rglob("*.json")
    assert read(path.read_bytes()).minutes["value"].to_list() == [20]
