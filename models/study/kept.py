"""What reading the control files came to, kept beside their versions: who is in the study and where, what is wrong.

    warehouse/control/read.json     the fingerprint of all that was read, and what is said of it

Reading them checks every row, which takes seconds in a study of many people, and on most nights nothing is other than
it was. So there is a fingerprint of everything that reading rests on: the files, the versions before, tombstones, the
time zones of the machine, and the code that reads, with its libraries. Where it is the same so is the outcome, and rows
are read only if somebody asks for them. Of rows that are good it holds people and zones alone. Without it, or with one
that is damaged, the files are read: it costs time and nothing else. What rests on the inbox or the date is not in it.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
import zoneinfo
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, replace
from datetime import date
from functools import cache
from importlib.metadata import version
from pathlib import Path
from typing import Any

from models.fault import AWAY, Fault, StudyError
from models.study import versions
from models.study.control_file import lying
from models.study.forgotten import NAME
from models.study.rows import FILES
from models.study.settings import TOML
from models.study.study import Rows, Study
from models.system.files import private

READ = "read.json"
LIBRARIES = ("polars", "pydantic", "pydantic-core", "tzdata")  # that have a part in what a cell comes to


def fingerprint(folder: Path, warehouse: Path) -> str:
    """Of all that reading a study's control files rests on: the files themselves, a dash, and what was before them.

    StudyError where it cannot be told which files they are.
    """
    found = hashlib.sha256(_of_the_code().encode())
    for path in (folder / TOML, *(lying(folder / f"{stem}.csv") for stem in FILES)):
        _add(found, path)
    return f"{found.hexdigest()}-{_before(warehouse)}"


def _before(warehouse: Path) -> str:
    """A fingerprint of the versions and of who was forgotten: a row that cannot be used is read from an older one."""
    control = warehouse / versions.FOLDER
    found = hashlib.sha256()
    for path in (warehouse / NAME, control / versions.USED):
        _add(found, path)
    for folder in sorted(control.glob("*/")):
        with suppress(OSError):
            for file in sorted(os.scandir(folder), key=lambda entry: entry.name):
                stat = file.stat()
                found.update(f"{folder.name} {file.name} {stat.st_size} {stat.st_mtime_ns};".encode())
    return found.hexdigest()


def _add(found: hashlib._Hash, path: Path) -> None:
    content = b"-"
    try:
        if path.is_file():  # a pipe would let nobody go on
            content = b"+" + path.read_bytes()
        elif path.exists():
            content = b"?"
    except OSError:
        content = b"?"  # it lies there and cannot be read, which is not as if it were not there: who reads it says so
    found.update(f"{path.name} {len(content)} ".encode() + content)


def read(begun: Study, whole: Callable[[], Study]) -> Study | None:
    """A study of which study.toml was read just now, with all that was kept for its fingerprint. None: nothing is.

    `whole`: reads all of it, where somebody asks for the rows after all.
    """
    try:
        kept = json.loads((begun.warehouse / versions.FOLDER / READ).read_bytes())
        if kept["print"] != begun.print or kept["sum"] != _sum(kept["study"]):
            return None
        said = _from_json(kept["study"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None

    def rows() -> Rows:
        found = whole()
        if found.print != begun.print:
            raise StudyError("the control files were changed while they were read", "run again", AWAY)
        return found.rows

    return replace(begun, read=rows, is_recorded=True, **said)


def keep(study: Study) -> str:
    """Keep what a study says, of whose files the last version is; returns the fingerprint for which it is kept, or "".

    Whoever holds the warehouse does that. Nothing is kept of files that are not believed, for each run says anew what
    is lost; nor while they name somebody who was forgotten; nor, where a row of an older version may stand in (also for
    somebody who is in the study no more), after there is another one.
    """
    files, _, before = study.print.partition("-")
    now = _before(study.warehouse)
    if study.losses or study.forgotten or not files or (study.faults and now != before):
        return ""
    found, said = f"{files}-{now}", _as_json(study)
    path = study.warehouse / versions.FOLDER / READ
    made = path.with_name(f".draft-{READ}")
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        with open(made, "w", encoding="utf-8", opener=private) as out:
            json.dump({"print": found, "sum": _sum(said), "study": said}, out)
        os.replace(made, path)
    except OSError:  # no night fails for what is only there to save time
        return ""
    return found


def drop(warehouse: Path) -> None:
    """Keep nothing, for somebody in it is to be forgotten."""
    (warehouse / versions.FOLDER / READ).unlink(missing_ok=True)


def _sum(said: dict[str, Any]) -> str:
    """By which it is seen that what is kept is what was kept, to the letter."""
    return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()


_FAULTS = ("held_people", "held_goals")
_PLAIN = ("homes", "priorities", "counts", "notes", "unpublished", "owners")


def _as_json(study: Study) -> dict[str, Any]:
    return {
        **{name: getattr(study, name) for name in _PLAIN},
        **{name: {who: asdict(fault) for who, fault in getattr(study, name).items()} for name in _FAULTS},
        "faults": [asdict(fault) for fault in study.faults],
        "moves": {who: [(str(day), zone) for day, zone in moves] for who, moves in study.moves.items()},
        "latest": str(study.latest), "replaced": sorted(study.replaced),
    }  # fmt: skip


def _from_json(kept: dict[str, Any]) -> dict[str, Any]:
    return {
        **{name: kept[name] for name in _PLAIN},
        "priorities": {who: tuple(names) for who, names in kept["priorities"].items()},
        **{name: {who: _fault(fault) for who, fault in kept[name].items()} for name in _FAULTS},
        "faults": [_fault(fault) for fault in kept["faults"]],
        "moves": {
            who: tuple((date.fromisoformat(day), zone) for day, zone in moves) for who, moves in kept["moves"].items()
        },
        "latest": date.fromisoformat(kept["latest"]), "replaced": frozenset(kept["replaced"]),
    }  # fmt: skip


def _fault(kept: dict[str, Any]) -> Fault:
    """Of a control file: it says nothing about a clock."""
    return Fault(**{name: value for name, value in kept.items() if name != "holds"})


@cache
def _of_the_code() -> str:
    """The code that reads and understands control files, also what it is made of, and the zones that it can know of."""
    rooms = Path(__file__).parent, Path(__file__).parents[1]
    code = hashlib.sha256(b"".join(path.read_bytes() for room in rooms for path in sorted(room.glob("*.py"))))
    code.update(" ".join([sys.version, *map(version, LIBRARIES)]).encode())
    for place in zoneinfo.TZPATH:
        with suppress(OSError):
            code.update(f"{place} {os.stat(place).st_mtime_ns} ".encode())
    return code.hexdigest()
