"""The page of one participant: goals, day by day, what was recorded, what is missing and what to ask for."""

from __future__ import annotations

import math
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import groupby
from operator import itemgetter
from typing import Any

from flows.report import words
from flows.report.missing import asks
from models.taxonomy import INFUSED

Row = dict[str, Any]
_STRETCH = timedelta(days=91)  # of days in one chart: they can still be distinguished on a phone


def page(who: str, sections: dict[str, list[Row]]) -> Row:
    """What the template needs, from the rows of `sections.SECTIONS` of one participant."""
    days, verdicts = sections["days"], sections["verdicts"]
    followed = [d for d in days if d["is_eligible"]]
    happened = [i for i in sections["infusions"] if i["status"] in INFUSED]
    return {
        "who": who,
        "held": next((row["held_reason"] for row in sections["held"]), None),
        "infusions": sections["infusions"],
        "happened": happened,
        "followed": len(followed),
        "seen": sum(d["day_state"] == "valid" for d in followed),
        "with_data": [d for d in days if d["day_state"] != "no_data"],
        "goals": list(_goals(verdicts)),
        "stretches": list(_stretches(days, happened, sections["entries"])),
        "entries": sections["entries"],
        "weeks": sections["weeks"],
        "devices": list(_devices(days)),
        "asks": asks(sections),
        "files": sections["files"],
        "rejections": sections["rejections"],
    }


def _goals(verdicts: list[Row]) -> Iterator[Row]:
    """Each goal with its weeks, newest first. Weeks that belong to the next infusion are counted, not listed."""
    for goal_id, group in groupby(verdicts, itemgetter("goal_id")):
        rows = list(group)
        newest = rows[0]
        shown = [r for r in rows if r["status"] != "superseded"]
        yield {
            "goal_id": goal_id,
            "kind": newest["kind"],
            "words": words.goal(newest["kind"], newest["metric"], [], newest["per_day"]),
            "derived": words.derived(newest["derivation"], newest["kind"]),
            "unit": _unit(newest),
            "weeks": [{**r, "remark": _remark(r), "bar": _bar(r)} for r in shown],
            "taken": len(rows) - len(shown),
        }


def _unit(row: Row) -> str:
    if row["kind"] in ("days_with", "streak"):
        return "days"
    return "steps" if row["metric"] == "steps" else "min"


def _remark(row: Row) -> str:
    """One remark beside the verdict; empty where there is nothing to add."""
    issued = f"{words.amount(row['target'])}, {row['target_reason']}" if row["target_reason"] else ""
    remarks = [issued, words.REASONS.get(row["reason"] or "", "")]
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


def _stretches(days: list[Row], infusions: list[Row], entries: list[Row]) -> Iterator[Row]:
    """The time line in charts of at most thirteen weeks, newest first, all on one scale."""
    tops = {
        name: _ceiling([d[column] for d in days if d["day_state"] != "implausible"])
        for name, column in _CHARTED.items()
    }
    for first, last in _cuts(days):
        part = [d for d in days if first <= d["local_date"] <= last]
        dated = [e for e in entries if first <= e["local_date"] <= last]
        yield {
            "first": first,
            "last": last,
            "days": part,
            "states": {state: sum(d["day_state"] == state for d in part) for state in words.STATES},
            "charts": [name for name in _CHARTED if tops[name]] + ["entries"] * bool(dated),
            "numbers": {
                "params": {"first": first, "last": last, **{f"{name}_top": top for name, top in tops.items()}},
                "days": [_point(d) for d in part],
                "infusions": [{"date": i["infused_on"]} for i in infusions if first <= i["infused_on"] <= last],
                "weeks": _week_marks(part),
                "gaps": _gaps(part),
                "holds": [{"date": d["local_date"]} for d in part if d["why_not"] == "hold"],
                "entries": [_entry(e) for e in dated],
            },
        }


_CHARTED = {"movement": "movement_minutes", "steps": "steps"}


def _cuts(days: list[Row]) -> Iterator[tuple[date, date]]:
    if not days:
        return
    begin, last = days[0]["local_date"], days[-1]["local_date"]
    while last >= begin:
        first = max(begin, last - _STRETCH + timedelta(days=1))
        yield first, last
        last = first - timedelta(days=1)


def _ceiling(values: list) -> int:
    """A round number at or above the largest: 1, 2, 2.5 or 5 times a power of ten. 0 where none is known."""
    known = [float(v) for v in values if v is not None]
    if not known:
        return 0
    power = 10 ** math.floor(math.log10(max(*known, 10)))
    return next(int(n * power) for n in (1, 1.5, 2, 3, 4, 5, 6, 8, 10) if n * power >= max(known))


def _point(day: Row) -> Row:
    """One day for the charts. A day over 45,000 steps keeps its numbers in words, and gets no bar."""
    counted = day["day_state"] != "implausible"
    worn = day["wear_minutes"]
    return {
        "date": day["local_date"],
        "state": day["day_state"],
        "movement": day["movement_minutes"] if counted else None,
        "steps": day["steps"] if counted else None,
        "Date": words.day(day["local_date"], year=True),
        "Day": where(day),
        "State": words.STATES[day["day_state"]],
        "Movement": _known(day["movement_minutes"], " min"),
        "Steps": _known(day["steps"]),
        "Worn": _known(None if worn is None else worn / 60, " h"),
        "Source": day["primary_source"] or "none",
    }


def where(day: Row) -> str:
    """Where a day stands: `day 5, week 1 of P01-6`, `infusion P01-6`, `before`."""
    if day["day_number"] is None:
        return "not in a followed week"
    if day["day_number"] == 0:
        return f"day of infusion {day['infusion_id']}: counts in no week"
    excused = {"hold": ", excused", "date_skipped": ", skipped by travel"}.get(day["why_not"] or "", "")
    return f"day {day['day_number']}, week {day['week']} after {day['infusion_id']}{excused}"


def _known(value: Any, unit: str = "") -> str:
    return "not known" if value is None else words.amount(value) + unit


def _gaps(days: list[Row]) -> list[Row]:
    """Runs of days without data, from the first to the morning after the last."""
    runs = [list(run) for state, run in groupby(days, itemgetter("day_state")) if state == "no_data"]
    return [{"date": run[0]["local_date"], "until": run[-1]["local_date"] + timedelta(days=1)} for run in runs]


def _week_marks(days: list[Row]) -> list[Row]:
    """The first day of each followed week, with its number; without one, the day after the last."""
    marks: list[Row] = []
    for (_, week), group in groupby(days, itemgetter("infusion_id", "week")):
        part = list(group)
        if week is not None:
            marks.append({"date": part[0]["local_date"], "label": str(week) if len(part) > 2 else ""})
        elif marks and part[0]["day_number"] is None:
            marks.append({"date": part[0]["local_date"], "label": ""})
    return marks


def _entry(entry: Row) -> Row:
    how = "in the diary" if entry["modality"] == "self_reported" else "by a device"
    return {
        "date": entry["local_date"],
        "activity": entry["activity"].replace("_", " "),
        "minutes": entry["timer_minutes"],
        "how": how,
        "Date": words.day(entry["local_date"], year=True),
        "Activity": entry["activity"].replace("_", " "),
        "Minutes": _known(entry["timer_minutes"]),
        "Recorded": how,
    }


def _devices(days: list[Row]) -> Iterator[Row]:
    """Which source was believed first, from when to when; days without one do not end a stretch."""
    for source, group in groupby((d for d in days if d["primary_source"]), itemgetter("primary_source")):
        part = list(group)
        yield {"source": source, "first": part[0]["local_date"], "last": part[-1]["local_date"], "days": len(part)}
