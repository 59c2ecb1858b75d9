"""The worked questions answer rightly: each answer is computed again here, in another way, from the published rows."""

from __future__ import annotations

import csv
from collections import Counter, defaultdict
from contextlib import closing
from datetime import date
from decimal import Decimal
from pathlib import Path
from statistics import fmean, stdev

import duckdb
import pytest

from flows.cli import main
from flows.report.words import STATES
from models.store.analytics import questions
from models.store.connect import quoted
from models.store.read import open_published
from tests.asking import DAY, Sample, answer, half, mean, rows_of, valid
from tests.studies import AS_OF, StudyFolder


@pytest.fixture(scope="module")
def known(sample: StudyFolder) -> Sample:
    return Sample(sample)


def test_there_are_twenty_five_and_none_has_a_reading_of_another() -> None:
    asked = questions().values()
    assert (
        len(asked) == len({question.words for question in asked}) == len({question.reading for question in asked}) == 25
    )
    assert all(question.words.endswith("?") and len(question.reading) > 200 for question in asked)


def test_each_has_the_same_answer_over_a_parquet_hand_over(sample: StudyFolder, tmp_path: Path) -> None:
    assert main(["export", "--study", str(sample.folder), "--format", "parquet", str(tmp_path / "lab")]) == 0
    with closing(open_published(sample.folder / "warehouse")) as published, closing(duckdb.connect()) as files:
        for con in (published, files):
            con.execute("SET TimeZone = 'UTC'")
        for file in (tmp_path / "lab").glob("*.parquet"):
            files.execute(f"CREATE TABLE {file.stem} AS FROM '{quoted(file)}'")
        for name, question in questions().items():
            there, here = (con.execute(question.sql).fetchall() for con in (files, published))
            assert len(there) == len(here), name
            for one, other in zip(there, here, strict=True):
                assert [plain(cell) for cell in one] == [plain(cell) for cell in other], name


def plain(cell: object) -> object:
    """Numbers as numbers: a file has no decimals, and a half may be rounded the other way."""
    return pytest.approx(float(cell), abs=0.11) if isinstance(cell, Decimal | float) else cell


def test_adherence_by_week_keeps_in_sight_what_cannot_be_said(sample: StudyFolder) -> None:
    said = defaultdict(Counter)
    for row in rows_of(sample, "goal_week"):
        if row["status"] != "superseded" and row["week_end"] < AS_OF:
            said[row["week"]][row["status"]] += 1
    found = {row["week"]: row for row in answer(sample, "adherence_by_week")}
    assert found.keys() == said.keys() == {1, 2, 3, 4}
    for week, count in said.items():
        row, total, met = found[week], count.total(), count["met"]
        unsaid = total - met - count["partly_met"] - count["missed"]
        assert (row["goals"], row["met"], row["cannot_be_said"]) == (total, met, unsaid)
        assert row["at_least_percent"] == half(100 * met / total)
        assert row["at_most_percent"] == half(100 * (met + unsaid) / total)
    assert found[1]["participants"] == 6
    assert (found[1]["goals"], found[1]["met"]) == (19, 14)  # counted by hand in the first night's table


def test_change_against_baseline_is_of_valid_days_and_at_least_four(sample: StudyFolder, known: Sample) -> None:
    first = {i["participant_id"]: i for i in reversed(known.infusions)}
    expected = {}
    for (who, infusion, week), rows in known.weeks().items():
        after = [row["steps"] for row in valid(rows)]
        before = [row["steps"] for row in valid(known.before(first[who], 14)) if not row["is_partial"]]
        if len(after) >= 4 and len(before) >= 4:
            expected[infusion, week] = (len(before), len(after), half(fmean(after) - fmean(before)))
    found = {
        (row["infusion_id"], row["week"]): (
            row["baseline_steps_mean_days"], row["steps_mean_days"], half(row["difference"])
        )
        for row in answer(sample, "change_against_baseline")
    }  # fmt: skip
    assert found == expected
    assert len(found) > 12
    assert not any(row["device_changed"] for row in answer(sample, "change_against_baseline"))


def test_ten_minutes_of_anything_counts_badly_worn_days_for_and_never_against(
    sample: StudyFolder, known: Sample
) -> None:
    expected = {}
    for key, rows in known.weeks().items():
        ten = sum(bool(r and r["day_state"] != "implausible" and (r["movement_minutes"] or 0) >= 10) for r in rows)
        below = sum(r["movement_minutes"] is not None and r["movement_minutes"] < 10 for r in valid(rows))
        expected[key] = (len(rows), ten, below, len(rows) - ten - below)
    found = {
        (row["participant_id"], row["infusion_id"], row["week"]): tuple(list(row.values())[3:])
        for row in answer(sample, "ten_minutes_of_anything")
    }
    assert found == expected
    assert found["P06", "P06-1", 1] == (7, 1, 0, 6)


def test_walking_around_infusions_leaves_out_infusion_days_and_what_follows_the_next(
    sample: StudyFolder, known: Sample
) -> None:
    found = {row["infusion_id"]: row for row in answer(sample, "walking_around_infusions")}
    assert list(found) == [infusion["infusion_id"] for infusion in known.infusions]
    for infusion in known.infusions:
        parts = {
            "before": known.before(infusion, 7),
            "d1_2": [row for _, row in known.after(infusion, 1, 2)],
            "d3_7": [row for _, row in known.after(infusion, 3, 7)],
        }
        row = found[infusion["infusion_id"]]
        for part, rows in parts.items():
            walked = [r["walking_minutes"] for r in valid(rows) if r["walking_minutes"] is not None]
            assert (half(row[f"{part}_mean"]), row[f"{part}_mean_days"]) == (half(mean(walked)), len(walked)), (
                row,
                part,
            )


def test_gone_quiet_is_who_sent_nothing_of_the_last_three_days(sample: StudyFolder, known: Sample) -> None:
    last = {}
    for (who, day), row in known.days.items():
        if row["primary_source"] and day < AS_OF:
            last[who] = max(last.get(who, day), day)
    for row in rows_of(sample, "source_file"):
        if row["connector"] == "diary":
            last[row["participant_id"]] = max(last[row["participant_id"]], row["covers_to"])
    quiet = {who: (AS_OF - day).days - 1 for who, day in last.items() if (AS_OF - day).days - 1 >= 3}
    found = answer(sample, "gone_quiet")
    assert {row["participant_id"]: row["days_quiet"] for row in found} == quiet
    assert [(row["participant_id"], row["last_source"], row["is_followed"]) for row in found] == [
        ("P04", "diary", True)
    ]


def test_agreement_of_devices_is_of_the_days_both_saw(sample: StudyFolder) -> None:
    by_day = defaultdict(dict)
    for row in rows_of(sample, "source_day"):
        at_work = row["steps"] and (row["wear_minutes"] is None or row["wear_minutes"] >= 600)
        if at_work and not row["is_partial"]:
            by_day[row["participant_id"], row["local_date"]][row["source"]] = row["steps"]
    pairs = [(day["fitbit"], day["fitbit_phone"]) for day in by_day.values() if len(day) == 2]
    apart = [one - other for one, other in pairs]
    (row,) = answer(sample, "agreement_of_devices")
    assert (row["first_source"], row["second_source"], row["participants"]) == ("fitbit", "fitbit_phone", 1)
    assert (row["difference_mean_days"], row["difference_mean"]) == (len(apart), half(fmean(apart)))
    assert row["first_steps_mean"] == half(fmean(one for one, _ in pairs))
    spread = 1.96 * stdev(apart)
    assert (row["lower_limit"], row["upper_limit"]) == (half(fmean(apart) - spread), half(fmean(apart) + spread))
    assert len(apart) > 30


def test_yoga_dance_and_massage_are_zero_only_where_a_log_was_kept(sample: StudyFolder, known: Sample) -> None:
    written = defaultdict(lambda: defaultdict(float))
    for row in rows_of(sample, "session"):
        written[row["participant_id"], row["local_date"]][row["activity"]] += float(row["timer_minutes"])
    for sheet in (sample.folder / "inbox").rglob("diary*.csv"):
        for row in csv.DictReader(sheet.read_text("utf-8").splitlines()):
            written[sheet.relative_to(sample.folder / "inbox").parts[0], date.fromisoformat(row["date"])]  # also `none`
    found = {(row["infusion_id"], row["week"]): row for row in answer(sample, "yoga_dance_massage")}
    expected = {}
    for infusion in known.infusions:
        who = infusion["participant_id"]
        for n, _ in known.after(infusion):
            day, key = infusion["infused_on"] + n * DAY, (infusion["infusion_id"], (n + 6) // 7)
            expected.setdefault(key, []).append(written.get((who, day)))
    assert found.keys() == expected.keys()
    for key, days in expected.items():
        logged = [day for day in days if day is not None]
        assert found[key]["logged_days"] == len(logged), key
        for activity in ("yoga", "dance", "strength", "massage"):
            total = sum(day.get(activity, 0) for day in logged) if logged else None
            assert half(found[key][f"{activity}_minutes"]) == half(total), (key, activity)
    assert {row["yoga_minutes"] is None for row in found.values()} == {True, False}


def test_changed_verdicts_name_what_came_late_and_what_only_took_time(sample: StudyFolder) -> None:
    found = answer(sample, "changed_verdicts")
    said = [(row["cause"], row["goal_id"], row["week"], row["status_before"], row["status"]) for row in found]
    late = [rest for cause, *rest in said if cause == "late_data"]
    # the two files that came late hold a strength session and an active day of P05's first week
    assert late == [["P05-active", 1, "partly_met", "met"], ["P05-strength", 1, "partly_met", "met"]]
    assert {cause for cause, *_ in said} == {"late_data", "time_passed"}
    for row in found:
        assert (row["as_of_before"], row["as_of"]) == (date(2026, 3, 17), AS_OF)
        assert (row["status_before"], row["value_before"]) != (row["status"], row["value"]) or row["reason"]
    now = {(r["goal_id"], r["infusion_id"], r["week"]): r["status"] for r in rows_of(sample, "goal_week")}
    assert all(now[row["goal_id"], row["infusion_id"], row["week"]] == row["status"] for row in found)


def test_estimated_share_adds_up_to_the_verdicts_that_are_over(sample: StudyFolder) -> None:
    expected = defaultdict(Counter)
    for row in rows_of(sample, "goal_week"):
        if row["week_end"] < AS_OF and row["valid_days"] is not None and row["status"] != "superseded":
            tally = expected[row["status"], row["basis"] or "none"]
            tally.update(n=1, seen=row["valid_days"], of=row["eligible_days"], bound=row["reason"] == "lower_bound")
    found = {
        (row["status"], row["basis"]): Counter(
            n=row["goal_weeks"], seen=row["valid_days"], of=row["eligible_days"], bound=row["enough_by_itself"]
        )
        for row in answer(sample, "estimated_share")
    }
    assert found == expected
    assert found["met", "estimated"]["n"] == 1  # P02-steps after P02-4: four of six days
    assert ("missed", "estimated") not in found
    for row in answer(sample, "estimated_share"):
        assert row["seen_percent"] == half(100 * row["valid_days"] / row["eligible_days"])


def test_coverage_by_device_has_a_row_for_the_days_nobody_saw(sample: StudyFolder, known: Sample) -> None:
    states, worn = defaultdict(Counter), defaultdict(list)
    for rows in known.weeks().values():
        for row in rows:
            source = row["primary_source"] if row else None
            states[source][row["day_state"] if row else "no_data"] += 1
            worn[source].append(row["wear_minutes"] if row else None)
    found = {row["primary_source"]: row for row in answer(sample, "coverage_by_device")}
    assert found.keys() == states.keys()
    assert None in found
    for source, count in states.items():
        row, minutes = found[source], [m for m in worn[source] if m is not None]
        assert row["days"] == count.total()
        assert {state: row[state] for state in STATES if row[state]} == count
        assert (half(row["worn_mean"]), row["worn_mean_days"]) == (half(mean(minutes)), len(minutes))
