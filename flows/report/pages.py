"""The pages of people: what they are made with, and the writing of them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any

from flows.answers.worklist import Item
from flows.night.progress import Progress
from flows.report import site
from flows.report.participant import page
from flows.report.sections import SECTIONS
from models.store.apart import apart
from models.store.read import Published

Row = dict[str, Any]
_AT_A_TIME = 100  # people whose rows are held in memory together


@dataclass(frozen=True)
class Pages:
    """What pages of people are made with; it can be sent to another process."""

    warehouse: Path
    folder: Path
    study: str
    as_of: Any
    marks: dict[str, str]  # by person: the fingerprint that their page gets
    items: dict[str, list[Item]]  # and their lines of the worklist

    def of(self, people: Sequence[str]) -> Pages:
        """With what is these people's alone."""
        marks = {who: self.marks[who] for who in people}
        return replace(self, marks=marks, items={who: self.items[who] for who in people if who in self.items})

    def write(
        self, rows_of: Published, people: Sequence[str], progress: Progress | None = None
    ) -> dict[str, BaseException]:
        """Write the pages of these people. Returns whom it fails for."""

        def write(part: Sequence[str]) -> None:
            found = _sections(rows_of, part, self.as_of)
            for who, sections in progress.counted(found, len(part), "pages") if progress else found:
                given = {
                    "study": self.study,
                    "root": "../",
                    "fingerprint": self.marks[who],
                    **page(who, sections, self.items.get(who, [])),
                }
                site.put(self.folder / f"{who}.html", site.template("participant.html").render(given))

        return apart(people, write, mend=rows_of.mend).failed


def _sections(rows_of: Published, who: Sequence[str], as_of: Any) -> Iterator[tuple[str, dict[str, list[Row]]]]:
    """Each participant with the rows of every section; a question is asked once for many people."""
    for start in range(0, len(who), _AT_A_TIME):
        part = list(who[start : start + _AT_A_TIME])
        found: dict[str, dict[str, list[Row]]] = {one: {name: [] for name in SECTIONS} for one in part}
        with rows_of.only(part):
            for name, (sql, order) in SECTIONS.items():
                rows = rows_of.ask(f"FROM ({sql}) ORDER BY participant_id, {order}", as_of=as_of)
                for one, group in groupby(rows, itemgetter("participant_id")):
                    found[one][name] += group
        yield from found.items()
