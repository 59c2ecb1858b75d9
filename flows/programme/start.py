"""A run of a programme by hand or by cron: on the engine, or without it."""

from __future__ import annotations

from flows.engine.cluster import check
from flows.engine.start import ready
from flows.programme.run import ProgrammeRun, run
from models.programme import Programme


def run_by_hand(programme: Programme, only: str | None, *, with_engine: bool, dask: str | None) -> ProgrammeRun:
    """The nights of all sites, or of one. StudyError or StoreError, in a line, where that cannot be begun."""
    check(dask)
    if not with_engine:
        return run(programme, only)
    with ready(programme.folder):
        from flows.engine.programme import nights_on  # not before: Prefect reads its settings when imported

        return run(programme, only, nights_on(programme.name, dask))
