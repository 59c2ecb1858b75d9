"""A run of a programme: the nights of its sites, side by side; then one commit of what all of them gave.

A site is the failure domain: one that fails keeps what it gave before, and all others are published.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl

from flows.programme import page, state
from flows.programme.figures import figures
from flows.programme.job import CONTRIBUTED, FAILED, SKIPPED, Job, Result
from flows.programme.process import ended_with_us, night
from flows.programme.state import OfLake, OfSite, State
from models.fault import AWAY, StudyError
from models.lake.columns import misfit
from models.lake.lake import Lake
from models.lake.part import Part
from models.lake.version import SITES, VERSIONS, Version
from models.processors import processors
from models.programme import Programme
from models.store import programme_file
from models.store.lock import held
from models.store.programme_file import PROGRAMME
from models.study.forgotten import tombstones
from models.warehouse import warehouse_of

_LOST = (
    "what its night wrote is not in the lake; see that the lake is one and the same under its address from where the "
    "site's night runs"
)
Known = dict[str, dict[str, dict[str, Part]]]
Nights = Callable[[Iterable[Job]], Iterator[Result]]
_SITES: dict[str, Any] = {
    "site": pl.String, "as_of": pl.Date, "contributed_at": pl.Datetime("us", "UTC"), "outcome": pl.String,
    "reason": pl.String, "version": pl.String, "people": pl.Int64, "silent": pl.Int64,
    "files": pl.Int64,
}  # fmt: skip


@dataclass
class ProgrammeRun:
    """What came of a run."""

    programme: Programme
    results: dict[str, Result]
    sites: pl.DataFrame  # as `programme_site`
    version: Version
    database: Path
    report: Path  # the page over all sites

    @property
    def is_clean(self) -> bool:
        """No site that the run was for needs a person, also of before: where nothing is new what is wrong stays so."""
        asked = {site for site, result in self.results.items() if result.outcome != SKIPPED}
        rows = (row for row in self.sites.iter_rows(named=True) if row["site"] in asked)
        return not any(row["outcome"] == FAILED or row["reason"] for row in rows)


def run(programme: Programme, only: str | None = None, nights: Nights | None = None) -> ProgrammeRun:
    """The nights of all sites, or of one, and the lake's next version. StoreError where the lake cannot be used."""
    with held(programme.folder, "programme run"):
        lake = open_lake(programme)
        lake.try_writing()  # before anybody has a night for nothing
        known, before = known_of(lake), state.read(programme).on(_which(programme, lake))
        jobs = [
            Job(
                site, programme.folder_of(site), programme.folder, programme.lake, programme.send,
                known.get(site.id, {}), *before.of(site.id),
            )
            for site in programme.sites
            if only in (None, site.id)
        ]  # fmt: skip
        skipped = [Result(site.id, SKIPPED) for site in programme.sites if only not in (None, site.id)]
        return put_together(programme, lake, known, [*_all(jobs, nights or side_by_side), *skipped])


def open_lake(programme: Programme) -> Lake:
    """The lake of a programme. StudyError where it was filled with what is not sent any more, or is not there."""
    lake = Lake(programme.lake)
    now = lake.current()
    if now.send not in ("", programme.send):
        what = f"programme.toml: send is {programme.send}, and the lake holds what was sent as {now.send}"
        raise StudyError(what, "name another `lake`, and delete the old one where it is not to be kept")
    was_filled = state.read(programme).lake.address == programme.lake and (programme.folder / PROGRAMME).exists()
    if was_filled and not now.number:
        what = f"lake: nothing in {programme.lake}, though a run filled it"
        raise StudyError(what, f"see that it is mounted; where a new one is to be filled, delete {PROGRAMME}", AWAY)
    return lake


def _which(programme: Programme, lake: Lake) -> OfLake:
    return OfLake(programme.lake, lake.id(), lake.current().number)


def put_together(
    programme: Programme, lake: Lake, known: Known, found: Iterable[Result], *, has_less: bool = False
) -> ProgrammeRun:
    """The lake's next version, of what sites gave, and the database of it. For whoever holds the programme's lock.

    `has_less`: somebody withdrew, so that no older version may stay; also told by what sites gave.
    """
    before = state.read(programme).on(_which(programme, lake))
    results = {result.site: result for result in _fitting(lake, found)}
    results |= {site: Result(site, FAILED, _LOST, can_pass=True) for site in _lost(lake, known, results)}
    sites = _sites(lake, programme, results)
    version = _take(lake, programme, known, results, sites)
    database = publish(programme, lake, version, sites)
    had = {result.site: result for result in results.values() if result.outcome != SKIPPED}
    now = {site: OfSite(result.stamp, _withdrawn(result, before.of(site))) for site, result in had.items()}
    has_less |= any(of.withdrawn > before.of(site).withdrawn for site, of in now.items())
    lake.sweep(at_once=has_less)
    ours = {site.id for site in programme.sites}
    kept = {site: of for site, of in {**before.sites, **now}.items() if site in ours}
    state.keep(programme, State(kept, _which(programme, lake)))
    report = page.write(programme, figures(programme, sites.to_dicts()))
    return ProgrammeRun(programme, results, sites, version, database, report)


def _fitting(lake: Lake, found: Iterable[Result]) -> Iterator[Result]:
    """The results; of sites whose rows do not fit those of the lake, or of a site before, that they failed."""
    known: dict[str, dict[str, str]] = {}
    for result in found:
        given = result.given.columns if result.given else {}
        for relation, columns in given.items():
            if relation not in known:
                known[relation] = lake.columns(relation)
            if result.given and (column := misfit(known[relation], columns)):
                what = f"its {relation}.{column}, of stepwindow {result.given.version}, is of another type in the lake"
                yield Result(result.site, FAILED, f"{what}; install the version there that the other sites have")
                break
        else:
            for relation, columns in given.items():
                known[relation] |= columns
            yield result


def _lost(lake: Lake, known: Known, results: Mapping[str, Result]) -> set[str]:
    """The sites of which a file that they say they wrote is not in this lake, or is not whole."""
    fresh: dict[str, list[Part]] = {}
    for site, result in results.items():
        for relation, parts in (result.given.parts if result.given else {}).items():
            had = known.get(site, {}).get(relation, {})
            fresh.setdefault(relation, []).extend(part for part in parts if part.path not in had)
    lost = set()
    for relation, parts in fresh.items():
        sizes = lake.sizes(relation) if parts else {}
        lost |= {part.site for part in parts if sizes.get(part.path) != part.bytes}
    return lost


def _withdrawn(result: Result, before: OfSite) -> int:
    return result.given.withdrawn if result.given else before.withdrawn


def side_by_side(jobs: Iterable[Job]) -> Iterator[Result]:
    """Nights in as many processes as this one may use processors."""
    with ThreadPoolExecutor(processors(), "sites") as threads, ended_with_us():
        for future in [threads.submit(night, job) for job in jobs]:
            while wait([future], timeout=1).not_done:  # a longer wait no signal ends, once Polars was imported
                pass
            yield future.result()


def _all(jobs: list[Job], nights: Nights) -> list[Result]:
    """The nights of all. Once more when all are done: what failed and may pass by itself, and sites where somebody
    withdrew meanwhile."""
    found = {result.site: result for result in nights(jobs)}
    again = [job for job in jobs if found[job.site.id].can_pass or _withdrew(job, found[job.site.id])]
    if again:
        with suppress(Exception):  # no second attempt is to be had: the first ones stand
            found |= {result.site: result for result in nights(again)}
    return list(found.values())


def _withdrew(job: Job, result: Result) -> bool:
    """Whether somebody was forgotten at a site since what it gave."""
    with suppress(StudyError):  # the night says what is wrong there
        return len(tombstones(warehouse_of(job.folder))) > (result.given or job).withdrawn
    return False


def publish(programme: Programme, lake: Lake, version: Version, sites: pl.DataFrame) -> Path:
    """programme.duckdb, of a version of the lake."""
    files = {relation: lake.files(relation, n) for relation, n in version.tables.items() if relation != SITES}
    ours = {SITES: sites, VERSIONS: version.frame()}
    return programme_file.write(programme.folder, programme.send, files, ours)


def known_of(lake: Lake) -> Known:
    """What the lake has: site, relation, path."""
    known: Known = {}
    for relation in lake.relations():
        for path, part in lake.standing(relation).items():
            known.setdefault(part.site, {}).setdefault(relation, {})[path] = part
    return known


def _take(
    lake: Lake, programme: Programme, known: Known, results: Mapping[str, Result], sites: pl.DataFrame
) -> Version:
    """Commit what sites gave; those that left the programme have nothing in it any more."""
    given = [result.given for result in results.values() if result.given]
    left = known.keys() - {site.id for site in programme.sites}
    tables = {}
    for relation in sorted({*lake.relations(), *(relation for one in given for relation in one.parts)}):
        forms = {one.columns[relation] for one in given if relation in one.columns}
        parts = {one.site: one.parts.get(relation, []) for one in given} | {site: [] for site in left}
        tables[relation] = lake.take(relation, forms, parts)
    return lake.commit({**tables, SITES: lake.put(SITES, sites)}, programme.send)


def _sites(lake: Lake, programme: Programme, results: Mapping[str, Result]) -> pl.DataFrame:
    """`programme_site`: what came of each site, and how old is what it gave."""
    before = {row["site"]: row for row in lake.rows(SITES, lake.current().tables.get(SITES))}
    now, rows = datetime.now(UTC), []
    for site in programme.sites:
        row: dict[str, Any] = before.get(site.id) or {"site": site.id, "people": 0, "files": 0, "outcome": SKIPPED}
        result = results.get(site.id)
        rows.append(row)
        if result is None:  # this was for another site
            continue
        row |= {"outcome": result.outcome}
        if not result.was_needless and result.outcome != SKIPPED:
            row |= {"reason": result.reason or None}
        if given := result.given:
            said = ("as_of", "version", "people", "silent", "files")
            row |= {name: getattr(given, name) for name in said}
        if result.outcome == CONTRIBUTED:
            row |= {"contributed_at": now}
    return pl.DataFrame(rows, schema=_SITES).sort("site")
