"""Readers that other installed packages bring, by entry points of the group `stepwindow.connectors` (docs/plugins.md).

A plug-in is looked at when it is loaded. One that lacks something, or claims what another one has, is not used and is
named with its package; nobody's night stops for it. Of two plug-ins that claim the same neither is used: which one is
meant, nobody here knows, and no order of installation may decide what counts.
"""

from __future__ import annotations

import importlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterator
from contextlib import redirect_stdout
from dataclasses import dataclass, replace
from functools import cache, cached_property
from importlib.metadata import EntryPoint, PackageNotFoundError, entry_points, version
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

from connectors.kit.declaration import mistakes
from connectors.kit.export import Export
from models.fault import PLUG_IN, Fault, Rejected
from models.taxonomy import PLUG_INS

_ARCHIVES = ("zip", "tar", "gzip")  # how the ledger calls what is packed
_NAME = re.compile("[a-z][a-z0-9_]{0,59}")


@dataclass(frozen=True)
class PlugIn:
    """One entry point. `reader`: the module, None where it cannot be imported; `wrong`: why it is not used."""

    name: str
    package: str  # with its version
    reader: ModuleType | None
    wrong: tuple[str, ...] = ()

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The source labels that it declares."""
        sources = getattr(self.reader, "SOURCES", None)
        return tuple(sources) if isinstance(sources, dict) else ()

    @property
    def fault(self) -> Fault:
        """Why it is not used, in a line."""
        remedy = "install a version of the package that is mended, or uninstall it; nothing else depends on it"
        return Fault(
            f"package {self.package}, reader {self.name}", f"is not used: {'; '.join(self.wrong)}", "", remedy,
            kind=PLUG_IN,
        )  # fmt: skip

    def takes(self, export: Export) -> bool:
        """Whether it takes an export. Raises Rejected also where it fails in any way of its own."""
        return bool(self._answer("identify", export))

    def why_not_needed(self, export: Export) -> str | None:
        """Why an export that travels with its own holds nothing for us; None where it does not say."""
        answer = self._answer("companion", export) if hasattr(self.reader, "companion") else None
        return str(answer) if answer else None

    def _answer(self, question: str, export: Export) -> object:
        try:
            return getattr(self.reader, question)(export)
        except (Rejected, OSError, MemoryError):
            raise
        except (Exception, SystemExit) as error:
            what = f"what the reader of another package was not made for ({type(error).__name__})"
            raise Rejected("whole file", what, "an export as vendors make it", self.blame) from None

    @property
    def blame(self) -> str:
        """What to do about a fault of it."""
        return f"report this to the makers of {self.package}: it is a fault of that package"


def plug_ins(ours: dict[str, ModuleType]) -> list[PlugIn]:
    """Every plug-in that is installed, by name and package, looked at beside our own readers."""
    found = sorted((_loaded(entry) for entry in entries()), key=lambda one: (one.name, one.package))
    names = Counter([*ours, *_ARCHIVES, *(one.name for one in found)])
    labels = Counter({label for reader in ours.values() for label in reader.SOURCES} | _own_words())
    labels += Counter(label for label, _ in {(label, one.package) for one in found for label in one.labels})
    return [replace(one, wrong=(*one.wrong, *_taken(one, names, labels))) for one in found]


def _taken(plug_in: PlugIn, names: Counter[str], labels: Counter[str]) -> Iterator[str]:
    if names[plug_in.name] > 1:
        yield f"another reader is called {plug_in.name}"
    for label in plug_in.labels:
        if labels[label] > 1:
            yield f"its source label {label} is another reader's"


@cache
def entries() -> Collection[EntryPoint]:
    """Every entry point there is. To look through all that is installed is slow: it is done once."""
    return entry_points(group=PLUG_INS)


def _loaded(entry: EntryPoint) -> PlugIn:
    """The module of an entry point, imported and checked. Nothing that it does there stops us."""
    package = f"{entry.dist.name} {entry.dist.version}" if entry.dist else "without a name"
    wrong = [*_of_entry(entry), *_of_another_version(entry)]
    reader = None
    if not wrong:
        try:
            with redirect_stdout(sys.stderr):  # what it prints is no part of the answer of a command
                reader = importlib.import_module(entry.value)
                wrong = list(mistakes(reader))
        except (Exception, SystemExit) as error:
            what = f": {error.name}" if isinstance(error, ModuleNotFoundError) else ""
            wrong = [f"it cannot be imported ({type(error).__name__}{what})"]
    return PlugIn(entry.name, package, reader, tuple(wrong))


def _of_entry(entry: EntryPoint) -> Iterator[str]:
    if not _NAME.fullmatch(entry.name):
        yield "its name is not of a-z, 0-9 and _"
    if not re.fullmatch(r"\w+(\.\w+)*", entry.value):
        yield f"the entry point names {entry.value}, which is no module"


def _of_another_version(entry: EntryPoint) -> Iterator[str]:
    """What the package asks for, and pip may have been told not to look at."""
    from packaging.requirements import InvalidRequirement, Requirement  # slow to load, and mostly there is no plug-in

    for line in entry.dist.requires or () if entry.dist else ():
        try:
            wanted = Requirement(line)
            installed = version("stepwindow")
        except (InvalidRequirement, PackageNotFoundError):
            continue
        if wanted.name == "stepwindow" and not wanted.specifier.contains(installed, prereleases=True):
            yield f"its package is for stepwindow{wanted.specifier}, and this is {installed}"


@cache
def words_folders() -> tuple[Path, ...]:
    """The folder `words` beside each plug-in's module: what its vendor calls things, as connectors/words has ours."""
    found = set()
    for entry in entries():
        package = entry.value.rpartition(".")[0]
        try:
            places = find_spec(package).submodule_search_locations if package else None  # type: ignore[union-attr]
        except Exception:  # a package that cannot be imported has no reader either
            continue
        found |= {folder for place in places or () if (folder := Path(place, "words")).is_dir()}
    return tuple(sorted(found))


def _own_words() -> set[str]:
    """The labels of connectors/words: none of a plug-in may add to them."""
    return {path.name.partition(".")[0] for path in (Path(__file__).parents[1] / "words").iterdir()}


@dataclass
class Plugged:
    """Plug-ins that look for something which an export shows. One that fails takes nothing; the last one is named."""

    asked: list[PlugIn]
    export: Export
    failed: Rejected | None = None

    def takers(self) -> list[str]:
        """Those that take it."""
        return [one.name for one in self.asked if self._said(one.takes)]

    def companion(self) -> tuple[str, str] | None:
        """Why it holds nothing for one of them, and for which."""
        said = ((self._said(one.why_not_needed), one.name) for one in self.asked)
        return next(((str(why), name) for why, name in said if why), None)

    def _said(self, question: Callable[[Export], bool | str | None]) -> bool | str | None:
        try:
            return question(self.export)
        except Rejected as rejected:
            self.failed = rejected
            return None
