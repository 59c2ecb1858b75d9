"""The documents: their links lead somewhere, and the site made of them asks no network for anything."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from playwright.sync_api import sync_playwright

from tests import site
from tests.gallery import CHROMIUM, IN_SHORT
from tests.site import ROOT, broken, pages

LOADED = re.compile(r"<(?:script|link|img|iframe|source)\b[^>]*?\b(?:src|href)=\"(?:https?:)?//[^\"]*\"")


def test_every_link_of_a_document_leads_to_a_file_and_a_title_that_there_are() -> None:
    assert broken() == []


def test_every_page_is_in_the_menu_and_a_page_for_each_kind_of_reader_is_on_the_first() -> None:
    menu = yaml.load((ROOT / "docs/mkdocs.yml").read_text("utf-8"), yaml.BaseLoader)["nav"]
    named = {page for part in menu for page in (next(iter(part.values())) if isinstance(part, dict) else [part])}
    assert named == {*pages().values(), "gallery.md", "reference.md"}
    first = (ROOT / "README.md").read_text("utf-8")
    assert [page for page in (ROOT / "docs/for").iterdir() if f"docs/for/{page.name}" not in first] == []


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site without its pictures."""
    pytest.importorskip("material", reason="the site was not made: pip install mkdocs-material")
    pytest.importorskip("mkdocstrings", reason="the site was not made: pip install mkdocstrings-python")
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(site, "STAGED", folder / "docs")
        patch.setattr(site, "SITE", folder / "site")
        site.stage()
        (folder / "docs/gallery.md").write_text("# Gallery\n")
        assert site.build() == 0
    return folder / "site"


def test_no_page_loads_anything_from_elsewhere(made: Path) -> None:
    html = list(made.rglob("*.html"))
    assert len(html) > 30
    assert {
        page.name: LOADED.findall(page.read_text("utf-8")) for page in html if LOADED.search(page.read_text("utf-8"))
    } == {}


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium on this machine to look at the site with (Debian: chromium)")
def test_its_search_works_from_the_disk_and_asks_no_network(made: Path) -> None:
    asked: list[str] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"], env=IN_SHORT
        )
        page = browser.new_page(viewport={"width": 1300, "height": 850})
        page.on("request", lambda request: request.url.startswith("file:") or asked.append(request.url))
        page.on("pageerror", lambda error: asked.append(str(error)))
        page.goto((made / "for/analyst.html").as_uri())
        page.locator("input.md-search__input").click()
        page.keyboard.type("tombstone")
        found = page.locator(".md-search-result__item a").first
        found.wait_for()
        assert "privacy.html" in str(found.get_attribute("href"))
        browser.close()
    assert asked == []
