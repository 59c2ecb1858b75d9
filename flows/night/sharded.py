"""What the steps of a run do where the participants are spread over several stores (`[warehouse] shards`): as `work`
does to one (`_Work` in run.py).

Each shard has a process with its store (shard.py), and takes a step when the study does. What shards have to know of
each other is told here: which contents lie in the folders of another's people. The first store, which is this process's
own, has nobody in it: it holds what is the study's, and the faults that are nobody's.
"""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import cache, partial
from operator import itemgetter
from typing import Any

from flows.night import processes, shard, work
from flows.night.inbox import look_into
from flows.night.inbox_file import Before, Found
from flows.night.loss import refuse
from flows.night.new_files import reading_now
from flows.night.run import Run, Spread
from flows.night.shard import COUNTS, HELD, Begun, Job
from flows.night.shards import Shards
from flows.report.pages import Pages
from models.fault import Fault
from models.store import control
from models.store.ledger import is_gone
from models.store.load import record_standing_faults
from models.store.shards import folder_of, shard_of
from models.store.store import device_secret
from models.store.unload import Content
from models.study.frames import control_frames
from models.study.part import part

_KNOWN = ("run", "held", "held_goal")  # of the first store's tables those that each store is to know


def begin(run: Run) -> None:
    """Open the stores of all shards, each in a process. What none could begin with stops the run."""
    study, scope = run.study, run.scope
    number, at_once = study.shards, run.workers or processes.processors()
    device_secret(study.warehouse)  # made once, before several would
    run.work, run.shards = sys.modules[__name__], Shards(number, at_once)
    run.store.held.callback(run.shards.close)
    known = {table: run.store.frame(f"FROM {table}") for table in _KNOWN}
    people = _by_shard(run, study.people, lambda who: who)
    jobs = [
        Job(folder_of(run.store.folder, n, number), part(study, own), scope, run.as_of, run.run_id, run.started_at,
            known, max(1, at_once // number))
        for n, own in enumerate(people, 1)
    ]  # fmt: skip
    for job in jobs:
        job.folder.mkdir(mode=0o700, exist_ok=True)
    begun: list[Begun] = run.shards.begin(jobs)
    refuse([one.loss for one in begun if one.loss])
    run.shards.loaded = sum(one.loaded[0] for one in begun), sum(one.loaded[1] for one in begun)
    last = next((file for (file,) in run.store.rows("SELECT file FROM published")), None)
    if any(one.published != last for one in begun):
        run.store.con.doubt()
    _count(run)


def _by_shard(run: Run, things: Iterable[Any], whose: Callable[[Any], str]) -> list[list[Any]]:
    """Things that are somebody's, shard by shard."""
    number = run.study.shards
    of = cache(lambda who: shard_of(who, number) - 1)
    parts: list[list[Any]] = [[] for _ in range(number)]
    for thing in things:
        parts[of(whose(thing))].append(thing)
    return parts


def _call(run: Run, what: Callable, *given: Any) -> list[Any]:
    """Call a function in all shards; the answers in their order. What they have counted is the run's."""
    return _called(run, what, [given] * run.study.shards)


def _call_of(run: Run, who: str, what: Callable, *given: Any) -> Any:
    """Call a function in the shard of somebody."""
    answer = _of(run).processes[shard_of(who, run.study.shards) - 1].ask(what, given)
    _count(run)
    return answer


def _called(run: Run, what: Callable, given: list[tuple]) -> list[Any]:
    answers = _of(run).call_each(what, given)
    _count(run)
    return answers


def _count(run: Run) -> None:
    shards = _of(run)
    every = [process.counted for process in shards.processes]
    for name in COUNTS:
        setattr(run, name, sum(counted[name] for counted in every))
    run.standing += shards.standing
    run.files = {status: sum(counted["files"][status] for counted in every) for status in run.files}
    run.kinds = sum((counted["kinds"] for counted in every), Counter())
    run.new_faults = [*shards.faults, *(fault for counted in every for fault in counted["new_faults"])]
    for name in HELD:
        setattr(run, name, {key: why for counted in every for key, why in counted[name].items()})


def _of(run: Run) -> Shards:
    assert run.shards is not None
    return run.shards


def write_control(run: Run) -> None:
    """Into each store what is its people's; into the first one what is said of the study itself."""
    _hand_on(run)
    _call(run, work.write_control)
    control.write_control(run.store, control_frames(part(run.study, ()), work.judged_by(run.study, run.store)), [])


def set_written(run: Run, known: str) -> None:
    """Each store has all that the control files say."""
    _call(run, work.set_written, known)


def files_loaded(run: Run) -> tuple[int, int]:
    """How many files counted when the run began, of how many people."""
    return _of(run).loaded


def _hand_on(run: Run) -> None:
    """What is written down of goals that went over to somebody of another shard goes there. Killed in the middle, both
    shards have it, and the next run does it again: none has the control files before."""
    strange = _call(run, shard.strangers)
    if not any(strange):
        return
    goals = {goal.goal_id: goal.participant_id for goal in run.study.rows.goals}
    infusions = {infusion.infusion_id: infusion.participant_id for infusion in run.study.rows.infusions}
    for holder, keys in zip(_of(run).processes, strange, strict=True):
        known = [
            (goal, infusion)
            for goal, infusion in keys
            if goal in goals and (infusion is None or infusions.get(infusion) == goals[goal])
        ]
        for taker, own in zip(_of(run).processes, _by_shard(run, known, lambda key: goals[key[0]]), strict=True):
            if own and taker is not holder:
                taker.ask(shard.take, (own, holder.ask(shard.give, (own,))))
                holder.ask(shard.drop, (own,))


def load_exports(run: Run) -> Found:
    """Read what is new, each shard its own; then each is told what lies elsewhere of what it misses."""
    rests_on = reading_now(run.study, run.scope, work.judged_by(run.study, run.store))
    known = _call(run, shard.known_before, rests_on)
    found = look_into(run.study, run.scope.participant, Before({who: was for one in known for who, was in one.items()}))
    parts = _split(run, found)
    _called(run, shard.read_new, [(own, rests_on) for own in parts])
    loaded = _of(run).loaded
    if not found.files and found.only is None and loaded[0]:
        run.alarms.append(is_gone(*loaded))
        return found
    missing = _called(run, shard.missing, [(own,) for own in parts])
    asked = [set().union(*missing[:n], *missing[n + 1 :]) for n in range(len(parts))]
    present = _called(run, shard.present, list(zip(parts, asked, strict=True)))
    elsewhere = [own & set().union(*present[:n], *present[n + 1 :]) for n, own in enumerate(missing)]
    _called(run, work.settle, [(own, rests_on, others) for own, others in zip(parts, elsewhere, strict=True)])
    return found


def _split(run: Run, found: Found) -> list[Found]:
    """What was found, shard by shard. What could not be looked into none of them misses."""
    tell = found.times_tell
    parts = [Found(found.only, unseen=found.unseen, root=found.root, times_tell=tell) for _ in range(run.study.shards)]
    for own, numbers in zip(parts, _by_shard(run, range(len(found.path)), found.whose), strict=True):
        for number in numbers:
            if number in found.elsewhere:
                own.elsewhere[len(own.path)] = found.elsewhere[number]
            own.path.append(found.path[number])
            own.size.append(found.size[number])
            own.modified_ns.append(found.modified_ns[number])
    for name in ("as_noted", "new"):
        for own, people in zip(parts, _by_shard(run, getattr(found, name).items(), itemgetter(0)), strict=True):
            setattr(own, name, dict(people))
    return parts


def name_faults(run: Run, faults: Iterable[Fault]) -> None:
    """Faults of participants are in their store, all others in the first one."""
    people, named = set(run.study.people), list(faults)
    theirs = [fault for fault in named if fault.participant_id in people]
    parts = _by_shard(run, theirs, lambda fault: fault.participant_id)
    _called(run, work.name_faults, [(own,) for own in parts])
    others, shards = [fault for fault in named if fault.participant_id not in people], _of(run)
    whole = run.scope.participant is None
    shards.faults, shards.standing = record_standing_faults(run.store, others, run.run_id, whole=whole)
    _count(run)


def resolve_days(run: Run) -> None:
    """Each its own people's."""
    _call(run, work.resolve_days)


def judge_weeks(run: Run) -> None:
    """Each its own people's; and the first store knows how all are judged. The shards are closed then."""
    _call(run, work.judge_weeks)
    work.judge_people(run, [])
    _call(run, shard.end)


def take_over_verdicts(run: Run) -> None:
    """Each did so when it was closed."""


def pages_spread(run: Run) -> Spread:
    """Each process writes the pages of its people."""
    return partial(_write_pages, run)


def take_out(run: Run, who: str, name: str) -> tuple[list[Content], int]:
    """In the store of their shard."""
    return _call_of(run, who, work.take_out, who, name)


def take_back(run: Run, who: str, name: str) -> tuple[list[Content], int]:
    """In the store of their shard."""
    return _call_of(run, who, work.take_back, who, name)


def _write_pages(run: Run, pages: Pages, people: Sequence[str]) -> dict[str, BaseException]:
    """Each the report's pages of its people. Returns whom it fails for."""
    parts = _by_shard(run, people, lambda who: who)
    failed = _of(run).call_each(shard.write_pages, [(pages.of(own), own) for own in parts])
    return {who: why for part in failed for who, why in part.items()}
