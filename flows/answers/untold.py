"""Goals whose metric can never be told by what a person hands over, and what to ask for instead.

Known from what the readers declare (METRICS): of files that were loaded, and of those that could be. They are asked
only where a goal's metric was known on no day, so that nothing is said against what was seen, and nobody waits for
readers to be loaded who needs none. `status`, `doctor`, `goals --why` and the person's page say the same.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

from flows.answers.export_label import label_of
from flows.answers.finding import SOON, Finding
from flows.letter.ways import is_made_by_patients
from models.fault import StoreError
from models.store.read import published
from models.store.sql import queries

# Metrics that are made of others (R2.7): of any of these groups, all.
_MADE_OF = {
    "mvpa_minutes": (("moderate_minutes", "vigorous_minutes"),),
    "mvpa_equivalent_minutes": (("moderate_minutes", "vigorous_minutes"),),
    "exercise_minutes": (("mvpa_minutes",), ("workout_minutes",)),
    "movement_minutes": (("walking_minutes",), ("exercise_minutes",), ("yoga_minutes",), ("dance_minutes",)),
}
_METHODS = ("device", "cadence", "session", "diary")  # by which a reader tells a metric, the best first
_NAMED = 2  # exports to ask for


@dataclass(frozen=True)
class Untold:
    """A metric of goals that nothing of what was handed over can tell."""

    participant_id: str
    goals: str
    metric: str
    what: str
    ask: str
    wanted: tuple[str, ...] = ()  # the exports to ask for, by their names

    @property
    def sentence(self) -> str:
        """For `goals --why`."""
        return f"{self.what[:1].upper()}{self.what[1:]}. {self.ask}."

    @property
    def finding(self) -> Finding:
        """For `status` and `doctor`."""
        what = f"{self.participant_id}, {self.goals}: {self.what}"
        return Finding(SOON, "cannot_be_told", what, self.ask[:1].lower() + self.ask[1:], self.participant_id)


def untold(warehouse: Path, who: str) -> list[Untold]:
    """Of one person, as published; nothing where nothing is."""
    try:
        with published(warehouse) as asked, asked.only([who]):
            rows = asked.ask(queries("report/sections")["untold"])
    except StoreError:
        return []
    return list(of_rows(sorted(rows, key=lambda row: row["metric"])))


def of_rows(rows: Iterable[dict[str, Any]]) -> Iterator[Untold]:
    """Of the answer to models/sql/report/sections/91_untold.sql."""
    if not (rows := list(rows)):
        return
    from connectors import connectors  # only here: loading all readers takes as long as all else that `status` does

    readers = connectors()
    for row in rows:
        handed = [readers[name] for name in row["readers"] if name in readers]
        seen = [method for method in _METHODS if method != "cadence" or row["has_minutes"] is not False]
        if len(handed) == len(row["readers"]) and not _tells(_declared(handed, seen), row["metric"]):
            yield _untold(row, handed, readers)


def _untold(row: dict[str, Any], handed: list[ModuleType], readers: dict[str, ModuleType]) -> Untold:
    words = row["metric"].replace("_", " ")
    what = f"{words} cannot be told by {' and '.join(map(_label, handed[:_NAMED]))}"
    what += f" and {len(handed) - _NAMED} more kinds of files" if len(handed) > _NAMED else ""
    vendors = {source.split("_")[0] for source in (row["sources"] or "").split(";")}
    able = [
        one for name, one in readers.items()
        if one not in handed and is_made_by_patients(name) and _tells(_declared([one]), row["metric"])
    ]  # fmt: skip
    same = sorted((one for one in able if next(iter(one.SOURCES)).split("_")[0] in vendors), key=_rank)
    diaries = [one for one in able if "diary" in one.SOURCES]
    wanted = tuple(map(_label, same[:_NAMED] or diaries[:1]))
    ask = f"Ask for {', or '.join(wanted)}"
    if not wanted:
        ask = f"Ask whether they carry another device that tells {words}, and for its export"
    return Untold(row["participant_id"], row["goals"], row["metric"], what, ask, wanted)


def _rank(reader: ModuleType) -> tuple:
    """What a person can export completely, before parts and lists."""
    from connectors import KINDS

    return KINDS.index(reader.EXPORT), reader.__name__


def _declared(readers: Iterable[ModuleType], methods: Collection[str] = _METHODS) -> set[str]:
    return {metric for reader in readers for metric, method in reader.METRICS.items() if method in methods}


def _tells(declared: set[str], metric: str) -> bool:
    groups = _MADE_OF.get(metric, ())
    return metric in declared or any(all(_tells(declared, part) for part in group) for group in groups)


def _label(reader: ModuleType) -> str:
    return label_of(reader.__doc__ or reader.__name__)
