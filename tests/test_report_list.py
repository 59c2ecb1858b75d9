"""The list of people as a tool, in a real browser: found, narrowed, sorted and printed, with script or without."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from flows.report import cohort
from tests.studies import StudyFolder, fitbit_day
from tests.test_report import Window, amiss, browser  # noqa: F401

NASTY = '</script><b>"x'
ALL = 130


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """130 people: N000 has data, twenty had an infusion on 2 March and are silent, one gets one this week."""
    people = [f"N{n:03}" for n in range(ALL)]
    infusions = [f"I{n},N{n:03},2026-03-02,," for n in range(20)] + ["I50,N050,2026-03-24,scheduled,"]
    goals = [f"G{n},,N{n:03},,1,2,daily_mean,steps,5000,,,2026-02-27,,," for n in range(10)]
    goals.append(f'"{NASTY.replace(chr(34), 2 * chr(34))}",,N000,,1,2,days_with,yoga_minutes,2,10,,2026-02-27,,,')
    folder = tmp_path_factory.mktemp("list") / "study"
    study = StudyFolder(folder, [f"{who},,," for who in people], infusions, goals, reports=True).write()
    for day in ("2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"):
        for name, content in fitbit_day(day, steps=1000).items():
            study.put(f"N000/{name}", content)
    study.night()
    return study


@pytest.fixture(scope="module")
def window(browser: Browser, study: StudyFolder) -> Window:  # noqa: F811
    window = Window(browser, study, viewport={"width": 1280, "height": 900})
    window.page.set_default_timeout(10_000)
    return window


@pytest.fixture
def page(window: Window) -> Iterator[Page]:
    """The first page, as it opens."""
    window.page.goto("about:blank")  # what was chosen before stays before it
    yield window.open("index")
    assert window.faults == []


def ids(page: Page) -> list[str]:
    return page.locator("table.people tbody th").all_inner_texts()


def matches(page: Page) -> str:
    return page.locator("#matches").inner_text()


def chip(page: Page, name: str) -> int:
    """Press a button above the list; how many people it says that it leaves."""
    button = page.locator(f"[data-chip={name}]")
    button.click()
    return int(button.locator(".n").inner_text())


def script(study: StudyFolder) -> dict:
    text = (study.folder / "warehouse/report/assets/people.js").read_text("utf-8")
    return json.loads(text.removeprefix("const COHORT = ").removesuffix(";\n"))


def test_the_script_draws_the_rows_that_were_written(page: Page, browser: Browser) -> None:  # noqa: F811
    plain = browser.new_context(java_script_enabled=False).new_page()
    plain.goto(page.url)
    written = plain.locator("table.people tbody").inner_html()
    assert re.sub(r"\n", "", written) == page.locator("table.people tbody").inner_html()
    assert "<b>" not in written
    assert plain.locator(".tool").is_hidden()
    assert plain.locator("nav.pages a").all_inner_texts() == ["2"]
    plain.locator("nav.pages a").click()
    assert len(ids(plain)) == ALL - 100


def test_everybody_is_found_by_id(page: Page) -> None:
    assert matches(page) == "130 people"
    page.locator("#find").fill("n12")
    assert ids(page) == [f"N{n}" for n in range(120, 130)]
    assert matches(page) == "10 of 130 people: \u201cn12\u201d"
    assert page.locator("#matches").get_attribute("role") == "status"
    page.locator("#find").fill("nobody")
    assert (ids(page), matches(page)) == ([], "0 of 130 people: \u201cnobody\u201d")


def test_buttons_narrow_the_list_to_as_many_as_they_say_and_together(page: Page) -> None:
    assert chip(page, "infusion") == 1
    assert (ids(page), matches(page)) == (["N050"], "1 of 130 people: infusion this week")
    chip(page, "infusion")
    assert chip(page, "missed") == 1
    assert ids(page) == ["N000"]
    assert page.locator("[data-chip=missed]").get_attribute("aria-pressed") == "true"
    chip(page, "infusion")
    assert ids(page) == []
    chip(page, "missed")
    chip(page, "infusion")
    assert len(ids(page)) == 100
    silent = chip(page, "silent")
    assert 0 < silent == len(ids(page)) <= 20
    assert page.locator("[data-kind=silent]").get_attribute("data-count") == str(silent)
    assert "infusion" not in matches(page)


def test_columns_sort_both_ways_and_say_so(page: Page) -> None:
    head = page.locator("th[data-order=id]")
    assert head.get_attribute("aria-sort") is None
    head.locator("button").click()
    assert (ids(page)[:2], head.get_attribute("aria-sort")) == (["N000", "N001"], "ascending")
    head.locator("button").click()
    assert (ids(page)[:2], head.get_attribute("aria-sort")) == (["N129", "N128"], "descending")
    page.locator("th[data-order=until] button").click()
    page.locator("th[data-order=until] button").click()
    assert ids(page)[0] == "N000"
    assert page.locator("[aria-sort]").count() == 1


def test_a_hundred_at_a_time_and_what_was_chosen_comes_back_without_standing_in_an_address(page: Page) -> None:
    address = page.url
    back, on = page.locator(".pager button").all()
    assert back.is_disabled()
    page.locator("th[data-order=id] button").click()
    on.focus()
    page.keyboard.press("Enter")
    assert (ids(page)[0], len(ids(page))) == ("N100", 30)
    assert page.locator(".pager span").inner_text() == "101 to 130"
    assert on.is_disabled()
    assert page.evaluate("document.activeElement.textContent") == "Previous"
    page.locator("table.people a").last.click()
    page.wait_for_url(re.compile("N129"))
    page.go_back()
    assert page.locator(".pager span").inner_text() == "101 to 130"
    assert page.url == address


def test_what_is_printed_is_the_list_as_it_is_narrowed_all_of_it_and_nothing_else(page: Page) -> None:
    page.evaluate("window.print = () => { window.printed = document.querySelectorAll('table.people tbody tr').length }")
    page.locator("#print").click()
    assert page.evaluate("printed") == ALL
    page.emulate_media(media="print")
    assert page.locator("#people").is_visible()
    assert page.locator("#matches").is_visible()
    assert page.locator("#needs").is_hidden()
    assert page.locator(".tool").is_hidden()
    page.emulate_media(media="screen")
    page.evaluate("dispatchEvent(new Event('afterprint'))")
    assert page.locator("#needs").is_visible()
    assert len(ids(page)) == 100


def test_the_keyboard_alone_narrows_and_sorts(page: Page) -> None:
    page.locator("#find").focus()
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    assert page.evaluate("document.activeElement.dataset.chip") == "needs"
    assert "needs a person" in matches(page)
    for _ in range(6):
        page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert page.locator("th[data-order=id]").get_attribute("aria-sort") == "ascending"


def test_the_squares_are_the_days_of_the_database(page: Page, study: StudyFolder) -> None:
    days = {row[0]: row[6] for row in script(study)["people"]}
    assert days["N000"][:13] == ".......ovvvvn"
    assert days["N001"][6:10] == ".onn"
    assert set(days["N129"]) == {"."}
    assert all(len(letters) == 28 for letters in days.values())
    assert script(study)["first"] == str(date(2026, 2, 23))
    squares = page.locator("tr", has=page.get_by_text("N000", exact=True)).locator("svg.days")
    assert "4 seen" in (squares.get_attribute("aria-label") or "")
    squares.hover(position={"x": 9 * 8 + 3 + 4, "y": 5})
    assert squares.locator("..").get_attribute("title") == "3 Mar 2026: seen"


def test_a_phone_reads_it_in_one_column(browser: Browser, study: StudyFolder) -> None:  # noqa: F811
    page = Window(browser, study, viewport={"width": 375, "height": 700}, is_mobile=True).open("index")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    lefts = page.locator("table.people tbody tr").first.locator("td").evaluate_all("c => c.map(x => x.offsetLeft)")
    assert len(set(lefts)) == 1


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_is_amiss_for_axe(page: Page, scheme: str) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.locator("[data-chip=needs]").click()
    paper = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    assert amiss(page) == ""


def test_nothing_moves_for_those_who_want_no_motion(page: Page) -> None:
    scrolls = "getComputedStyle(document.documentElement).scrollBehavior"
    assert page.evaluate(scrolls) == "smooth"
    page.emulate_media(reduced_motion="reduce")
    assert page.evaluate(scrolls) == "auto"
    page.emulate_media(reduced_motion="no-preference")
    page.emulate_media(color_scheme="light")


def test_the_script_holds_a_few_bytes_a_person_a_day(study: StudyFolder) -> None:
    size = (study.folder / "warehouse/report/assets/people.js").stat().st_size
    assert size < ALL * 28 * 10
    assert Path(study.folder / "warehouse/report/index.html").stat().st_size < 200_000


def person(weeks: int, running: int) -> dict:
    """A row of the list, with a goal for each of so many weeks; the first was missed, those before `running` met."""
    status = ["missed", *["met"] * (running - 2), "in_progress", *["upcoming"] * (weeks - running)]
    goal = {"goal": "G", "kind": "daily_mean", "metric": "steps", "per_day": None}
    marks = [{**goal, "week": week, "status": status[week - 1]} for week in range(1, weeks + 1)]
    return {**cohort.unwritten("P1"), "unwritten": False, "marks": marks}


@pytest.mark.parametrize(("running", "first"), [(3, 1), (100, 91), (520, 509)])
def test_of_ten_years_of_weeks_the_list_has_twelve_around_today(running: int, first: int) -> None:
    (((row,),)) = cohort.pages([person(520, running)], date(2026, 3, 23), {})
    (goal,) = row["goals"]
    assert goal["after"] + 1 == first
    assert len(goal["weeks"]) == 12
    assert goal["weeks"][running - first] == "in_progress"
    assert "missed" in row["chips"]  # also where that week is not among the twelve
    met = cohort.shares([{"week": w, "status": "met", "n": 1} for w in range(1, 521)], "status", {"met": "met"})
    assert (len(met["drawn"]), len(met["weeks"])) == (26, 520)
