"""Plain words for the report: verdicts, reasons, day states, goals. No advice, and nobody is blamed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise
from typing import Any

VERDICTS = {
    "met": "met",
    "partly_met": "partly met",
    "missed": "missed",
    "insufficient_data": "cannot be said",
    "in_progress": "running",
    "upcoming": "not begun",
    "superseded": "counts no longer",
}
VERDICT_MEANS = {
    "met": "the agreed number was reached",
    "partly_met": "half of it or more, not all",
    "missed": "less than half, and enough days were seen to say so",
    "insufficient_data": "not enough was seen",
    "in_progress": "the week runs, or waits for files",
    "upcoming": "the week has not begun",
}
REASONS = {
    "lower_bound": "what was seen is enough by itself",
    "awaiting_data": "the week is over; days of it have not arrived yet",
    "no_data": "no data from these days",
    "too_few_valid_days": "not enough days seen",
    "control_row_unusable": "a row of the control files cannot be used, and nothing stood before",
    "undecidable_missing_days": "the days nobody saw could decide it either way",
    "not_met_degree_unknown": "not reached; how far cannot be said, days are unseen",
    "no_log": "nothing was written down this week, and that says nothing about what was done",
    "window_too_short": "fewer than four days count",
    "window_truncated": "the week was cut short; this study judges whole weeks only",
    "baseline_unavailable": "not enough days seen before the first infusion to set the number",
    "goal_not_in_force": "the goal was not in force",
    "on_hold": "excused",
    "not_applicable": "step goals do not apply to this person",
    "next_infusion": "the next infusion came first",
    "left": "the person left the study",
    "infusion_moved": "the infusion was moved",
    "infusion_cancelled": "the infusion was cancelled",
    "infusion_added": "an infusion was added",
    "infusion_changed": "an infusion belongs to another course",
    "correction": "the goal was corrected",
}  # not here: `unreachable`, which is not shown while a week runs
CAUSES = {
    "first_verdict": "there was none before",
    "infusion_moved": "an infusion was moved",
    "infusion_cancelled": "an infusion was cancelled",
    "infusion_added": "an infusion was added",
    "infusion_changed": "an infusion belongs to another course",
    "correction": "the goal was corrected",
    "goal_changed": "the goal was changed",
    "participant_changed": "the person's row was changed",
    "hold_changed": "excused days were changed",
    "zone_changed": "time zones were changed",
    "file_moved": "a file is another person's",
    "file_unloaded": "a file was taken out by hand",
    "corrected_data": "a newer file tells days otherwise",
    "settings_changed": "study.toml was changed",
    "code_changed": "another version of stepwindow",
    "late_data": "a file came later",
    "time_passed": "time passed",
}
CUT_BY = {
    "next_infusion": "next infusion",
    "hold": "excused days",
    "left": "left the study",
    "goal_not_in_force": "goal began later",
    "date_skipped": "a date that travel skipped",
}
STATES = {"valid": "seen", "insufficient_wear": "partly seen", "implausible": "over 45,000 steps", "no_data": "no data"}
SIGNS = {
    "met": "●", "partly_met": "◐", "missed": "○", "insufficient_data": "?", "in_progress": "…",
    "valid": "■", "insufficient_wear": "□", "implausible": "△", "no_data": "×",
}  # fmt: skip
STATE_MEANS = {
    "valid": "counts in means",
    "insufficient_wear": "at least this much; not in means",
    "implausible": "kept, not counted",
    "no_data": "not known, which is not zero",
}
INFUSIONS = {
    "completed": "completed",
    "stopped_early": "stopped early",
    "scheduled": "planned",
    "cancelled": "cancelled",
}
METRICS = {
    "steps": "steps",
    "walking_minutes": "walking",
    "brisk_minutes": "brisk walking",
    "moderate_minutes": "moderate activity",
    "vigorous_minutes": "vigorous activity",
    "mvpa_minutes": "moderate or vigorous activity",
    "mvpa_equivalent_minutes": "moderate activity (vigorous counted twice)",
    "exercise_minutes": "exercise",
    "workout_minutes": "workouts",
    "strength_minutes": "strength training",
    "yoga_minutes": "yoga",
    "dance_minutes": "dance",
    "movement_minutes": "movement of any kind",
    "massage_minutes": "massage",
}


def goal(kind: str | None, metric: str, targets: Sequence[Decimal], per_day: Decimal | None) -> str:
    """A goal in words, without its number of the week: `Minutes of walking in the week`."""
    if kind is None:
        return "A goal of which no row can be used"
    unit = "" if metric == "steps" else "minutes of "
    if kind in ("weekly_total", "daily_mean"):
        what = f"{unit}{METRICS[metric]} {'in the week' if kind == 'weekly_total' else 'a day, on average'}"
        return what[:1].upper() + what[1:]
    floor = "the derived number of " if per_day is None else f"at least {amount(per_day)} "
    return f"Days {'with' if kind == 'days_with' else 'in a row with'} {floor}{unit}{METRICS[metric]}"


def short_goal(kind: str | None, metric: str) -> str:
    """A goal in a word or three, for lists: `Walking, a week`, `Steps a day`, `Days with yoga`."""
    if kind is None:
        return "No usable row"
    name = {"movement_minutes": "movement", "mvpa_equivalent_minutes": "moderate activity, vigorous twice"}.get(
        metric, METRICS[metric]
    )
    if kind in ("weekly_total", "daily_mean"):
        return f"{name[:1].upper()}{name[1:]}{', a week' if kind == 'weekly_total' else ' a day'}"
    return f"Days {'with' if kind == 'days_with' else 'in a row with'} {name}"


def derived(derivation: str | None, kind: str) -> str:
    """How a target was derived, in words; empty for a fixed one."""
    if not derivation:
        return ""
    from models.study.rows import StepUp  # here, for commands that need other words alone are to start fast

    if step_up := StepUp.of(derivation):
        after = "after each week that was met"
        if step_up.weeks > 1:
            after = f"each time the last {step_up.weeks} weeks judged were met"
        return f"{amount(step_up.rise)} more {after}" + (f", at most {amount(step_up.up_to)}" * bool(step_up.up_to))
    rule, _, n = derivation.partition(":")
    target = {
        "baseline_pct": f"the mean before the first infusion plus {n} %",
        "baseline_plus": f"the mean before the first infusion plus {n}",
        "percentile": f"the {n}th percentile of the last nine days seen",
    }[rule]
    return f"{target}, times seven" if kind == "weekly_total" else target


def some(places: Sequence[str]) -> str:
    """The first of some files or rows, and how many more there are."""
    return places[0] if len(places) == 1 else f"{places[0]} and {len(places) - 1:,} more"


def turned(change: Mapping[str, Any]) -> str:
    """`cannot be said → missed`; where the verdict stays, its figures: `met as before, 6,000 → 7,000`."""
    before, after = change["status_before"], change["status_after"]
    if before == after:
        values = dict.fromkeys(change[name] for name in ("value_before", "value_after"))
        figures = " → ".join(amount(value) or "nothing" for value in values)
        return f"{VERDICTS[after]} as before" + (f", {figures}" if figures != "nothing" else "")
    now = "no longer judged" if change["has_ended"] else VERDICTS[after]
    return f"{VERDICTS[before] if before else 'no verdict'} → {now}"


_TENTH = Decimal("0.1")


def amount(value: Decimal | int | None) -> str:
    """12,500 or 7.5: at most one decimal, half up. Nothing for what is not known."""
    if value is None:
        return ""
    if isinstance(value, int):
        return f"{value:,}"
    rounded = value.quantize(_TENTH, ROUND_HALF_UP)
    return f"{rounded:,.1f}".removesuffix(".0")


def day(when: date, year: bool = False) -> str:
    """3 Mar, or 3 Mar 2026."""
    return f"{when.day} {when:%b}" + (f" {when.year}" if year else "")


def span(first: date, last: date) -> str:
    """3 Mar 2026, 3 to 9 Mar 2026, 28 Feb to 6 Mar 2026, 28 Dec 2025 to 3 Jan 2026."""
    if first == last:
        return day(first, True)
    if first.year != last.year:
        return f"{day(first, True)} to {day(last, True)}"
    return f"{first.day if first.month == last.month else day(first)} to {day(last, True)}"


def spans(found: Sequence[tuple[date, date]]) -> str:
    """Several, each year said once after its last: 4 Mar, 7 to 9 Mar 2026."""
    said = [span(*one) for one in found]
    for n, (this, after) in enumerate(pairwise(found)):
        if this[0].year == this[1].year == after[0].year == after[1].year:
            said[n] = said[n].removesuffix(f" {this[1].year}")
    return ", ".join(said)


def where(day: dict[str, Any]) -> str:
    """Where a day stands: `week 1, day 5` after the infusion before it, or why it is context that is never judged."""
    if day["is_before"]:
        return "before the first infusion: context"
    if day["day_number"] is None:
        return "not in a followed week: context"
    if day["day_number"] == 0:
        return f"day of infusion {day['infusion_id']}: context, in no week"
    excused = {"hold": ", excused", "left": ", after leaving", "date_skipped": ", skipped by travel"}
    return f"week {day['week']}, day {day['day_number']}{excused.get(day['why_not'] or '', '')}"


def recorded(modality: str, source: str) -> str:
    """Who says so: `in the diary`, `by the clinic`, `by garmin`."""
    return {"self_reported": "in the diary", "clinic_recorded": "by the clinic"}.get(modality, f"by {source}")


def count(n: int, one: str, many: str | None = None) -> str:
    """1 day, 6 days."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"
