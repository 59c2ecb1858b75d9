"""A second judge, from sections 10 and 11 of docs/rules.md alone, with fractions. It shares nothing with the SQL."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction
from math import ceil, floor, isqrt


@dataclass(frozen=True)
class Day:
    """What is known of one day for one metric: `value` in the metric's unit, None where nothing is known."""

    value: Fraction | None
    state: str
    has_entry: bool = False  # anything at all logged that day
    morning_unseen: bool = False  # its counters were running when its rows began late (R4.8)


@dataclass(frozen=True)
class Week:
    """One goal, one post-infusion week. Day numbers count from the infusion; `days` are the seven days of the week."""

    kind: str
    target: Fraction
    days: Sequence[Day]
    per_day: Fraction | None = None
    week: int = 1
    as_of: int = 15
    next_infusion: int | None = None
    effective_from: int | None = None
    holds: frozenset[int] = field(default_factory=frozenset)
    skipped: frozenset[int] = field(default_factory=frozenset)
    truncation: str = "prorate"
    estimate: str = "scale"
    grace: int = 7
    is_logged: bool = False
    is_steps: bool = False  # the metric is steps
    left_on: int | None = None


@dataclass(frozen=True)
class Verdict:
    status: str
    reason: str | None = None
    basis: str | None = None
    percent: int | None = None
    target_effective: Fraction | None = None
    value: Fraction | None = None
    eligible_days: int = 0
    valid_days: int | None = None
    low: Fraction | None = None
    high: Fraction | None = None


@dataclass(frozen=True)
class StepUp:
    """A target that rises with the weeks that were met."""

    first: Fraction
    rise: Fraction
    weeks: int = 1
    up_to: Fraction | None = None


def issue(rule: StepUp, before: Sequence[tuple[Fraction, str]]) -> Fraction:
    """The target of the week after these, each with its target and its status as it is known (R10.9)."""
    if not before:
        return rule.first
    judged = [(n, status) for n, (_, status) in enumerate(before) if status in ("met", "partly_met", "missed")]
    completes = [n for k, (n, _) in enumerate(judged, 1) if k >= rule.weeks and _all_met(judged[k - rule.weeks : k])]
    if not completes or completes[-1] != judged[-1][0]:
        return before[-1][0]
    risen = [n for n in range(1, len(before)) if before[n][0] > before[n - 1][0]]
    if risen and len(completes) <= len(risen) and completes[-1] < risen[-1]:
        return before[-1][0]  # it lifted the target already
    more = before[-1][0] + rule.rise
    return max(before[-1][0], more if rule.up_to is None else min(more, rule.up_to))


def _all_met(weeks: Sequence[tuple[int, str]]) -> bool:
    return all(status == "met" for _, status in weeks)


def judge(week: Week) -> Verdict:
    first = 7 * (week.week - 1) + 1
    numbers = range(first, first + 7)
    known = dict(zip(numbers, week.days, strict=True))
    left = [d for d in numbers if week.left_on is not None and d > week.left_on]
    taken = [d for d in numbers if week.next_infusion is not None and d >= week.next_infusion and d not in left]
    early = [d for d in numbers if week.effective_from is not None and d < week.effective_from]
    eligible = [
        d for d in numbers if not (d in left or d in taken or d in early or d in week.holds or d in week.skipped)
    ]
    e = len(eligible)

    # 1, 2: no day; not begun
    if e == 0:
        if taken:
            return Verdict("superseded", "next_infusion")
        if left:
            return Verdict("superseded", "left")
        return Verdict("insufficient_data", "on_hold" if week.holds & set(numbers) else "goal_not_in_force")
    if week.as_of < eligible[0]:
        return Verdict("upcoming", eligible_days=e)

    # What each eligible day is: days not over are unknown; a logged metric needs an open log.
    over = [d for d in eligible if d < week.as_of]
    log_open = any(known[d].has_entry for d in over)
    state, value = {}, {}
    for d in eligible:
        state[d], value[d] = "no_data", None
        if d in over and week.is_logged and log_open:
            state[d], value[d] = "valid", known[d].value or Fraction(0)
        elif d in over and not week.is_logged and known[d].value is not None:
            state[d], value[d] = known[d].state, known[d].value
            if known[d].morning_unseen and not week.is_steps and state[d] == "valid":
                state[d] = "insufficient_wear"  # what is told by the minute is a lower bound
        elif d in over and not week.is_logged and known[d].state == "implausible":
            state[d] = "implausible"
    valid = [d for d in eligible if state[d] == "valid"]
    usable = [d for d in eligible if state[d] in ("valid", "insufficient_wear")]
    n = len(valid)

    # 3: effective target
    target = week.target
    if e < 7 and e >= 4 and week.truncation == "prorate":
        if week.kind == "weekly_total":
            target = target * e / 7
        elif week.kind == "days_with":
            target = Fraction(min(e, ceil(target * e / 7)))

    # 4: lower bound
    counts = week.kind in ("days_with", "streak")
    measure = _longest_run if week.kind == "streak" else len
    reach = Fraction(0)
    if counts:
        assert week.per_day is not None
        success = {d for d in usable if (value[d] or Fraction(0)) >= week.per_day}
        failure = {d for d in valid if d not in success}
        bound = Fraction(measure(sorted(success)))
        reach = Fraction(measure(sorted(set(eligible) - failure)))
    else:
        bound = sum((value[d] or Fraction(0) for d in usable), Fraction(0))
        if week.kind == "daily_mean":
            bound /= e

    def saying(
        status: str, reason: str | None = None, shown: Fraction | None = bound, basis: str = "observed"
    ) -> Verdict:
        if status == "insufficient_data" or shown is None:
            return Verdict(status, reason, None, None, target, None, e, n)
        return Verdict(status, reason, basis, floor(100 * shown / target), target, shown, e, n)

    if bound >= target:
        return saying("met", None if len(usable) == e else "lower_bound")
    # 5: running
    last = eligible[-1]
    if week.as_of <= last:
        return saying("in_progress", "unreachable" if counts and reach < target else None)
    # 6: short windows
    if e < 4 or (week.kind == "streak" and target > e):
        return saying("insufficient_data", "window_too_short")
    if week.truncation == "flag" and e < 7:
        return saying("insufficient_data", "window_truncated")
    in_grace = week.as_of <= last + week.grace
    nothing = all(state[d] == "no_data" for d in eligible)
    silence = "no_log" if week.is_logged and not log_open else "no_data" if nothing else None
    # 7: totals and means
    if not counts:
        if n < e and in_grace:
            return saying("in_progress", "awaiting_data")
        if n < ceil(Fraction(4 * e, 7)):
            return saying("insufficient_data", silence or "too_few_valid_days")
        if n < e and week.estimate == "none":
            return saying("insufficient_data", "undecidable_missing_days")
        mean = sum((value[d] or Fraction(0) for d in valid), Fraction(0)) / n
        estimate = max(bound, mean if week.kind == "daily_mean" else mean * e)
        status = "met" if estimate >= target else "partly_met" if estimate >= target / 2 else "missed"
        if n == e:
            return saying(status, None, estimate)
        ends = interval([value[d] or Fraction(0) for d in valid], e, e if week.kind == "daily_mean" else 1)
        low, high = (max(end, bound) for end in ends)
        return replace(saying(status, None, estimate, "estimated"), low=low, high=high)
    # 8: counts and streaks
    if reach < target and bound >= target / 2:
        return saying("partly_met")
    if reach < target / 2:
        return saying("missed")
    if in_grace:
        return saying("in_progress", "awaiting_data")
    return saying(
        "insufficient_data",
        silence or ("not_met_degree_unknown" if reach < target else "undecidable_missing_days"),
    )


# The 95th percentile of Student's t, by degrees of freedom.
T = {2: Fraction("2.920"), 3: Fraction("2.353"), 4: Fraction("2.132"), 5: Fraction("2.015")}


def interval(seen: Sequence[Fraction | int], e: int, share: int = 1) -> tuple[Fraction, Fraction]:
    """Between what the sum of e days lies of which these were seen, divided by `share` (R11.12)."""
    v, mean = len(seen), Fraction(sum(seen), len(seen))
    variance = (sum(x * x for x in seen) - v * mean * mean) / (v - 1)
    square = (1000 * T[v - 1] * e / share) ** 2 * variance / v * (1 - Fraction(v, e))
    middle = 1000 * mean * e / share
    parts = middle.denominator
    half = _root_up(square * parts**2)
    return (
        Fraction((middle.numerator - half) // parts, 1000),
        Fraction(-((-middle.numerator - half) // parts), 1000),
    )


def _root_up(square: Fraction) -> int:
    root = isqrt(floor(square))
    return root if root * root >= square else root + 1


def _longest_run(days: list[int]) -> int:
    best = run = 0
    before = None
    for d in days:
        run = run + 1 if before is not None and d == before + 1 else 1
        best, before = max(best, run), d
    return best
