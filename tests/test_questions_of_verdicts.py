"""The worked questions about verdicts, each computed again from the published rows."""

from __future__ import annotations

from collections import Counter, defaultdict
from itertools import groupby

import pytest

from tests.asking import Sample, answer, half, rows_of
from tests.studies import AS_OF, StudyFolder

SAID = ("met", "partly_met", "missed")
LOGGED = {"workout_minutes", "strength_minutes", "yoga_minutes", "dance_minutes", "massage_minutes"}


@pytest.fixture(scope="module")
def over(sample: StudyFolder) -> list[dict]:
    """The verdicts of weeks that are over, of each goal in the order of its weeks."""
    rows = [r for r in rows_of(sample, "goal_week") if r["status"] != "superseded" and r["week_end"] < AS_OF]
    return sorted(rows, key=lambda row: (row["participant_id"], row["goal_id"], row["week_start"]))


@pytest.fixture(scope="module")
def amounts(sample: StudyFolder, over: list[dict]) -> dict[tuple, list[float | None]]:
    """What each day that counts gives to each goal's week, in the order of dates; None: not known."""
    known, found = Sample(sample), {}
    infusions = {infusion["infusion_id"]: infusion for infusion in known.infusions}
    logs = {(r["infusion_id"], r["week"]): r["logged_days"] for r in rows_of(sample, "weekly_activity")}
    for row in over:
        days = known.after(infusions[row["infusion_id"]], 7 * row["week"] - 6, 7 * row["week"])
        given = [day[row["metric"]] if day else None for _, day in days]
        if row["metric"] in LOGGED and logs[row["infusion_id"], row["week"]]:
            given = [value or 0 for value in given]
        found[key(row)] = [None if value is None else float(value) for value in given]
    return found


def key(row: dict) -> tuple[str, str, int]:
    return row["goal_id"], row["infusion_id"], row["week"]


def run(days: list[bool]) -> int:
    return max((len(list(same)) for is_one, same in groupby(days) if is_one), default=0)


def test_weeks_in_a_row_have_two_bounds_where_a_week_cannot_be_said(sample: StudyFolder, over: list[dict]) -> None:
    found = {row["goal_id"]: row for row in answer(sample, "weeks_in_a_row")}
    said = defaultdict(list)
    for row in over:
        said[row["goal_id"]].append(row["status"])
    assert found.keys() == said.keys()
    for goal, statuses in said.items():
        met, may_be = [s == "met" for s in statuses], [s == "met" or s not in SAID for s in statuses]
        current = met[::-1].index(False) if False in met else len(met)
        row = found[goal]
        assert (row["longest_at_least"], row["longest_at_most"]) == (run(met), run(may_be))
        assert (row["weeks"], row["met"], row["current_at_least"]) == (len(met), sum(met), current)
    assert (found["P06-steps"]["longest_at_least"], found["P06-steps"]["longest_at_most"]) == (1, 4)


def test_verdicts_by_other_rules_are_as_judged_again_with_the_unseen_days_filled(
    sample: StudyFolder, over: list[dict], amounts: dict[tuple, list[float | None]]
) -> None:
    expected = defaultdict(Counter)
    for row in over:
        if not row["target_effective"]:
            continue
        count, seen = expected[row["status"]], [value for value in amounts[key(row)] if value is not None]
        for rule, fill in (("zero", 0.0), ("mean", sum(seen) / len(seen) if seen else None)):
            if fill is None:
                count["mean_unknown"] += 1
                continue
            days = [fill if value is None else value for value in amounts[key(row)]]
            enough = [bool(row["per_day"]) and value >= row["per_day"] for value in days]
            amount = {
                "weekly_total": sum(days), "daily_mean": sum(days) / len(days), "days_with": sum(enough),
                "streak": run(enough),
            }[row["kind"]]  # fmt: skip
            share = amount / float(row["target_effective"])
            count[f"{rule}_{'met' if share >= 1 else 'partly' if share >= 0.5 else 'missed'}"] += 1
    found = {row.pop("status"): row for row in answer(sample, "verdicts_by_missing_rule")}
    assert found.keys() == expected.keys()
    for status, count in expected.items():
        goal_weeks = found[status].pop("goal_weeks")
        assert goal_weeks == sum(n for name, n in count.items() if name.startswith("zero"))
        assert Counter(found[status]) == count, status
    assert found["insufficient_data"]["zero_missed"] > 0  # which the rules of this study never say
    assert found["met"]["mean_met"] == found["met"]["zero_met"] + 1  # P02-steps of four days rests on an estimate


def test_what_verdicts_rest_on_are_the_days_that_count(
    sample: StudyFolder, over: list[dict], amounts: dict[tuple, list[float | None]]
) -> None:
    found = {key(row): row for row in answer(sample, "what_verdicts_rest_on")}
    assert list(found) == [key(row) for row in over]
    for verdict in over:
        row, days = found[key(verdict)], amounts[key(verdict)]
        seen = [value for value in days if value is not None]
        assert (row["days"], row["known"], row["unknown"]) == (len(days), len(seen), len(days) - len(seen))
        assert row["days"] == verdict["eligible_days"]
        assert row["left_out"] == verdict["truncated_by"]
        if verdict["kind"] in ("days_with", "streak"):
            assert row["reached"] == sum(value >= verdict["per_day"] for value in seen)
            assert row["largest_day_percent"] is None
        else:
            assert half(row["largest_day_percent"]) == (half(100 * max(seen) / sum(seen)) if sum(seen) else None)
            assert row["reached"] is None
    assert found["P04-dance", "P04-1", 3]["largest_day_percent"] == 100  # the class at the clinic alone


def test_adherence_by_infusion_is_that_of_weeks_split_by_the_number_of_the_infusion(
    sample: StudyFolder, over: list[dict]
) -> None:
    order, expected = Sample(sample).infusions, defaultdict(list)
    for row in over:
        of = [i["infusion_id"] for i in order if i["participant_id"] == row["participant_id"]]
        expected[of.index(row["infusion_id"]) + 1, row["week"]].append(row)
    found = {(row["ordinal"], row["week"]): row for row in answer(sample, "adherence_by_infusion")}
    assert list(found) == sorted(expected)
    for group, rows in expected.items():
        row, met = found[group], sum(r["status"] == "met" for r in rows)
        unsaid = sum(r["status"] not in SAID for r in rows)
        assert (row["participants"], row["goals"]) == (len({r["participant_id"] for r in rows}), len(rows))
        assert (row["met"], row["cannot_be_said"]) == (met, unsaid)
        assert row["at_least_percent"] == half(100 * met / len(rows))
        assert row["at_most_percent"] == half(100 * (met + unsaid) / len(rows))
    by_week = Counter()
    for row in found.values():
        by_week[row["week"]] += row["goals"]
    assert by_week == {row["week"]: row["goals"] for row in answer(sample, "adherence_by_week")}
