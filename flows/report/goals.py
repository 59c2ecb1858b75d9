"""The goals of a person on their page: the weeks after one infusion, each with its verdict, its bar and a remark."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

from flows.report import words

Row = dict[str, Any]


def goals(verdicts: list[Row]) -> Iterator[Row]:
    """Each goal with its weeks, newest first. Weeks that belong to the next infusion are counted, not listed."""
    for goal_id, group in groupby(verdicts, itemgetter("goal_id")):
        rows = list(group)
        newest = rows[0]
        shown = [r for r in rows if r["status"] != "superseded"]
        yield {
            "goal_id": goal_id,
            "kind": newest["kind"],
            "words": in_words(newest),
            "derived": words.derived(newest["derivation"], newest["kind"]),
            "unit": unit(newest),
            "weeks": [{**r, "remark": remark(r), "bar": _bar(r)} for r in shown],
            "taken": len(rows) - len(shown),
        }


def in_words(row: Row) -> str:
    """The goal of a goal-week: `Minutes of walking in the week`."""
    return words.goal(row["kind"], row["metric"], [], row["per_day"])


def unit(row: Row) -> str:
    """What the value of a goal-week counts."""
    if row["kind"] in ("days_with", "streak"):
        return "days"
    return "steps" if row["metric"] == "steps" else "min"


def remark(row: Row) -> str:
    """One remark beside the verdict; empty where there is nothing to add."""
    issued = f"{words.amount(row['target'])}, {row['target_reason']}" if row["target_reason"] else ""
    remarks = [issued, words.REASONS.get(row["reason"] or "", "")]
    if row["interval_low"] is not None:
        low, high = words.amount(row["interval_low"]), words.amount(row["interval_high"])
        remarks.append(f"had every day been seen, {low} to {high}, 9 times in 10")
    if row["is_truncated"] and row["truncated_by"]:
        cut = ", ".join(words.CUT_BY[by] for by in row["truncated_by"].split(";"))
        remarks.append(f"{words.count(row['eligible_days'], 'day')} of 7 count ({cut})")
    if row["device_changed"]:
        remarks.append("another device than before the first infusion: levels cannot be compared")
    return "; ".join(filter(None, remarks))


def _bar(row: Row) -> Row | None:
    """Where the bar ends, in percent of its track, and the mark of the goal. None: nothing can be drawn.

    The goal stands at two thirds of the track; what goes beyond the track ends in an arrow.
    """
    if row["value"] is None or row["percent"] is None or (row["status"] == "in_progress" and not row["value"]):
        return None
    share = row["percent"] * 2 / 3
    return {"width": min(100.0, round(share, 1)), "beyond": share > 100, "estimated": row["basis"] == "estimated"}
