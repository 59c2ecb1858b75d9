"""Who is held, and which goals: for whom a step could not be done, or a row of a control file cannot be used
(R13.1, R13.2, R13.5).

What was published of them before stands until it can. A run tries everybody anew, so who is held comes free by itself
once the cause is gone. Nobody else is concerned. Of who is held by a row some steps go on all the same: their rows are
written down, for they are those that stood (models/study/holding.py); days go on unless they rest on the row.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, NamedTuple

from models.fault import Fault
from models.store.apart import in_words
from models.store.store import Store, now
from models.study.holding import concerns_days

if TYPE_CHECKING:
    from models.study.study import Study

# What could not be done for them, by step; the last two are rows of control files.
STEPS = {
    "control": "their rows of the control files could not be written down",
    "resolve": "their days could not be resolved",
    "judge": "their weeks could not be judged",
    "publish": "their numbers could not be published",
    "report": "their page of the report could not be written",
    "days": "a row of the control files that their days rest on cannot be used",
    "weeks": "a row of the control files that their weeks rest on cannot be used",
}
_REMEDY = (
    "report this: it is a fault of stepwindow, and what was published of them before stands until it is mended; if it "
    "began with a new file of theirs, taking that file out of the inbox and `stepwindow backfill --rebuild` ends it"
)
# What there is of what a row holds: verdicts of an earlier run; no verdict in this store, but rows of the last good
# copy, from which they are made once; nothing, for it was never usable.
VERDICTS, ROWS, NOTHING = "verdicts", "rows", "nothing"
_GO_ON = {
    ("days", VERDICTS): ("control",),
    ("days", ROWS): ("control", "resolve", "judge"),
    ("days", NOTHING): ("control", "judge", "publish"),
    ("weeks", VERDICTS): ("control", "resolve", "publish"),
    ("weeks", ROWS): ("control", "resolve", "judge", "publish"),
    ("weeks", NOTHING): ("control", "resolve", "judge", "publish"),
}


class Held(NamedTuple):
    """Why somebody is held, in words without anything that a file says. `stands`: only where a row holds them."""

    step: str
    reason: str
    what_to_do: str = _REMEDY
    stands: str | None = None

    def goes_on(self, step: str) -> bool:
        """Whether this step is taken for them all the same."""
        return step in _GO_ON.get((self.step, self.stands or ""), ())

    @property
    def is_by_row(self) -> bool:
        """Whether a row of a control file holds them, not a fault of stepwindow."""
        return self.stands is not None


class HeldGoal(NamedTuple):
    """Why a goal is held."""

    participant_id: str
    reason: str
    what_to_do: str
    stands: str


def held_by(step: str, failed: Mapping[str, BaseException]) -> dict[str, Held]:
    """Those for whom a step failed."""
    return {who: Held(step, f"{STEPS[step]}: {in_words(error)}") for who, error in failed.items()}


def by_rows(store: Store | None, study: Study) -> tuple[dict[str, Held], dict[str, HeldGoal]]:
    """The people and the goals that rows of the control files hold, each with what there is of them in this store.

    None: as if nothing was judged yet.
    """
    ask: Callable[[str], list[tuple]] = store.rows if store else lambda sql: []
    if not study.held_people and not study.held_goals:
        return {}, {}
    judged = {who for (who,) in ask("SELECT participant_id FROM judged_participant")}
    before = dict(ask("SELECT participant_id, stands FROM held"))
    people = {}
    for who, fault in study.held_people.items():
        stands = _stands(before.get(who), who in judged, who in study.replaced)
        step = "days" if concerns_days(fault) else "weeks"
        people[who] = Held(step, *_why(fault), stands)
    goals = {}
    before = dict(ask("SELECT goal_id, stands FROM held_goal"))
    with_weeks = {goal for (goal,) in ask("SELECT DISTINCT goal_id FROM goal_week")}
    for goal, fault in study.held_goals.items():
        who = study.owners[goal]
        stands = _stands(before.get(goal), goal in with_weeks, goal in study.replaced and who not in judged)
        goals[goal] = HeldGoal(who, *_why(fault), stands)
    return people, goals


def _stands(before: str | None, is_judged: bool, has_rows: bool) -> str:
    if before == NOTHING or not (is_judged or has_rows):
        return NOTHING
    return VERDICTS if is_judged else ROWS


def _why(fault: Fault) -> tuple[str, str]:
    """Reason and remedy of what a row holds."""
    after = "the night after that goes on by itself (`stepwindow control --diff` shows what changed)"
    return f"{fault.file} {fault.place}: {fault.reason}", f"{fault.remedy}; {after}"


def set_unusable(store: Store, people: Mapping[str, Held], goals: Mapping[str, HeldGoal]) -> None:
    """Tell the SQL of the weeks what must not be judged by the rows that there are."""
    rows: list[tuple[str, str | None, bool]] = []
    rows += [(who, None, False) for who, why in people.items() if why.stands == NOTHING]
    rows += [(why.participant_id, goal, why.stands == VERDICTS) for goal, why in goals.items() if why.stands != ROWS]
    with store.transaction():
        store.con.execute("DELETE FROM unusable")
        for row in rows:
            store.con.execute("INSERT INTO unusable VALUES (?, ?, ?)", row)


def read_held(store: Store) -> dict[str, Held]:
    """Who was held when the last run ended."""
    rows = store.rows("SELECT participant_id, step, reason, what_to_do, stands FROM held ORDER BY ALL")
    return {who: Held(*rest) for who, *rest in rows}


def write_held(store: Store, held: Mapping[str, Held], run_id: str) -> None:
    """Write down who is held now, and that nobody else is."""
    with store.transaction():
        since = dict(store.rows("SELECT participant_id, since FROM held"))
        store.con.execute("DELETE FROM held")
        for who, why in sorted(held.items()):
            row = [who, why.step, why.reason, why.what_to_do, since.get(who, now()), run_id, why.stands]
            store.con.execute("INSERT INTO held VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def write_held_goals(store: Store, held: Mapping[str, HeldGoal], run_id: str) -> None:
    """Write down which goals are held now, and that no other is."""
    with store.transaction():
        since = dict(store.rows("SELECT goal_id, since FROM held_goal"))
        store.con.execute("DELETE FROM held_goal")
        for goal, why in sorted(held.items()):
            row = [goal, *why, since.get(goal, now()), run_id]
            store.con.execute("INSERT INTO held_goal VALUES (?, ?, ?, ?, ?, ?, ?)", row)


def failed_before(store: Store, step: str) -> set[str]:
    """Those for whom this step failed the last time: each is tried alone."""
    return {who for who, why in read_held(store).items() if why.step == step}


def in_counts(held: Mapping[str, Held]) -> str:
    """How many are held, and at which step; nobody is named."""
    at = Counter(STEPS[why.step] for why in held.values())
    return "; ".join(f"{count} held: {what}" for what, count in sorted(at.items()))


def free_for(everyone: Iterable[str], held: Mapping[str, Held], step: str) -> list[str]:
    """Those for whom a step is taken: who is not held, or held by what does not concern it."""
    return [who for who in everyone if who not in held or held[who].goes_on(step)]
