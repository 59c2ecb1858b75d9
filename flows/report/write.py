"""Write the report: the pages of people whose numbers changed, then the pages over everybody."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flows.answers.worklist import Item, by_kind, by_person, worklist
from flows.night.progress import Progress
from flows.report import changes, cohort, site, words
from flows.report.pages import Pages
from flows.report.sections import FINGERPRINTS
from flows.report.side_by_side import write_side_by_side
from models.store.apart import apart
from models.store.read import published

Row = dict[str, Any]
Ask = Callable[..., list[Row]]
_PRINTED_AT_A_TIME = 2_000  # people whose fingerprints are made together
_FEW = 50  # pages that are written sooner than other processes begin with them


@dataclass(frozen=True)
class Written:
    """The result: the first page, how many participants' pages were written, left alone, removed; whose failed."""

    index: Path
    written: int
    unchanged: int
    removed: int
    failed: dict[str, BaseException]


def write_report(
    warehouse: Path,
    study: str,
    progress: Progress | None = None,
    *,
    to: Path | None = None,
    rests_on: str = "",
    spread: Callable[[Pages, Sequence[str]], dict[str, BaseException]] | None = None,
) -> Written:
    """Bring `<warehouse>/report` up to what is published. Safe to repeat and to kill; StoreError: nothing published.

    `to`: another folder. `rests_on`: what the numbers rest on, where that is not what a night left; it stands beside
    the date on every page. `spread`: writes pages of people in processes that there are, and tells whom that fails for.
    """
    with published(warehouse) as rows_of:
        ask = rows_of.ask
        as_of = ask("SELECT as_of FROM run ORDER BY run_number DESC LIMIT 1")[0]["as_of"]
        everyone = [row["participant_id"] for row in ask("SELECT participant_id FROM participant ORDER BY 1")]
        root = site.folder(to or warehouse / "report")
        people = site.folder(root / "participant")
        removed = site.keep_only(people, {f"{who}.html" for who in everyone})
        assets = _assets(site.folder(root / "assets"), as_of, rests_on)

        items = apart(everyone, lambda part: worklist(ask, who=part), mend=rows_of.mend)
        to_do = [item for n, part in enumerate(items.done) for item in part if item.participant_id or n == 0]
        theirs = by_person(to_do)

        def prints_of(part: Sequence[str]) -> dict[str, str]:
            with rows_of.only(part):
                rows = ask(FINGERPRINTS, as_of=as_of)
            prints = {row["participant_id"]: row["print"] for row in rows if row["participant_id"] not in items.failed}
            return {who: site.fingerprint(study, made, repr(theirs.get(who))) for who, made in prints.items()}

        prints = apart(everyone, prints_of, mend=rows_of.mend, at_most=_PRINTED_AT_A_TIME)
        marks = {who: mark for part in prints.done for who, mark in part.items()}
        stale = [who for who in marks if site.fingerprint_of(people / f"{who}.html") != marks[who]]

        pages = Pages(warehouse, people, study, as_of, marks, theirs)
        if spread and len(stale) > _FEW:
            written = spread(pages, stale)
        else:
            written = write_side_by_side(pages, rows_of, stale, progress)
        failed = items.failed | prints.failed | written
        for who in failed:
            given = {"study": study, "root": "../", "fingerprint": "", "who": who}
            site.put(people / f"{who}.html", site.template("unwritten.html").render(given))
        failed |= _write_cohort(ask, rows_of.mend, root, study, as_of, everyone, failed, to_do)
        site.keep_only(root / "assets", assets)  # not before: pages of an older version ask for theirs
    return Written(root / "index.html", len(stale), len(marks) - len(stale), removed, failed)


def _write_cohort(
    ask: Ask,
    mend: Callable[[], None],
    root: Path,
    study: str,
    as_of: Any,
    everyone: list[str],
    failed: Collection[str],
    to_do: list[Item],
) -> dict[str, BaseException]:
    """The pages over everybody. Who could not be written, or cannot be now, stands on them by name alone.

    Returns whom it fails for.
    """

    def render(part: Sequence[str], without: Collection[str] = failed) -> dict[str, str]:
        ask(cohort.DATA_UNTIL)
        people = ask(cohort.QUESTIONS["people"], as_of=as_of, who=[who for who in part if who not in without])
        return _cohort(ask, study, as_of, to_do, people + [cohort.unwritten(who) for who in part if who in without])

    made = apart(everyone, render, mend=mend)
    pages = made.done[0] if len(made.done) == 1 else render(everyone, {*failed, *made.failed})
    for name in reversed(list(pages)):
        site.put(root / name, pages[name])
    site.keep_only(root, set(pages))
    return made.failed


def _cohort(ask: Ask, study: str, as_of: Any, to_do: list[Item], people: list[Row]) -> dict[str, str]:
    """The pages over these people, by name."""
    pages = cohort.pages(people, as_of, by_person(to_do))
    names = ["index.html", *(f"people-{n}.html" for n in range(2, len(pages) + 1))]
    common = {"study": study, "root": "", "names": names, "people": len(people), **cohort.legend(as_of)}
    common["is_cut"] = any(len(g["weeks"]) < g["last"] for p in people for g in p["goals"])
    first_page = {
        "totals": ask(cohort.QUESTIONS["totals"], as_of=as_of)[0],
        "worklist": list(by_kind(to_do)),
        "unwritten": [p["participant_id"] for p in people if p.get("unwritten")],
        "chips": cohort.chips(people),
        "changes": changes.of_last_run(ask),
        "verdicts": cohort.shares(ask(cohort.QUESTIONS["verdicts"]), "status", words.VERDICTS),
        "coverage": cohort.shares(ask(cohort.QUESTIONS["coverage"], as_of=as_of), "day_state", words.STATES),
    }
    written = {}
    for n, (name, part) in enumerate(zip(names, pages, strict=True), 1):
        given = {**common, **(first_page if n == 1 else {}), "number": n, "part": part}
        written[name] = site.template("cohort.html").render(given, fingerprint=site.fingerprint(name))
    return {**written, "assets/people.js": cohort.everybody([p for part in pages for p in part], as_of)}


def _assets(place: Path, as_of: Any, rests_on: str) -> set[str]:
    """What all pages share: scripts, the style, the date up to which days are over. Returns the names."""
    shared = ("report.css", "participant.css", "cohort.js")
    for name, text in (site.scripts() | {name: (site.HERE / name).read_bytes() for name in shared}).items():
        site.put(place / name, text)
    site.put(place / site.AS_OF, site.dated(as_of, rests_on))
    return {*site.scripts(), *shared, site.AS_OF, "people.js"}
