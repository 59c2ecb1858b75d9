"""The top of a person's page: the week that runs, for all goals together, and what the week before it came to."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flows.report import words
from flows.report.goals import in_words, remark, unit

Row = dict[str, Any]


def now(sections: dict[str, list[Row]]) -> Row:
    """`sentence`, the `days` of the running week, its `goals`, and the goals of the week before as `last`."""
    verdicts = [v for v in sections["verdicts"] if v["status"] != "superseded"]
    left = {(row["infusion_id"], row["week"]): row["days_left"] for row in sections["remaining"]}
    runs = [v for v in verdicts if _week(v) in left and v["eligible_days"]]
    begun = max((v["week_start"] for v in runs), default=date.max)
    last = [v for v in verdicts if v["week_end"] < begun and v["status"] != "upcoming" and v not in runs]
    ended = max((v["week_end"] for v in last), default=None)
    newest = [v for v in runs if v["week_start"] == begun]
    return {
        "sentence": _running(newest[0], left, sections["days"]) if newest else _idle(sections, verdicts, ended),
        "days": list(_days(newest[0], sections["days"])) if newest else [],
        "goals": [{**_in_short(v), "left": left[_week(v)]} for v in runs],
        "last": [_in_short(v) for v in last if v["week_end"] == ended],
        "ended": ended,
    }


def _week(verdict: Row) -> tuple[str, int]:
    return verdict["infusion_id"], verdict["week"]


def _in_short(verdict: Row) -> Row:
    return {**verdict, "words": in_words(verdict), "unit": unit(verdict), "remark": remark(verdict)}


def _running(week: Row, left: dict[tuple[str, int], int], days: list[Row]) -> str:
    """Where the week stands: how many of its days are over, how many of those a device saw, how many are left."""
    over = [
        d for d in days if d["is_eligible"] and (d["infusion_id"], d["week"]) == _week(week)
    ]  # days are known up to yesterday
    seen = sum(d["day_state"] == "valid" for d in over)
    span, which = words.span(week["week_start"], week["week_end"]), f"Week {week['week']} after {week['infusion_id']}"
    rest = left[_week(week)]
    if not over:
        return f"{which} begins: {span}."
    of = words.count(len(over) + rest, "day")
    return f"{which} runs, {span}: {len(over)} of {of} over, {seen} of them seen, {rest} left."


def _days(week: Row, days: list[Row]) -> list[Row]:
    """The seven dates of the week, each with its state; None: it is not over."""
    states = {d["local_date"]: d["day_state"] for d in days}
    dates = [week["week_start"] + timedelta(days=n) for n in range((week["week_end"] - week["week_start"]).days + 1)]
    return [{"date": day, "state": states.get(day)} for day in dates]


def _idle(sections: dict[str, list[Row]], verdicts: list[Row], ended: date | None) -> str:
    """No week of a goal runs: what was the last, and what comes next; or that the person left."""
    for row in sections["leaving"]:
        return f"Left on {words.day(row['left_on'], True)}: no later day counts, and nothing is asked for."
    if not verdicts:
        return "No week of a goal runs."
    coming = min((v["week_start"] for v in verdicts if v["status"] == "upcoming"), default=None)
    last = f"the last ended on {words.day(ended, True)}" if ended else "none has ended"
    after = f"; the next begins on {words.day(coming, True)}" if coming else ""
    return f"No week of a goal runs: {last}{after}."
