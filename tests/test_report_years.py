"""The page of a person after weeks and after years: bounded, readable, everything in it. No browser, no night."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from functools import cache

from flows.report import words
from flows.report.months import after_infusions, years
from flows.report.now import now
from flows.report.timeline import stretches
from tests.years import html, sections

AS_OF = date(2026, 3, 23)
WEEKS, FIVE_YEARS = 32, 1826
DAY = timedelta(days=1)


@cache
def page(days: int) -> str:
    return html(days, AS_OF)


def text(markup: str) -> str:
    return " ".join(re.sub(r"<script.*?</script>|<[^>]+>", " ", markup, flags=re.S).split())


def drawn(days: int) -> list[dict]:
    found = re.findall(r'<script type="application/json">(.*?)</script>', page(days), re.S)
    return [json.loads(numbers) for numbers in found]


def charts(**changed: object) -> dict:
    """The numbers of the newest chart of a person whose goals are changed."""
    mine = sections(WEEKS, AS_OF)
    verdicts = [v | changed for v in mine["verdicts"] if v["goal_id"] == "P05-steps"]
    return next(stretches(mine["days"], mine["infusions"], [], verdicts))


def test_five_years_are_one_page_of_bounded_size_whose_charts_are_of_the_last_half_year() -> None:
    assert len(page(FIVE_YEARS).encode()) < 600_000
    assert sum(len(chart["days"]) for chart in drawn(FIVE_YEARS)) == 2 * 91
    assert page(FIVE_YEARS).count("<figure") == 2
    assert page(FIVE_YEARS).count('<details class="earlier">') == 1


def test_every_day_of_five_years_stands_in_the_table_of_its_month_with_its_year() -> None:
    rows = re.findall(r"<tr[^>]*><th>\w{3} (\d+ \w{3} \d{4})<td>", page(FIVE_YEARS))
    expected = {words.day(d["local_date"], year=True) for d in sections(FIVE_YEARS, AS_OF)["days"]}
    assert len(rows) == len(set(rows)) == FIVE_YEARS + 14
    assert set(rows) == expected


def test_every_verdict_of_five_years_stands_in_the_page_once_the_newest_infusion_first() -> None:
    verdicts = sections(FIVE_YEARS, AS_OF)["verdicts"]
    assert len(re.findall(r'<td class="v"><svg|class="verdict"', page(FIVE_YEARS))) == len(verdicts)
    newest = after_infusions(sections(FIVE_YEARS, AS_OF))[0]
    months = page(FIVE_YEARS).index('<section class="months"')
    assert page(FIVE_YEARS).index(f'infusion <span class="id-of">{newest["infusion_id"]}') < months


def test_the_calendar_has_a_square_for_each_day_and_a_mark_for_each_infusion() -> None:
    mine = sections(FIVE_YEARS, AS_OF)
    squares = [path for y in years(mine, mine["infusions"], []) for m in y["months"] for path in m["squares"]]
    days = sum(path.count("M") for name, path in squares if name not in ("cross", "given"))
    assert days == len(mine["days"])
    assert sum(path.count("M") for name, path in squares if name == "given") == len(mine["infusions"])
    small = {d["local_date"] for d in mine["days"] if not d["is_eligible"]}
    assert sum(path.count("M") for name, path in squares if re.fullmatch("s(a.|none)", name)) == len(
        [d for d in mine["days"] if d["local_date"] in small and d["day_state"] in ("valid", "no_data")]
    )


def test_the_page_starts_with_the_week_that_runs_and_the_week_before() -> None:
    told = text(page(WEEKS))
    sentence = re.search(
        r"Week 1 after P05-2 runs, 20 to 26 Mar 2026: 3 of 7 days over, \d of them seen, 4 left\.", told
    )
    assert sentence
    assert told.index(sentence[0]) < told.index("The week before ended on 19 Mar 2026") < told.index("Goals by week")
    seen = now(sections(WEEKS, AS_OF))
    assert [g["goal_id"] for g in seen["goals"]] == ["P05-steps", "P05-walk", "P05-yoga"]
    assert {g["left"] for g in seen["goals"]} == {4}
    assert [g["week"] for g in seen["last"]] == [4, 4, 4]
    assert [d["state"] is None for d in seen["days"]] == [False] * 3 + [True] * 4


def test_between_weeks_the_page_says_what_was_the_last_and_what_comes_next() -> None:
    mine = sections(WEEKS, AS_OF) | {"remaining": []}
    assert now(mine | {"verdicts": []})["sentence"] == "No week of a goal runs."
    over = [v for v in mine["verdicts"] if v["infusion_id"] == "P05-1"]
    assert now(mine | {"verdicts": over})["sentence"] == "No week of a goal runs: the last ended on 19 Mar 2026."
    coming = [v for v in mine["verdicts"] if v["status"] == "upcoming"]
    to_come = now(mine | {"verdicts": over + coming})
    assert to_come["sentence"].endswith("the last ended on 19 Mar 2026; the next begins on 27 Mar 2026.")
    assert (to_come["goals"], to_come["days"]) == ([], [])


def test_days_after_leaving_are_context() -> None:
    mine = sections(WEEKS, AS_OF)
    for day in mine["days"][-2:]:
        day |= {"is_eligible": False, "why_not": "left"}
    (chart,) = (s["numbers"] for s in stretches(mine["days"], mine["infusions"], [], []))
    assert [day.get("pale", False) for day in chart["days"][-3:]] == [False, True, True]


def test_of_somebody_who_left_nothing_is_asked() -> None:
    left = {"leaving": [{"left_on": date(2026, 3, 10)}], "remaining": []}
    told = text(html(WEEKS, AS_OF, **left))
    assert "Left on 10 Mar 2026: no later day counts, and nothing is asked for." in told
    assert "Nothing is asked of somebody who left." in told
    assert "A fresh export" in text(page(WEEKS))
    assert "A fresh export" not in told


def test_goals_of_an_earlier_infusion_are_a_few_a_table_and_movement_stands_once() -> None:
    mine = sections(60, AS_OF)
    ten = [{**v, "goal_id": f"{v['goal_id']}-{n}"} for v in mine["verdicts"] for n in (1, 2, 3, 4)]
    ten.sort(key=lambda v: v["goal_id"])
    (first, *_) = [b for b in after_infusions(mine | {"verdicts": ten}) if b["infusion_id"] == "P05-1"]
    shown = html(60, AS_OF, verdicts=ten)
    of_first = shown[shown.index(f'After infusion <span class="id-of">{first["infusion_id"]}') :]
    tables = re.findall(r"<table class=.data. data-for=.weeks.>.*?</table>", of_first, re.S)
    assert [len(re.findall("<th data-goal", table)) for table in tables] == [4, 4, 4]
    assert [table.count("Steps a day</th>") for table in tables] == [0, 0, 1]
    assert sum(table.count('<td class="v">') for table in tables) == sum(len(g["weeks"]) for g in first["goals"])


def test_the_day_of_an_infusion_and_the_days_before_the_first_are_context() -> None:
    (chart,) = drawn(WEEKS)
    infused = ["2026-02-19", "2026-03-19"]
    before = [str(date(2026, 2, 19) - n * DAY) for n in range(14, 0, -1)]
    assert sorted(day["date"] for day in chart["days"] if day.get("pale")) == [*before, *infused]
    assert chart["weeks"][0] == {"date": before[0], "label": "before"}
    told = text(page(WEEKS))
    assert told.count("before the first infusion: context") == 14
    assert told.count("day of infusion P05-1: context, in no week") == 1


def test_a_goal_line_is_the_number_of_a_day_and_says_what_it_is() -> None:
    daily = charts()
    assert {line["value"] for line in daily["numbers"]["goals"]} == {7000}
    assert [g["words"] for g in daily["goals"]["steps"]] == ["goal a day, on average: 7,000"]
    weekly = charts(kind="weekly_total", target=Decimal(35000))
    assert {line["value"] for line in weekly["numbers"]["goals"]} == {5000}
    assert [g["words"] for g in weekly["goals"]["steps"]] == ["a seventh of the weekly goal: 5,000"]
    counted = charts(kind="days_with", target=Decimal(5), per_day=Decimal(20000))
    assert [g["words"] for g in counted["goals"]["steps"]] == ["from here a day counts for the goal: 20,000"]
    assert counted["numbers"]["params"]["steps_top"] >= 20000
    assert charts(metric="yoga_minutes")["numbers"]["goals"] == []
    assert charts(status="superseded")["numbers"]["goals"] == []


def test_a_date_never_stands_without_its_year() -> None:
    assert words.span(date(2025, 12, 28), date(2026, 1, 3)) == "28 Dec 2025 to 3 Jan 2026"
    assert words.span(date(2026, 3, 3), date(2026, 3, 9)) == "3 to 9 Mar 2026"
    days = [date(2025, 12, 28), date(2025, 12, 30), date(2026, 1, 3)]
    assert words.spans([(day, day) for day in days]) == "28 Dec, 30 Dec 2025, 3 Jan 2026"
    month = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
    shown = text(re.sub(r"<title>.*?</title>|<ul class=.asks.*?</ul>", "", page(FIVE_YEARS), flags=re.S))
    assert re.findall(rf"\b\d{{1,2}} {month}\b(?! \d{{4}}| to \d+ {month})", shown) == []
