"""Pictures of what stepwindow shows, taken of the sample study by a browser, for the gallery of the site."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path
from typing import NamedTuple

from flows.cli import main as stepwindow
from tests.studies import sample_after_two_nights

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
IN_SHORT = {**os.environ, "TMPDIR": "/tmp"}  # for it: it makes a socket there, whose path may not be long


class Picture(NamedTuple):
    """A page of the warehouse, how it is looked at, and what to say of it."""

    name: str
    page: str
    says: str
    width: int = 1200
    height: int = 900
    scheme: str = "light"
    below: str = ""  # what is scrolled to


PICTURES = (
    Picture("everybody", "report/index.html", "The first page: who needs somebody, and how everybody stands."),
    Picture("person", "report/participant/P02.html", "A person: the week that runs, what is missing, the goals."),
    Picture(
        "charts", "report/participant/P02.html", "The days of half a year, and which of them count.", below="figure"
    ),
    Picture("dark", "report/participant/P05.html", "The same in the dark.", scheme="dark"),
    Picture("phone", "report/participant/P02.html", "On a phone.", width=390, height=844),
    Picture(
        "letter", "letters/P02.html", "The letter to a patient: one page, in their language.", width=800, height=1100
    ),
)
_HEAD = """# Gallery

The sample study, of six people who do not exist, as its report and letters show it.
"""


def write(pages: Path) -> None:
    """gallery.md and its pictures into the folder of the pages. Where there is no Chromium the page says so."""
    parts = [_HEAD]
    if CHROMIUM is None:
        parts.append("\nThis site was made on a machine without a browser: it has no pictures.\n")
    else:
        (pages / "gallery").mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            study = sample_after_two_nights(Path(folder) / "study")
            for words in (["report"], ["letter", "P02"]):
                stepwindow([*words, "--study", str(study.folder)])
            _take(study.folder / "warehouse", pages / "gallery")
        parts += [f"\n## {one.says}\n\n![{one.says}](gallery/{one.name}.png)\n" for one in PICTURES]
    (pages / "gallery.md").write_text("".join(parts), "utf-8")


def _take(warehouse: Path, folder: Path) -> None:
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=["--no-sandbox", "--disable-gpu"], env=IN_SHORT
        )
        for one in PICTURES:
            window = browser.new_context(
                viewport={"width": one.width, "height": one.height},
                color_scheme="dark" if one.scheme == "dark" else "light",
            )
            page = window.new_page()
            page.goto((warehouse / one.page).as_uri(), wait_until="networkidle")
            if one.below:
                page.locator(one.below).first.scroll_into_view_if_needed()
            page.screenshot(path=folder / f"{one.name}.png")
            window.close()
        browser.close()
