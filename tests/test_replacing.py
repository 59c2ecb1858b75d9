"""What replaces what: of every connector an older export and a newer one that corrects, shortens or deletes.

The samples of the writers are read once; what a vendor would have changed is changed in what was read. All pairs lie in
one store, each as a person of its own, so that all of them cost little more than one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

import polars as pl
import pytest

from connectors import connectors, extract, identify
from flows.night.begin import begin
from flows.night.run import Run, Scope
from flows.night.steps import read_control_files
from models.activity import Extract
from models.store.batch import Batch
from models.store.file_result import FileResult
from models.store.load import load
from models.store.resolve import resolve
from tests.goldens import CONTEXT, export_of, samples
from tests.studies import StudyFolder

KINDS = {name: connectors()[name].EXPORT for name in samples() if hasattr(connectors()[name], "EXPORT")}
EVERY = sorted(KINDS)  # those with a sample: test_goldens.py names the others
WHOLE = [name for name in EVERY if KINDS[name] in ("history", "archive")]
COMPLETE = [name for name in EVERY if KINDS[name] != "selection"]
LISTS = ["garmin_activities_csv", "garmin_api", "garmin_fit_activity", "strava"]
LONG_AGO = "export_2/activities.csv"  # of Strava, years before the other: each day between costs and says nothing
APART = timedelta(days=10)  # longer than what any sample tells of
Frames = dict[str, pl.DataFrame]
Parts = dict[str, tuple[str, Extract]]  # by name: connector, what it says


def moved(said: Extract, by: timedelta) -> Frames:
    """The same a while earlier or later."""
    days = (pl.col(pl.Date, pl.Datetime)) + by
    frames = {name: frame.with_columns(days) for name, frame in said.frames().items() if frame.height}
    if "sessions" in frames:
        part = pl.element().struct
        each = [part.field(name) + by for name in ("start_time", "end_time", "local_date")]
        frames["sessions"] = frames["sessions"].with_columns(pl.col("parts").list.eval(pl.struct(*each)))
    return frames


def corrected(said: Extract) -> Extract:
    """Every number is another one."""
    return _with_numbers(said, lambda number: number + 1)


def shortened(said: Extract) -> Extract:
    """Every number is half of what it was."""
    return _with_numbers(said, lambda number: number // 2)


def deleted(said: Extract) -> Extract:
    """All of it is gone."""
    return Extract()


def without_sessions(said: Extract) -> Extract:
    """Of sessions nothing is left, here and in the time around."""
    return replace(said, sessions=Extract().sessions)


def _with_numbers(said: Extract, change: Callable[[pl.Expr], pl.Expr]) -> Extract:
    frames: Frames = {}
    if said.minutes.height:
        is_count = pl.col("metric").cast(pl.String).str.starts_with("steps")
        value = pl.when(is_count).then(change(pl.col("value"))).otherwise(pl.col("value")).cast(pl.Int32)
        frames["minutes"] = said.minutes.with_columns(value)
    if said.daily_totals.height:
        numbers = change(pl.selectors.integer()).clip(0, 80_000_000)
        frames["daily_totals"] = said.daily_totals.with_columns(numbers).cast(said.daily_totals.schema)  # type: ignore[arg-type]
    if said.sessions.height:
        frames["sessions"] = said.sessions.with_columns(change(pl.col("timer_ms")))
    return replace(said, **frames)


def newer(said: Extract, change: Callable[[Extract], Extract]) -> Extract:
    """A newer export: what was changed, and more of the same from the time before and the time after."""
    around = change(said) if change is without_sessions else said
    parts = [moved(around, -APART), change(said).frames(), moved(around, APART)]
    frames = {
        name: pl.concat([part[name] for part in parts if name in part and part[name].height] or [frame])
        for name, frame in Extract().frames().items()
    }
    return replace(said, begins=None, **frames)


ORDERS = {  # what came on the first night, and on the second
    "in_order": (["older"], ["newer"]), "turned": (["newer"], ["older"]),
    "at_once": ([], ["newer", "older"]), "newer": ([], ["newer"]),
}  # fmt: skip
CHANGES = {change.__name__: change for change in (corrected, shortened, deleted, without_sessions)}


def read() -> dict[str, Parts]:
    """What the samples say, by connector."""
    found: dict[str, Parts] = {}
    for name, make in samples().items():
        for path, content in make().items():
            export = export_of(path, content)
            if path != LONG_AGO and identify(export) == name:
                found.setdefault(name, {})[path] = (name, replace(extract(name, export, CONTEXT), begins=None))
    return found


def files(who: str, parts: Parts, handed: str) -> list[FileResult]:
    """The files of one export, as they come out of an archive."""
    archive = sha256(f"{who} {handed}".encode()).hexdigest()
    results = []
    for name, (kind, said) in parts.items():
        reader = connectors()[kind]
        content = sha256(f"{archive} {name}".encode()).hexdigest()
        results.append(
            FileResult(who, f"{who}/{handed}.zip!/{name}", 1, 0, content, "", kind, reader.VERSION,
                       reader.SOURCES, said, kind=said.export or reader.EXPORT, export=f"{archive}/")
        )  # fmt: skip
    return results


def known(run: Run) -> dict[str, list[tuple]]:
    """What stands of every person, once all days are resolved."""
    resolve(run.store, {who: run.study.zone_log(who) for who in run.people})
    tables = (
        "FROM day", "FROM source_day",
        """SELECT s.participant_id, s.activity, s.start_time, s.end_time, s.timer_ms, s.local_date
           FROM session s SEMI JOIN standing_session t ON t.file_id = s.file_id AND t.session_id = s.session_id""",
    )  # fmt: skip
    found: dict[str, list[tuple]] = {who: [] for who in run.people}
    for number, table in enumerate(tables):
        for who, *row in run.store.rows(f"{table} ORDER BY ALL"):
            found[who].append((number, *row))
    return found


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, dict[str, list[tuple]]]:
    """What stands after an older and a newer export of everything, in either order, at once, and of the newer alone."""
    said = read()
    pairs = {
        f"{name}-{change}": (
            parts,
            {path: (kind, newer(what, CHANGES[change])) for path, (kind, what) in parts.items()},
        )
        for name, parts in said.items()
        for change in CHANGES
    }
    nights: list[list[FileResult]] = [[], []]
    for pair, (older, later) in pairs.items():
        exports = {"older": files(pair, older, "older"), "newer": [f for f in files(pair, later, "newer") if f.extract]}
        for order, came in ORDERS.items():
            for night, names in zip(nights, came, strict=True):
                night += [replace(file, participant_id=f"{pair}-{order}") for name in names for file in exports[name]]
    stood = after(tmp_path_factory.mktemp("orders"), [f"{pair}-{order}" for pair in pairs for order in ORDERS], nights)
    return {order: {pair: stood[f"{pair}-{order}"] for pair in pairs} for order in ORDERS}


def after(folder: Path, people: Iterable[str], nights: list[list[FileResult]]) -> dict[str, list[tuple]]:
    """What stands after nights on which these files came."""
    study = StudyFolder(folder, [f"{who},,," for who in people], [], []).write()
    run = begin(study.folder, Scope())
    with closing(run.store):
        read_control_files(run)
        for night in nights:
            counts, _ = load(run.store, Batch.of(night), "1", run.run_id)
            assert counts["loaded"] == len(night)
            found = known(run)
    return found


@pytest.mark.parametrize("change", CHANGES)
@pytest.mark.parametrize("name", EVERY)
def test_neither_order_nor_a_rebuild_changes_what_stands(name: str, change: str, outcomes) -> None:
    who = f"{name}-{change}"
    assert outcomes["in_order"][who] == outcomes["turned"][who] == outcomes["at_once"][who]


# A report takes no wear out (020_superseded), and this is the only one that tells wear beside steps.
WEAR_STAYS = {("google_health_api", "deleted")}
REPLACED = [(name, change) for name in COMPLETE for change in ("corrected", "shortened", "deleted")]


@pytest.mark.parametrize(("name", "change"), [pair for pair in REPLACED if pair not in WEAR_STAYS])
def test_inside_its_stretch_the_newer_export_alone_stands(name: str, change: str, outcomes) -> None:
    who = f"{name}-{change}"
    assert outcomes["in_order"][who] == outcomes["newer"][who]
    assert outcomes["newer"][who]


@pytest.mark.parametrize("name", WHOLE)
def test_a_history_without_any_session_deletes_those_of_an_older_one(name: str, outcomes) -> None:
    who = f"{name}-without_sessions"
    if outcomes["newer"][who]:  # else sessions were all it had, and nothing says that it is newer
        assert outcomes["in_order"][who] == outcomes["newer"][who]


@pytest.mark.parametrize("name", LISTS)
def test_of_a_selection_the_newer_session_of_a_start_counts_and_absence_deletes_nothing(name: str, outcomes) -> None:
    for change in ("corrected", "shortened"):
        assert outcomes["in_order"][f"{name}-{change}"] == outcomes["newer"][f"{name}-{change}"]
    stood = [row for row in outcomes["in_order"][f"{name}-deleted"] if row[0] == 2]
    left = [row for row in outcomes["newer"][f"{name}-deleted"] if row[0] == 2]
    assert len(stood) * 2 == len(left) * 3 > 0
