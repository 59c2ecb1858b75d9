"""What is read from activity files of their own (TCX, GPX), and that one activity in two files counts once."""

from __future__ import annotations

import gzip
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

import connectors
from connectors import Context, Ignored
from flows.answers.status import look
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Rejected
from models.study.folder import read_study
from tests.mutating import export, survives
from tests.studies import StudyFolder
from tests.test_zip import packed
from tests.writers import fit, health_connect, strava
from tests.writers.tracks import SAMPLES, activity, gpx, tcx

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
NINE = datetime(2026, 3, 9, 13, tzinfo=UTC)  # 09:00 in New York
MINUTE = timedelta(minutes=1)
COLLECTED = Path(__file__).parents[2] / "shared/data/exports2/activity_files"
real = pytest.mark.skipif(not COLLECTED.exists(), reason="the collected exports are not beside this checkout")


def read(content: bytes, name: str) -> Extract:
    kind = connectors.identify(export(content, name))
    assert isinstance(kind, str)
    return connectors.extract(kind, export(content, name), CONTEXT)


def spans(result: Extract) -> list[tuple]:
    return [
        (s["activity"], s["start_time"], s["end_time"] - s["start_time"], s["timer_ms"] / 60_000, len(s["parts"]))
        for s in result.sessions.to_dicts()
    ]


def test_the_timer_is_the_sum_of_the_laps_and_a_pause_is_none_of_it() -> None:
    laps = [(NINE, 600), (NINE + 15 * MINUTE, 300)]
    assert spans(read(tcx(activity("Walking", laps, last=NINE + 20 * MINUTE)), "a.tcx")) == [
        ("walking", NINE, 20 * MINUTE, 15, 2)
    ]


def test_without_points_it_ends_with_its_timer_and_without_id_it_begins_with_its_lap() -> None:
    assert spans(read(tcx(activity("Other", [(NINE, 90.5)])), "a.tcx")) == [
        ("other", NINE, timedelta(seconds=90.5), 90.5 / 60, 1)
    ]


def test_several_activities_are_several_sessions_and_blanks_before_the_xml_do_no_harm() -> None:
    two = tcx(activity("Running", [(NINE, 60)]), activity("Biking", [(NINE + 60 * MINUTE, 60)]))
    assert [row[0] for row in spans(read(b"          " + two, "a.tcx"))] == ["running", "cycling"]


@pytest.mark.parametrize("empty", ["<Extensions />", "<Extensions/>", '<Notes xml:space="preserve" />'])
def test_an_empty_element_takes_nothing_behind_it_away(empty: str) -> None:
    first, second = (
        f'<Lap StartTime="2026-03-09T13:{n}0:00Z"><TotalTimeSeconds>600</TotalTimeSeconds>' for n in (0, 1)
    )
    rest = "<Notes>x</Notes><Extensions><a/></Extensions></Lap>"
    both = f'<Activity Sport="Running"><Id>2026-03-09T13:00:00Z</Id>{first}{empty}</Lap>{second}{rest}</Activity>'
    assert [row[3] for row in spans(read(tcx(both), "a.tcx"))] == [20]


def test_a_time_with_an_offset_dates_the_activity_where_the_person_was() -> None:
    late = activity("Walking", [(datetime(2026, 3, 9, 18, 30, tzinfo=UTC), 60)], begins="2026-03-10T03:30:00+09:00")
    result = read(tcx(late), "a.tcx")
    assert (result.sessions["local_date"].to_list(), result.tz_source) == ([date(2026, 3, 10)], "record_offset")


@pytest.mark.parametrize(
    ("content", "name", "place"),
    [
        (tcx(activity("Running", [(NINE, 60)], begins="yesterday")), "a.tcx", "Id"),
        (tcx(activity("Running", [(NINE, 60)])).replace(b">60<", b">-60<"), "a.tcx", "TotalTimeSeconds"),
        (tcx('<Activity Sport="Running"></Activity>'), "a.tcx", "activity 1"),
        (tcx(activity("Running", [(NINE, 60)]))[:-60], "a.tcx", "before byte"),
        (gpx([[NINE]]).replace(b"2026-03-09T13", b"13"), "a.gpx", "time"),
    ],
)
def test_what_cannot_be_read_is_rejected_at_its_place(content: bytes, name: str, place: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(content, name)
    assert caught.value.fault.place.startswith(place)


def test_a_track_runs_while_its_stretches_do_and_its_kind_is_never_taken_from_the_title() -> None:
    stretches = [[NINE, NINE + MINUTE, NINE + 20 * MINUTE], [NINE + 30 * MINUTE, NINE + 45 * MINUTE]]
    assert spans(read(gpx(stretches, "walking"), "a.gpx")) == [("walking", NINE, 45 * MINUTE, 35, 2)]
    assert spans(read(gpx(stretches), "a.gpx")) == [("other", NINE, 45 * MINUTE, 35, 2)]


@pytest.mark.parametrize(
    ("points", "minutes"),
    [
        ([0, 30, 2 * 24 * 60], 30),  # one stray point, two days later
        ([0, 10, 70, 80], 80),  # an hour without one
        ([0, 10, 71, 80], 19),
        ([30, 20, 0], 30),  # written backwards
    ],
)
def test_a_track_does_not_run_where_nobody_wrote_a_point_for_over_an_hour(points: list[int], minutes: int) -> None:
    ((_, _, elapsed, timer, _),) = spans(read(gpx([[NINE + at * MINUTE for at in points]], "walking"), "a.gpx"))
    assert timer == minutes
    assert elapsed <= 80 * MINUTE


@pytest.mark.parametrize(
    "content",
    [tcx(), gpx([[NINE]]), gpx([]), b"<gpx><rte><rtept/></rte></gpx>"],
    ids=["course", "point", "none", "route"],
)
def test_a_plan_is_no_session_and_said_to_be_one(content: bytes) -> None:
    result = read(content, "plan.xml")
    assert result.rows == 0
    assert result.notes


def test_a_tcx_without_anything_is_called_no_course() -> None:
    assert read(tcx(), "a.tcx").notes == ["no activity in it"]
    course = tcx().replace(b"<Activities></Activities>", b"<Courses><Course><Name>Home</Name></Course></Courses>")
    assert read(course, "a.tcx").notes == ["a planned course, no activity: nothing in it was done"]


def test_in_a_takeout_google_fits_own_copy_of_a_session_is_not_read() -> None:
    content = tcx(activity("Walking", [(NINE, 60)]))
    assert isinstance(connectors.identify(export(content, "Takeout/Fit/Activities/a.tcx")), Ignored)
    assert connectors.identify(export(content, "a.tcx")) == "tcx"


@pytest.mark.parametrize("kind", sorted(SAMPLES))
def test_damage_is_refused_cleanly_or_read(kind: str) -> None:
    ((name, content),) = SAMPLES[kind]().items()
    survives(content, name, CONTEXT, lambda result: result.sessions.rows())


def recorded(start: datetime, minutes: int = 30) -> bytes:
    return fit.activity([fit.Session(start, minutes * MINUTE, sport=11)])


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A night of people who each hand in one walk in two files, or nearly one, or another that is only seen there."""
    handed: dict[str, dict[str, bytes]] = {
        who: {
            "a.fit": recorded(NINE),
            "b.tcx.gz": gzip.compress(tcx(activity("Other", [(NINE + later, minutes * 60)]))),
        }
        for who, later, minutes in (
            ("same", timedelta(seconds=59), 28),
            ("later", timedelta(seconds=61), 30),
            ("shorter", timedelta(0), 26),
        )
    }
    for who, minutes in (("half", 60), ("less", 61)):
        track = gpx([[NINE + at * MINUTE for at in (0, 30, minutes)]], "running")
        handed[who] = {"a.tcx": tcx(activity("Walking", [(NINE, 1800)])), "b.gpx": track}
    files = {
        "export_12345/activities/1.fit.gz": gzip.compress(recorded(NINE)),
        "export_12345/activities/2.gpx": gpx([[NINE + 60 * MINUTE, NINE + 80 * MINUTE]], "10"),
    }
    written = health_connect.Record(NINE, NINE + 60 * MINUTE, 53, by_hand=True)
    handed["typed"] = {
        "a.gpx": gpx([[NINE, NINE + 40 * MINUTE]], "walking"),
        "b.db": health_connect.database(sessions=[written]),
    }
    listed = [strava.Activity("Mar 9, 2026, 1:00:20 PM", kind="Walk", elapsed=1900, moving=1800)]
    handed["unlisted"] = {"export_12345.zip": packed(files)}
    handed["listed"] = {"export_12345.zip": packed(files | {"export_12345/activities.csv": strava.listing(listed)})}
    walks = [fit.Session(NINE + serial * MINUTE, 30 * MINUTE, cycles=1000) for serial in (1, 2)]
    handed["two-watches"] = {f"{n}.fit": fit.activity([walk], serial=n) for n, walk in enumerate(walks, 1)}
    three = [("1:00:20 PM", 3000), ("1:00:40 PM", 3010), ("3:00:00 PM", 500)]
    listed = [strava.Activity(f"Mar 9, 2026, {at}", elapsed=1800, steps=steps) for at, steps in three]
    handed["list"] = {"export_1.zip": packed({"export_1/activities.csv": strava.listing(listed)})}
    handed["no-kind"] = {"a.gpx": gpx([[NINE, NINE + MINUTE]])}
    study = StudyFolder(tmp_path_factory.mktemp("tracks") / "study", infusions=[], goals=[])
    study.participants = [f"{who},,," for who in handed]
    study.write()
    for who, contents in handed.items():
        for name, content in contents.items():
            study.put(f"{who}/{name}", content)
    assert study.night().is_clean
    return study


@pytest.mark.parametrize(
    ("who", "sessions"),
    [
        # a TCX of what a FIT file tells counts once: the start within a minute, the length within a tenth
        ("same", [("garmin", "walking", 1800)]),
        ("later", [("garmin", "walking", 1800), ("tcx", "other", 1800)]),
        ("shorter", [("garmin", "walking", 1800), ("tcx", "other", 1560)]),
        # a GPX half of which another file tells is not used
        ("half", [("tcx", "walking", 1800)]),
        ("less", [("gpx", "running", 3660), ("tcx", "walking", 1800)]),
        # what was typed in takes no track away
        ("typed", [("gpx", "walking", 2400), ("health_connect", "walking", 3600)]),
        # the files of Strava's archive count where its list is missing, or does not have them
        ("unlisted", [("garmin", "walking", 1800), ("gpx", "walking", 1200)]),
        ("listed", [("gpx", "walking", 1200), ("strava", "walking", 1900)]),
    ],
)
def test_one_activity_in_two_files_is_one_session(walked: StudyFolder, who: str, sessions: list[tuple]) -> None:
    columns = "source, activity, date_diff('second', start_time, end_time)"
    assert walked.ask(f"SELECT {columns} FROM session WHERE participant_id = '{who}' ORDER BY ALL") == sessions


@real
@pytest.mark.parametrize(
    ("name", "activity", "minutes"),
    [
        ("google_fit_walking_2025.tcx", "walking", 880.444 / 60),
        ("layout_fitbit_walk.tcx", "other", 1865 / 60),
        ("strava_leading_blanks_2016.tcx", "running", None),
        ("strava_type_9_2017.gpx", "running", None),
        ("movescount_no_type_2018.gpx", "other", None),
        ("garmin_road_biking_2019.gpx", "cycling", None),
    ],
)
def test_collected_files_are_read(name: str, activity: str, minutes: float | None) -> None:
    ((found, _, elapsed, timer, _),) = spans(read((COLLECTED / name).read_bytes(), name))
    assert found == activity
    assert timer == pytest.approx(minutes or timer, abs=0.01)
    assert 0 < timer <= elapsed / MINUTE + 1 / 60


def test_one_walk_with_two_watches_is_not_twice_the_steps(walked: StudyFolder) -> None:
    day = walked.day("2026-03-09", "two-watches")
    assert (day["steps"], day["flags"]) == (2000, "session_steps")


def test_one_walk_twice_in_a_list_is_not_twice_the_steps_and_two_walks_are_added(walked: StudyFolder) -> None:
    assert walked.day("2026-03-09", "list")["steps"] == 3510


def test_a_track_of_no_kind_is_said_to_be_one(walked: StudyFolder) -> None:
    said = [finding.what for finding in look(read_study(walked.folder)).findings if finding.kind == "other_activity"]
    assert "1 session of gpx counted as other: their files name no kind that is known" in said


def test_a_kind_that_may_be_anybodys_words_is_taken_over_only_where_it_is_a_known_one() -> None:
    typed, known = (read(gpx([[NINE, NINE + MINUTE]], kind=kind), "a.gpx") for kind in ("walk with Ann", "walking"))
    assert typed.sessions.select("activity", "vendor_activity").rows() == [("other", None)]
    assert known.sessions.select("activity", "vendor_activity").rows() == [("walking", "walking")]
    sport = read(tcx(activity("Ann's stroll", [(NINE, 60)])), "a.tcx")
    assert sport.sessions["vendor_activity"].to_list() == [None]
