"""Files that came together are judged together: parts of an archive, alone, twice, unpacked, written over, gone."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from connectors import bundle_of
from flows.night.begin import begin
from flows.night.reading import Folder, _read_file
from flows.night.run import Run, Scope
from flows.night.steps import read_control_files
from models.fault import Fault
from models.store.file_result import FileResult
from models.store.load import load
from models.store.resolve import resolve
from models.store.rows import forget_rows
from models.store.sql import sql_files
from tests.goldens import CONTEXT, export_of
from tests.studies import StudyFolder, at, minutes, worn_from
from tests.writers import actigraph, fitbit

FEBRUARY, MARCH, APRIL = "2026-02-20", "2026-03-20", "2026-04-20"


@pytest.fixture
def run(study: StudyFolder):
    """A run of a study without files."""
    walked = begin(study.folder, Scope())
    read_control_files(walked)
    yield walked
    walked.store.close()


def steps(day: str, each: int = 100) -> tuple[str, bytes]:
    """An hour of steps of a day, as a part of an account's archive."""
    return f"steps_{day}.csv", fitbit.steps({None: minutes(at(f"{day} 10:00"), [each] * 60)})


def beats(day: str) -> tuple[str, bytes]:
    """A day's heart beats."""
    return f"heart_rate_{day}.csv", fitbit.heart_rate({None: worn_from(at(f"{day} 08:00"), 14)})


def come(run: Run, where: str, *files: tuple[str, bytes], archive: str | None = None) -> list[tuple]:
    """Files come together, below a path or in an archive, and a night follows; returns (date, why it was stale)."""
    folder = Folder(CONTEXT, {})
    results = []
    for name, content in files:
        path = f"P1/{where}{'!/' if archive else '/'}{name}"
        blank = FileResult("P1", path, len(content), 0, None, "", export=bundle_of(path, archive))
        result = _read_file(export_of(name, content), blank, folder)
        assert result is not None
        results.append(result)
    load(run.store, results, "1", run.run_id)
    return night(run)


def night(run: Run) -> list[tuple]:
    causes = run.store.rows("SELECT DISTINCT local_date::TEXT, cause FROM stale_day ORDER BY ALL")
    resolve(run.store, {who: run.study.zone_log(who) for who in run.people})
    return causes


def told(run: Run) -> dict[str, tuple]:
    """Steps and wear of every day with either."""
    sql = "SELECT local_date::TEXT, steps, wear_ms // 3600000 FROM day WHERE steps IS NOT NULL OR wear_ms > 0"
    return {day: (counted, worn) for day, counted, worn in run.store.rows(sql)}


def test_an_archive_deletes_between_its_parts_what_an_older_one_had(run: Run) -> None:
    come(run, "old.zip", steps(FEBRUARY), steps(MARCH), beats(MARCH), archive="a")
    assert set(told(run)) == {FEBRUARY, MARCH}
    come(run, "new.zip", steps(FEBRUARY, 50), steps(APRIL), archive="b")
    assert {day: counted for day, (counted, _) in told(run).items()} == {FEBRUARY: 3000, APRIL: 6000}


def test_the_older_archive_may_come_last(run: Run) -> None:
    come(run, "new.zip", steps(FEBRUARY, 50), steps(APRIL), archive="b")
    come(run, "old.zip", steps(FEBRUARY), steps(MARCH), beats(MARCH), archive="a")
    assert {day: counted for day, (counted, _) in told(run).items()} == {FEBRUARY: 3000, APRIL: 6000}


def test_a_part_alone_deletes_nothing_that_it_does_not_tell(run: Run) -> None:
    come(run, "old.zip", steps(MARCH), beats(MARCH), archive="a")
    come(run, "", steps(MARCH, 50), beats(APRIL))
    assert told(run)[MARCH][1] == 14


def test_what_two_archives_have_stands_with_the_newer(run: Run) -> None:
    come(run, "old.zip", steps(FEBRUARY), steps(MARCH), archive="a")
    come(run, "new.zip", steps(FEBRUARY), steps(APRIL), archive="b")
    assert set(told(run)) == {FEBRUARY, APRIL}


def test_an_archive_of_nothing_but_known_parts_deletes_as_well(run: Run) -> None:
    come(run, "old.zip", steps(FEBRUARY), steps(MARCH), archive="a")
    come(run, "more.zip", steps(APRIL), beats(APRIL), archive="b")
    come(run, "new.zip", steps(FEBRUARY), steps(APRIL), beats(APRIL), archive="c")
    assert set(told(run)) == {FEBRUARY, APRIL}


def test_an_archive_of_which_a_part_was_rejected_deletes_only_what_its_other_parts_tell(run: Run) -> None:
    come(run, "old.zip", steps(MARCH), beats(MARCH), archive="a")
    fault = Fault("header", "another column", "what it has", "ask")
    unread = FileResult("P1", "P1/new.zip!/heart_rate.csv", 1, 0, "f", "", "fitbit_takeout", 2, rejected=fault,
                        export=bundle_of("P1/new.zip!/heart_rate.csv", "b"))  # fmt: skip
    load(run.store, [unread], "1", run.run_id)
    come(run, "new.zip", steps(FEBRUARY), steps(APRIL), archive="b")
    assert told(run)[MARCH][1] == 14


def test_an_archive_unpacked_is_what_it_is_packed(run: Run) -> None:
    come(run, "march/Takeout/Fitbit", steps(FEBRUARY), steps(MARCH), beats(MARCH))
    come(run, "april/Takeout/Fitbit", steps(FEBRUARY, 50), steps(APRIL))
    assert {day: counted for day, (counted, _) in told(run).items()} == {FEBRUARY: 3000, APRIL: 6000}


def test_parts_in_any_other_folder_are_each_by_themselves(run: Run) -> None:
    come(run, "box", steps(MARCH), beats(MARCH))
    come(run, "box 2", steps(FEBRUARY), steps(APRIL))
    assert set(told(run)) == {FEBRUARY, MARCH, APRIL}


def test_a_part_that_was_written_over_is_no_part_any_more(run: Run) -> None:
    come(run, "Takeout", steps(FEBRUARY), steps(MARCH))
    come(run, "Takeout", steps(FEBRUARY), (steps(MARCH)[0], steps(APRIL)[1]))
    assert set(told(run)) == {FEBRUARY, APRIL}


def test_when_an_export_goes_what_it_had_replaced_is_back(run: Run) -> None:
    come(run, "old.zip", steps(FEBRUARY), steps(MARCH), archive="a")
    before = told(run)
    come(run, "new.zip", steps(FEBRUARY, 50), steps(APRIL), archive="b")
    gone = [n for (n,) in run.store.rows("SELECT file_id FROM source_file WHERE path LIKE 'P1/new.zip%'")]
    forget_rows(run.store, gone, "file_unloaded")
    run.store.con.execute("DELETE FROM source_file WHERE file_id IN (SELECT unnest(?))", [gone])
    night(run)
    assert told(run) == before


def test_two_recorders_at_one_time_do_not_replace_each_other(run: Run) -> None:
    hip, wrist = (
        (f"{n}.csv", actigraph.epochs_of_cloud(1774000020 + n, [30] * (20 + n), serial=f"T{n}")) for n in (0, 60)
    )
    come(run, "", hip)
    come(run, "", wrist)
    assert sorted(run.store.rows("SELECT steps FROM source_day")) == [(600,), (2400,)]


def test_a_date_inside_what_was_told_is_corrected_and_any_other_is_late(run: Run) -> None:
    assert {cause for _, cause in come(run, "old.zip", steps("2026-03-10"), steps(MARCH), archive="a")} == {"late_data"}
    causes = dict(come(run, "new.zip", steps("2026-03-15"), steps("2026-03-24"), archive="b"))
    assert causes["2026-03-15"] == causes["2026-03-19"] == "corrected_data"
    assert causes[MARCH] == causes["2026-03-21"] == causes["2026-03-24"] == "late_data"


ARCHIVES = [
    ("P1/export.zip!/Takeout/Fitbit/steps.csv", "sha/Takeout"),
    ("P1/export.zip!/polar.json", "sha/"),
    ("P1/old/takeout-20260309T101112Z-001.zip!/Takeout/Fit/x.csv", "takeout-20260309T101112Z/Takeout"),
    ("P1/takeout-20260309T101112Z-1-002.tgz!/Takeout/Fit/x.csv", "takeout-20260309T101112Z/Takeout"),
    ("P1/box.zip!/takeout-20260309T101112Z-001.zip/Takeout/Fit/x.csv", "sha/takeout-20260309T101112Z/Takeout"),
    ("P1/box.zip!/polar 1.zip/activity.json", "sha/polar 1.zip"),
    ("P1/box.zip!/a/data_ANN_1775000000/activities.csv", "sha/a/data_ANN_1775000000"),
    ("P1/old/samsunghealth_a_20260607134546/com.samsung.csv", "/old/samsunghealth_a_20260607134546"),
    ("P1/3070000001_1775000000000/SPORT/SPORT_1.csv", "/3070000001_1775000000000"),
    ("P1/DI_CONNECT/DI-Connect-Aggregator/UDSFile.json", "/DI_CONNECT"),
    ("P1/garmin/2026-03-09.fit", None),
    ("P1/Takeout", None),
]


@pytest.mark.parametrize(("path", "export"), ARCHIVES)
def test_what_came_together_is_told_by_the_archive_and_its_own_folder(path: str, export: str | None) -> None:
    assert bundle_of(path, "sha") == export


def test_an_old_store_learns_the_same_of_its_paths(tmp_path: Path) -> None:
    with duckdb.connect() as con:
        for name, text in sql_files("migrations"):
            if name == "012_exports.sql":
                for path in {path.partition("!/")[0] for path, _ in ARCHIVES} | {path for path, _ in ARCHIVES}:
                    con.execute(
                        "INSERT INTO source_file (file_id, participant_id, path, sha256) VALUES (1, 'P1', ?, 'sha')",
                        [path],
                    )
            con.execute(text)
        assert dict(con.execute("SELECT path, export FROM source_file").fetchall()).items() >= dict(ARCHIVES).items()
