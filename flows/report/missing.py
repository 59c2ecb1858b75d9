"""What is missing on a participant's page, and what the patient can be asked for. Never blame: unseen is not undone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any

from flows.answers.untold import of_rows
from flows.answers.worklist_item import Item
from flows.report import words
from models.taxonomy import LOGGED_METRICS

Row = dict[str, Any]
_WAITS = ("insufficient_data", "in_progress")


def asks(sections: dict[str, list[Row]], items: Iterable[Item]) -> list[Row]:
    """What is missing beside what the worklist asks for: `what` is missing, `ask` is the question, `waits` is a flag.

    `items`: the worklist of this person. What it asks for is not asked for again. Who left is asked for nothing.
    """
    if sections["leaving"]:
        return []
    kinds, asked = {item.kind for item in items}, {day for item in items for day in item.days}
    found = [] if "silent" in kinds else [*_no_export(sections)]
    found += [*_unseen(sections, asked), *_logs(sections["verdicts"], asked)]
    if "undecided" not in kinds:
        found += [*_before(sections["verdicts"]), *_untold(sections)]
    return sorted(found, key=lambda ask: not ask["waits"])


def _no_export(sections: dict[str, list[Row]]) -> Iterator[Row]:
    if not sections["files"]:
        what = "No file has arrived that could be read"
        yield {"what": what, "ask": "An export of the watch or phone, or a diary", "waits": bool(sections["verdicts"])}


def _unseen(sections: dict[str, list[Row]], asked: set[date]) -> Iterator[Row]:
    """Days in followed weeks that are missing or hold too little, in one sentence per kind."""
    if not sections["files"]:
        return
    judged = [v for v in sections["verdicts"] if v["metric"] not in LOGGED_METRICS]
    only_logged = bool(sections["verdicts"]) and not judged
    waiting = [(v["week_start"], v["week_end"]) for v in judged if v["status"] in _WAITS]

    def kind(day: Row) -> tuple[str, bool]:
        return day["day_state"], any(first <= day["local_date"] <= last for first, last in waiting)

    runs: dict[tuple[str, bool], list[list[Row]]] = {}
    for (state, waits), run in groupby(
        (d for d in sections["days"] if d["is_eligible"] and d["local_date"] not in asked), kind
    ):
        if state in _UNSEEN and (state == "implausible" or not only_logged):
            runs.setdefault((state, waits), []).append(list(run))
    for (state, waits), found in runs.items():
        spans = words.spans([(run[0]["local_date"], run[-1]["local_date"]) for run in found[-6:]])
        earlier = "; earlier ones in the months below" if len(found) > 6 else ""
        n, (what, ask) = sum(map(len, found)), _UNSEEN[state]
        yield {"what": f"{words.count(n, 'day')} {what}: {spans}{earlier}", "ask": ask, "waits": waits}


_UNSEEN = {
    "no_data": ("without data", "A fresh export that reaches over them. Where nothing was worn, a day stays unknown"),
    "insufficient_wear": ("only partly seen", "Was another device carried? Its export can fill the rest"),
    "implausible": ("over 45,000 steps, not counted", "Who wore the device, and what happened that day?"),
}


def _logs(verdicts: list[Row], asked: set[date]) -> Iterator[Row]:
    """Weeks in which only a diary could tell, and there is none."""
    unlogged = [
        v for v in verdicts
        if v["metric"] in LOGGED_METRICS
        and (v["reason"] == "no_log" or (v["status"] in _WAITS and not v["valid_days"]))
        and not any(v["week_start"] <= day <= v["week_end"] for day in asked)
    ]  # fmt: skip
    for (first, last), group in groupby(
        sorted(unlogged, key=lambda v: (v["week_start"], v["week_end"], v["metric"])),
        key=lambda v: (v["week_start"], v["week_end"]),
    ):
        metrics = ", ".join(dict.fromkeys(words.METRICS[v["metric"]] for v in group))
        what = f"{words.span(first, last)}: nothing recorded or written down ({metrics})"
        ask = "The diary of that week; where there is nothing to enter, one line that says none"
        yield {"what": what, "ask": ask, "waits": True}


def _before(verdicts: list[Row]) -> Iterator[Row]:
    if any(v["reason"] == "baseline_unavailable" for v in verdicts):
        what = "Not enough days seen in the two weeks before the first infusion: the goal has no number"
        yield {"what": what, "ask": "An export that reaches over those two weeks, or a fixed number", "waits": True}


def _untold(sections: dict[str, list[Row]]) -> Iterator[Row]:
    """What no file that this person handed over can tell."""
    waiting = {v["metric"] for v in sections["verdicts"] if v["status"] in _WAITS}
    for one in of_rows(sections["untold"]):
        yield {"what": f"{one.goals}: {one.what}", "ask": one.ask, "waits": one.metric in waiting}
