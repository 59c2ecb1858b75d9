"""Files that came together are judged together: parts of an archive, alone, twice, unpacked, written over, gone."""

from __future__ import annotations

from contextlib import closing
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from connectors import bundle_of
from flows.night.begin import begin
from flows.night.folder import Folder
from flows.night.one_file import read_file
from flows.night.run import Run, Scope
from flows.night.steps import read_control_files
from models.fault import Fault
from models.store.batch import Batch
from models.store.file import migrate
from models.store.file_result import FileResult
from models.store.load import load
from models.store.resolve import resolve
from models.store.rows import forget_rows
from models.store.sql import sql_files
from tests.goldens import CONTEXT, export_of
from tests.studies import StudyFolder, at, minutes, worn_from
from tests.writers import actigraph, fitbit

FEBRUARY, MARCH, APRIL = "2026-02-20", "2026-03-20", "2026-04-20"


class Came(NamedTuple):
    """Files that came together, below a path or in an archive; one without content could not be read."""

    where: str
    files: tuple[tuple[str, bytes | None], ...]
    archive: str | None


def came(where: str, *files: tuple[str, bytes | None], archive: str | None = None) -> Came:
    return Came(where, files, archive)


def steps(day: str, each: int = 100) -> tuple[str, bytes]:
    """An hour of steps of a day, as a part of an account's archive."""
    return f"steps_{day}.csv", fitbit.steps({None: minutes(at(f"{day} 10:00"), [each] * 60)})


def beats(day: str) -> tuple[str, bytes]:
    """A day's heart beats."""
    return f"heart_rate_{day}.csv", fitbit.heart_rate({None: worn_from(at(f"{day} 08:00"), 14)})


def recorder(number: int) -> tuple[str, bytes]:
    """What one of several recorders counted at a time."""
    return f"{number}.csv", actigraph.epochs_of_cloud(1774000020 + number, [30] * (20 + number), serial=f"T{number}")


OLD = came("old.zip", steps(FEBRUARY), steps(MARCH), beats(MARCH), archive="a")
NEW = came("new.zip", steps(FEBRUARY, 50), steps(APRIL), archive="b")
OLD_STEPS = came("old.zip", steps(FEBRUARY), steps(MARCH), archive="a")
OLD_MARCH = came("old.zip", steps(MARCH), beats(MARCH), archive="a")
# The steps and hours of wear of every day with either, after what came for a person, night by night.
CASES: dict[str, tuple[dict[str, tuple], *tuple[Came, ...]]] = {
    "an archive deletes between its parts what an older one had": ({FEBRUARY: (3000, 1), APRIL: (6000, 1)}, OLD, NEW),
    "the older archive may come last": ({FEBRUARY: (3000, 1), APRIL: (6000, 1)}, NEW, OLD),
    "a part alone deletes nothing that it does not tell": (
        {MARCH: (6000, 14), APRIL: (None, 14)}, OLD_MARCH, came("", steps(MARCH, 50), beats(APRIL))
    ),
    "what two archives have stands with the newer": (
        {FEBRUARY: (6000, 1), APRIL: (6000, 1)}, OLD_STEPS, came("new.zip", steps(FEBRUARY), steps(APRIL), archive="b")
    ),
    "an archive of nothing but known parts deletes as well": (
        {FEBRUARY: (6000, 1), APRIL: (6000, 14)}, OLD_STEPS, came("more.zip", steps(APRIL), beats(APRIL), archive="b"),
        came("new.zip", steps(FEBRUARY), steps(APRIL), beats(APRIL), archive="c")
    ),
    "an archive of which a part was rejected deletes only what its other parts tell": (
        {FEBRUARY: (6000, 1), MARCH: (6000, 14), APRIL: (6000, 1)}, OLD_MARCH,
        came("new.zip", ("heart_rate.csv", None), steps(FEBRUARY), steps(APRIL), archive="b")
    ),
    "an archive unpacked is what it is packed": (
        {FEBRUARY: (3000, 1), APRIL: (6000, 1)},
        came("march/Takeout/Fitbit", *OLD.files), came("april/Takeout/Fitbit", *NEW.files)
    ),
    "parts in any other folder are each by themselves": (
        {FEBRUARY: (6000, 1), MARCH: (6000, 14), APRIL: (6000, 1)},
        came("box", steps(MARCH), beats(MARCH)), came("box 2", steps(FEBRUARY), steps(APRIL))
    ),
    "a part that was written over is no part any more": (
        {FEBRUARY: (6000, 1), APRIL: (6000, 1)}, came("Takeout", steps(FEBRUARY), steps(MARCH)),
        came("Takeout", steps(FEBRUARY), (steps(MARCH)[0], steps(APRIL)[1]))
    ),
    "when an export goes what it had replaced is back": (
        {FEBRUARY: (6000, 1), MARCH: (6000, 1)}, OLD_STEPS, NEW, came("new.zip")
    ),
    "two recorders at one time do not replace each other": (
        {MARCH: (2430, 1)}, came("", recorder(0)), came("", recorder(60))
    ),
    "a date inside what was told is corrected and any other is late": (
        {"2026-03-10": (6000, 1), "2026-03-15": (6000, 1), "2026-03-24": (6000, 1)},
        came("old.zip", steps("2026-03-10"), steps(MARCH), archive="a"),
        came("new.zip", steps("2026-03-15"), steps("2026-03-24"), archive="b")
    ),
}  # fmt: skip
PEOPLE = {case: f"P{number}" for number, case in enumerate(CASES)}


class Nights(NamedTuple):
    """What nights over all people left."""

    days: dict[str, dict[str, tuple]]  # by person
    causes: list[dict[str, dict[str, str]]]  # why days were stale, by night and person
    recorded: dict[str, list[int]]  # steps by each source of a day, by person


def read(who: str, came: Came) -> list[FileResult]:
    """The files as a run reads them."""
    results = []
    for name, content in came.files:
        path = f"{who}/{came.where}{'!/' if came.archive else '/'}{name}"
        blank = FileResult(who, path, len(content or b""), 0, None, "", export=bundle_of(path, came.archive))
        if content is None:
            fault = Fault("header", "another column", "what it has", "ask")
            results.append(replace(blank, sha256="f", connector="fitbit_takeout", connector_version=2, rejected=fault))
        elif result := read_file(export_of(name, content), blank, Folder(CONTEXT, {})):
            results.append(result)
    return results


def take_out(run: Run, who: str, where: str) -> None:
    """An export is gone."""
    below = "FROM source_file WHERE participant_id = ? AND path LIKE ?"
    gone = [n for (n,) in run.store.con.execute(f"SELECT file_id {below}", [who, f"{who}/{where}%"]).fetchall()]
    assert gone
    forget_rows(run.store, gone, "file_unloaded")
    run.store.con.execute("DELETE FROM source_file WHERE file_id IN (SELECT unnest(?))", [gone])


def by_person(rows: list[tuple]) -> dict[str, list[tuple]]:
    return {who: [tuple(row) for name, *row in rows if name == who] for who in PEOPLE.values()}


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """All cases in one study, each a person's."""
    study = StudyFolder(tmp_path_factory.mktemp("together"), [f"{who},,," for who in PEOPLE.values()], [], []).write()
    run = begin(study.folder, Scope())
    read_control_files(run)
    causes = []
    with closing(run.store) as store:
        for all_came in zip_longest(*(arrivals for _, *arrivals in CASES.values())):
            for who, together in zip(PEOPLE.values(), all_came, strict=True):
                if together and together.files:
                    load(store, Batch.of(read(who, together)), "1", run.run_id)
                elif together:
                    take_out(run, who, together.where)
            why = "SELECT DISTINCT participant_id, local_date::TEXT, cause FROM stale_day ORDER BY ALL"
            causes.append({who: dict(days) for who, days in by_person(store.rows(why)).items()})
            resolve(store, {who: run.study.zone_log(who) for who in run.people})
        days = store.rows(
            "SELECT participant_id, local_date::TEXT, steps, wear_ms // 3600000 FROM day "
            "WHERE steps IS NOT NULL OR wear_ms > 0"
        )
        sources = by_person(store.rows("SELECT participant_id, steps FROM source_day ORDER BY ALL"))
    found = {who: {day: tuple(rest) for day, *rest in rows} for who, rows in by_person(days).items()}
    return Nights(found, causes, {who: [n for (n,) in rows] for who, rows in sources.items()})


@pytest.mark.parametrize("case", CASES)
def test_of_what_came_together(case: str, nights: Nights) -> None:
    assert nights.days[PEOPLE[case]] == CASES[case][0]


def test_two_recorders_at_one_time_do_not_replace_each_other(nights: Nights) -> None:
    assert nights.recorded[PEOPLE["two recorders at one time do not replace each other"]] == [600, 2400]


def test_a_date_inside_what_was_told_is_corrected_and_any_other_is_late(nights: Nights) -> None:
    who = PEOPLE["a date inside what was told is corrected and any other is late"]
    first, second, _ = (night[who] for night in nights.causes)
    assert set(first.values()) == {"late_data"}
    assert second["2026-03-15"] == second["2026-03-19"] == "corrected_data"
    assert second[MARCH] == second["2026-03-21"] == second["2026-03-24"] == "late_data"


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
            migrate(con, text)
        assert dict(con.execute("SELECT path, export FROM source_file").fetchall()).items() >= dict(ARCHIVES).items()
