"""FIT activities: what is a session, how long it was, where and when."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

import connectors
from connectors import Ignored, garmin_fit_activity
from connectors.kit.words import by_language
from models.taxonomy import ACTIVITIES, DEVICE_CLASSES
from tests.test_fit_reader import an_export, refusal, someone_in, taken
from tests.writers import fit

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
NEW_YORK = ZoneInfo("America/New_York")


def one(session: fit.Session, zone: str = "UTC", **told: object) -> dict:
    (row,) = taken(fit.activity([session], **told), zone).sessions.to_dicts()  # type: ignore[arg-type]
    return row


def at(start: datetime, **told: object) -> fit.Session:
    return fit.Session(start, HALF_AN_HOUR, **told)  # type: ignore[arg-type]


def spans(row: dict) -> list[tuple[datetime, timedelta]]:
    return [(part["start_time"], part["end_time"] - part["start_time"]) for part in row["parts"]]


def test_a_recorded_walk() -> None:
    row = one(at(NINE, cycles=1500))
    assert (row["activity"], row["vendor_activity"], row["steps"]) == ("walking", "walking(11)", 3000)
    assert (row["start_time"], row["end_time"], row["timer_ms"]) == (NINE, NINE + HALF_AN_HOUR, 1_800_000)
    assert (row["source"], row["modality"], row["local_date"]) == ("garmin", "sensed", date(2026, 3, 2))


def test_pauses_are_no_minutes_and_the_parts_say_when_the_timer_ran() -> None:
    lunch = (NINE + timedelta(minutes=10), timedelta(hours=2))
    row = one(at(NINE, pauses=[lunch]))
    assert row["timer_ms"] == 1_800_000
    assert row["end_time"] == NINE + timedelta(hours=2, minutes=30)
    assert spans(row) == [(NINE, timedelta(minutes=10)), (lunch[0] + lunch[1], timedelta(minutes=20))]


def test_without_events_the_timer_is_laid_from_the_start() -> None:
    row = one(at(NINE, pauses=[(NINE + timedelta(minutes=10), timedelta(hours=2))]), events=False)
    assert spans(row) == [(NINE, HALF_AN_HOUR)]


def test_events_that_contradict_the_timer_are_not_believed() -> None:
    pauses = [(NINE + timedelta(minutes=10), timedelta(hours=2))]
    session = fit.Session(NINE, HALF_AN_HOUR, pauses=pauses, elapsed=timedelta(minutes=150))
    data = fit.activity([session]).replace((1_800_000).to_bytes(4, "little"), (900_000).to_bytes(4, "little"))
    data = data[:-2] + fit.crc(data[:-2]).to_bytes(2, "little")
    (row,) = taken(data).sessions.to_dicts()
    assert spans(row) == [(NINE, timedelta(minutes=15))]


def test_the_parts_add_up_to_the_timer_to_the_millisecond() -> None:
    pauses = [(NINE + timedelta(minutes=m, milliseconds=400), timedelta(seconds=30)) for m in (3, 9, 15)]
    row = one(fit.Session(NINE, timedelta(minutes=29, milliseconds=137), pauses=pauses))
    assert len(row["parts"]) == 4
    assert sum((length for _, length in spans(row)), timedelta(0)) == timedelta(minutes=29, milliseconds=137)


def test_an_elapsed_time_of_a_month_does_not_stretch_the_minutes() -> None:
    row = one(at(NINE, elapsed=timedelta(days=31)), events=False)
    assert row["timer_ms"] == 1_800_000
    assert spans(row) == [(NINE, HALF_AN_HOUR)]


def test_a_timer_longer_than_the_elapsed_time_is_kept() -> None:
    row = one(at(NINE, elapsed=timedelta(minutes=3)), events=False)
    assert (row["timer_ms"], row["end_time"]) == (1_800_000, NINE + HALF_AN_HOUR)


def test_a_session_over_midnight_belongs_to_its_start_and_its_minutes_to_both_days() -> None:
    row = one(at(datetime(2026, 3, 2, 23, 50, tzinfo=NEW_YORK)), "America/New_York")
    assert row["local_date"] == date(2026, 3, 2)
    days = [(part["local_date"], part["end_time"] - part["start_time"]) for part in row["parts"]]
    assert days == [(date(2026, 3, 2), timedelta(minutes=10)), (date(2026, 3, 3), timedelta(minutes=20))]


@pytest.mark.parametrize(
    ("sport", "sub_sport", "activity", "vendor"),
    [
        (83, 0, "dance", "dance(83)"),
        (10, 43, "yoga", "training(10)/yoga(43)"),
        (10, 44, "pilates", "training(10)/pilates(44)"),
        (4, 44, "pilates", "fitness_equipment(4)/pilates(44)"),
        (10, 20, "strength", "training(10)/strength_training(20)"),
        (10, 19, "stretching", "training(10)/flexibility_training(19)"),
        (10, 26, "aerobics", "training(10)/cardio_training(26)"),
        (10, 62, "breathwork", "training(10)/breathing(62)"),
        (62, 70, "hiit", "hiit(62)/hiit(70)"),
        (67, None, "meditation", "meditation(67)"),
        (86, 0, "stretching", "mobility(86)"),
        (11, 27, "walking", "walking(11)/indoor_walking(27)"),
        (17, 0, "hiking", "hiking(17)"),
        (1, 45, "running", "running(1)/indoor_running(45)"),
        (4, 15, "aerobics", "fitness_equipment(4)/elliptical(15)"),
        (64, 84, "sport", "racket(64)/pickleball(84)"),
        (75, 0, "sport", "volleyball(75)"),
        (199, 0, "other", "sport 199"),
        (10, 199, "other", "training(10)/sub_sport 199"),
        (None, None, "other", None),
    ],
)
def test_the_kind_is_decided_by_the_sub_sport_then_the_sport(
    sport: int | None, sub_sport: int | None, activity: str, vendor: str | None
) -> None:
    row = one(at(NINE, sport=sport, sub_sport=sub_sport))
    assert (row["activity"], row["vendor_activity"]) == (activity, vendor)


def test_every_code_maps_into_the_taxonomy_and_every_label_has_a_device_class() -> None:
    sports, sub_sports = (by_language("fit")[""][table] for table in ("sports", "sub_sports"))
    assert {ours for _, *kinds in [*sports.values(), *sub_sports.values()] for ours in kinds} <= set(ACTIVITIES)
    assert set(garmin_fit_activity.SOURCES.values()) <= set(DEVICE_CLASSES)
    assert (len(sports), len(sub_sports)) == (82, 112)  # the profile's own


@pytest.mark.parametrize(("sport", "steps"), [(11, 200), (1, 200), (17, 200), (2, None), (10, None), (62, None)])
def test_strides_are_two_steps_and_other_cycles_are_none(sport: int, steps: int | None) -> None:
    assert one(at(NINE, sport=sport, cycles=100))["steps"] == steps


@pytest.mark.parametrize("cycles", [0, None])
def test_a_walk_nobody_counted_has_no_steps_rather_than_none(cycles: int | None) -> None:
    assert one(at(NINE, cycles=cycles))["steps"] is None


def test_a_million_steps_in_a_walk_are_refused() -> None:
    assert refusal(fit.activity([at(NINE, cycles=4_000_000_000)])).place == "FIT message 18, field 10"


def test_two_sessions_and_a_transition_are_two_sessions() -> None:
    legs = [
        at(NINE, sport=5),
        fit.Session(NINE + timedelta(minutes=30), timedelta(minutes=4), sport=3),
        at(NINE + timedelta(minutes=34), sport=1),
    ]
    sessions = taken(fit.activity(legs)).sessions
    assert sessions["activity"].to_list() == ["swimming", "running"]
    assert sessions["timer_ms"].to_list() == [1_800_000, 1_800_000]


def test_a_multisport_session_is_not_added_to_its_legs_but_counts_where_it_is_alone() -> None:
    whole = fit.Session(NINE, timedelta(hours=1), sport=18)
    legs = [whole, at(NINE, sport=2), at(NINE + HALF_AN_HOUR, sport=1)]
    assert taken(fit.activity(legs)).sessions["activity"].to_list() == ["cycling", "running"]
    assert taken(fit.activity([whole])).sessions["activity"].to_list() == ["sport"]


def test_a_session_that_never_ran_is_left_out_and_said_so() -> None:
    got = taken(fit.activity([fit.Session(NINE, timedelta(0))]))
    assert got.sessions.is_empty()
    assert got.notes == ["sessions whose timer never ran, left out: 1"]


def test_a_session_without_a_timer_is_refused_and_not_guessed_from_the_elapsed_time() -> None:
    session = fit.Session(NINE, None, elapsed=timedelta(hours=1))
    assert refusal(fit.activity([session], events=False)).place == "FIT session, total_timer_time"


def test_a_recording_that_was_never_finished_is_refused() -> None:
    assert "no session message" in refusal(fit.activity([])).found


def test_the_offset_in_the_file_dates_it_where_the_log_knows_nothing_of_the_journey() -> None:
    late = datetime(2026, 3, 2, 23, 30, tzinfo=ZoneInfo("Asia/Tokyo"))
    got = taken(fit.activity([at(late)]), "America/New_York")
    assert (got.tz_source, got.sessions["local_date"].to_list()) == ("record_offset", [date(2026, 3, 2)])


def test_an_offset_a_moment_off_is_the_nearest_quarter_of_an_hour() -> None:
    got = taken(fit.activity([at(NINE)], offset=timedelta(hours=7, seconds=2)), "Asia/Bangkok")
    assert got.tz_source == "participant_home"


@pytest.mark.parametrize("offset", [timedelta(days=-11527), timedelta(hours=20), timedelta(minutes=7)])
def test_an_offset_that_cannot_be_is_not_believed(offset: timedelta) -> None:
    got = taken(fit.activity([at(NINE)], offset=offset), "America/New_York")
    assert got.tz_source == "participant_home"


def test_without_a_local_time_the_log_says_where_the_person_was() -> None:
    got = taken(fit.activity([at(NINE.replace(hour=3))], local_time=False), "America/New_York")
    assert got.sessions["local_date"].to_list() == [date(2026, 3, 1)]


def test_clocks_that_change_during_a_session_are_known_from_the_log() -> None:
    start = datetime(2026, 3, 7, 23, 30, tzinfo=NEW_YORK)
    session = fit.Session(start, timedelta(hours=25))  # to the midnight after the 23 hours of 8 March, and beyond
    got = taken(fit.activity([session], offset=timedelta(hours=-4)), "America/New_York")
    assert got.tz_source == "participant_home"
    hours = [part["end_time"] - part["start_time"] for part in got.sessions["parts"].to_list()[0]]
    assert hours == [timedelta(minutes=30), timedelta(hours=23), timedelta(minutes=90)]


def test_a_chain_gives_the_sessions_of_each_activity_and_ignores_the_settings() -> None:
    first, second = fit.activity([at(NINE)]), fit.activity([at(NINE + timedelta(hours=5))], serial=7)
    got = taken(fit.other(2) + first + second)
    assert got.sessions["start_time"].to_list() == [NINE, NINE + timedelta(hours=5)]
    assert got.sessions["device"].n_unique() == 2


def test_heart_rates_chained_behind_a_swim_are_no_unfinished_recording() -> None:
    strap = fit.Records()
    strap.put(132, {253: fit.seconds(NINE), 9: 1_272_022_016})
    assert taken(fit.activity([at(NINE, sport=5)]) + strap.file()).sessions.height == 1


def test_a_chain_with_an_unfinished_recording_is_refused_whole() -> None:
    assert "no session message" in refusal(fit.activity([at(NINE)]) + fit.activity([])).found


@pytest.mark.parametrize(
    ("maker", "source"), [(1, "garmin"), (23, "suunto"), (294, "coros"), (265, "strava"), (9999, "fit")]
)
def test_the_source_is_the_maker(maker: int, source: str) -> None:
    assert one(at(NINE), maker=maker)["source"] == source


def test_the_device_is_a_pseudonym_and_unknown_without_a_serial_number() -> None:
    device = one(at(NINE), serial=3_912_345_678)["device"]
    assert device == one(at(NINE + timedelta(days=1)), serial=3_912_345_678)["device"]
    assert device != one(at(NINE), serial=3_912_345_679)["device"]
    assert "3912345678" not in device
    assert one(at(NINE), serial=None)["device"] is None


@pytest.mark.parametrize("kind", [1, 2, 3, 5, 6, 9, 14, 44, 49, 68, 70])
def test_other_fit_files_are_ignored_with_what_they_are(kind: int) -> None:
    why = connectors.identify(an_export(fit.other(kind)))
    assert isinstance(why, Ignored)
    assert why.why.startswith("FIT ")
    assert why.why.endswith("holds no movement")


def test_a_fit_file_of_a_kind_nobody_knows_is_refused_and_not_ignored() -> None:
    assert refusal(fit.other(20)).found == "type 20"


def test_a_developer_field_does_not_change_the_timer() -> None:
    assert one(at(NINE), developer={8: 77})["timer_ms"] == 1_800_000


def test_big_endian_and_compressed_files_give_the_same_session() -> None:
    session = at(NINE, cycles=10, pauses=[(NINE + timedelta(minutes=5), timedelta(seconds=77))])
    assert one(session) == one(session, big_endian=True) == one(session, compressed=True)


def test_positions_names_and_profiles_are_never_unpacked() -> None:
    wanted = garmin_fit_activity.WANTED
    assert set(wanted) == {18, 21, 34}
    assert {3, 4, 29, 30, 31, 32, 38, 39, 110}.isdisjoint(wanted[18])


def test_the_order_of_files_does_not_matter() -> None:
    with_app, plain = fit.activity([at(NINE)], developer={8: 1}), fit.activity([at(NINE)])
    before = taken(plain).sessions
    taken(with_app)
    assert taken(plain).sessions.equals(before)
    assert isinstance(before, pl.DataFrame)
    assert someone_in().zones.home == "UTC"
