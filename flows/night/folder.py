"""A participant's folder in the inbox: how its files are to be read, and what is known of them already."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from types import ModuleType

from connectors import Context, Password, connectors, plug_ins
from flows.version import CODE_VERSION
from models.store.file_result import Known


def readers() -> str:
    """The version of this code and of every plug-in: with others, what could not be read is tried again."""
    plugged = [f"{one.name} of {one.package}" for one in plug_ins().values()]
    return ", ".join([CODE_VERSION, *plugged])


def is_without_reader(known: Known) -> bool:
    """Whether a file counts whose reader is not installed any more. It goes on counting, as it was read."""
    return known.status == "loaded" and known.connector is not None and known.connector not in connectors()


@cache
def _asks_for_settings(connector: ModuleType) -> bool:
    return hasattr(connector, "READS_DATES") or hasattr(connector, "READS_CUT_POINTS")


@dataclass(frozen=True)
class Folder:
    """A participant's folder: how its files are to be read, and what is known of them already."""

    context: Context
    known: dict[str, Known]  # by path: what the ledger says that can concern the files that are read
    only: frozenset[str] = frozenset()  # connectors; empty: all
    reload: bool = False  # decode what was read before, too
    password: Password | None = None  # of zips, for this run
    readers: str = ""  # those of who sends it: other ones may not read it

    @cached_property
    def zones(self) -> str:
        """The fingerprint of where the person was."""
        return self.context.zones.fingerprint

    def asks_for(self, connector: str) -> bool:
        """Whether this run looks at files of such a reader."""
        return not self.only or connector in self.only

    def read_as(self, connector: ModuleType) -> str:
        """The fingerprint of what decides how a reader reads a file: with it a file need not be read again."""
        return self._with_settings if _asks_for_settings(connector) else self.zones

    @cached_property
    def _with_settings(self) -> str:
        return f"{self.zones} {self.context.settings}"

    @cached_property
    def fingerprints(self) -> set[str]:
        """Every such fingerprint as it is now."""
        return {self.zones, self._with_settings}

    @cached_property
    def loaded_at(self) -> dict[str | None, str]:
        """Where each content lies that was read with today's zones, and holds by today's clock: sha256 -> path.

        And what nobody here could read again.
        """
        return {
            k.sha256: path
            for path, k in self.known.items()
            if (k.status == "loaded" and k.zones in self.fingerprints and not k.is_due) or is_without_reader(k)
        }

    @cached_property
    def opened_at(self) -> dict[str | None, str]:
        """Where each archive lies that was opened as a whole, dated by today's zones: sha256 -> path."""
        packed = {path.partition("!/")[0] for path in self.known if "!/" in path}
        return {
            known.sha256: path
            for path in packed
            if (known := self.known.get(path)) and known.status == "ignored" and known.zones in self.fingerprints
        }

    @cached_property
    def refused_inside(self) -> dict[str, list[str]]:
        """Of each archive, the paths in it that were refused: one that is an archive itself may be opened now."""
        paths: dict[str, list[str]] = {}
        for path, known in self.known.items():
            if known.status == "rejected" and "!/" in path:
                paths.setdefault(path.partition("!/")[0], []).append(path)
        return paths
