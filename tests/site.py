"""The documents as a site that needs no network: `make docs` (`python -m tests.site`) makes build/site.

The pages are those of docs/ and the documents beside it; a link to a file that is no page becomes the file's name.
Pictures of the report are taken of the sample study by a browser (tests/gallery.py); without one the gallery says so.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from tests import gallery

ROOT = Path(__file__).parents[1]
STAGED, SITE = ROOT / "build/docs", ROOT / "build/site"
BESIDE = ("README.md", "CHANGELOG.md", "SECURITY.md", "CONTRIBUTING.md")
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s]+)\)")
REFERENCE = (  # modules whose docstrings are for whoever writes a reader
    "stepwindow", "connectors", "connectors.kit.csv", "connectors.kit.json", "connectors.kit.xml",
    "connectors.kit.sessions", "connectors.kit.rows", "connectors.testing", "models.activity", "models.fault",
)  # fmt: skip


def pages() -> dict[Path, str]:
    """Each document of the repository with its name in the site, the README as the first page."""
    found = {path: path.relative_to(ROOT / "docs").as_posix() for path in sorted((ROOT / "docs").rglob("*.md"))}
    return found | {ROOT / name: "index.md" if name == "README.md" else name for name in BESIDE}


def links(page: Path) -> Iterator[tuple[re.Match[str], Path, str]]:
    """Links of a document to files and places here: the text of the link, the file, the place in it."""
    text = re.sub(r"```.*?```", lambda block: re.sub(r"\S", " ", block[0]), page.read_text("utf-8"), flags=re.DOTALL)
    for link in LINK.finditer(text):
        path, _, place = link[3].partition("#")
        if "://" not in path and not path.startswith("mailto:"):
            yield link, (page.parent / path).resolve() if path else page, place


def broken() -> list[str]:
    """Links that lead nowhere."""
    return [
        f"{page.relative_to(ROOT)}: {link[0]}"
        for page in pages()
        for link, target, place in links(page)
        if not target.exists() or (place and place not in _places(target))
    ]


def _places(page: Path) -> set[str]:
    titles = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    plain = [
        re.sub(r"[^\w\- ]", "", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", title).strip().lower()) for title in titles
    ]
    return {title.replace(" ", "-") for title in plain}


def stage() -> None:
    """The pages as the site wants them."""
    shutil.rmtree(STAGED, ignore_errors=True)
    names = pages()
    for page, name in names.items():
        target = STAGED / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(_as_there(page, name, names), "utf-8")
    for beside in (*(ROOT / "docs").glob("*.svg"), *(ROOT / "docs").glob("*.js")):
        shutil.copyfile(beside, STAGED / beside.name)
    parts = ["# Reference\n", "What a reader is made of and what it gives.\n", *(f"::: {one}\n" for one in REFERENCE)]
    (STAGED / "reference.md").write_text("\n".join(parts), "utf-8")


def _as_there(page: Path, name: str, names: dict[Path, str]) -> str:
    here, text, done, parts = Path(name).parent.as_posix(), page.read_text("utf-8"), 0, []
    for link, target, place in links(page):
        parts.append(text[done : link.start()])
        known = names.get(target) or (target.name if link[1] else None)
        if known:
            there = os.path.relpath(known, here)
            parts.append(f"{link[1]}[{link[2]}]({there}{'#' * bool(place)}{place})")
        else:
            parts.append(link[2] if "`" in link[2] else f"`{link[2]}`")
        done = link.end()
    return "".join([*parts, text[done:]])


def main() -> int:
    """Make the site."""
    stage()
    gallery.write(STAGED)
    return build()


def build() -> int:
    """The site of what is staged; another code than 0 where a link leads nowhere or a page is in no menu."""
    command = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--config-file", "docs/mkdocs.yml"]
    where = {"STAGED": str(STAGED), "SITE": str(SITE), "NO_MKDOCS_2_WARNING": "1"}
    return subprocess.run(command, cwd=ROOT, env={**os.environ, **where}, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
