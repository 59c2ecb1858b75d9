"""The worked questions about days and weeks, each computed again from the published rows."""

from __future__ import annotations

import csv
from cmath import phase, rect
from collections import Counter, defaultdict
from datetime import date
from math import log, pi, sqrt
from statistics import fmean, median, stdev
from zoneinfo import ZoneInfo

import pytest

from tests.asking import DAY, Sample, answer, answer_if, half, mean, rows_of, valid
from tests.studies import AS_OF, StudyFolder


@pytest.fixture(scope="module")
def known(sample: StudyFolder) -> Sample:
    return Sample(sample)


def firsts(known: Sample) -> dict[str, dict]:
    """The first infusion of each person."""
    return {infusion["participant_id"]: infusion for infusion in reversed(known.infusions)}


def baselines(known: Sample) -> dict[str, list[int]]:
    """Steps of the days that count before each person's first infusion."""
    whole = {who: [r for r in valid(known.before(i, 14)) if not r["is_partial"]] for who, i in firsts(known).items()}
    return {who: [row["steps"] for row in rows] for who, rows in whole.items()}


def changes(known: Sample) -> dict[tuple[str, str, int], float | None]:
    """Steps of each infusion's week minus the baseline; None: fewer than four days on either side."""
    found, before = {}, baselines(known)
    for (who, infusion, week), rows in known.weeks().items():
        after = [row["steps"] for row in valid(rows)]
        enough = len(after) >= 4 and len(before[who]) >= 4
        found[who, infusion, week] = fmean(after) - fmean(before[who]) if enough else None
    return found


def followed(known: Sample) -> dict[str, list[tuple[date, dict | None]]]:
    """Each person's days from fourteen before the first infusion on, that are over."""
    found = {}
    for who, infusion in firsts(known).items():
        begins = infusion["infused_on"] - 14 * DAY
        dates = [begins + n * DAY for n in range((AS_OF - begins).days)]
        found[who] = [(day, known.days.get((who, day))) for day in dates]
    return found


def is_valid(row: dict | None) -> bool:
    return bool(row and row["day_state"] == "valid")


def test_an_event_study_counts_the_days_nobody_saw_and_takes_each_person_by_their_own_baseline(
    sample: StudyFolder, known: Sample
) -> None:
    by_day, before = defaultdict(list), baselines(known)
    for who, infusion in firsts(known).items():
        for n in range(-14, 0):
            by_day[n].append((who, known.days.get((who, infusion["infused_on"] + n * DAY))))
    for infusion in known.infusions:
        who = infusion["participant_id"]
        by_day[0].append((who, known.days.get((who, infusion["infused_on"]))))
        for n, row in known.after(infusion, 1, 27):
            by_day[n].append((who, row))
    found = {row["day_number"]: row for row in answer(sample, "event_study")}
    assert list(found) == list(range(-14, 28))
    for n, days in by_day.items():
        seen = [(who, row["steps"]) for who, row in days if is_valid(row)]
        apart = [steps - fmean(before[who]) for who, steps in seen if len(before[who]) >= 4]
        assert list(found[n].values()) == [
            n, len({who for who, _ in days}), len(days), half(mean([steps for _, steps in seen])), len(seen),
            half(100 * len(seen) / len(days)), half(mean(apart)), len(apart),
        ]  # fmt: skip


def test_a_mean_change_takes_each_person_once_and_says_who_is_not_in_it(sample: StudyFolder, known: Sample) -> None:
    by_person = defaultdict(lambda: defaultdict(list))
    for (who, _, week), change in changes(known).items():
        by_person[week][who] += [] if change is None else [change]
    found = {row["week"]: row for row in answer(sample, "mean_change_by_week")}
    assert found.keys() == by_person.keys()
    for week, people in by_person.items():
        each = [fmean(of) for of in people.values() if of]
        row = found[week]
        assert (row["change_mean"], row["change_mean_people"]) == (half(fmean(each)), len(each))
        assert (row["change_median"], row["rose"]) == (half(median(each)), sum(change > 0 for change in each))
        assert (row["participants"], row["not_known"]) == (len(people), len(people) - len(each))
        assert row["standard_error"] == half(stdev(each) / sqrt(len(each)))
    assert found[1]["not_known"] == 2  # P04 has no device, P06 one day


def test_a_dose_response_frame_numbers_the_infusions_and_leaves_out_what_was_seen_too_little(
    sample: StudyFolder, known: Sample
) -> None:
    found, before, number = {r["infusion_id"]: r for r in answer(sample, "dose_response")}, baselines(known), Counter()
    change, last = changes(known), {}
    assert list(found) == [infusion["infusion_id"] for infusion in known.infusions]
    for infusion in known.infusions:
        who, row = infusion["participant_id"], found[infusion["infusion_id"]]
        number[who] += 1
        since = (infusion["infused_on"] - last[who]).days if who in last else None
        last[who] = infusion["infused_on"]
        days = [day for _, day in known.after(infusion, 1, 7)]
        assert (row["ordinal"], row["days_since_previous"]) == (number[who], since)
        assert row["baseline_steps_mean_days"] == len(before[who])
        assert (row["eligible_days"], row["steps_mean_days"]) == (len(days), len(valid(days)))
        assert half(row["steps_mean"]) == half(mean([day["steps"] for day in valid(days)]))
        assert half(row["change"]) == half(change[who, infusion["infusion_id"], 1])
    assert [row["days_since_previous"] for row in found.values()].count(None) == 6


def test_the_clinics_own_columns_stand_beside_the_infusions_and_weeks_they_are_of(sample: StudyFolder) -> None:
    def written(name: str) -> list[dict]:
        return list(csv.DictReader((sample.folder / name).read_text("utf-8").splitlines()))

    doses = {row["infusion_id"]: float(row["dose_mg"]) for row in written("infusions.csv") if row["dose_mg"]}
    arms = {row["participant_id"]: row["arm"] for row in written("participants.csv")}
    assert {row["infusion_id"]: row["dose_mg"] for row in answer(sample, "dose_response")} == doses
    weeks = answer(sample, "person_weeks")
    assert all(
        (row["dose_mg"], row["arm"]) == (doses[row["infusion_id"]], arms[row["participant_id"]]) for row in weeks
    )
    assert len(set(doses.values())) > 5
    assert len(set(arms.values())) == 2


def test_days_are_missing_after_quiet_days_as_counted_by_hand(sample: StudyFolder, known: Sample) -> None:
    tally = defaultdict(Counter)
    for who, days in followed(known).items():
        steps = sorted((r["steps"], r["local_date"]) for (of, _), r in known.days.items() if of == who and is_valid(r))
        size, more = divmod(len(steps), 3)  # as ntile: the first thirds have one more
        ends = (size + (more > 0), 2 * size + more)
        third = {day: (n >= ends[0]) + (n >= ends[1]) for n, (_, day) in enumerate(steps)}
        last = eve = None
        for day, row in days if len(steps) >= 9 else []:
            if last is not None:
                name = ("quiet", "usual", "lively")[last]
                tally[name].update(days=1, unseen=not is_valid(row), after=eve, begins=eve and not is_valid(row))
                tally[name].update({who: 0})
            last, eve = third.get(day, last), day in third
    found = {row["last_seen_day"]: row for row in answer(sample, "missing_after_quiet_day")}
    assert found.keys() == tally.keys() == {"quiet", "usual", "lively"}
    for name, count in tally.items():
        row = found[name]
        assert (row["days"], row["unseen"], row["days_after_seen_eve"], row["gap_begins"]) == (
            count["days"], count["unseen"], count["after"], count["begins"]
        )  # fmt: skip
        assert row["participants"] == len(count) - 4
        assert row["unseen_percent"] == half(100 * count["unseen"] / count["days"])
        assert row["gap_begins_percent"] == half(100 * count["begins"] / count["after"])


def test_what_is_missing_is_before_the_first_day_in_a_gap_or_after_the_last(sample: StudyFolder, known: Sample) -> None:
    tally = defaultdict(Counter)
    for who, days in followed(known).items():
        seen = [day for (of, day), row in known.days.items() if of == who and row["day_state"] != "no_data"]
        for day, row in days:
            since = (day - firsts(known)[who]["infused_on"]).days // 7
            state = row["day_state"] if row else "no_data"
            if state == "no_data":
                state = "not_begun" if day < min(seen) else "silent" if day > max(seen) else "gap"
            tally[since + (since >= 0)][{"insufficient_wear": "poorly_worn"}.get(state, state)] += 1
    found = {row["study_week"]: row for row in answer(sample, "missing_by_study_week")}
    assert found.keys() == tally.keys()
    for week, count in tally.items():
        row = found[week]
        assert Counter({k: row[k] for k in ("valid", "poorly_worn", "not_begun", "gap", "silent")}) == count
        assert (row["days"], row["valid_percent"]) == (count.total(), half(100 * count["valid"] / count.total()))


def test_who_left_is_not_missing_from_then_on(sample: StudyFolder) -> None:
    left = """SELECT * REPLACE (CASE participant_id WHEN 'P03' THEN DATE '2026-03-01' END AS left_on)
              FROM published.participant"""
    (row,) = [r for r in answer_if(sample, "time_to_last_day", participant=left) if r["participant_id"] == "P03"]
    assert (row["state"], row["last_day"], row["days_followed"]) == ("left", date(2026, 3, 1), 28)
    assert row["valid_percent"] == 100


def test_the_time_to_the_last_day_is_censored_where_somebody_is_still_followed(
    sample: StudyFolder, known: Sample
) -> None:
    found = {row["participant_id"]: row for row in answer(sample, "time_to_last_day")}
    assert found.keys() == firsts(known).keys()
    for who, infusion in firsts(known).items():
        row, begun = found[who], infusion["infused_on"]
        days = {day: r for (of, day), r in known.days.items() if of == who and begun <= day < AS_OF}
        last = max(day for day, r in days.items() if r["day_state"] != "no_data")
        assert (row["last_day"], row["days_to_last_day"]) == (last, (last - begun).days)
        assert row["state"] == ("silent" if (AS_OF - DAY - last).days >= 7 else "followed")
        assert (row["days_followed"], row["valid_days"]) == ((AS_OF - begun).days, len(valid(list(days.values()))))
    assert [who for who, row in found.items() if row["state"] == "silent"] == ["P04"]


def test_weeks_of_another_device_are_told_apart(sample: StudyFolder, known: Sample) -> None:
    by_week = defaultdict(dict)
    for (_, infusion, week), change in changes(known).items():
        if change is not None:
            by_week[week][infusion] = change
    for row in answer(sample, "device_change"):
        each = list(by_week[row["week"]].values())
        assert (row["all_mean"], row["all_mean_weeks"]) == (half(fmean(each)), len(each))
        assert (row["same_device_mean"], row["other_device_mean_weeks"]) == (row["all_mean"], 0)
    # a new device in P03's second week
    other = """SELECT * REPLACE (CASE WHEN participant_id = 'P03' AND local_date BETWEEN '2026-02-10' AND '2026-02-16'
                                 THEN 'garmin' ELSE primary_source END AS primary_source)
               FROM published.daily_activity"""
    found = {row["week"]: row for row in answer_if(sample, "device_change", daily_activity=other)}
    new = by_week[2].pop("P03-1")
    assert (found[2]["other_device_mean"], found[2]["other_device_mean_weeks"]) == (half(new), 1)
    assert (found[2]["same_device_mean"], found[2]["same_device_mean_weeks"]) == (
        half(mean(list(by_week[2].values()))),
        3,
    )
    assert found[1]["other_device_mean"] is None


def test_weekdays_and_months_are_apart_from_who_is_in_them(sample: StudyFolder, known: Sample) -> None:
    by_person, by_part = defaultdict(list), defaultdict(list)
    for (who, day), row in known.days.items():
        if is_valid(row) and day < AS_OF:
            by_person[who].append(row["steps"])
    for (who, day), row in known.days.items():
        if is_valid(row) and day < AS_OF:
            apart = row["steps"] - fmean(by_person[who])
            by_part[day.isoweekday(), None].append((row["steps"], apart))
            by_part[None, f"{day:%Y-%m}"].append((row["steps"], apart))
    found = {(row["weekday"], row["month"]): row for row in answer(sample, "weekday_and_month")}
    assert found.keys() == by_part.keys()
    for part, days in by_part.items():
        row = found[part]
        assert (row["steps_mean"], row["steps_mean_days"]) == (half(fmean(steps for steps, _ in days)), len(days))
        assert row["difference_mean"] == half(fmean(apart for _, apart in days))


def test_a_habit_is_measured_on_a_clock_that_has_no_end(sample: StudyFolder) -> None:
    first = defaultdict(dict)
    for row in rows_of(sample, "session"):
        if row["start_time"] and row["activity"] != "massage":
            hour = row["start_time"].astimezone(ZoneInfo("America/New_York"))
            day = first[row["participant_id"]]
            day[row["local_date"]] = min(day.get(row["local_date"], 24), hour.hour + hour.minute / 60)
    found = {row["participant_id"]: row for row in answer(sample, "hour_of_first_activity")}
    assert found.keys() == first.keys()
    for who, hours in first.items():
        turned = sum(rect(1, hour * pi / 12) for hour in hours.values()) / len(hours)
        row, spread = found[who], sqrt(max(0, -2 * log(min(1, abs(turned))))) * 12 / pi
        assert (row["days"], row["mean_hour"]) == (len(hours), half(phase(turned) * 12 / pi % 24))
        assert row["regularity"] == round(abs(turned), 2)
        assert row["spread_hours"] == (half(spread) if len(hours) > 1 else None)
    assert found["P05"]["regularity"] > 0.5 > found["P04"]["regularity"]  # P04: yoga at breakfast, dance at night
    # at half past eleven in the evening and at half past midnight: at midnight, not at noon
    night = """SELECT 'P01' AS participant_id, 'walking' AS activity, DATE '2026-03-02' + n AS local_date,
                      [30, 1410][n + 1] AS local_start_minute FROM (SELECT unnest([0, 1])::INTEGER AS n)"""
    (row,) = answer_if(sample, "hour_of_first_activity", session=night)
    assert (row["mean_hour"], row["spread_hours"]) == (0, 0.5)


def test_person_weeks_are_all_weeks_with_a_day_and_numbers_no_tool_makes_levels_of(
    sample: StudyFolder, known: Sample
) -> None:
    found = {(row["participant_id"], row["infusion_id"], row["week"]): row for row in answer(sample, "person_weeks")}
    weeks, before = known.weeks(), baselines(known)
    assert found.keys() == weeks.keys()
    for key, rows in weeks.items():
        row, steps = found[key], [day["steps"] for day in valid(rows)]
        assert row["steps_mean"] == (pytest.approx(fmean(steps), abs=1e-6) if steps else None)
        assert (row["steps_mean_days"], row["days_over"]) == (len(steps), len(rows))
        assert row["baseline_steps_mean_days"] == len(before[key[0]])
    first = {who: infusion["infused_on"] for who, infusion in firsts(known).items()}
    for infusion in known.infusions:
        who = infusion["participant_id"]
        row = found[who, infusion["infusion_id"], 1]
        assert row["days_since_first"] == (infusion["infused_on"] - first[who]).days
    kinds = {type(value) for row in found.values() for value in row.values()}
    assert kinds == {str, int, float, bool, date, type(None)}  # no Decimal
    assert found["P04", "P04-1", 1]["steps_mean"] is None


def test_a_date_in_two_weeks_counts_once_in_a_total(sample: StudyFolder, known: Sample) -> None:
    totals = defaultdict(list)
    for (who, _, _), rows in known.weeks().items():
        totals[who] += [row and row["steps"] for row in rows]
    for row in answer(sample, "totals_counted_once"):
        steps = totals[row["participant_id"]]
        seen = [count for count in steps if count is not None]
        assert (row["days"], row["days_known"], row["days_in_several_weeks"]) == (len(steps), len(seen), 0)
        assert row["steps_once"] == row["steps_added"] == (sum(seen) if seen else None)
    # as under overlapping: P03's weeks are those of a second infusion, too
    of_two = """FROM published.{0}
                UNION ALL SELECT * REPLACE ('P03-9' AS infusion_id) FROM published.{0} WHERE participant_id = 'P03'"""
    twice = {name: of_two.format(name) for name in ("infusion_window", "weekly_activity")}
    (row,) = [r for r in answer_if(sample, "totals_counted_once", **twice) if r["participant_id"] == "P03"]
    assert (row["steps_once"], row["steps_added"], row["counted_again"]) == (191778, 383556, 191778)
    assert row["days_in_several_weeks"] == row["days"] == 28


# As if P04 were held, nothing of whom was published for a while.
HELD = """SELECT * REPLACE (CASE participant_id WHEN 'P04' THEN TIMESTAMPTZ '2026-03-13' END AS held_at,
                           CASE participant_id WHEN 'P04' THEN 'participants.csv' END AS held_reason)
          FROM published.participant"""


def test_who_is_held_has_not_dropped_out_nor_gone_quiet_nor_lacks_a_device(sample: StudyFolder) -> None:
    states = {r["participant_id"]: r["state"] for r in answer_if(sample, "time_to_last_day", participant=HELD)}
    assert states == {who: "held" if who == "P04" else "followed" for who in ("P01", "P02", "P03", "P04", "P05", "P06")}
    assert [row["participant_id"] for row in answer(sample, "gone_quiet")] == ["P04"]
    assert answer_if(sample, "gone_quiet", participant=HELD) == []
    unseen, others = ({r["primary_source"]: r["no_data"] for r in rows}[None] for rows in (
        answer(sample, "coverage_by_device"), answer_if(sample, "coverage_by_device", participant=HELD)
    ))  # fmt: skip
    assert unseen > others > 0


def test_who_left_has_not_gone_quiet(sample: StudyFolder) -> None:
    left = "SELECT * REPLACE ({} AS left_on) FROM published.participant"
    assert answer_if(sample, "gone_quiet", participant=left.format("DATE '2026-03-12'")) == []
    assert len(answer_if(sample, "gone_quiet", participant=left.format("DATE '2026-03-23'"))) == 1


def test_who_has_been_followed_for_less_than_a_week_is_not_silent_yet(sample: StudyFolder) -> None:
    def state_of(begun: str) -> str:
        one = f"SELECT * REPLACE (DATE '{begun}' AS infused_on) FROM published.infusion WHERE infusion_id = 'P04-1'"
        (row,) = answer_if(
            sample, "time_to_last_day", infusion=one, daily_activity="FROM published.daily_activity LIMIT 0"
        )
        return row["state"]

    assert [state_of(begun) for begun in ("2026-03-16", "2026-03-17", "2026-03-22")] == [
        "silent",
        "followed",
        "followed",
    ]


def test_a_valid_day_without_steps_is_not_unseen(sample: StudyFolder) -> None:
    without = """SELECT * REPLACE (CASE WHEN local_date <> '2026-03-10' THEN steps END AS steps)
                 FROM published.daily_activity"""
    seen, none = (
        sum(row["unseen"] for row in rows)
        for rows in (
            answer(sample, "missing_after_quiet_day"),
            answer_if(sample, "missing_after_quiet_day", daily_activity=without),
        )
    )
    assert none == seen
