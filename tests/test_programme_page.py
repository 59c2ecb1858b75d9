"""The page in the middle: what it says of sites, what it does not show, and how it is used."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from playwright.sync_api import Browser, Page

from models.store.suppression import ALL, hidden_in_row
from tests.test_report import amiss, browser  # noqa: F401
from tests.test_report_pages import advice, read

pytest.importorskip("deltalake", reason="deltalake is not installed: pip install 'stepwindow[programme]'")

from flows.cli import main
from flows.programme import page
from flows.programme.figures import Figures, figures
from models.fault import StudyError
from tests.programmes import MadeUp, Week

GONE = "its study folder is not there"
FEBRUARY, MARCH = date(2026, 2, 28), date(2026, 3, 7)


def weeks(people: int, *said: str, end: date = FEBRUARY, first: int = 0) -> list[Week]:
    """A week of each of these verdicts for everybody."""
    return [(f"SECRET{n:03}", end, status) for n in range(first, first + people) for status in said]


SITES = {
    "riverside": {"people": 40, "silent": 12},
    "hill": {"people": 30, "silent": 3},
    "lake": {"people": 5, "silent": 5},
    "port": {"people": 20, "silent": None, "outcome": "failed", "reason": GONE, "as_of": date(2026, 3, 19)},
    "new": {"outcome": "skipped", "as_of": None, "contributed_at": None, "version": None, "silent": None},
    "old": {"people": 20, "silent": 20, "version": "1.9"},
    "eleven": {"people": 11, "silent": 1},
    "few": {"people": 5, "silent": None},
}  # fmt: skip
WEEKS = {
    "riverside": weeks(40, "met", "met", "missed", "superseded", "upcoming")
    + weeks(20, "insufficient_data", "partly_met", end=MARCH),
    "hill": weeks(30, "met") + weeks(10, "missed", end=MARCH) + weeks(12, "insufficient_data", end=MARCH),
    "lake": weeks(5, "met", "missed"),
    "port": weeks(20, "met", end=MARCH),
}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeUp:
    """Eight sites. Whoever takes it only reads."""
    made = MadeUp(tmp_path_factory.mktemp("page") / "network", SITES, WEEKS)
    for site in ("riverside", "port"):
        report = made.folder / site / "warehouse/report"
        report.mkdir(parents=True)
        (report / "index.html").write_text("its own page")
    page.write(made.programme, figures(made.programme, made.sites))
    return made


@pytest.fixture(scope="module")
def found(made: MadeUp) -> Figures:
    return figures(made.programme, made.sites)


def of(found: Figures, site: str) -> dict:
    return next(row for row in found.sites if row["site"] == site)


def test_a_site_is_told_by_its_judged_weeks(found: Figures) -> None:
    assert of(found, "riverside")["weeks"] == {"met": 80, "missed": 60, "insufficient_data": 20, ALL: 160}
    assert (of(found, "riverside")["people"], of(found, "riverside")["silent"]) == (40, 12)


def test_what_needs_a_person_comes_first_and_says_what(found: Figures) -> None:
    assert [(row["site"], row["needs"]) for row in found.sites][:3] == [
        ("port", [GONE, "its last night that was taken is 4 days older than the newest of all"]),
        ("new", ["it has given nothing yet"]),
        ("eleven", []),
    ]  # fmt: skip
    assert [row["site"] for row in found.sites if row["is_older"]] == ["old"]


def test_numbers_of_fewer_than_eleven_people_are_not_shown_nor_what_gives_them_away(found: Figures) -> None:
    hill, lake = of(found, "hill"), of(found, "lake")
    assert (hill["people"], hill["silent"], hill["hidden"]) == (30, None, ["silent", "weeks"])
    assert hill["weeks"]["missed"] is None  # of 10 people
    assert sum(n is None for n in hill["weeks"].values()) >= 2
    assert (lake["people"], lake["silent"]) == (None, None)
    assert lake["weeks"] == {"met": None, "missed": None, "insufficient_data": 0, ALL: None}  # zeros are shown
    assert of(found, "eleven")["people"] is None  # with 1 silent of 11 the two numbers could be only ten
    assert of(found, "old")["silent"] == 20  # nobody is not silent, which is no small number


def test_what_is_not_known_is_not_zero(found: Figures) -> None:
    assert (of(found, "new")["people"], of(found, "new")["weeks"], of(found, "new")["hidden"]) == (None, None, [])
    assert (of(found, "few")["people"], of(found, "few")["hidden"]) == (None, ["people"])
    assert (of(found, "port")["silent"], of(found, "port")["people"]) == (None, 20)


def test_sums_and_months_are_of_sites_that_are_shown_whole_and_fit_each_other(found: Figures) -> None:
    whole = [row for row in found.sites if row["weeks"] and None not in row["weeks"].values()]
    assert {row["site"] for row in whole} == {"riverside", "port", "old", "eleven", "few"}
    assert found.totals["weeks"] == {kind: sum(row["weeks"][kind] for row in whole) for kind in found.totals["weeks"]}
    assert (found.totals["people"], found.totals["people_at"]) == (40 + 30 + 20 + 20, 4)
    assert found.months == [
        {"month": date(2026, 2, 1), "weeks": {"met": 80, "missed": 40, "insufficient_data": 0, ALL: 120}},
        {"month": date(2026, 3, 1), "weeks": {"met": 20, "missed": 20, "insufficient_data": 20, ALL: 60}},
    ]


def test_a_month_of_few_people_is_not_shown(tmp_path: Path) -> None:
    many = weeks(30, "met", "missed", "insufficient_data") + weeks(30, "met", "missed", end=MARCH)
    made = MadeUp(tmp_path / "network", {"a": {"people": 30}}, {"a": many + weeks(4, "insufficient_data", end=MARCH)})
    february, march = figures(made.programme, made.sites).months
    assert march["weeks"]["insufficient_data"] is None
    assert february["weeks"]["insufficient_data"] is None  # which with the total of all months would give it away
    assert march["weeks"]["met"] is not None or march["weeks"]["missed"] is not None


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(1, 3)), min_size=1, max_size=4), st.integers(2, 11))
@settings(max_examples=150, deadline=None)
def test_a_number_of_a_row_that_is_not_shown_could_be_any_of_at_least_k(row: list[tuple[int, int]], k: int) -> None:
    people = {f"c{n}": count for n, (count, _) in enumerate(row)}
    counts = {f"c{n}": count * each for n, (count, each) in enumerate(row)}
    counts[ALL], people[ALL] = sum(counts.values()), max(people.values())
    out = hidden_in_row(counts, people, k)
    assert {name for name, n in people.items() if 0 < n < k} <= out
    assert all(counts[name] for name in out)  # zeros are shown
    parts = out - {ALL}
    if parts and ALL not in out:  # what is left for them is known: each is 1 at the least
        room = sum(counts[name] for name in parts) - len(parts) + 1
        assert len(parts) > 1
        assert room >= k or parts == {name for name, n in counts.items() if n} - {ALL}


def test_no_person_is_on_the_page_and_no_advice(made: MadeUp) -> None:
    root = made.folder / "report"
    for path in root.rglob("*.*"):
        assert "SECRET" not in path.read_text("utf-8")
        assert path.stat().st_mode & 0o077 == 0
    said = read(root / "index.html").lower()
    assert set(advice(said)) <= {"failed"}  # a night failed, nobody did
    assert "no person is on this page" in said
    assert "a number of 1 to 10 people is not shown" in said


def test_it_is_written_again_only_where_something_changed(made: MadeUp, found: Figures) -> None:
    before = {path: path.stat().st_ino for path in (made.folder / "report").rglob("*.*")}
    page.write(made.programme, found)
    assert {path: path.stat().st_ino for path in (made.folder / "report").rglob("*.*")} == before


def test_the_command_writes_it_elsewhere_and_loses_nothing_that_lies_there(
    made: MadeUp, tmp_path: Path, capsys
) -> None:
    asked = ["programme", "report", "--programme", str(made.folder), "--out"]
    assert main([*asked, str(tmp_path / "copy"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert Path(told["report"]).exists()
    assert "SECRET" not in json.dumps(told)
    (tmp_path / "copy/mine.txt").write_text("mine")
    assert main([*asked, str(tmp_path / "copy")]) == 2
    assert "--out" in capsys.readouterr().err
    with pytest.raises(StudyError, match="something else lies there"):
        page.write(made.programme, figures(made.programme, made.sites), tmp_path)


def test_a_programme_without_a_site_or_a_night_has_a_page(tmp_path: Path) -> None:
    nothing = Figures([], [], {"sites": 0, "people": 0, "people_at": 0, "weeks_at": 0, "weeks": {ALL: 0}}, None, True)
    made = MadeUp(tmp_path / "network", {}, {})
    assert figures(made.programme, []).sites == nothing.sites
    assert "names no site yet" in read(page.write(made.programme, nothing))


@pytest.fixture(scope="module")
def window(browser: Browser, made: MadeUp) -> Page:  # noqa: F811
    return browser.new_context(viewport={"width": 1280, "height": 900}).new_page()


@pytest.fixture
def opened(window: Page, made: MadeUp) -> Iterator[Page]:
    faults: list[str] = []
    window.set_default_timeout(10_000)
    window.on("console", lambda m: m.type == "error" and faults.append(m.text))
    window.on("pageerror", lambda error: faults.append(str(error)))
    window.goto("about:blank")
    window.goto((made.folder / "report/index.html").as_uri())
    yield window
    assert faults == []


def ids(opened: Page) -> list[str]:
    return opened.locator("table.sites tbody th").all_inner_texts()


def test_sites_are_found_narrowed_and_sorted(opened: Page) -> None:
    assert ids(opened)[:2] == ["port", "new"]
    opened.locator("th[data-order=people] button").click()
    opened.locator("th[data-order=people] button").click()
    assert ids(opened)[0] == "riverside"
    opened.locator("[data-chip=needs]").click()
    assert sorted(ids(opened)) == ["new", "port"]
    assert opened.locator("#matches").inner_text() == "2 of 8 sites: needs a person"
    opened.locator("#find").fill("por")
    assert ids(opened) == ["port"]


def test_a_click_leads_to_the_sites_own_page_where_there_is_one(opened: Page, made: MadeUp) -> None:
    assert sorted(opened.locator("table.sites tbody a").all_inner_texts()) == ["port", "riverside"]
    opened.locator("table.sites tbody a", has_text="riverside").click()
    opened.wait_for_url(re.compile("riverside/warehouse/report"))
    assert opened.locator("body").inner_text() == "its own page"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_amiss(opened: Page, scheme: str) -> None:
    opened.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    assert amiss(opened) == ""


def test_nothing_is_cut_off_on_a_phone(opened: Page) -> None:
    opened.set_viewport_size({"width": 375, "height": 700})
    assert opened.evaluate("document.documentElement.scrollWidth") <= 375
    opened.set_viewport_size({"width": 1280, "height": 900})
