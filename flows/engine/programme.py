"""The nights of a programme's sites as tasks of a flow of the engine, here or on a Dask cluster.

A site's task is named after the site; its state says what came of it. No person, file or value is in either.

Import this inside `flows.engine.start.ready`: the engine reads its settings once. `nightly` is for workers of a pool,
which have a server already; its programme is $STEPWINDOW_PROGRAMME.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC
from pathlib import Path
from typing import Any

from prefect import flow, task
from prefect.artifacts import create_table_artifact
from prefect.cache_policies import NO_CACHE
from prefect.futures import PrefectFuture
from prefect.runtime import flow_run
from prefect.states import Completed, Failed, State
from prefect.task_runners import ThreadPoolTaskRunner

from flows.engine.one_line import in_one_line
from flows.engine.settings import REJECTIONS
from flows.engine.tasks import runner_on, study_key
from flows.night import log
from flows.programme.job import FAILED, Job, Result
from flows.programme.process import ended_with_us, night
from flows.programme.run import run
from models.processors import processors
from models.programme import read_programme

in_one_line()

_MOST_TASKS = 100  # of one run: each costs the engine a tenth of a second, and 21 KB of its database


class SitesFailed(Exception):
    """Some sites of a task failed: so its state is Failed, and the results travel with it."""

    def __init__(self, results: list[Result]) -> None:
        super().__init__("; ".join(f"{result.site}: {result.reason}" for result in results if result.outcome == FAILED))
        self.results = results

    def __reduce__(self) -> tuple:
        """Pickled with its results: it may come from another machine."""
        return SitesFailed, (self.results,)


def _scheduled() -> str:
    return f"{flow_run.scheduled_start_time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


@flow(name="stepwindow-programme-nightly", flow_run_name=_scheduled, persist_result=False)
def nightly() -> State:
    """The nights of all sites, and the lake's next version. One that finds nothing new to do costs next to nothing.

    Its result is 0, or 1 where a site needs somebody (the state is `Rejections` then).
    """
    folder = Path(os.environ.get("STEPWINDOW_PROGRAMME", "."))
    try:
        programme = read_programme(folder)
        found = run(programme, None, nights_on(programme.name, os.environ.get("STEPWINDOW_DASK") or None))
    except Exception as fault:
        return Failed(message=log.in_a_line(fault).replace(str(folder), "programme"))
    what = f"version {found.version.number} of {len(found.results)} sites"
    if found.is_clean:
        return Completed(message=what, data=0)
    return Completed(
        name=REJECTIONS, message=f"{what}: `stepwindow programme status` names what needs somebody", data=1
    )


def nights_on(name: str, dask: str | None) -> Callable[[Iterable[Job]], Iterator[Result]]:
    """What has the nights of a programme's sites as tasks (`nights` of flows.programme.run), here or on a cluster.

    StudyError where no cluster answers.
    """
    runner = {"task_runner": ThreadPoolTaskRunner(max_workers=processors())} | runner_on(dask)

    def nights(jobs: Iterable[Job]) -> Iterator[Result]:
        found: list[Result] = []

        @flow(name="stepwindow-programme", flow_run_name=name, persist_result=False, **runner)
        def programme() -> State:
            with ended_with_us():
                for part, future in [(part, _task(part).submit(part)) for part in _parts(list(jobs))]:
                    found.extend(_results(part, _came(future)))
            return _ended(name, found)

        programme(return_state=True).result(raise_on_failure=True)
        yield from found

    return nights


def _parts(jobs: list[Job]) -> list[list[Job]]:
    """A site a task, or, where there are very many, some."""
    size = -(-len(jobs) // _MOST_TASKS) or 1
    return [jobs[n : n + size] for n in range(0, len(jobs), size)]


def _task(part: list[Job]) -> Any:
    first, *others = (job.site.id for job in part)
    name = f"night of {first}" + f" and {len(others)} more" * bool(others)
    return task(_nights, name="night of a site", task_run_name=name, cache_policy=NO_CACHE, persist_result=False)  # type: ignore[call-overload]


def _nights(part: list[Job]) -> list[Result]:
    """The nights of some sites. SitesFailed where one failed."""
    results = [night(job) for job in part]
    if any(result.outcome == FAILED for result in results):
        raise SitesFailed(results)
    return results


def _came(future: PrefectFuture) -> Any:
    """What came of a task: results, or a fault. It is asked again and again: a long wait is ended by no signal."""
    while True:
        try:
            return future.result(timeout=1, raise_on_failure=False)
        except TimeoutError:
            continue
        except Exception as lost:  # with the machine that had it
            return lost


def _results(part: list[Job], came: Any) -> list[Result]:
    """What came of a task's sites; also where it was lost, with the machine that had it."""
    if isinstance(came, SitesFailed | list):
        return came.results if isinstance(came, SitesFailed) else came
    why = f"its night was lost on the way ({type(came).__name__}); see that the machines of the cluster are up"
    return [Result(job.site.id, FAILED, why, can_pass=True) for job in part]


def _ended(name: str, found: list[Result]) -> State:
    table = [{"site": result.site, "outcome": result.outcome, "what needs somebody": result.reason} for result in found]
    create_table_artifact(table, key=f"{study_key(name)}-sites", description="What came of each site")
    to_look_at = sum(bool(result.reason) for result in found)
    what = f"{len(found)} sites, {to_look_at} to look at"
    return Completed(name=REJECTIONS, message=what) if to_look_at else Completed(message=what)
