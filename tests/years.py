"""A person who has been in a study for weeks or years, as the rows that their page is made of; made up by a rule."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from flows.report import site
from flows.report.participant import page
from flows.report.sections import SECTIONS

Row = dict[str, Any]
DAY = timedelta(days=1)


def html(days: int, as_of: date = date(2026, 3, 23), who: str = "P05", **more: list[Row]) -> str:
    """The page of a person with infusions every 28 days, and three goals."""
    given = {"study": "Riverside: movement after infusions", "root": "../", "fingerprint": "0" * 64}
    return site.template("participant.html").render(**given, **page(who, sections(days, as_of) | more, []))


def sections(days: int, as_of: date) -> dict[str, list[Row]]:
    chance = Random(5)
    first = as_of - days * DAY
    infused = [first + n * DAY for n in range(0, days, 28)]
    names = {day: f"P05-{n}" for n, day in enumerate(infused, 1)}
    dates = [first + n * DAY for n in range(-14, days)]
    made = [_day(day, max((i for i in infused if i <= day), default=None), names, chance) for day in dates]
    weeks = [(i, w, i + (7 * w - 6) * DAY) for i in infused for w in (1, 2, 3, 4)]
    verdicts = [
        _verdict(goal, names[i], w, start, as_of, chance)
        for goal in ("P05-steps", "P05-walk", "P05-yoga")
        for i, w, start in sorted(weeks, key=lambda week: week[2], reverse=True)
    ]
    mine: dict[str, list[Row]] = {
        "days": made,
        "infusions": [
            {"infusion_id": name, "infused_on": day, "status": "completed", "course_id": None}
            for day, name in names.items()
        ],
        "verdicts": verdicts,
        "weeks": [_week(names[i], w, start) for i, w, start in sorted(weeks, key=lambda week: week[2], reverse=True)
                  if start < as_of],
        "entries": [
            {"local_date": d["local_date"], "activity": "yoga", "timer_minutes": 20, "modality": "self_reported",
             "source": "diary"}
            for d in made[::-1] if chance.random() < 0.3
        ],
        "files": [{"connector": "garmin_fit_monitoring", "files": days, "covers_from": first, "covers_to": as_of}],
        "remaining": [
            {"infusion_id": names[i], "week": w, "days_left": (start + 7 * DAY - as_of).days}
            for i, w, start in weeks if start <= as_of < start + 7 * DAY
        ],
    }  # fmt: skip
    return {name: [] for name in SECTIONS} | mine


def _day(day: date, infused: date | None, names: dict[date, str], chance: Random) -> Row:
    number = (day - infused).days if infused else None
    state = chance.choices(("valid", "insufficient_wear", "no_data", "implausible"), (80, 8, 11, 1))[0]
    known = state != "no_data"
    return {
        "local_date": day, "day_state": state, "is_before": infused is None, "infusion_id": names.get(infused),
        "day_number": number, "week": (number + 6) // 7 if number else None, "is_eligible": bool(number),
        "why_not": None, "movement_minutes": chance.randint(5, 120) if known else None,
        "steps": chance.randint(1500, 14000) if known else None,
        "walking_minutes": chance.randint(0, 70) if known else None,
        "mvpa_equivalent_minutes": chance.randint(0, 60) if known else None,
        "wear_minutes": Decimal(chance.randint(600, 1300)) if known else None,
        "primary_source": "garmin_fit_monitoring" if known else None,
    }  # fmt: skip


_GOALS = {
    "P05-steps": ("daily_mean", "steps", 7000, None),
    "P05-walk": ("weekly_total", "walking_minutes", 150, None),
    "P05-yoga": ("days_with", "yoga_minutes", 3, 10),
}


def _verdict(goal: str, infusion: str, week: int, start: date, as_of: date, chance: Random) -> Row:
    kind, metric, target, per_day = _GOALS[goal]
    over, begun = start + 7 * DAY <= as_of, start <= as_of
    share = chance.randint(20, 160)
    status = ("met" if share > 99 else "partly_met" if share > 49 else "missed") if over else "in_progress"
    if over and chance.random() < 0.1:
        status = "insufficient_data"
    known = begun and status != "insufficient_data"
    return {
        "goal_id": goal, "infusion_id": infusion, "week": week, "week_start": start, "week_end": start + 6 * DAY,
        "kind": kind, "metric": metric, "target": Decimal(target), "target_effective": Decimal(target),
        "value": Decimal(target * share) / 100 if known else None, "percent": share if known else None,
        "status": status if begun else "upcoming", "basis": "observed" if known else None, "eligible_days": 7,
        "reason": "too_few_valid_days" if status == "insufficient_data" else None, "valid_days": 5 if begun else None,
        "is_truncated": False, "truncated_by": None, "target_reason": None, "device_changed": False, "derivation": None,
        "per_day": per_day and Decimal(per_day), "interval_low": None, "interval_high": None,
    }  # fmt: skip


def _week(infusion: str, week: int, start: date) -> Row:
    means = ("movement_minutes_mean", "steps_mean", "walking_minutes_mean", "mvpa_equivalent_minutes_mean")
    return {
        "infusion_id": infusion, "week": week, "week_start": start, "week_end": start + 6 * DAY,
        "eligible_days": 7, "valid_days": 6, "logged_days": 2, "active_days": 5,
        "longest_run_days": 3, "top2_share": Decimal("0.4142"),
        **{name: Decimal("6231.4285714286") for name in means}, **{f"{name}_days": 6 for name in means},
    }  # fmt: skip
