"""An archive: its members one after the other, the small ones together, and what is said of it when all were read."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace

from connectors import Export, Share, archive_kind, bundle_of, is_locked, members, refusals
from flows.night.bulk import Gathered
from flows.night.folder import Folder
from flows.night.one_file import is_of_a_reader, read_file
from models.fault import Fault, Rejected
from models.shown import shown
from models.store.batch import Batch
from models.store.file_result import FileResult

EMPTY_ARCHIVE = "an archive with nothing in it"  # as connectors/refusals.toml calls it


@dataclass
class Watch:
    """Who is told which file is read, before it is: `at(path, size)`, and of an archive again after each member.

    Where it returns why one is not to be read, that one is rejected. `together()`: that many small members are read at
    once; None where each is to be read by itself.
    """

    at: Callable[[str, int], Fault | None] = lambda path, size: None
    together: Callable[[], None] | None = None


NOBODY = Watch()


@dataclass
class Opened:
    """What is to be said of an archive, or of a share of it, whose members were read. `read_as`: by which zones."""

    sha256: str | None
    kind: str | None
    count: int = 0
    refused: Fault | None = None
    read_as: set[str] = field(default_factory=set)

    def __add__(self, other: Opened) -> Opened:
        refused = self.refused or other.refused
        return Opened(self.sha256, self.kind, self.count + other.count, refused, self.read_as | other.read_as)

    def result(self, blank: FileResult, folder: Folder) -> FileResult:
        """The archive's own row."""
        refused = self.refused
        if not self.count and not refused:
            refused = next(kind.rejected.fault for kind in refusals() if kind.looks_like == EMPTY_ARCHIVE)
        ignored = None if refused else f"an archive: its {self.count} files are listed by themselves"
        # that of the reader which asks most; an old one where a file was left as it is, until its reader is back
        zones = max({blank.zones, *self.read_as}, key=lambda each: (each not in folder.fingerprints, len(each)))
        named = replace(blank, zones=zones, sha256=self.sha256, connector=self.kind)
        return replace(named, ignored=ignored, rejected=refused)


def read_archive(
    export: Export, blank: FileResult, folder: Folder, watch: Watch, share: Share
) -> Iterator[FileResult | Batch | Opened] | None:
    """The results of everything packed in an archive, or in a share of it, and what is to be said of it; None where an
    export is no archive. A content that stands in it many times is read once."""
    if known_as := _opened_before(export, folder):
        return _as_before(known_as, export, blank, folder)
    inside = members(export, folder.password, share)
    return None if inside is None else _Members(export, blank, folder, watch).read(inside)


@dataclass
class _Members:
    export: Export
    blank: FileResult
    folder: Folder
    watch: Watch
    seen: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.opened = Opened(None, archive_kind(self.export))
        self.refused_before = set(self.folder.refused_inside.get(self.blank.path, ()))
        self.gathered = Gathered()

    def read(self, inside: Iterator[Export | Fault]) -> Iterator[FileResult | Batch | Opened]:
        try:
            for member in inside:
                name = member.file if isinstance(member, Fault) else member.name
                if isinstance(member, Fault) and name == self.export.name:
                    self.opened.refused = member  # the archive itself
                    continue
                self.opened.count += 1
                path = f"{self.blank.path}!/{shown(name.removeprefix(self.export.name + '/'))}"
                yield from self._opened_now(path)
                part = replace(self.blank, path=path, export=bundle_of(path, self.export.sha256))
                yield from self._member(member, part)
        except Rejected as rejected:
            self.opened.refused = rejected.fault
        yield from self._together()
        self.opened.sha256 = self.export.sha256
        yield self.opened

    def _opened_now(self, path: str) -> Iterator[FileResult]:
        """What was refused before, and is an archive that holds this path."""
        for opened in {each for each in self.refused_before if path.startswith(f"{each}/")}:
            self.refused_before.remove(opened)
            why = "an archive: its files are listed by themselves"
            yield from self._row(replace(self.blank, path=opened, ignored=why))

    def _member(self, member: Export | Fault, part: FileResult) -> Iterator[FileResult | Batch]:
        """What came of a member, or of those that waited to be read with it."""
        if isinstance(member, Fault):
            yield from self._row(replace(part, rejected=member))
            return
        part.size = member.size
        if why := self.watch.at(part.path, part.size):
            yield from self._row(replace(part, rejected=why))
        elif self.watch.together and self.gathered.add(member, part, self.folder, self.seen):
            yield from self._together() if self.gathered.is_full else ()
        else:
            yield from self._together()
            yield from self._alone(member, part, self.seen)
        self.watch.at(self.blank.path, 0)

    def _row(self, row: FileResult) -> Iterator[FileResult]:
        """What is said of a member that is not read, in its place."""
        if self.watch.together:
            self.gathered.results.append(row)
        else:
            yield row

    def _alone(self, member: Export, part: FileResult, seen: set[str] | None = None) -> Iterator[FileResult]:
        if result := read_file(member, part, self.folder, seen):
            self.opened.read_as.add(result.zones)
            yield result

    def _together(self) -> Iterator[FileResult | Batch]:
        """What came of the members that wait; where a reader cannot take them together, one by one."""
        gathered, self.gathered = self.gathered, Gathered()
        if not gathered.results:
            return
        assert self.watch.together is not None
        self.watch.together()
        try:
            batch = gathered.batch()
        except BaseException as error:
            if not is_of_a_reader(error):
                raise
            yield from self._one_by_one(gathered)
        else:
            self.opened.read_as |= {result.zones for result in gathered.results}
            yield batch
        self.watch.at(self.blank.path, 0)

    def _one_by_one(self, gathered: Gathered) -> Iterator[FileResult]:
        exports = gathered.exports
        for place, result in enumerate(gathered.results):
            if place not in exports:
                yield result
            elif why := self.watch.at(result.path, result.size):
                yield replace(result, rejected=why)
            else:
                yield from self._alone(exports[place], result)


def _opened_before(export: Export, folder: Folder) -> str | None:
    """Where a zip lay that needs another password than this run has, and was read when there was one: what is in it is
    known."""
    if folder.reload or not folder.opened_at or not is_locked(export, folder.password):
        return None
    return folder.opened_at.get(export.sha256)


def _as_before(known_as: str, export: Export, blank: FileResult, folder: Folder) -> Iterator[FileResult]:
    """An archive and its members as they are known, where it lies now."""
    for path, known in folder.known.items():
        if path.startswith(f"{known_as}!/"):
            here = blank.path + path.removeprefix(known_as)
            known_part = replace(blank, path=here, size=known.size, sha256=known.sha256, zones=known.zones)
            yield replace(known_part, export=bundle_of(here, export.sha256))
    yield replace(blank, sha256=export.sha256, zones=folder.known[known_as].zones)
