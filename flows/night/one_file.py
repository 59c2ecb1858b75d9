"""One file that is no archive: which reader takes it, and what it holds.

The steps of `read_file` are taken for many files at once by flows/night/bulk.py.
"""

from __future__ import annotations

from pathlib import PurePath

from connectors import Export, Ignored, blame, connectors, extract, identify
from flows.night.bounds import is_the_machine_short, too_much_memory
from flows.night.folder import Folder, is_without_reader
from flows.night.inbox_file import InboxFile
from models.activity import Extract
from models.fault import Fault, Rejected
from models.store.file_result import FileResult

_UNFINISHED = (".part", ".partial", ".crdownload", ".download", ".filepart", ".tmp")


def is_unfinished(name: str) -> bool:
    """Whether programs give such a name to what they have not finished."""
    lower = name.lower()
    return name.startswith("~$") or (lower.endswith(_UNFINISHED) and PurePath(lower).suffix in _UNFINISHED)


def blank(inbox_file: InboxFile, folder: Folder) -> FileResult:
    """What is to be said of a file before it is opened."""
    who, path, _, size, modified_ns = inbox_file
    return FileResult(who, path, size, modified_ns, None, folder.zones)


def name_of(inbox_file: InboxFile) -> str:
    """Its path in the person's folder. It counts as one in an archive does: an export that was unpacked is the same."""
    return inbox_file.path.removeprefix(f"{inbox_file.participant_id}/")


def look(export: Export, result: FileResult, folder: Folder, seen: set[str] | None = None) -> str | None:
    """Note in a result what is known of its file before it is read; gives the name of the reader that takes it.

    None where nothing is to be read: the content is known, or `seen` in the same archive, or of no concern. Raises
    Rejected where nobody takes it.
    """
    result.sha256 = export.sha256
    at = folder.loaded_at.get(result.sha256)
    if at is not None and (not (folder.reload and at == result.path) or is_without_reader(folder.known[at])):
        # this content was read before, here or elsewhere in this person's folder
        result.zones = folder.known[at].zones
        return None
    if seen is not None and result.sha256 in seen:
        return None
    kind = identify(export)
    if isinstance(kind, Ignored):
        result.ignored, result.connector = kind.why, kind.by
        return None
    reader = connectors()[kind]
    result.connector, result.connector_version, result.sources = kind, reader.VERSION, reader.SOURCES
    result.zones = folder.read_as(reader)
    return kind


def note(result: FileResult, extract: Extract, reader: str) -> None:
    """Note in a result what its reader read."""
    result.extract, result.kind = extract, extract.export or connectors()[reader].EXPORT


def read_file(export: Export, result: FileResult, folder: Folder, seen: set[str] | None = None) -> FileResult | None:
    """The result of a file, filled in; None where a backfill does not look at its kind.

    `seen`: contents of the same archive that were read already; this one is added.
    """
    try:
        reader = look(export, result, folder, seen)
        if reader is None:
            return result
        if not folder.asks_for(reader):
            return None
        if seen is not None and result.sha256:
            seen.add(result.sha256)
        note(result, extract(reader, export, folder.context), reader)
    except Rejected as rejected:
        result.rejected = rejected.fault
    except MemoryError:
        if is_the_machine_short():
            raise
        result.rejected = too_much_memory()
    except OSError:
        raise
    except BaseException as error:  # one file must not keep everybody's nights from happening
        if not is_of_a_reader(error):
            raise
        found = f"what its reader was not made for ({type(error).__name__})"
        result.rejected = Fault("whole file", found, "an export as vendors make it", blame(result.connector))
    return result


def is_of_a_reader(error: BaseException) -> bool:
    """Whether a reader can be behind it. A panic of Polars is no Exception: it is told by name."""
    return isinstance(error, (Exception, SystemExit)) or type(error).__name__ == "PanicException"
