"""Write the report: the pages of people whose numbers changed, then the pages over everybody."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from flows.progress import Progress
from flows.report import charts, cohort, site, words
from flows.report.participant import page
from flows.report.sections import FINGERPRINTS, SECTIONS
from models.store_read import published

Row = dict[str, Any]
Ask = Callable[..., list[Row]]
_AT_A_TIME = 100  # people whose rows are held in memory together


@dataclass(frozen=True)
class Written:
    """What came of it: the first page, and how many participants' pages were written, left alone, removed."""

    index: Path
    written: int
    unchanged: int
    removed: int


def write_report(warehouse: Path, study: str, progress: Progress | None = None) -> Written:
    """Bring `<warehouse>/report` up to what is published. Safe to repeat and to kill; StoreError: nothing published."""
    with published(warehouse) as rows_of:

        def ask(sql: str, **parameters: Any) -> list[Row]:
            names, rows = rows_of(sql, {k: v for k, v in parameters.items() if f"${k}" in sql})
            return [dict(zip(names, row, strict=True)) for row in rows]

        as_of = ask("SELECT as_of FROM run ORDER BY started_at DESC LIMIT 1")[0]["as_of"]
        root = site.folder(warehouse / "report")
        people = site.folder(root / "participant")
        prints = {r["participant_id"]: site.fingerprint(study, r["print"]) for r in ask(FINGERPRINTS, as_of=as_of)}
        removed = site.keep_only(people, {f"{who}.html" for who in prints})
        assets = _assets(site.folder(root / "assets"), as_of)
        stale = [who for who, told in prints.items() if site.fingerprint_of(people / f"{who}.html") != told]
        found = _sections(ask, stale, as_of)
        for who, sections in progress.along(found, len(stale), "pages") if progress else found:
            html = site.template("participant.html").render(
                study=study, root="../", fingerprint=prints[who], **page(who, sections)
            )
            site.put(people / f"{who}.html", html)
        _cohort(ask, root, study, as_of)
        site.keep_only(root / "assets", assets)  # not before: pages of an older version ask for theirs
    return Written(root / "index.html", len(stale), len(prints) - len(stale), removed)


def _sections(ask: Ask, who: list[str], as_of: Any) -> Iterator[tuple[str, dict[str, list[Row]]]]:
    """Each participant with the rows of every section; a question is asked once for many people."""
    for start in range(0, len(who), _AT_A_TIME):
        part = who[start : start + _AT_A_TIME]
        found: dict[str, dict[str, list[Row]]] = {one: {name: [] for name in SECTIONS} for one in part}
        for name, (sql, order) in SECTIONS.items():
            asked = f"FROM ({sql}) WHERE participant_id IN (SELECT unnest($who)) ORDER BY participant_id, {order}"
            rows = ask(asked, who=part, as_of=as_of)
            for one, group in groupby(rows, itemgetter("participant_id")):
                found[one][name] += group
        yield from found.items()


def _cohort(ask: Ask, root: Path, study: str, as_of: Any) -> None:
    people = ask(cohort.PEOPLE, as_of=as_of)
    pages = cohort.pages(people, as_of)
    names = ["index.html", *(f"people-{n}.html" for n in range(2, len(pages) + 1))]
    common = {"study": study, "root": "", "names": names, "people": len(people)}
    whole = {
        "totals": ask(cohort.TOTALS, as_of=as_of)[0],
        "needs": cohort.needs(people),
        "nobodys": ask(cohort.NOBODYS),
        "verdicts": cohort.shares(ask(cohort.VERDICTS), "status", words.VERDICTS),
        "coverage": cohort.shares(ask(cohort.COVERAGE, as_of=as_of), "day_state", words.STATES),
    }
    for n, (name, part) in reversed(list(enumerate(zip(names, pages, strict=True), 1))):
        given = {**common, **(whole if n == 1 else {}), "number": n, "part": part}
        site.put(root / name, site.template("cohort.html").render(given, fingerprint=site.fingerprint(name)))
    site.keep_only(root, set(names))


def _assets(place: Path, as_of: Any) -> set[str]:
    """What all pages share: the charts' scripts, the style, the date up to which days are over. Returns the names."""
    library, script = site.scripts()
    if not (place / library).exists():
        site.put(place / library, charts.library())
    if not (place / script).exists():
        site.put(place / script, charts.script())
    site.put(place / "report.css", (site.HERE / "report.css").read_text())
    site.put(place / "as-of.css", f'.as-of::after {{ content: "{words.day(as_of, year=True)}"; }}\n')
    return {library, script, "report.css", "as-of.css"}
