"""Why this verdict: the goal, the seven days, what each gave, the arithmetic, the rule that decided, and one sentence.

Nothing of this is kept: the week is judged again, by the same SQL, from the days that are. A count, not advice.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

from rich.markup import escape

from flows.answers.untold import untold
from flows.terminal import console, table
from models.store.read import query_store, week_again
from models.store.sql import queries
from models.store.store import StoreError

Row = dict[str, Any]

# The sentence of each rule of verdict_rule.
SENTENCES = {
    "row unusable": "A row of the control files that this rests on cannot be used; nothing is judged by it.",
    "taken by next infusion": "Every day of this week belongs to the next infusion; the week is not judged.",
    "after leaving": "Every day of this week comes after the last one that counts: the person left the study.",
    "goal on hold": "The goal is on hold.",
    "not applicable": "Step goals do not apply to this person (participants.csv).",
    "no baseline": "There is no target: too few days to derive it from.",
    "all days on hold": "Every day of the week was excused.",
    "not in force": "The goal was in force on no day of the week.",
    "upcoming": "The week has not begun.",
    "met, all seen": "What was seen reaches the target.",
    "met, days unseen": "What was seen reaches the target; days nobody saw can only add to it.",
    "running, unreachable": "The week is not over, but its remaining and unseen days cannot reach the target.",
    "running": "The week is not over.",
    "too short": "Too few days count to judge the week, and what was seen does not reach the target.",
    "flagged": "The week is shortened, and this study does not judge shortened weeks.",
    "partly met by count": "With every unknown day a success it would not be reached; at least half of it was.",
    "missed by count": "With every unknown day a success, less than half of the target would be reached.",
    "awaiting": "The week is over and not decided; files are waited for until {waits_until}.",
    "no log": "Nothing was written down in this week: the log is closed, and nothing recorded means not known.",
    "no data": "No day of the week was seen.",
    "degree unknown": "The target is not reached; how much of it was depends on days nobody saw.",
    "too few days": "{days_valid} of {eligible_days} days were seen well enough; {needed} are asked for.",
    "undecidable": "Days nobody saw decide it; nothing is made up for them.",
    "met by estimate": "The valid days, taken for the whole week, reach the target.",
    "partly met by estimate": "The valid days, taken for the whole week, reach at least half of the target.",
    "missed by estimate": "The valid days, taken for the whole week, reach less than half of the target.",
}
_FORMS = {
    "weekly_total": "{target} {amount} in the week",
    "daily_mean": "{target} {amount} a day, on average",
    "days_with": "{target} days with at least {per_day} {amount}",
    "streak": "{target} days in a row with at least {per_day} {amount}",
}


def explain(warehouse: Path, goal: str, week: int, infusion: str | None = None, as_of: date | None = None) -> Row:
    """All that a goal-week's verdict rests on, as of the last run or another date.

    StoreError where there is no such week, or several infusions have it.
    """
    whose = "SELECT participant_id FROM {} WHERE goal_id = $1"
    whose = f"{whose.format('goal')} UNION {whose.format('held_goal')}"
    _, people = query_store(warehouse, whose, [goal])
    _, judging = query_store(warehouse, "SELECT as_of FROM judging")
    if not people or not judging:
        raise StoreError(f"goal {goal}: there is none; `stepwindow goals` lists them")
    found: Row = {}
    for (who,) in people:
        given = {"goal": goal, "week": week}
        answers = week_again(warehouse, who, as_of or judging[0][0], queries("ask/why"), given)
        found |= {row["infusion_id"]: (row, answers) for row in answers["verdict"]}
    if infusion:
        found = {name: value for name, value in found.items() if name == infusion}
    if not found:
        raise StoreError(f"goal {goal}, week {week}: not judged; `stepwindow goals` lists the weeks that are")
    if len(found) > 1:
        raise StoreError(f"goal {goal}, week {week}: choose one with --infusion: {', '.join(found)}")
    ((name, (row, answers)),) = found.items()
    days = [_day(day, row) for day in answers["days"] if day["case_key"] == row["case_key"]]
    frozen = next((one for one in answers["frozen"] if one["infusion_id"] == name), None)
    never = [one for one in untold(warehouse, row["participant_id"]) if one.metric == row["metric"]]
    return _explained(row, days, frozen) | {"cannot_be_told": never[0].sentence if never else None}


def _explained(row: Row, days: list[Row], frozen: Row | None) -> Row:
    sentence = SENTENCES[row["rule"]]
    says = (
        "status reason basis value interval_low interval_high percent target target_effective eligible_days valid_days "
    )
    says += "truncated_by as_of"
    return {
        "goal": {
            "goal_id": row["goal_id"], "version": row["version"], "participant_id": row["participant_id"],
            "in_words": _in_words(row), "derivation": row["derivation"] or row["step_up"],
            "derived_from_days": row["derived_from_days"] if row["derivation"] else None,
            "target_reason": row["target_reason"],
        },
        "window": {
            "infusion_id": row["infusion_id"], "infused_on": row["infused_on"], "next_infusion_on": row["next_on"],
            "anchor": row["anchor_policy"], "week": row["week"], "week_start": row["week_start"],
            "week_end": row["week_end"],
        },
        "days": days,
        "log": None if row["log_is_open"] is None else "open" if row["log_is_open"] else "closed",
        "arithmetic": _arithmetic(row, days),
        "rule": {
            "name": row["rule"], "written_in": "models/sql/week/200_goal_week_decided.sql",
            "sentence": sentence.format(**row, needed=-(-4 * row["eligible_days"] // 7)),
        },
        "verdict": {name: row[name] for name in says.split()},
        "frozen": {name: value for name, value in frozen.items() if name != "infusion_id"} if frozen else None,
    }  # fmt: skip


def _in_words(row: Row) -> str:
    if row["step_up"] and row["target"] is None:
        return f"{row['kind']} of {row['metric']} ({row['step_up']}): the target is issued when the week begins"
    if row["target"] is None or (row["counts_days"] and row["per_day"] is None):
        return f"{row['kind']} of {row['metric']}, derived ({row['derivation']}): no target yet"
    metric = row["metric"].replace("_", " ")
    amount = metric if metric == "steps" else "minutes of " + metric.removesuffix(" minutes")
    per_day = None if row["per_day"] is None else exact(Fraction(row["per_day"]))
    return _FORMS[row["kind"]].format(target=exact(Fraction(row["target"])), amount=amount, per_day=per_day)


def _day(day: Row, row: Row) -> Row:
    """One day as it is shown; `gave`: what it counted as."""
    value = None if day["amount"] is None or not row["can_see"] else Fraction(day["amount"], day["unit"])
    if day["why_not"]:
        gave = f"not counted: {day['why_not']}"
    elif not day["is_over"]:
        gave = "not over"
    elif value is None:
        gave = "unknown"
    elif row["counts_days"]:
        gave = "success" if day["is_success"] else "failure" if day["is_valid"] else "unknown"
    else:
        gave = "counted" if day["is_valid"] else "at least this"
    return {
        "local_date": day["local_date"], "day_number": day["day_number"], "is_eligible": day["why_not"] is None,
        "state": day["day_state"] or "no_data", "wear_minutes": day["wear_minutes"],
        "value": None if value is None else exact(value), "gave": gave,
        "remark": _remark(day, row), "source": day["primary_source"],
        "opens_log": bool(day["has_entry"]) if day["is_logged_metric"] else None,
    }  # fmt: skip


def _remark(day: Row, row: Row) -> str | None:
    """Why a day that was worn well enough did not count as such."""
    if day["why_not"] or day["is_logged_metric"] or day["is_valid"]:
        return None
    flags = (day["flags"] or "").split(";")
    if "clock_suspect" in flags:
        return "a device's clock was hours off"
    return "nobody saw its morning" if "morning_unseen" in flags and row["metric"] != "steps" else None


def _arithmetic(row: Row, days: list[Row]) -> list[str]:
    """The sums in exact numbers; fractions where decimals would have to be cut."""
    if row["target_n"] is None or not row["eligible_days"]:
        return []
    e, valid, one = row["eligible_days"], row["days_valid"], row["one"]
    target, bound = Fraction(row["target_n"], row["target_d"] * one), Fraction(row["bound_n"], row["bound_d"] * one)
    full = exact(Fraction(row["target_amount"], one))
    lines = [f"target {full}"]
    if row["is_prorated"] and row["kind"] == "weekly_total":
        lines = [f"target {full} x {e}/7 = {exact(target)}, because {e} of 7 days count"]
    elif row["is_prorated"] and row["kind"] == "days_with":
        lines = [f"target {full} x {e}/7, rounded up, at most {e} = {exact(target)}, because {e} of 7 days count"]
    if row["counts_days"]:
        reach = Fraction(row["reach_n"], one)
        of = "days in a row" if row["kind"] == "streak" else "days"
        lines.append(f"seen: {exact(bound)} {of}; with every unknown day a success: {exact(reach)}")
    else:
        seen = [day["value"] for day in days if day["gave"] in ("counted", "at least this")]
        total = Fraction(row["seen_total"], row["unit"])
        lines.append(f"seen: {' + '.join(seen) or '0'} = {exact(total)}")
        if row["kind"] == "daily_mean":
            lines.append(f"lower bound: {exact(total)} / {e} days that count = {exact(bound)}")
        if "estimate" in row["rule"]:
            estimate = Fraction(row["estimate_n"], row["estimate_d"] * one)
            share = exact(Fraction(row["valid_total"], row["unit"]))
            spread = "" if row["kind"] == "daily_mean" else f" x {e}"
            scaled = Fraction(row["valid_total"] * (1 if row["kind"] == "daily_mean" else e), row["unit"] * valid)
            lines.append(f"estimate: {share} / {valid} valid days{spread} = {exact(scaled)}")
            if estimate > scaled:
                lines.append(f"the estimate is never below what was seen: {exact(estimate)}")
        if row["interval_low"] is not None:
            low, high = (exact(Fraction(row[end])) for end in ("interval_low", "interval_high"))
            lines.append(f"had every day been seen: {low} to {high}, 9 times in 10 (decides nothing)")
    if row["value"] is not None:
        shown = Fraction(row["estimate_n"], row["estimate_d"] * one) if "estimate" in row["rule"] else bound
        lines.append(f"compared: {exact(shown)} with {exact(target)}" + _percent(row))
    return lines


def _percent(row: Row) -> str:
    return "" if row["percent"] is None else f", {row['percent']} % (rounded down)"


def exact(number: Fraction) -> str:
    """12.5 or 128 4/7: nothing is cut off."""
    left = number.denominator
    for factor in (2, 5):
        while left % factor == 0:
            left //= factor
    if left == 1:
        places = next(n for n in range(64) if 10**n % number.denominator == 0)
        digits = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
        return ("-" if number < 0 else "") + (f"{digits[:-places]}.{digits[-places:]}" if places else digits)
    integer, rest = divmod(number, 1)
    return f"{integer} {rest}" if integer else str(rest)


def show(found: Row) -> None:
    """Print an explanation."""
    out = console()
    goal, window, verdict, rule = found["goal"], found["window"], found["verdict"], found["rule"]
    out.print(f"[bold]{escape(goal['goal_id'])}[/bold], version {goal['version']}, {goal['participant_id']}")
    out.print(escape(goal["in_words"]))
    if goal["target_reason"]:
        target = exact(Fraction(verdict["target"]))
        out.print(f"target: {target}, {goal['target_reason']} ({goal['derivation']}; issued once, when the week began)")
    elif goal["derivation"] and goal["derived_from_days"] is not None:
        out.print(f"derived: {goal['derivation']} from {goal['derived_from_days']} days")
    after = f" (the next one on {window['next_infusion_on']})" if window["next_infusion_on"] else ""
    out.print(f"after infusion {escape(window['infusion_id'])} of {window['infused_on']}{after}, {window['anchor']}")
    out.print(f"week {window['week']}: {window['week_start']} to {window['week_end']}, as of {verdict['as_of']}")
    cells = []
    for day in found["days"]:
        worn = "" if day["wear_minutes"] is None else f"{day['wear_minutes']} min"
        gave = f"{day['gave']}: {day['remark']}" if day["remark"] else day["gave"]
        cells.append((day["local_date"], day["day_number"], day["state"], worn, day["value"], gave, day["source"]))
    columns = ["date", "day", "state", "worn", "value", "counted as", "source"]
    out.print(table(columns, cells, right=("day", "worn", "value")))
    if found["log"]:
        out.print(f"The week's log is {found['log']}.")
    for line in found["arithmetic"]:
        out.print(escape(f"  {line}"))
    reason = f" ({verdict['reason']})" if verdict["reason"] else ""
    basis = f", {verdict['basis']}" if verdict["basis"] else ""
    out.print(f"[bold]{verdict['status']}[/bold]{reason}{basis}: {rule['sentence']}")
    if found["cannot_be_told"]:
        out.print(escape(found["cannot_be_told"]))
    out.print(f"Rule: {rule['name']}, in {rule['written_in']}, which lists all of them.", style="dim")
    if frozen := found["frozen"]:
        out.print(f"Frozen by the lock date: {frozen['status']} as of {frozen['as_of']} stands in goal_week.")
