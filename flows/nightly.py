"""The night and the backfill as flows of the engine, which `stepwindow serve` and workers run.

Their study is $STEPWINDOW_STUDY. Nothing personal is a parameter, a name, a log line or an artifact.

Import this after `flows.engine.settings.settle_served`: the engine reads its settings once.
"""

from __future__ import annotations

import os
from contextlib import suppress
from datetime import UTC, date, datetime
from enum import StrEnum
from functools import partial
from pathlib import Path

from prefect import flow
from prefect.runtime import flow_run
from prefect.states import Completed, State
from pydantic import BaseModel, ConfigDict, Field, model_validator

from connectors import connectors
from flows.engine.opening import opened
from flows.engine.settings import SKIPPED
from flows.engine.tasks import could_not, run_tasks
from flows.night import log, outcome
from flows.night.begin import begin
from flows.night.progress import Progress
from flows.night.run import BeforePublished, Run, Scope
from flows.night.steps import plan
from models.fault import StudyError
from models.study.folder import read_study

Connector = StrEnum("Connector", {name: name for name in connectors()})  # type: ignore[misc]


class Part(BaseModel):
    """Which part of the inbox is read again. For one participant use the command line: what is typed here is stored."""

    model_config = ConfigDict(extra="forbid")
    since: date | None = Field(None, title="From", description="Only files with data on or after this date")
    until: date | None = Field(None, title="To", description="Only files with data on or before this date")
    connectors: list[Connector] = Field([], title="Kinds of export", description="Only these; none chosen: all")
    as_of: date | None = Field(None, title="As of", description="Judge as of this date; empty: today")
    reload: bool = Field(False, title="Reload", description="Decode again what was loaded before")
    rebuild: bool = Field(False, title="Rebuild", description="Make the store anew from the inbox")
    plan: bool = Field(False, title="Plan only", description="Say how much would be read, do nothing")

    @model_validator(mode="after")
    def _in_order(self) -> Part:
        if self.since and self.until and self.since > self.until:
            raise ValueError("From is after To; exchange them")
        return self


def _scheduled() -> str:
    return f"{flow_run.scheduled_start_time.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _is_done() -> bool:
    """Whether a night that began later has done it. One of the future had a clock that was wrong."""
    with suppress(StudyError):  # a study that cannot be read is reported when it begins
        before = outcome.last_night(read_study(_folder()).warehouse)
        return bool(before and flow_run.scheduled_start_time < before.replace(tzinfo=UTC) <= datetime.now(UTC))
    return False


class _Skipped(Exception):
    """There is nothing to do: a night that began later has done it already."""


_NO_FAILURE = (_Skipped, BeforePublished)


@flow(name="stepwindow-nightly", flow_run_name=_scheduled, persist_result=False)
def nightly() -> State:
    """Load what is new in the inbox, judge, publish. A night that a later one has made needless does nothing.

    Its result is 0, or 1 where it finished with rejections (the state is `Rejections` then).
    """

    def start(is_last: bool) -> Run:
        if _is_done():
            raise _Skipped
        return _begin(Scope("nightly", dask=_cluster()), is_last)

    try:
        return run_tasks(opened(start, partial(could_not, _folder()), _NO_FAILURE))
    except _Skipped:
        return Completed(name=SKIPPED, message="a night that began later has done it already")
    except Exception as fault:
        return could_not(_folder(), fault)


@flow(name="stepwindow-backfill", flow_run_name=_scheduled, persist_result=False)
def backfill(part: Part = Part()) -> State:  # type: ignore[call-arg] # noqa: B008
    """The same steps over a chosen part of the inbox. Its result is 0 or 1, as that of the night."""
    kinds = frozenset(str(kind) for kind in part.connectors)
    scope = Scope(
        "backfill", part.as_of, connectors=kinds, since=part.since, until=part.until, reload=part.reload,
        rebuild=part.rebuild, dask=_cluster(),
    )  # fmt: skip
    try:
        if part.plan:
            waiting = plan(_folder(), scope).values()
            files, size = sum(n for n, _ in waiting), sum(size for _, size in waiting)
            return Completed(message=f"would read {files} files, {size} bytes of {len(waiting)} participants")
        return run_tasks(opened(partial(_begin, scope), partial(could_not, _folder()), _NO_FAILURE))
    except BeforePublished as asked:
        what = f"as of {asked.as_of}, before what is published ({asked.published}): nothing was read, kept or published"
        return Completed(message=f"{what}; `stepwindow goals --as-of {asked.as_of}` shows the verdicts")
    except Exception as fault:
        return could_not(_folder(), fault)


def _folder() -> Path:
    return Path(os.environ.get("STEPWINDOW_STUDY", "."))


def _cluster() -> str | None:
    return os.environ.get("STEPWINDOW_DASK") or None


def _begin(scope: Scope, is_last: bool) -> Run:
    return begin(_folder(), scope, Progress(say=log.logger.info), is_last=is_last)
