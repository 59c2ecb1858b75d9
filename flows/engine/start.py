"""A run by hand or by cron: on the engine, or without it."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flows.engine import served
from flows.engine.cluster import check, fan_out
from flows.engine.settings import settle
from flows.night import health
from flows.night.begin import begin
from flows.night.progress import Progress
from flows.night.run import Run, Scope
from flows.night.steps import run_steps
from models.fault import StudyError

_OBJECTS, _NEVER = 20_000, 1_000_000  # that are made before garbage is looked for among them; looks before the next


def run_by_hand(folder: Path, scope: Scope, with_engine: bool) -> Run:
    """All steps over a study. StudyError, StoreError or BeforePublished as `begin` raises them."""
    check(scope.dask)
    run = begin(folder, scope, Progress())
    with health.until_it_runs(run):
        if not with_engine:
            with fan_out(run):
                return run_steps(run)
        with ready(run.study.warehouse):
            with _little_collected(), in_a_sentence():
                from flows.engine.tasks import run_on_engine  # not before: Prefect reads its settings when imported
            return run_on_engine(run)


@contextmanager
def ready(folder: Path) -> Iterator[None]:
    """While it lasts, Prefect may be imported, and has a server: that of who serves this folder, or one of its own."""
    if "PREFECT_API_URL" not in os.environ and (api := served.where(folder)):
        os.environ["PREFECT_API_URL"] = api
    settle(folder)
    with ExitStack() as held:
        with _little_collected(), in_a_sentence():
            if "PREFECT_API_URL" not in os.environ:
                from flows.engine import own_server  # loads asyncio, which a night without the engine does without

                held.enter_context(own_server.running())
        yield


@contextmanager
def in_a_sentence() -> Iterator[None]:
    """What Prefect says of a setting that it refuses, over many lines, as a StudyError."""
    try:
        yield
    except ValueError:  # of pydantic
        what = "Prefect refuses a setting of the environment; look at its PREFECT_ variables"
        raise StudyError(f"{what}, or run with --no-engine") from None


@contextmanager
def _little_collected() -> Iterator[None]:
    """For imports: they make some ten thousand classes and functions that stay, and a quarter of their time would go
    into looking for garbage among them again and again. Once is enough, while they are new."""
    usual = gc.get_threshold()
    gc.set_threshold(_OBJECTS, _NEVER, _NEVER)
    try:
        yield
    finally:
        gc.freeze()
        gc.set_threshold(*usual)
