"""An export that was unpacked into folders is the same as its zip: for every vendor, rows, companions and faults."""

from __future__ import annotations

import gzip
from collections import Counter
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from flows.answers.finding import NOTE, SOON, Finding
from flows.answers.status import look
from models.study.folder import read_study
from tests.goldens import samples
from tests.studies import StudyFolder, read_here
from tests.test_zip import packed
from tests.together import Person, people, study

__all__ = ["people", "study"]  # the fixtures

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
WAYS = "ZFDB"


@pytest.fixture(scope="module", autouse=True)
def read_in_this_process() -> Iterator[None]:
    """Nothing here damages a reader's process, and to start one costs as much as a night."""
    with pytest.MonkeyPatch.context() as patched:
        read_here(patched)
        yield


@pytest.fixture(scope="module")
def both(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A night of a study in which everybody of Z... hands in a zip, everybody of F... what is in it, of D... the same
    deeper in folders of their own, and of B... folders and zip."""
    study = StudyFolder(tmp_path_factory.mktemp("unpacked") / "study", infusions=[], goals=[])
    study.participants = [f"{way}-{name},,," for name in samples() for way in WAYS]
    study.write()
    for name, make in samples().items():
        files = make() | COMPANIONS.get(name, {}) | STRANGE
        for who in ("Z", "B"):
            study.put(f"{who}-{name}/export.zip", packed(files))
        for path, content in files.items():
            for folder in (f"F-{name}/export", f"D-{name}/from mum/Downloads/export", f"B-{name}/export"):
                study.put(f"{folder}/{path}", content)
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
    in_zip = told(both, "Z", sql)
    for way in "FD" if "{2}" in sql else "FDB":  # what lies there twice is listed twice
        assert told(both, way, sql) == in_zip, way


def test_every_sample_gives_something_and_what_no_reader_knows_is_one_line(both: StudyFolder) -> None:
    loaded = {who for (who,) in both.ask("SELECT DISTINCT participant_id FROM source_file WHERE status = 'loaded'")}
    assert loaded == {f"{way}-{name}" for name in samples() for way in WAYS}
    strange = "SELECT participant_id, count(*) FROM source_file WHERE status = 'unknown' GROUP BY ALL"
    assert dict(both.ask_store(strange)) == dict.fromkeys(loaded, len(STRANGE))
    assert both.ask("FROM rejection") == []
    told = [f for f in look(read_study(both.folder)).findings if f.kind != "same_file"]
    told_of = Counter(f.participant_id for f in told if f.participant_id)
    assert told_of == dict.fromkeys(loaded, 1)


@cache
def findings(folder: Path) -> list[Finding]:
    """What `status` finds in a study that stays as it is."""
    return look(read_study(folder)).findings


def unknown(study: Person) -> list[tuple[str, str]]:
    """How urgent, and what: the findings about a person's files that no reader knows."""
    found = [f for f in findings(study.folder) if (f.participant_id or "").startswith(study.mark)]
    return [(f.urgency, f.what.replace(study.mark, "")) for f in found if "no reader knows" in f.what]


def test_an_account_unpacked_into_the_persons_own_folder_is_one_line_too(study: Person) -> None:
    sample = {f"P1/{path.rpartition('/')[2]}": content for path, content in samples()["withings"]().items()}
    for path, content in sample.items():
        study.put(path, content)
    for n in range(4):
        study.put(f"P1/other_{n}.csv", f"x,y\n{n},1\n")
    assert len(study.night().new_faults) == 4  # so few may be anything
    assert [urgency for urgency, _ in unknown(study)] == [SOON] * 4
    study.put("P1/other_4.csv", "x,y\n4,1\n")
    assert study.night().is_clean
    assert unknown(study) == [(NOTE, "P1: 5 files that no reader knows, beside those that are known")]
    assert study.ask("FROM rejection") == []
    for path in sample:
        study.take_out(path)
    assert len(study.night().new_faults) == 5  # nothing around them is known any more


def test_a_file_that_lies_twice_is_of_the_known_export_whichever_copy_came_first(study: Person) -> None:
    study.participants.append("P2,,,")
    known = samples()["garmin_account"]()
    study.put("P1/part.bin", b"1")
    study.put("P2/export.zip", packed(known | {"part.bin": b"2"}))
    assert len(study.night().new_faults) == 1
    study.put("P1/export.zip", packed(known | {"part.bin": b"1"}))
    study.put("P2/part.bin", b"2")
    study.put("P2/once more.zip", packed(known | {"new.bin": b"3"}))  # all that is known in it was known before
    assert study.night().is_clean
    assert [urgency for urgency, _ in unknown(study)] == [NOTE] * 3
    for who in ("P1", "P2"):
        study.take_out(f"{who}/export.zip")
    assert len(study.night().new_faults) == 2


def test_what_is_an_export_that_did_not_come_through_is_named_among_the_unknown(study: Person) -> None:
    for path, content in samples()["fitbit_dashboard"]().items():
        study.put(f"P1/from mum/{path}", content)
    for name in ("part.bin", "export.zip.icloud", "diary.csv.gpg"):
        study.put(f"P1/from mum/{name}", name)
    assert study.night().is_clean
    ((urgency, what),) = unknown(study)
    assert urgency == NOTE
    assert what.startswith(
        "P1/from mum: 3 files that no reader knows, beside those that are known (such as a placehold"
    )
    assert what.endswith("; an encrypted file)")


def test_many_files_that_no_reader_knows_are_one_line_however_they_lie_and_never_silent(study: Person) -> None:
    study.participants.append("P2,,,")
    for path, content in samples()["garmin_account"]().items():
        study.put(f"P1/{path}", content)
    for n in range(5):
        study.put(f"P1/beside DI_CONNECT {n}/x.json", f'{{"x": {n}}}')
    for n in range(6):
        study.put(f"P2/{n}.csv", f"x,y\n{n},1\n")
    assert len(study.night().new_faults) == 11
    (one, other) = unknown(study)
    assert (one[0], other[0]) == (SOON, SOON)
    assert one[1].startswith("P1: 5 files, found JSON that no reader knows: P1/beside DI_CONNECT 0/x.json, ")
    assert other[1].startswith("P2: 6 files, found a table that no reader knows: P2/0.csv, ")
    assert other[1].endswith("and 1 more")


def test_an_unknown_file_is_a_rejection_where_nothing_around_it_is_known(study: Person) -> None:
    study.put("P1/alone.bin", b"1")
    study.put("P1/holiday/part.bin", b"2")
    study.put("P1/holiday/beach.jpg", b"\xff\xd8\xff1")  # a picture is of no vendor
    study.put("P1/holiday/sea.jpg", b"\xff\xd8\xff2")  # one of a folder speaks for all
    study.put("P1/holiday.zip", packed({"x.bin": b"3", "y.jpg": b"\xff\xd8\xff"}))
    assert len(study.night().new_faults) == 5
    sample = {f"P1/holiday/{name}": content for name, content in samples()["fitbit_dashboard"]().items()}
    for path, content in sample.items():
        study.put(path, content)
    assert study.night().is_clean  # now it lies in an export that is known
    assert study.ask("SELECT count(*) FROM rejection") == [(3,)]
    for path in sample:
        study.take_out(path)
    assert len(study.night().new_faults) == 2
    assert study.ask("SELECT count(*) FROM rejection") == [(5,)]
