"""The report of the sample study in a real browser. Skipped where there is none."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from decimal import Decimal

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from flows.report import words
from tests.gallery import IN_SHORT
from tests.studies import StudyFolder

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PEOPLE = ("P01", "P02", "P03", "P04", "P05", "P06")
# In the order of pages, not of tests: each is opened once.
ON_EVERY_PAGE = pytest.mark.parametrize("name", [*PEOPLE, "index"], scope="module")
OF_EVERYBODY = pytest.mark.parametrize("name", PEOPLE, scope="module")


@pytest.fixture(scope="module")
def study(sample: StudyFolder) -> StudyFolder:
    return sample


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("no Chromium on this machine: the report was not looked at in a browser (Debian: chromium)")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, headless=True, args=QUIET, env=IN_SHORT)
        yield browser
        browser.close()


def amiss(page: Page) -> str:
    """What axe finds, in words."""
    try:
        from axe_playwright_python.sync_playwright import Axe
    except UnicodeDecodeError:
        pytest.skip("axe reads its own script in the letters of the machine, which is UTF-8: set PYTHONUTF8=1")
    return Axe().run(page, options={"resultTypes": ["violations"], "preload": False}).generate_snapshot()  # no fetching


class Window:
    """One page of the report after the other, in a window that writes down what must not happen."""

    def __init__(self, browser: Browser, study: StudyFolder, **window: object) -> None:
        self.root = study.folder / "warehouse" / "report"
        self.shown = ""
        self.faults: list[str] = []
        self.page: Page = browser.new_context(**window).new_page()  # type: ignore[arg-type]
        self.page.on("console", lambda m: m.type == "error" and self.faults.append(m.text))
        self.page.on("pageerror", lambda error: self.faults.append(str(error)))
        self.page.on("request", lambda r: r.url.startswith("file:") or self.faults.append(r.url))

    def see(self, name: str) -> Page:
        """A page to look at, which may be open since the test before."""
        if self.shown != name:
            self.open(name)
            self.shown = name
        return self.page

    def open(self, name: str) -> Page:
        """A page with its charts drawn, to do something with."""
        self.shown = ""
        self.faults.clear()
        self.page.goto((self.root / ("" if name == "index" else "participant") / f"{name}.html").as_uri())
        for plot in self.page.locator("[data-chart]").all():
            plot.locator("svg").wait_for()
        return self.page


@pytest.fixture(scope="module")
def desk(browser: Browser, study: StudyFolder) -> Window:
    return Window(browser, study, viewport={"width": 1280, "height": 900}, timezone_id="Pacific/Auckland")


@pytest.fixture(scope="module")
def phone(browser: Browser, study: StudyFolder) -> Window:
    zone = "America/Los_Angeles"
    return Window(
        browser, study, viewport={"width": 375, "height": 700}, is_mobile=True, has_touch=True, timezone_id=zone
    )


def cells(page: Page, table: str) -> list[list[str | None]]:
    """The rows of a table as a machine reads them: exact numbers and dates, else the words."""
    script = """rows => rows.map(row => [...row.cells].map(cell => {
        const exact = cell.querySelector('data, time');
        const shown = cell.textContent.trim().replace(/(?<=\\d),(?=\\d{3})/g, '');
        return exact ? exact.getAttribute('value') ?? exact.getAttribute('datetime') : shown }))"""
    return page.locator(f"table[data-for={table}] tbody tr").evaluate_all(script)


def exact(value: object) -> str:
    if isinstance(value, Decimal):
        text = f"{value:f}"
        return text.rstrip("0").rstrip(".") if "." in text else text
    return "not known" if value is None else str(value)


@ON_EVERY_PAGE
def test_a_page_opens_from_the_disk_without_a_fault_and_without_the_network(desk: Window, name: str) -> None:
    page = desk.see(name)
    assert desk.faults == []
    assert page.locator("[data-chart], .share").count() >= 2
    for plot in page.locator("[data-chart] svg").all():
        assert plot.locator("path, line, text").count() > 10
        box = plot.bounding_box()
        assert box
        assert box["width"] > 300
        assert box["height"] > 30
    described = page.locator("[data-chart]").evaluate_all("plots => plots.every(p => p.getAttribute('aria-label'))")
    assert described


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_amiss_on_a_persons_page(desk: Window, scheme: str) -> None:
    page = desk.see("P05")
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    found = amiss(page)
    page.emulate_media(color_scheme="light")
    assert found == ""


def test_the_labels_in_the_bars_of_the_cohort_do_not_collide_on_a_phone(phone: Window) -> None:
    page = phone.see("index")
    parts = page.locator(".share").evaluate_all(
        """bars => bars.flatMap(bar => [...bar.querySelectorAll('text')].map(text => {
            const box = text.getBBox(), part = text.previousElementSibling.getBBox();
            return [box.x - part.x, part.x + part.width - box.x - box.width] }))"""
    )
    assert len(parts) > 10
    assert all(space >= 0 for part in parts for space in part)


def test_the_page_is_allowed_to_fetch_nothing(desk: Window) -> None:
    page = desk.open("index")
    blocked = page.evaluate("fetch('https://example.org/').then(() => 'fetched', () => 'blocked')")
    assert blocked == "blocked"
    assert any("Content Security Policy" in fault for fault in desk.faults)


@OF_EVERYBODY
def test_the_days_on_the_page_are_those_of_the_database(desk: Window, study: StudyFolder, name: str) -> None:
    page = desk.see(name)
    found = {row[0].split(" ", 1)[1]: row for row in cells(page, "days") if row[0]}
    rows = study.ask(
        f"""SELECT local_date, day_state, movement_minutes, steps, walking_minutes, wear_minutes
            FROM daily_activity WHERE participant_id = '{name}'"""
    )
    assert rows
    for day, state, *numbers in rows:
        shown = found[words.day(day, year=True)]
        assert shown[2] == words.STATES[state]
        assert shown[3:7] == [exact(n) for n in numbers]


@OF_EVERYBODY
def test_the_verdicts_on_the_page_are_those_of_the_database(desk: Window, study: StudyFolder, name: str) -> None:
    page = desk.see(name)
    shown = page.locator("[data-goal]").evaluate_all(
        """goals => goals.flatMap(goal => [...goal.closest('table').tBodies].flatMap(body => [...body.rows].map(row => {
            const cell = goal.tagName === 'TBODY' ? row : row.cells[goal.cellIndex];
            return cell.textContent.trim() && [goal.dataset.goal, row.cells[0].textContent.match(/Week \\d+/)[0],
                cell.querySelector('use').getAttribute('href').slice(1),
                ([...cell.textContent.matchAll(/\\d+ of \\d+/g)].at(-1) ?? [''])[0]] })).filter(Boolean))"""
    )
    rows = study.ask(
        f"""SELECT goal_id, 'Week ' || week, status,
                   CASE WHEN valid_days IS NULL THEN '' ELSE valid_days || ' of ' || eligible_days END
            FROM goal_week WHERE participant_id = '{name}' AND status <> 'superseded'"""
    )
    assert sorted(map(tuple, shown)) == sorted(rows)


def test_now_is_the_running_week_of_the_database(desk: Window, study: StudyFolder) -> None:
    page = desk.see("P05")
    sentence = "Week 3 after P05-1 runs, 17 to 23 Mar 2026: 6 of 7 days over, 6 of them seen, 1 left."
    assert page.locator(".sentence").inner_text() == sentence
    rows = study.ask(
        """SELECT goal_id, CASE WHEN value > 0 THEN value::INTEGER::VARCHAR ELSE 'nothing yet' END, valid_days
           FROM goal_week WHERE participant_id = 'P05' AND week = 3 ORDER BY goal_id"""
    )
    shown = [[row[0].split()[-1], row[1].split(" / ")[0], row[3], row[4]] for row in cells(page, "now")]  # type: ignore[union-attr]
    assert shown == [[goal, value, str(seen), "1"] for goal, value, seen in rows]
    assert page.locator(".last-week li").count() == len(rows)


@OF_EVERYBODY
def test_means_stand_with_their_number_of_days(desk: Window, study: StudyFolder, name: str) -> None:
    page = desk.see(name)
    shown = page.locator("table[data-for=weeks]").evaluate_all(
        """tables => tables.flatMap(table => { const from = [...table.tHead.rows[0].cells].at(-1).cellIndex;
            const n = [...table.tHead.rows[0].cells].findIndex(head => head.textContent === 'Steps a day');
            return [...table.tBodies[0].rows].filter(row => row.cells.length > from)
                .map(row => row.cells[n].textContent) })"""
    )
    rows = study.ask(
        f"""SELECT steps_mean, steps_mean_days FROM weekly_activity
            WHERE participant_id = '{name}' AND eligible_days > 0 AND days_over > 0
            ORDER BY week_start DESC, infusion_id"""
    )
    assert shown == [f"{words.amount(mean)} n = {n}" if n else "not known" for mean, n in rows]


def test_the_cohort_counts_are_those_of_the_database(desk: Window, study: StudyFolder) -> None:
    page = desk.see("index")
    total = study.ask("SELECT count(*) FROM goal_week WHERE status NOT IN ('superseded', 'upcoming')")[0][0]
    assert sum(int(row[-1] or 0) for row in cells(page, "verdicts")) == total
    met = study.ask("SELECT count(*) FROM goal_week WHERE status = 'met'")[0][0]
    assert sum(int(row[1] or 0) for row in cells(page, "verdicts")) == met
    days = study.ask("SELECT count(*) FROM infusion_window WHERE is_eligible AND local_date < '2026-03-23'")[0][0]
    assert sum(int(row[-1] or 0) for row in cells(page, "coverage")) == days


@OF_EVERYBODY
def test_bars_are_drawn_for_days_with_data_only(desk: Window, study: StudyFolder, name: str) -> None:
    page = desk.see(name)
    plot = page.locator("[data-chart=movement]")
    counts = dict(
        study.ask(
            f"""SELECT day_state, count_if(day_state = 'no_data' OR movement_minutes > 0) FROM daily_activity
                WHERE participant_id = '{name}' GROUP BY ALL"""
        )
    )
    assert plot.locator("path[fill='var(--seen)'][d]:not([d=''])").count() == counts.get("valid", 0)
    assert plot.locator("path[fill='var(--paper)'][stroke='var(--seen)']").count() == counts.get("insufficient_wear", 0)
    assert (plot.locator("path[fill='var(--gap)']").count() > 0) == ("no_data" in counts)


@pytest.mark.parametrize("window", ["desk", "phone"])
def test_hovering_tells_the_numbers_of_that_very_day_on_either_side_of_the_date_line(
    request, study: StudyFolder, window: str
) -> None:
    page = request.getfixturevalue(window).open("P01")
    plot = page.locator("[data-chart=movement] svg")
    plot.scroll_into_view_if_needed()
    columns = plot.locator("path[fill-opacity='0']")
    days = study.ask("SELECT local_date, movement_minutes FROM daily_activity WHERE participant_id = 'P01' ORDER BY 1")
    assert columns.count() == len(days)
    for n in (0, 40, 50):  # the first, a missing one, a later one
        columns.nth(n).hover()
        told = page.locator("#vg-tooltip-element.visible").inner_text()
        assert words.day(days[n][0], year=True) in told
        assert (f"{words.amount(days[n][1])} min" if days[n][1] is not None else "not known") in told
    assert request.getfixturevalue(window).faults == []


def test_the_keyboard_alone_reaches_everything(desk: Window) -> None:
    page = desk.open("index")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    reached = set()
    for _ in range(45):
        page.keyboard.press("Tab")
        here = page.evaluate("[document.activeElement.tagName, document.activeElement.textContent.trim()]")
        if here[0] == "SUMMARY" and ("SUMMARY", here[1]) not in reached:
            page.keyboard.press("Enter")
        reached.add(tuple(here))
    assert page.locator("details[open] table").first.is_visible()
    assert {("A", who) for who in PEOPLE} <= reached
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline != "none"
    page.locator("table.people a", has_text="P03").focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("P03"))
    assert page.locator("h1").inner_text() == "P03"


def test_the_keyboard_opens_a_month(desk: Window) -> None:
    page = desk.open("P03")
    page.locator("details.month summary").last.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.month table").last.is_visible()
    assert not page.locator("details.month table").first.is_visible()


@ON_EVERY_PAGE
def test_a_phone_needs_no_sideways_scrolling(phone: Window, name: str) -> None:
    page = phone.open(name)
    assert page.evaluate("document.documentElement.scrollWidth") <= 375
    assert page.locator(".plot svg, .share").first.bounding_box()["width"] <= 343  # type: ignore[index]
    names = page.locator(".id, .id-of, .infusions tbody th, .needs a, table.people th a")
    names.evaluate_all("found => found.forEach(name => { name.textContent = 'L'.repeat(64); })")
    assert page.evaluate("document.documentElement.scrollWidth") <= 375, "names of 64 letters"
    assert phone.faults == []


def test_on_paper_the_charts_stay_and_fit(desk: Window) -> None:
    page = desk.open("P05")
    months = page.locator("details.month")
    assert not months.locator("table").first.is_visible()
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})
    assert months.locator("table").first.is_visible()
    assert page.locator("[data-chart] svg").first.is_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 718
    head = page.evaluate("getComputedStyle(document.documentElement).getPropertyValue('--paper-head')")
    assert head.strip('"') == page.title().replace("P05, ", "") + ", P05"
    sheets = len(re.findall(rb"/Type /Page\b(?!s)", page.pdf(prefer_css_page_size=True)))
    assert months.count() < sheets <= months.count() + 6  # a month is a sheet, after those of now
    page.emulate_media(media="screen")
    page.set_viewport_size({"width": 1280, "height": 900})


def test_without_javascript_every_number_is_still_there(browser: Browser, study: StudyFolder) -> None:
    page = browser.new_context(java_script_enabled=False).new_page()
    page.goto((study.folder / "warehouse" / "report" / "participant" / "P01.html").as_uri())
    page.locator("summary").first.click()
    assert page.locator("table[data-for=days] tbody tr").count() == 70
    assert page.locator("table.goal .verdict").count() == 8
