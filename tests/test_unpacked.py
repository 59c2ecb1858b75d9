"""An export that was unpacked into folders is the same as its zip: for every vendor, rows, companions and faults."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from tests.goldens import samples
from tests.studies import StudyFolder, read_here
from tests.test_zip import packed

TCX = b'<TrainingCenterDatabase xmlns="http://www.garmin.com/xmlschemas/TrainingCenterDatabase/v2"/>'
# What travels with an export, known by where it lies in it.
COMPANIONS = {
    "apple_health": {"apple_health_export/electrocardiograms/ecg_2026-03-01.csv": b"Name,x\n",
                     "apple_health_export/workout-routes/route.gpx": b"<gpx>Apple Health Export</gpx>"},
    "fitbit_takeout": {"Takeout/Fitbit/Your Profile/Profile.csv": b"id,full_name\n1,x\n"},
    "garmin_account": {"DI_CONNECT/DI-Connect-User/user_profile.json": b'{"userName": "x"}',
                       "DI_CONNECT/DI-Connect-Wellness/2026-03-01_sleepData.json": b"[]"},
    "google_fit": {"Takeout/Fit/Activities/2026-03-03T10_00_00-05_00_PT20M_Walking.tcx": TCX},
    "huawei": {"Motion path detail data & description/motion path detail data.json": b"[]"},
    "oura": {"App Data/sleep.csv": b"id,day\n1,2026-03-01\n"},
    "samsung_health": {"samsunghealth_a_20260607134546/jsons/com.samsung.shealth.exercise/0/a.json": b"{}"},
    "strava": {"export_1/activities/1.tcx.gz": gzip.compress(TCX), "export_1/media/1.jpg": b"\xff\xd8"},
    "withings": {"data_ANN_1775000000/sleep.csv": b"from,to\n"},
}  # fmt: skip
STRANGE = {"strange/part_1.bin": b"1", "strange/part_2.bin": b"2"}


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A night of a study in which everybody of Z... hands in a zip and everybody of F... what is in it."""
    study = StudyFolder(tmp_path_factory.mktemp("unpacked") / "study", infusions=[], goals=[])
    study.participants = [f"{way}-{name},,," for name in samples() for way in "ZF"]
    study.write()
    for name, make in samples().items():
        files = make() | COMPANIONS.get(name, {}) | STRANGE
        study.put(f"Z-{name}/export.zip", packed(files))
        for path, content in files.items():
            study.put(f"F-{name}/export/{path}", content)
    with pytest.MonkeyPatch.context() as patched:
        read_here(patched)
        assert study.night().is_clean
    return study


def told(study: StudyFolder, way: str, sql: str) -> list[tuple]:
    """Rows of one way of handing in, the names of people without it."""
    own = f"(SELECT * REPLACE (participant_id[3:] AS participant_id) FROM {{}} WHERE participant_id LIKE '{way}-%')"
    return study.ask(
        sql.format(*(own.format(name) for name in ("daily_activity", "session", "source_file", "rejection")))
    )


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT * FROM {0} ORDER BY ALL",
        "SELECT * EXCLUDE (session_id) FROM {1} ORDER BY ALL",
        """SELECT participant_id, sha256, status, connector, connector_version, source, covers_from, covers_to, rows
           FROM {2} WHERE coalesce(connector, '') NOT IN ('zip', 'gzip') ORDER BY ALL""",
        "SELECT * FROM {3} ORDER BY ALL",
    ],
    ids=["days", "sessions", "files", "faults"],
)
def test_an_export_in_folders_says_what_its_zip_says(both: StudyFolder, sql: str) -> None:
    assert told(both, "F", sql) == told(both, "Z", sql)


def test_every_sample_gives_something_and_what_no_reader_knows_is_one_line(both: StudyFolder) -> None:
    loaded = {who for (who,) in both.ask("SELECT DISTINCT participant_id FROM source_file WHERE status = 'loaded'")}
    assert loaded == {f"{way}-{name}" for name in samples() for way in "ZF"}
    strange = "SELECT participant_id, count(*) FROM source_file WHERE status = 'unknown' GROUP BY ALL"
    assert dict(both.ask_store(strange)) == dict.fromkeys(loaded, len(STRANGE))
    assert both.ask("FROM rejection") == []


def test_an_unknown_file_is_a_rejection_where_nothing_around_it_is_known(study: StudyFolder, monkeypatch) -> None:
    read_here(monkeypatch)
    study.put("P1/alone.bin", b"1")
    study.put("P1/holiday/part.bin", b"2")
    study.put("P1/holiday/beach.jpg", b"\xff\xd8\xff1")  # a picture is of no vendor
    study.put("P1/holiday/sea.jpg", b"\xff\xd8\xff2")  # one of a folder speaks for all
    study.put("P1/holiday.zip", packed({"x.bin": b"3", "y.jpg": b"\xff\xd8\xff"}))
    assert len(study.night().new_faults) == 5
    sample = samples()["fitbit_dashboard"]()
    for name, content in sample.items():
        study.put(f"P1/holiday/{name}", content)
    assert study.night().is_clean  # now it lies in an export that is known
    assert study.ask("SELECT count(*) FROM rejection") == [(3,)]
    for name in sample:
        Path(study.folder / f"inbox/P1/holiday/{name}").unlink()
    assert len(study.night().new_faults) == 2
    assert study.ask("SELECT count(*) FROM rejection") == [(5,)]
