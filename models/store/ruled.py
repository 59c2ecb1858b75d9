"""Goals as they were agreed when they ruled their first week, so that a line changed in place can be told (R9.7).

Whoever changes what was agreed writes a new version with its own date; what a version says that has ruled stays as it
is, or weeks that are over are judged by something nobody had agreed to then.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import TYPE_CHECKING, Any, NamedTuple

from models.store.store import Store

if TYPE_CHECKING:
    from models.study.rows import GoalVersion
    from models.study.study import Study

AGREED = (
    "infusion_id", "from_week", "kind", "metric", "targets", "per_day", "derivation", "effective_from", "correction",
    "status",
)  # fmt: skip
_KEPT = ", ".join(("goal_id", "version", "participant_id", "to_week", *AGREED))


class Changed(NamedTuple):
    """A version that says something else than when it ruled its first week, and in which columns."""

    goal: GoalVersion
    place: str  # "goals.csv line 4"
    columns: list[str]


def keep(store: Store, moment: datetime) -> None:
    """Keep what the versions say that have now ruled a week for the first time; of those `asked` about."""
    store.con.execute(
        f"""INSERT INTO ruled_goal BY NAME
            SELECT {_KEPT}, ? AS ruled_at FROM goal g
            SEMI JOIN asked USING (participant_id)
            SEMI JOIN (FROM goal_week WHERE status IN ('met', 'partly_met', 'missed')) USING (goal_id, version)
            ANTI JOIN ruled_goal USING (goal_id, version)""",
        [moment],
    )


def changed(study: Study, ruled: Iterable[dict[str, Any]]) -> Iterator[Changed]:
    """The versions that goals.csv now says otherwise. One that is longer in force than it was rules no week anew."""
    goals = {(goal.goal_id, goal.version): goal for goal in study.goals}
    for was in ruled:
        goal = goals.get((was["goal_id"], was["version"]))
        if goal is None:
            continue
        columns = [name for name in AGREED if _plain(getattr(goal, name)) != _plain(was[name])]
        if goal.to_week < was["to_week"] and goal.to_week != study.settings.weeks:  # which an empty cell stands for
            columns.append("to_week")
        if columns:
            yield Changed(goal, study.goal_places[goal.goal_id, goal.version], columns)


def _plain(value: object) -> object:
    return tuple(value) if isinstance(value, list) else value
