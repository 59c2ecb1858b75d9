"""What is published of a study as frames, a night over it, and what a file would yield."""

from __future__ import annotations

from contextlib import closing
from datetime import date
from os import PathLike
from pathlib import Path
from typing import Any

import polars as pl
import polars.selectors as cs
from duckdb import DuckDBPyConnection

from models.fault import StoreError as StoreError
from models.fault import StudyError as StudyError
from models.store.arrow import frame
from models.store.read import open_published
from models.warehouse import warehouse_of


def connect(study: str | PathLike[str]) -> DuckDBPyConnection:
    """The published database of a study folder, read-only, also while a night runs. Close it.

    Its relations and columns are those of docs/dictionary.md; a frame of a query is `polars.DataFrame(con.sql(...))`.
    It stays on the state that it was opened on. StudyError where study.toml cannot be read, StoreError where nothing is
    published yet.
    """
    return open_published(warehouse_of(Path(study)))


def goals(study: str | PathLike[str]) -> pl.DataFrame:
    """The verdicts that stand, one row per goal, infusion and week: all columns of `goal_week`. Raises as `connect`."""
    return _relation(study, "goal_week")


def days(study: str | PathLike[str]) -> pl.DataFrame:
    """Every person on every date, whether anything is known of it or not: all columns of `person_day`.

    Minutes and steps are NULL where they are not known, 0 where they are known to be none. Raises as `connect`.
    """
    return _relation(study, "person_day")


def _relation(study: str | PathLike[str], name: str) -> pl.DataFrame:
    """Sorted by its columns from the left; a decimal is a float, as in a hand-over."""
    with closing(connect(study)) as con:
        return frame(con.sql(f"FROM {name} ORDER BY ALL")).cast({cs.decimal(): pl.Float64})


def nightly(study: str | PathLike[str], *, as_of: date | None = None, accept_loss: bool = False) -> dict[str, Any]:
    """One night over a study folder, as `stepwindow nightly --no-engine --json` does it and tells it.

    `as_of`: judge as of this date, today if not given. `accept_loss`: what the inbox or a control file no longer has is
    gone on purpose. What could not be used is under `faults`, a line each; who is held under `held`.

    StudyError where the study cannot be read, or `as_of` is before what is published; StoreError where the store cannot
    be used, or another run holds it.
    """
    from flows.answers.run_summary import as_json
    from flows.engine.start import run_by_hand
    from flows.night.run import BeforePublished, Scope

    scope = Scope("nightly", as_of=as_of, accept_loss=accept_loss)
    try:
        return as_json(run_by_hand(Path(study), scope, with_engine=False))
    except BeforePublished as asked:
        what = f"as of {asked.as_of}, before what is published ({asked.published}): nothing was done"
        raise StudyError(what, "judge as of that date or a later one") from None


def identify(path: str | PathLike[str], *, timezone: str = "UTC") -> list[dict[str, Any]]:
    """What would become of a file, and of every file packed in it, as `stepwindow identify --json` tells it.

    `timezone`: where the person was, for files that do not say. A file that cannot be used is told with its reason:
    nothing is raised, and nothing is kept.
    """
    from flows.answers.identify import look

    return look(Path(path), timezone)
