"""What is missing on a participant's page, and what the patient can be asked for. Never blame: unseen is not undone."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from flows.answers.untold import of_rows
from flows.report import words
from models.taxonomy import LOGGED_METRICS

Row = dict[str, Any]
_WAITS = ("insufficient_data", "in_progress")


def asks(sections: dict[str, list[Row]]) -> list[Row]:
    """What to ask for, what waits for a verdict first: `what` is missing, `ask` is the question, `waits` is a flag."""
    found = [*_no_export(sections), *_unseen(sections), *_logs(sections["verdicts"]), *_before(sections["verdicts"])]
    found += [*_untold(sections), *_shared(sections["shared_files"]), *_rejected(sections["rejections"])]
    return sorted(found, key=lambda ask: not ask["waits"])


def _no_export(sections: dict[str, list[Row]]) -> Iterator[Row]:
    if not sections["files"]:
        what = "No file has arrived that could be read"
        yield {"what": what, "ask": "An export of the watch or phone, or a diary", "waits": bool(sections["verdicts"])}


def _unseen(sections: dict[str, list[Row]]) -> Iterator[Row]:
    """Days in followed weeks that are missing or hold too little, in one sentence per kind."""
    if not sections["files"]:
        return
    judged = [v for v in sections["verdicts"] if v["metric"] not in LOGGED_METRICS]
    only_logged = bool(sections["verdicts"]) and not judged
    waiting = [(v["week_start"], v["week_end"]) for v in judged if v["status"] in _WAITS]

    def kind(day: Row) -> tuple[str, bool]:
        return day["day_state"], any(first <= day["local_date"] <= last for first, last in waiting)

    runs: dict[tuple[str, bool], list[list[Row]]] = {}
    for (state, waits), run in groupby((d for d in sections["days"] if d["is_eligible"]), kind):
        if state in _UNSEEN and (state == "implausible" or not only_logged):
            runs.setdefault((state, waits), []).append(list(run))
    for (state, waits), found in runs.items():
        spans = words.spans([(run[0]["local_date"], run[-1]["local_date"]) for run in found[-6:]])
        earlier = "; earlier ones in the table of days" if len(found) > 6 else ""
        n, (what, ask) = sum(map(len, found)), _UNSEEN[state]
        yield {"what": f"{words.count(n, 'day')} {what}: {spans}{earlier}", "ask": ask, "waits": waits}


_UNSEEN = {
    "no_data": ("without data", "A fresh export that reaches over them. Where nothing was worn, a day stays unknown"),
    "insufficient_wear": ("only partly seen", "Was another device carried? Its export can fill the rest"),
    "implausible": ("over 45,000 steps, not counted", "Who wore the device, and what happened that day?"),
}


def _logs(verdicts: list[Row]) -> Iterator[Row]:
    """Weeks in which only a diary could tell, and there is none."""
    asked = [
        v for v in verdicts
        if v["metric"] in LOGGED_METRICS
        and (v["reason"] == "no_log" or (v["status"] in _WAITS and not v["valid_days"]))
    ]  # fmt: skip
    for (first, last), group in groupby(
        sorted(asked, key=lambda v: (v["week_start"], v["week_end"], v["metric"])),
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


def _rejected(rows: list[Row]) -> Iterator[Row]:
    """Each for itself, but five files or more that look alike together, as `status` has them."""
    alike: dict[tuple, list[Row]] = {}
    for row in rows:
        alike.setdefault((row["connector"], row["reason"], row["what_to_do"]), []).append(row)
    for (connector, reason, what_to_do), same in alike.items():
        ask = what_to_do[:1].upper() + what_to_do[1:]
        for files in [same] if len(same) >= 5 else [[one] for one in same]:
            lone, first = len(files) == 1, files[0]["content"]
            which = f"File {first}" if lone else f"{len(files):,} files, {first} and others"
            reader = connector or f"no reader knows {'it' if lone else 'them'}"
            what = f"{which} ({reader}) could not be used: {reason}"
            yield {"what": what, "ask": ask, "waits": False}


def _shared(files: list[Row]) -> Iterator[Row]:
    if files:
        which = ", ".join(f["content"] for f in files[:5]) + (" and others" if len(files) > 5 else "")
        what = f"{words.count(len(files), 'file')} also in another person's folder ({which})"
        yield {"what": what, "ask": "Whose are they? They count for both until they lie in one place", "waits": False}
