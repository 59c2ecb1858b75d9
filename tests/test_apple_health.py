"""What is read from Apple Health's own export."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, timedelta
from pathlib import Path

import pytest

from connectors import Context, Ignored, extract, identify
from connectors.kit.apple import activity_of
from connectors.kit.apple_sift import without_unwanted
from connectors.kit.export import Export
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Rejected
from tests.goldens import export_of
from tests.writers import apple
from tests.writers.apple import PHONE, PULSE, WATCH, at, element, export_xml, metadata, record, rings, workout

CONTEXT = Context(ZoneLog("participant_home", "Europe/Berlin"), date(2026, 12, 31), b"secret")
SAMPLES = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "apple_health"


def read(content: bytes, name: str = "apple_health_export/export.xml", context: Context = CONTEXT) -> Extract:
    file = export_of(name, content)
    assert identify(file) == "apple_health"
    return extract("apple_health", file, context)


def steps(result: Extract) -> list[tuple]:
    """(source, metric, hour:minute in UTC, steps)"""
    rows = result.minutes.filter(result.minutes["metric"] != "heart_rate")
    columns = rows.select("source", "metric", "start_time", "value").rows()
    return [(source, metric, f"{time:%H:%M}", value) for source, metric, time, value in columns]


def test_a_sample_of_a_minute_has_a_cadence_and_a_longer_one_is_laid_over_its_minutes():
    result = read(export_xml([record(at(6), at(6, 1), 108), record(at(7, 0, 30), at(7, 3), 101)]))
    assert steps(result) == [
        ("apple_watch", "steps", "06:00", 108),
        ("apple_watch", "steps_spread", "07:00", 20),
        ("apple_watch", "steps_spread", "07:01", 41),
        ("apple_watch", "steps_spread", "07:02", 40),
    ]


def test_no_step_is_lost_or_won_in_laying_samples_over_minutes():
    draw = random.Random(7)
    rows, total = [], 0
    for n in range(300):
        begin = at(0) + timedelta(seconds=draw.randrange(86_400))
        count = draw.randrange(400)
        rows.append(
            record(begin, begin + timedelta(seconds=draw.choice([0, 1, 61, 62, 599, 7200])), count, name=f"w{n}")
        )
        total += count
    assert read(export_xml(rows)).minutes["value"].sum() == total


def test_watch_phone_and_other_makers_are_kept_apart_and_their_names_stay_behind():
    said = read(
        export_xml(
            [
                record(at(6), at(6, 1), 100),
                record(at(6), at(6, 1), 90, name="Jane’s iPhone", device=PHONE),
                record(at(6), at(6, 1), 95, name="Connect", device=None),
                record(at(6), at(6, 1), 96, name="Band", device="<<HKDevice: 0x1>, name:Band, manufacturer:Xiaomi>"),
                record(at(6), at(6, 1), 97, name="Somebody's thing", device=None),
            ]
        )
    ).minutes
    assert sorted(said["source"]) == ["apple_other", "apple_other", "apple_other", "apple_phone", "apple_watch"]
    assert said["device"].n_unique() == 5
    assert "Jane" not in str(said.rows())
    assert said.filter(said["source"] == "apple_watch")["device"][0] == CONTEXT.pseudonym(
        "apple", "Jane’s Apple Watch", "Watch6,2"
    )


def test_the_address_in_memory_of_a_device_does_not_make_it_another_one():
    other = WATCH.replace("0x2833c1ea0", "0x11")
    result = read(export_xml([record(at(6), at(6, 1), 100), record(at(7), at(7, 1), 100, device=other)]))
    assert result.minutes["device"].n_unique() == 1


def test_a_name_without_a_device_is_what_its_other_samples_say():
    result = read(
        export_xml([record(at(6), at(6, 1), 9, name="Bob"), record(at(7), at(7, 1), 9, name="Bob", device=None)])
    )
    assert set(result.minutes["source"]) == {"apple_watch"}


def test_the_same_sample_twice_is_one():
    assert steps(read(export_xml([record(at(6), at(6, 1), 100)] * 2))) == [("apple_watch", "steps", "06:00", 100)]


def test_steps_typed_in_by_hand_are_left_out_and_said():
    typed = record(at(9), at(9, 30), 5000, inside=metadata("HKWasUserEntered", 1))
    result = read(export_xml([typed, record(at(6), at(6, 1), 100, inside=metadata("HKWasUserEntered", 0))]))
    assert result.minutes["value"].sum() == 100
    assert result.notes == ["1 step samples typed in by hand: left out"]


def test_an_apps_count_of_a_whole_day_is_a_total_and_not_a_thousand_minutes():
    day = record(at(22, 0, 0, 19), at(21, 59, 59), 8000, name="Connect", device=None)
    over = record(at(12), at(12, day=21), 8000, name="Connect", device=None)
    result = read(export_xml([day, over]))
    assert result.minutes.height == 0
    assert result.daily_totals.select("source", "local_date", "steps").rows() == [
        ("apple_other", date(2026, 8, 20), 8000)
    ]
    assert result.notes == ["1 step samples of over two hours that run into the next day: left out"]


def test_a_pulse_is_a_minute_and_never_a_rate():
    beats = [record(at(6, 0, s), at(6, 0, s), 131, kind=PULSE) for s in (1, 6, 11)]
    beats.append(record(at(6, 5), at(6, 5), 0, kind=PULSE))
    minutes = read(export_xml(beats)).minutes
    assert minutes.select("metric", "start_time", "value").rows() == [("heart_rate", at(6), 1)]


def test_dates_come_from_the_persons_zone_and_not_from_the_offset_of_the_export():
    late = at(22, 30)  # 00:30 of the 21st in Berlin, whatever zone the phone was in when it exported
    for offset in (-7, 2, 9):
        assert read(export_xml([record(late, late, 5, offset=offset)])).minutes["local_date"][0] == date(2026, 8, 21)


def test_exercise_minutes_are_those_of_the_rings_and_zero_only_with_the_watch_on():
    days = [rings("2026-08-18", 35), rings("2026-08-19", 0, 9), rings("2026-08-20", 0, 0), rings("1969-12-30", 0, 0)]
    assert read(export_xml(days)).daily_totals.select("source", "local_date", "steps", "mvpa_ms").rows() == [
        ("apple_watch", date(2026, 8, 18), None, 2_100_000),
        ("apple_watch", date(2026, 8, 19), None, 0),
    ]


def test_a_workout_runs_except_in_its_pauses():
    (row,) = read(
        export_xml([workout("Hiking", at(6), at(7), pauses=[(at(6, 10), at(6, 20))], steps=4000)])
    ).sessions.to_dicts()
    assert (row["activity"], row["timer_ms"], row["steps"], row["modality"]) == ("hiking", 3_000_000, 4000, "sensed")
    assert [(p["start_time"], p["end_time"]) for p in row["parts"]] == [(at(6), at(6, 10)), (at(6, 20), at(7))]


def test_pauses_that_do_not_explain_the_duration_are_not_believed():
    (row,) = read(
        export_xml([workout("Yoga", at(6), at(7), duration=30, pauses=[(at(6, 10), at(6, 11))])])
    ).sessions.to_dicts()
    assert row["timer_ms"] == 1_800_000
    assert [(p["start_time"], p["end_time"]) for p in row["parts"]] == [(at(6), at(6, 30))]


@pytest.mark.parametrize(("duration", "unit"), [("32.5", "min"), ("1950", "sec"), ("1950", "s"), ("0.541666667", "hr")])
def test_a_duration_is_read_in_its_unit(duration, unit):
    (row,) = read(export_xml([workout("Walking", at(6), at(7), duration=duration, unit=unit)])).sessions.to_dicts()
    assert row["timer_ms"] == pytest.approx(1_950_000, abs=2)


def test_a_workout_abroad_is_dated_by_its_own_zone():
    late = workout("SocialDance", at(21), at(21, 50), inside=metadata("HKTimeZone", "Asia/Tokyo"))
    odd = workout("SocialDance", at(21), at(21, 40), inside=metadata("HKTimeZone", "../etc/passwd"))
    assert read(export_xml([late, odd])).sessions["local_date"].to_list() == [date(2026, 8, 21), date(2026, 8, 20)]


def test_a_workout_typed_in_by_hand_is_self_reported():
    (row,) = read(
        export_xml([workout("Yoga", at(6), at(7), inside=metadata("HKWasUserEntered", 1))])
    ).sessions.to_dicts()
    assert row["modality"] == "self_reported"


@pytest.mark.parametrize(
    ("kind", "ours"),
    [
        *[("TraditionalStrengthTraining", "strength"), ("SocialDance", "dance"), ("TaiChi", "tai_chi")],
        *[("HighIntensityIntervalTraining", "hiit"), ("Elliptical", "aerobics"), ("Cooldown", "stretching")],
        *[("WheelchairWalkPace", "sport"), ("UnderwaterChess", "other")],
    ],
)
def test_workouts_are_mapped_and_unknown_ones_are_kept_as_other(kind, ours):
    (row,) = read(export_xml([workout(kind, at(6), at(7))])).sessions.to_dicts()
    assert (row["activity"], row["vendor_activity"]) == (ours, kind)


def test_indoor_and_outdoor_say_nothing_more():
    assert [activity_of(n) for n in ("Outdoor Walk", "Indoor Cycling", "Open Water Swim", "Pool Swim")] == [
        *("walking", "cycling", "swimming", "swimming")
    ]


def test_samples_in_a_correlation_stand_outside_as_well_and_count_once():
    inner = record(at(6), at(6, 1), 100)
    assert (
        read(export_xml([inner, element("Correlation", inner.replace("100", "99"), type="x")])).minutes["value"].sum()
        == 100
    )


@pytest.mark.parametrize("head", [apple.HEAD, apple.MALFORMED, "", "\ufeff" + apple.HEAD])
def test_a_malformed_document_type_is_skipped(head):
    assert read(export_xml([record(at(6), at(6, 1), 100)], head=head)).minutes.height == 1


def test_control_characters_are_taken_out():
    content = export_xml([record(at(6), at(6, 1), 100, name="Ja\x0bne"), record(at(7), at(7, 1), 1, name="A&#11;B")])
    assert read(content.replace(b"&amp;#11;", b"&#11;")).minutes["value"].sum() == 101


def test_what_follows_the_root_is_not_read():
    assert (
        read(
            export_xml([record(at(6), at(6, 1), 100)], tail="</HealthData><more><x>\x00 & </HealthData>")
        ).minutes.height
        == 1
    )


def test_no_entity_is_ever_expanded():
    bomb = '<!DOCTYPE HealthData [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;">]>\n'
    content = export_xml([record(at(6), at(6, 1), 100, name="NAME")], head=bomb).replace(b"NAME", b"&c;")
    with pytest.raises(Rejected, match="undefined entity"):
        read(content)


@pytest.mark.parametrize(
    "content", [b"<x>" * 100, b"".join(b"<x%d/>" % n for n in range(21_000)), b"<x" + b" " * 20_000_000]
)
def test_a_hostile_file_is_refused_in_bounded_memory(content):
    with pytest.raises(Rejected):
        read(b"<HealthData>\n" + content + b"</HealthData>")


def test_elements_that_nobody_wants_never_reach_the_parser_however_they_are_written():
    energy = "HKQuantityTypeIdentifierActiveEnergyBurned"
    rows = [record(at(6), at(6, 1), n, kind=energy, device="a > b/>") for n in range(50)]
    one = record(at(6), at(6, 1), 100, kind=energy, inside=metadata("HKMetadataKeyHeartRateMotionContext", 1))
    rows += [
        record(at(6), at(6, 1), 100),
        one,
        record(at(6), at(6, 9), 3, kind="HKQuantityTypeIdentifierHeartRateVariabilitySDNN"),
    ]
    content = export_xml(rows).replace(b"&gt;", b">")
    left = without_unwanted(content)
    assert left.count(b"<Record") == 2
    assert steps(read(content)) == steps(read(left)) == [("apple_watch", "steps", "06:00", 100)]
    joined = re.sub(rb">\s+<", b"><", content)
    assert steps(read(joined)) == steps(read(joined.replace(b'"', b"'"))) == steps(read(left))


@pytest.mark.parametrize(
    ("elements", "place"),
    [
        ([record(at(6), at(6, 1), -3)], "sample 1, value"),
        ([record(at(6), at(6, 1), 3), record(at(6), at(6, 1), "1e9")], "sample 2, value"),
        ([record(at(6), at(6, 1), "nan")], "sample 1, value"),
        ([record(at(6), at(5), 3)], "sample 1, endDate"),
        ([record(at(6), at(6, 1), 3).replace("08:01:00", "25:61:00")], "sample 1, endDate"),
        ([record(at(6), at(6, 1), 3).replace("startDate", "beginDate")], "sample 1, startDate"),
        ([record(at(6).replace(year=2031), at(6, 1).replace(year=2031), 3)], "sample 1, startDate"),
        ([record(at(6).replace(year=1970), at(6, 1).replace(year=1970), 3)], "sample 1, startDate"),
        ([workout("Yoga", at(6), at(5))], "workout 1"),
        ([workout("Yoga", at(6), at(7), duration="ages")], "workout 1"),
        ([workout("Yoga", at(6), at(7), unit="fortnights")], "workout 1"),
        ([workout("Yoga", at(6), at(7), duration="1e400")], "workout 1"),
        ([workout("Yoga", at(6), at(7), steps=10**9)], "workout 1"),
        ([rings("yesterday", 3)], "ActivitySummary"),
        ([rings("2026-08-20", 3000)], "ActivitySummary"),
        ([rings("2026-08-20", 10**400)], "ActivitySummary"),
    ],
)
def test_what_cannot_be_is_rejected_whole_with_its_place(elements, place):
    with pytest.raises(Rejected) as caught:
        read(export_xml(elements))
    assert caught.value.fault.place == place


@pytest.mark.parametrize("keep", [0.2, 0.5, 0.9, 0.999])
def test_a_file_that_is_cut_off_is_rejected(keep):
    content = apple.SAMPLES["apple_health"]()["apple_health_export/export.xml"]
    with pytest.raises(Rejected):
        read(content[: int(len(content) * keep)])


def test_a_flipped_byte_gives_a_clean_rejection_or_an_extract():
    content = apple.SAMPLES["apple_health"]()["apple_health_export/export.xml"]
    draw = random.Random(5)
    for _ in range(100):
        broken = bytearray(content)
        for _ in range(draw.choice([1, 1, 3])):
            broken[draw.randrange(len(broken))] = draw.randrange(256)
        file = export_of("export.xml", bytes(broken))
        said = ""
        try:
            if not isinstance(kind := identify(file), Ignored):
                extract(kind, file, CONTEXT)
        except Rejected as fault:
            said = str(fault)
        assert "Jane" not in said


def test_reading_does_not_depend_on_where_a_block_ends(monkeypatch):
    content = apple.SAMPLES["apple_health"]()["apple_health_export/export.xml"]
    whole = read(content).frames()
    for size in (64, 777):
        monkeypatch.setattr("connectors.kit.xml.BLOCK", size)
        assert all(frame.equals(whole[name]) for name, frame in read(content).frames().items())


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("apple_health_export/export_cda.xml", b'<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3"/>'),
        (
            "apple_health_export/workout-routes/route_2026-08-20.gpx",
            b'<gpx version="1.1" creator="Apple Health Export">',
        ),
        ("apple_health_export/electrocardiograms/ecg_2026-08-20.csv", b"Name,Jane\n"),
        ("apple_health_export/clinical-records/Observation-1.json", b"{}"),
    ],
)
def test_what_lies_beside_the_export_is_ignored_with_a_reason(name, content):
    verdict = identify(Export(name, len(content), export_of(name, content).opener))
    assert isinstance(verdict, Ignored)
    assert verdict.why


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_layout_seen_in_the_wild_is_read():
    (path,) = SAMPLES.rglob("export.xml")
    result = read(path.read_bytes(), "exportar.xml")
    assert result.minutes["source"].n_unique() == 2
    assert result.minutes["value"].sum() == 900 + 940
    (walk,) = result.sessions.to_dicts()
    assert (walk["timer_ms"], walk["steps"], walk["start_time"].astimezone(UTC)) == (1_950_000, 3400, at(6))
    assert result.daily_totals["mvpa_ms"].to_list() == [35 * 60_000]
