"""The one task that is tried again: it opens the study.

Another run may have the store, and a disk may not be mounted yet: both pass by themselves. Nothing else does.
"""

from __future__ import annotations

from collections.abc import Callable

from prefect import task
from prefect.cache_policies import NO_CACHE
from prefect.states import Completed, State

from flows.night.run import Run
from models.fault import can_pass

PAUSES = [60.0, 300.0, 900.0]  # seconds


def opened(
    start: Callable[[bool], Run], could_not: Callable[[Exception], State], no_failure: tuple[type[Exception], ...]
) -> Run:
    """The run that `start` gives. It is called again after a while where what stopped it can pass by itself, each time
    with whether that is the last. `could_not`: the state of what failed; `no_failure`: where nothing is to do."""
    runs: list[Run] = []
    faults: list[Exception] = []

    def is_worth_it(*_: object) -> bool:
        return can_pass(faults[-1])

    @task(
        name="open study", cache_policy=NO_CACHE, persist_result=False, retries=len(PAUSES),
        retry_delay_seconds=PAUSES, retry_condition_fn=is_worth_it,
    )  # fmt: skip
    def open_study() -> State:
        try:
            runs.append(start(len(faults) == len(PAUSES)))
        except no_failure as asked:
            faults.append(asked)
        except Exception as fault:
            faults.append(fault)
            return could_not(fault)
        return Completed()

    try:
        open_study(return_state=True)
        if not runs:
            raise faults[-1]
        return runs[0]
    finally:  # the engine keeps the task: it must not keep a fault's frames as well, and what they had open
        runs.clear()
        faults.clear()
