"""The page in the middle: <programme>/report/index.html, the sites of a programme as rows, and the months of all."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import quote

from flows.programme.figures import KINDS, Figures, K, Row, Shown
from flows.report import cohort, site, words
from models.fault import StudyError
from models.programme import Programme, Site
from models.store.suppression import ALL
from models.warehouse import warehouse_of

FOLDER = "report"
_ASSETS = ("report.css", "programme.css", "programme.js")
_KINDS = {"met": "met", "missed": "partly met or missed", "insufficient_data": "cannot be said"}
# What the list can be narrowed to: words on the button, what they mean.
_CHIPS = {
    "needs": ("needs a person", "its last night failed, something is to be looked at, or it stays behind"),
    "behind": ("not of the newest night", "what is here of it is of an earlier date than the newest of all"),
    "older": ("older version", "another site has a newer version of stepwindow"),
}


def write(programme: Programme, found: Figures, to: Path | None = None) -> Path:
    """Write the page, in one step, where it changed; only its owner may read it. Returns where it is.

    `to`: another folder than that of the programme. StudyError where something else lies there.
    """
    root = to or programme.folder / FOLDER
    if to and not site.is_free(to):
        raise StudyError(f"--out {to}: something else lies there", "give a new folder, or that of an earlier report")
    assets = site.folder(site.folder(root) / "assets")
    for name in _ASSETS:
        site.put(assets / name, (site.HERE / name).read_bytes())
    if found.as_of:
        site.put(assets / site.AS_OF, site.dated(found.as_of))
    site.put(root / "index.html", _page(programme, found, root))
    site.keep_only(root, {"index.html"})
    site.keep_only(assets, {*_ASSETS, site.AS_OF})
    return root / "index.html"


def _page(programme: Programme, found: Figures, root: Path) -> str:
    at = {one.id: one for one in programme.sites}
    sites = [
        row | _drawn(row["weeks"]) | {"link": _link(programme, at[row["site"]], root), "chips": _chips(row, found)}
        for row in found.sites
    ]
    chips = [
        {"name": name, "words": said, "means": means, "n": sum(name in row["chips"] for row in sites)}
        for name, (said, means) in _CHIPS.items()
    ]
    given = {
        "name": programme.name, "root": "", "k": K, "kinds": _KINDS, "chips": chips, "sites": sites,
        "months": [row | _drawn(row["weeks"]) for row in found.months],
        "totals": found.totals, "as_of": found.as_of, "has_dates": found.has_dates,
    }  # fmt: skip
    return site.template("programme.html").render(given, fingerprint=site.fingerprint("programme"))


def _drawn(weeks: Shown | None) -> dict[str, Any]:
    """The bar of some judged weeks, what it says, and shares to sort by; -1: not known, or not shown."""
    total = (weeks or {}).get(ALL)
    if not weeks or not total:
        said = "not known" if weeks is None else "no week judged yet" if total == 0 else "not shown"
        return {"bar": [], "words": said, "met": -1, "unsaid": -1}
    shares = {kind: 100 * n / total for kind, n in weeks.items() if n is not None}
    is_whole = len(shares) == len(weeks)
    parts = [f"{shares[kind]:.0f} % {_KINDS[kind]}" for kind in ("met", "insufficient_data") if kind in shares]
    parts += [f"of {words.count(total, 'week')}"] + ["the rest not shown"] * (not is_whole)
    bar = list(cohort.bar({kind: weeks[kind] or 0 for kind in KINDS})) if is_whole else []
    met, unsaid = shares.get("met", -1), shares.get("insufficient_data", -1)
    return {"bar": bar, "words": ", ".join(parts), "met": met, "unsaid": unsaid}


def _chips(row: Row, found: Figures) -> list[str]:
    holds = {"needs": row["needs"], "behind": row["as_of"] != found.as_of, "older": row["is_older"]}
    return [name for name in _CHIPS if holds[name]]


def _link(programme: Programme, of: Site, root: Path) -> str | None:
    """The way from the page to the site's own; None where there is none that this user may read."""
    if of.sends:
        return None
    with suppress(StudyError):
        page = warehouse_of(programme.folder_of(of)) / FOLDER / "index.html"
        if os.access(page, os.R_OK):
            return quote(os.path.relpath(page, root.resolve()))
    return None
