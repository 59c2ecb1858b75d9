"""What a letter rests on: the rows that are published about a person (models/sql/letter), and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from models.store.sql import queries

Row = dict[str, Any]
Ask = Callable[..., list[Row]]
_AT_A_TIME = 100  # people whose rows are held in memory together


@dataclass(frozen=True)
class Facts:
    """What is known of one person for a letter."""

    as_of: date
    person: Row
    ended: Row | None  # the week that ended last
    now: Row | None  # the one that runs now, or begins next
    days: list[Row]  # of the week that ended
    goals_ended: list[Row]  # what was agreed for it
    goals_now: list[Row]
    files: list[Row]  # readers, the one whose files reach furthest first

    @property
    def refusal(self) -> str | None:
        """Why there is no letter now; None where there is one."""
        if self.person["held_reason"]:
            return "held, so the numbers are not those of today; `stepwindow status` says what is to be mended"
        if self.has_left:
            return f"left on {self.person['left_on']}, and nobody writes to them"
        if not (self.ended or self.now):
            return "no infusion that happened, so there is no week to write about"
        return None

    @property
    def has_left(self) -> bool:
        """Whether the last date that counts of somebody who left is over."""
        left_on = self.person.get("left_on")
        return left_on is not None and left_on < self.as_of

    @property
    def is_due(self) -> bool:
        """Whether a week ended in the last seven days, of somebody who is written to."""
        return self.ended is not None and (self.as_of - self.ended["last_day"]).days <= 7 and not self.has_left

    @property
    def unseen_from(self) -> date | None:
        """The first day of the week that ended of which a device did not tell all; None where nothing is missing."""
        if not self.asks_a_device:
            return None
        return next(
            (day["local_date"] for day in self.days if day["is_eligible"] and day["day_state"] in LACKING), None
        )

    @property
    def asks_a_device(self) -> bool:
        """Not where every goal is about what is written down."""
        goals = self.goals_ended + self.goals_now
        return not goals or not all(goal["is_logged"] for goal in goals)


LACKING = ("no_data", "insufficient_wear")  # states of a day that another export can fill


def facts(ask: Ask, everyone: Sequence[str], as_of: date) -> list[Facts]:
    """Of each of these people who is published."""
    found: list[Facts] = []
    for start in range(0, len(everyone), _AT_A_TIME):
        found += _facts(ask, list(everyone[start : start + _AT_A_TIME]), as_of)
    return found


def _facts(ask: Ask, who: list[str], as_of: date) -> list[Facts]:
    sql = queries("letter")
    weeks = ask(sql["week"], who=who, as_of=as_of)
    given = {
        "who": who, "as_of": as_of,
        "infusions": [week["infusion_id"] for week in weeks], "weeks": [week["week"] for week in weeks],
    }  # fmt: skip
    rows = {name: ask(sql[name], **given) for name in ("person", "day", "goal", "file")}

    def of(name: str, one: str, week: Row | None = None) -> list[Row]:
        mine = [row for row in rows[name] if row["participant_id"] == one]
        return mine if week is None else [row for row in mine if _same_week(row, week)]

    made = []
    for person in rows["person"]:
        one = person["participant_id"]
        ended = next((week for week in weeks if week["participant_id"] == one and week["is_over"]), None)
        now = next((week for week in weeks if week["participant_id"] == one and not week["is_over"]), None)
        made.append(
            Facts(
                as_of, person, ended, now,
                days=of("day", one, ended) if ended else [],
                goals_ended=of("goal", one, ended) if ended else [],
                goals_now=of("goal", one, now) if now else [],
                files=of("file", one),
            )
        )  # fmt: skip
    return made


def _same_week(row: Row, week: Row) -> bool:
    return (row["infusion_id"], row["week"]) == (week["infusion_id"], week["week"])
