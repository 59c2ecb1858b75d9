"""Which reader would take a file, and what it would yield: outside any study, nothing is kept."""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.markup import escape
from rich.padding import Padding

from connectors import Context, Password, connectors, instead_of_companions, refusals
from flows.night.folder import Folder
from flows.night.inbox_file import InboxFile
from flows.night.processes import read_in_a_process, unpacked
from flows.terminal import console
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Fault
from models.store.file_result import FileResult


def look(file: Path, timezone: str, password: Password | None = None) -> list[dict]:
    """What would become of a file, and of everything packed in it."""
    return [_described(result) for result in _as_in_a_night(read_alone(file, timezone, password))]


def read_alone(file: Path, timezone: str, password: Password | None = None) -> list[FileResult]:
    """A file, and everything packed in it, read as in a night, by a person who lives in a zone."""
    if not file.is_file():
        what = ("a folder", "name the files in it") if file.is_dir() else ("no such file", "check the name")
        return [FileResult("", str(file), 0, 0, None, "", rejected=Fault("whole file", what[0], "a file", what[1]))]
    found = file.stat()
    context = Context(ZoneLog("assumed", timezone), datetime.now(UTC).date(), secrets.token_bytes(32))
    folder = Folder(context, {}, password=password)
    inbox_file = InboxFile("", str(file), str(file.absolute()), found.st_size, found.st_mtime_ns)
    results = [result for batch in unpacked(read_in_a_process([(folder, inbox_file)])) for result in batch.results()]
    unfinished = "still being written: by its name, or it grows"
    return results or [FileResult("", str(file), found.st_size, 0, None, "", ignored=unfinished)]


def _as_in_a_night(results: list[FileResult]) -> list[FileResult]:
    """A night does not reject what no reader takes in an archive that is recognised (models/store/moves.py). Where only
    companions were found, it is said what to hand over instead."""
    names = {kind.looks_like for kind in refusals()}
    if any(result.connector in connectors() for result in results):
        results = [
            replace(result, rejected=None, ignored=f"{result.rejected.found}, beside files that are known")
            if result.rejected and result.rejected.found in names and "!/" in result.path
            else result
            for result in results
        ]
    if any(result.extract for result in results):
        return results
    return [replace(result, ignored=_with_instead(result)) for result in results]


def _with_instead(result: FileResult) -> str | None:
    """Why a companion is not needed, and what is."""
    instead = instead_of_companions(result.connector or "" if result.size else "empty") if result.ignored else None
    return f"{result.ignored}; hand over {instead.hand_over}: {instead.where}" if instead else result.ignored


def _described(result: FileResult) -> dict:
    extract = result.extract or Extract()
    first, last = extract.covers()
    notes = "; ".join(extract.notes) or None
    return {
        "file": result.path,
        "connector": result.connector if result.extract or result.connector in ("zip", "tar", "gzip") else None,
        "reason": str(replace(result.rejected, file="")) if result.rejected else result.ignored or notes,
        "sessions": extract.sessions.height,
        "minutes": extract.minutes.height + extract.readings.height,
        "daily_totals": extract.daily_totals.height,
        "covers_from": first,
        "covers_to": last,
        "metrics": sorted(connectors()[result.connector].METRICS) if result.extract and result.connector else [],
        "rejected": result.rejected is not None,
    }


def show(found: list[dict[str, Any]]) -> None:
    """Print it, a line or two per file."""
    out = console()
    for entry in found:
        out.print(entry["file"], style="bold", markup=False)
        for line in _lines(entry):
            out.print(Padding(escape(line), (0, 0, 0, 4)))


def _lines(entry: dict[str, Any]) -> list[str]:
    reason = entry["reason"]
    if entry["rejected"]:
        return [f"rejected: {reason}"]
    if not entry["metrics"]:
        return [f"not used: {reason}" if reason else "nothing in it"]
    counted = [f"{entry[name]:,} {name.replace('_', ' ')}" for name in ("minutes", "sessions", "daily_totals")]
    days = f", {entry['covers_from']} to {entry['covers_to']}" if entry["covers_from"] else ""
    first = f"{entry['connector']}: {', '.join(n for n in counted if not n.startswith('0 ')) or 'no rows'}{days}"
    return [first, "metrics: " + ", ".join(entry["metrics"]), *([f"note: {reason}"] if reason else [])]
