"""Whom to ask for which days, of which export or diary, in which words: people who are silent, verdicts that wait,
goals that cannot be decided.

Nobody is asked twice for a day: a day that a silent person is asked for is asked for by no verdict, and one that a
verdict waits for by no goal that is undecided.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Any

from flows.answers.export_label import export_label
from flows.answers.untold import Untold, of_rows
from flows.answers.worklist_item import Item
from flows.report import words
from models.fault import REJECTED_FILE

Row = dict[str, Any]
_SPANS = 6  # that are named one by one
_REASONS = {
    "no_data": "no data",
    "too_few_valid_days": "too few days seen",
    "undecidable_missing_days": "days that nobody saw could decide it",
    "not_met_degree_unknown": "days that nobody saw could decide it",
    "no_log": "no diary",
    "baseline_unavailable": "too few days seen before the infusion",
}


@dataclass(frozen=True)
class _Weeks:
    """The goal-weeks of one person that wait, or are undecided, with the days to ask for: of an export, of a diary."""

    goals: set[str]
    reasons: list[str]
    starts: list[date]
    days: set[date]
    diary: set[date]

    @classmethod
    def of(cls, rows: Iterable[Row]) -> _Weeks:
        """From rows of open_week."""
        found = list(rows)
        written = [row["is_logged"] and row["reason"] != "baseline_unavailable" for row in found]
        return cls(
            {row["goal_id"] for row in found},
            [row["reason"] for row in found],
            [row["week_start"] for row in found],
            {day for row, diary in zip(found, written, strict=True) if not diary for day in row["days"] or ()},
            {day for row, diary in zip(found, written, strict=True) if diary for day in row["days"] or ()},
        )

    @property
    def has_no_number(self) -> bool:
        """Whether a target cannot be derived."""
        return "baseline_unavailable" in self.reasons


def items(rows: dict[str, list[Row]]) -> Iterator[Item]:
    """The items of models/sql/worklist that ask a person for something."""
    exports = {row["participant_id"]: row["connector"] for row in rows["data_until"]}
    silent = {row["participant_id"]: row for row in rows["silent"]}
    untold = _untold(rows)
    refused = {row["participant_id"] for row in rows["not_used"] if row["kind"] == REJECTED_FILE}
    weeks: dict[str, list[Row]] = defaultdict(list)
    for row in rows["open_week"]:
        weeks[row["participant_id"]].append(row)
    for who in sorted(silent.keys() | weeks.keys() | untold.keys()):
        cannot = {goal for one, _ in untold[who] for goal in one.goals.split(", ")}
        can = [row for row in weeks[who] if row["goal_id"] not in cannot]
        waiting = _Weeks.of(row for row in can if row["kind"] == "waiting")
        undecided = _Weeks.of(row for row in can if row["kind"] == "undecided")
        export = _export(exports.get(who))
        quiet = set(silent[who]["days"]) if who in silent else set()
        quiet_diary = quiet & (waiting.diary | undecided.diary)
        waiting = replace(waiting, days=waiting.days - quiet, diary=waiting.diary - quiet_diary)
        undecided = replace(undecided, days=undecided.days - quiet - waiting.days,
                            diary=undecided.diary - quiet_diary - waiting.diary)  # fmt: skip
        if who in silent:
            yield _silent(silent[who], quiet_diary, export, who in refused)
        if waiting.days or waiting.diary:
            yield _waiting(who, waiting, export)
        if undecided.days or undecided.diary or undecided.has_no_number or untold[who]:
            yield _undecided(who, undecided, untold[who], export)


def _untold(rows: dict[str, list[Row]]) -> dict[str, list[tuple[Untold, date]]]:
    """What the files handed in can never tell, for goals that are asked for now: with the first of their weeks."""
    asked = {row["goal_id"]: row["since"] for row in rows["asked_goal"]}
    found: dict[str, list[tuple[Untold, date]]] = defaultdict(list)
    for row in rows["untold"]:
        if goals := [goal for goal in row["goals"].split(", ") if goal in asked]:
            for one in of_rows([row | {"goals": ", ".join(goals)}]):
                found[row["participant_id"]].append((one, min(asked[goal] for goal in goals)))
    return found


def _silent(row: Row, diary: set[date], export: str, is_refused: bool) -> Item:
    who, until, days = row["participant_id"], row["data_until"], set(row["days"])
    if until is None and is_refused:
        what = "Nothing of what came could be used"
        opening = "What we have from you could not be used."
    elif until is None:
        what = "No data have come yet"
        opening = "We have nothing from you yet."
    elif row["files_until"] and row["files_until"] > until:
        what = f"Nothing is seen after {words.day(until)}, though the files reach to {words.day(row['files_until'])}"
        opening = f"Your files show nothing after {words.day(until)}. Was the device worn and charged?"
    else:
        what = f"No data after {words.day(until)}"
        opening = f"The last day that we have of you is {words.day(until)}."
    asked = [_diary(days)] if row["only_logged"] else [_days(days, export), _diary(diary)]
    return _item(who, "silent", row["since"], what, days, opening, *asked)


def _waiting(who: str, weeks: _Weeks, export: str) -> Item:
    waits = "waits" if len(weeks.goals) == 1 else "wait"
    missing = [f"{words.count(len(weeks.days), 'day')}: {_spans(weeks.days)}"] if weeks.days else []
    missing += [f"the diary of {_spans(weeks.diary)}"] if weeks.diary else []
    what = f"{', '.join(sorted(weeks.goals))} {waits} for {', and for '.join(missing)}"
    return _item(
        who,
        "waiting",
        min(weeks.starts),
        what,
        weeks.days | weeks.diary,
        _days(weeks.days, export),
        _diary(weeks.diary),
    )


def _undecided(who: str, weeks: _Weeks, untold: list[tuple[Untold, date]], export: str) -> Item:
    parts = []
    if weeks.days or weeks.diary or weeks.has_no_number:
        why = ", ".join(dict.fromkeys(_REASONS[reason] for reason in weeks.reasons))
        spans = f" ({_spans(weeks.days | weeks.diary)})" if weeks.days or weeks.diary else ""
        parts.append(f"{', '.join(sorted(weeks.goals))}: {why}{spans}")
    parts += [f"{one.goals}: {one.what}" for one, _ in untold]
    since = min([*weeks.starts, *(first for _, first in untold)])
    asks = [_days(weeks.days, export), _diary(weeks.diary), *(_other(one) for one, _ in untold)]
    item = _item(who, "undecided", since, "; ".join(parts), weeks.days | weeks.diary, *asks)
    if weeks.has_no_number:
        agree = "or agree a fixed number in goals.csv"
        return replace(item, what_to_do=f"{item.what_to_do}, {agree}" if item.what_to_do else agree[3:])
    return item


def _item(who: str, kind: str, since: date, what: str, days: set[date], *sentences: str) -> Item:
    asked = " ".join(dict.fromkeys(filter(None, sentences)))
    return Item(who, kind, since, what, f'ask {who}: "{asked}"' if asked else "", tuple(sorted(days)))


def _export(connector: str | None) -> str:
    return f"a new export ({export_label(connector)})" if connector else "an export of your watch or phone"


def _days(days: set[date], export: str) -> str:
    return f"Please send us {export} that covers {_spans(days)}." if days else ""


def _diary(days: set[date]) -> str:
    nothing = "where there was nothing to enter, one line that says none"
    return f"Please send us the diary of {_spans(days)}; {nothing}." if days else ""


def _other(one: Untold) -> str:
    if one.wanted:
        return f"Please send us {' or '.join(one.wanted)} as well."
    metric = one.metric.replace("_", " ")
    return f"Do you carry another device that counts {metric}? If so, please send us its export."


def _spans(days: set[date]) -> str:
    """3 to 9 Mar, 12 Mar; of many spans how many days there are between the first and the last."""
    numbered = enumerate(sorted(days))
    runs = [[day for _, day in run] for _, run in groupby(numbered, lambda at: at[1].toordinal() - at[0])]
    if len(runs) > _SPANS:
        return f"{len(days)} days between {words.span(runs[0][0], runs[-1][-1]).replace(' to ', ' and ')}"
    return words.spans([(run[0], run[-1]) for run in runs])
