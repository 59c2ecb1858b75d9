"""Dated copies of the pages over everybody: warehouse/report/snapshots/2026-03-02/index.html, with assets of its own.

The assets are links to the report's own files, which are replaced and never written again: a copy costs its pages. The
links to people lead to today's pages.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from datetime import date
from pathlib import Path

from flows.report import site
from models.system.files import second_name

FOLDER = "snapshots"
_LINK = re.compile(r"""(["'`])(?=participant/)""")
_OF_PEOPLE = ("cohort.js", "people.js")  # assets with links to people, or with people in them


def keep(root: Path, as_of: date, how_often: str) -> Path | None:
    """Keep the pages over everybody as they are now: every night's, or the first night's of a month.

    Returns where, or None. A night that is taken again, or was killed, writes them again.
    """
    place = root / FOLDER / f"{as_of}"
    others = [path.parent for path in root.glob(f"{FOLDER}/{as_of:%Y-%m}-*/index.html") if path.parent != place]
    if how_often == "none" or (how_often == "monthly" and others):
        return None
    assets = site.folder(site.folder(place) / "assets")
    originals = [path for path in (root / "assets").iterdir() if path.is_file()]
    for original in originals:
        if original.name in _OF_PEOPLE:
            site.put(assets / original.name, _to_today(original))
        elif original.name != site.AS_OF:
            _link(original, assets / original.name)
    site.put(assets / site.AS_OF, site.dated(as_of, "a copy of that night's page; links lead to today's pages"))
    pages = sorted(path for path in root.glob("*.html") if site.fingerprint_of(path))
    for page in sorted(pages, key=lambda path: path.name == "index.html"):  # last: with it the copy is complete
        site.put(place / page.name, _to_today(page))
    site.keep_only(place, {page.name for page in pages})
    site.keep_only(assets, {path.name for path in originals})
    return place


def remove_with(root: Path, names: Iterable[str]) -> list[str]:
    """Remove the copies whose pages hold one of these names, or are not complete. Returns which."""
    words = "|".join(map(re.escape, sorted(names)))
    named = re.compile(rf"(?<![A-Za-z0-9_-])({words})(?![A-Za-z0-9_-])")
    removed = []
    for place in sorted(path for path in root.glob(f"{FOLDER}/????-??-??") if path.is_dir() and not path.is_symlink()):
        pages = [path for path in place.iterdir() if path.suffix == ".html" and path.is_file()]
        pages += [path for name in _OF_PEOPLE if (path := place / "assets" / name).is_file()]
        if not (place / "index.html").exists() or any(named.search(page.read_text("utf-8")) for page in pages):
            (place / "index.html").unlink(missing_ok=True)  # first: what is left of it is no copy
            site.remove(place)
            _remove_empty(place / "assets", place)
            removed.append(f"report/{FOLDER}/{place.name}")
    return removed


def _to_today(file: Path) -> str:
    """Its text, with links to people that lead out of the copy."""
    return _LINK.sub(r"\1../../", file.read_text("utf-8"))


def _link(original: Path, target: Path) -> None:
    draft = target.with_name(f".{target.name}.part")
    draft.unlink(missing_ok=True)
    second_name(original, draft)
    os.replace(draft, target)
    draft.unlink(missing_ok=True)  # a link to the same file is not moved over it


def _remove_empty(*folders: Path) -> None:
    for folder in folders:
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()
