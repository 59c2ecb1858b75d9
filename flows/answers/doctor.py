"""The checks of `doctor`: each looks at one thing and yields what is wrong with it, with what to do.

A check is a function in CHECKS (flows/answers/examination.py). Those in CHECKS_OF_STUDY need a study that can be read.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib import metadata
from importlib.metadata import packages_distributions
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from urllib.request import urlopen

from packaging.requirements import Requirement

from connectors import connectors, plug_ins
from flows.answers.examination import Examination, Findings, done
from flows.answers.finding import NOTE, NOW, SOON, Finding, of_store, some
from flows.answers.reader_findings import broken_plug_ins
from flows.answers.study_checks import called, control_files, inbox, older_readers, worklist
from models.fault import StudyError
from models.store.connect import is_plain
from models.store.key import key_of
from models.store.pointer import is_left_behind
from models.store.read import engine_fault, last_runs, unread_tables
from models.store.shards import databases, on_disk
from models.store.store import StoreError
from models.study.folder import read_study
from models.study.study import Study
from models.system.files import foreign, may_others
from models.system.lacks import is_reserved, lacks

NEWEST_TESTED = (3, 14)  # Python


def installed_versions() -> Findings:
    """Python and packages."""
    if sys.version_info[:2] > NEWEST_TESTED:
        what = f"Python {sys.version.split()[0]} is newer than what is tested."
        yield Finding(NOTE, "python", what, f"use 3.11 to {NEWEST_TESTED[0]}.{NEWEST_TESTED[1]}")
    for text in metadata.requires("stepwindow") or []:
        wanted = Requirement(text)
        if wanted.marker and not wanted.marker.evaluate({"extra": ""}):
            continue
        try:
            found = metadata.version(wanted.name)
        except metadata.PackageNotFoundError:
            yield Finding(NOW, "package", f"{wanted.name} is not installed.", "install stepwindow again")
            continue
        if not wanted.specifier.contains(found, prereleases=True):
            what = f"{wanted.name} {found} is installed; {wanted.name}{wanted.specifier} is asked for."
            yield Finding(NOW, "package", what, "install stepwindow again, from its requirements.lock")
    yield from _not_as_locked(Path(__file__).parents[2] / "requirements.lock")


def _not_as_locked(lock: Path) -> Findings:
    """Beside the sources lies what was tested."""
    lines = lock.read_text("utf-8").splitlines() if lock.exists() else []
    other = []
    for line in lines:
        if line[:1].isalnum() and "==" in line:
            wanted = Requirement(line.rstrip(" \\"))
            if wanted.marker is None or wanted.marker.evaluate({"extra": ""}):
                try:
                    found = metadata.version(wanted.name)
                except metadata.PackageNotFoundError:  # of the tests, or of an extra
                    continue
                if not wanted.specifier.contains(found, prereleases=True):
                    other.append(f"{wanted.name} {found} ({wanted.specifier})")
    if other:
        what = f"Not of the tested version: {some(other)}."
        yield Finding(NOTE, "package", what, "python -m pip install --require-hashes -r requirements.lock")


def system() -> Findings:
    """What this system cannot do and Linux can."""
    for what, instead in lacks():
        yield Finding(NOTE, "system", what, instead)


def rooms() -> Findings:
    """The program's own packages, and nobody else's under their names."""
    installed = packages_distributions()
    for room in ("flows", "connectors", "models"):
        if others := sorted(set(installed.get(room, ())) - {"stepwindow"}):
            what = f"{some(others)} is installed here, too, with a `{room}` of its own: one took files of the other."
            yield Finding(NOW, "package", what, "install stepwindow again, in an environment of its own")


def engine() -> Findings:
    """DuckDB, and time zones with no network."""
    if fault := engine_fault():
        yield Finding(NOW, "engine", f"DuckDB cannot use time zones: {fault}.", "install stepwindow again")


def engine_settings() -> Findings:
    """Settings of Prefect."""
    url = os.environ.get("PREFECT_API_URL", "")
    host = urlsplit(url).hostname or ""
    if host not in ("", "localhost", "127.0.0.1", "::1"):
        what = f"PREFECT_API_URL names another machine ({host}): runs report counts and times there, nothing personal."
        yield Finding(NOTE, "prefect", what, "leave it if that server is yours, else unset PREFECT_API_URL")
    if url and not _answers(f"{url.rstrip('/')}/health"):
        what = "No Prefect server answers at PREFECT_API_URL: no night can run on the engine."
        yield Finding(NOW, "prefect", what, "start the server, or unset PREFECT_API_URL: no server is needed")
    for name in ("PREFECT_SERVER_ANALYTICS_ENABLED", "PREFECT_LOGGING_LOG_PRINTS"):
        if os.environ.get(name, "").lower() in ("1", "true", "on", "yes"):
            yield Finding(SOON, "prefect", f"{name} is on.", f"unset {name}")
    if os.environ.get("PREFECT_LOGGING_LEVEL", "").upper() == "DEBUG":
        yield Finding(NOTE, "prefect", "PREFECT_LOGGING_LEVEL is DEBUG.", "unset it once the fault is found")


def _answers(url: str) -> bool:
    try:
        with urlopen(url, timeout=3) as answer:
            return answer.status == 200
    except (OSError, ValueError):
        return False


def warehouse(study: Study) -> Findings:
    """The warehouse: its owner, who may read it, what killed runs left."""
    folder = study.warehouse
    if not folder.exists():
        return
    files = [path for path in [folder, *folder.rglob("*")] if not path.is_symlink()]
    if theirs := [path for path in files if foreign(path)]:
        what = f"Of another user, in the warehouse: {some([p.name for p in theirs])}."
        yield Finding(SOON, "owner", what, "run stepwindow as that user, or give the files to this one (chown)")
    if open_ones := [path for path in files if may_others(path, 0o077) and _is_ours(path, folder)]:
        what = f"Others may read, in the warehouse: {some([p.name for p in open_ones])}."
        yield Finding(SOON, "modes", what, f"chmod -R go-rwx {folder}")
    if reserved := sorted(filter(is_reserved, study.people)):
        what = f"Names that Windows keeps for devices: {some(reserved)}. They can have no folder in the inbox."
        yield Finding(NOW, "reserved_name", what, "give each another participant_id")
    if not os.access(folder, os.W_OK | os.X_OK):
        yield Finding(NOW, "modes", f"{folder} cannot be written to.", "check its permissions and its disk")
    now = datetime.now(UTC).timestamp()
    places = (folder, *on_disk(folder))
    left = [path for place in places for path in place.glob(".*") if now - path.lstat().st_mtime > 86_400]
    if left:
        what = f"Drafts of runs that were killed lie in the warehouse: {some([path.name for path in left])}."
        yield Finding(NOTE, "leftovers", what, "the next run removes them")
    for path in (path for place in places for path in place.glob("store.before-*.duckdb")):
        what = f"{path.relative_to(folder)} ({path.stat().st_size / 1e6:,.0f} MB) is the store as it was before."
        yield Finding(NOTE, "kept_copy", what, "remove it once you are content with the new one")


def _is_ours(path: Path, folder: Path) -> bool:
    """Not the engine's own files, inside a folder that nobody else may enter."""
    return path.relative_to(folder).parts[:1] != ("prefect",) or path.parent == folder


def disk(study: Study) -> Findings:
    """Room on the disk."""
    folder = study.warehouse if study.warehouse.exists() else study.folder
    free = shutil.disk_usage(folder).free
    held = sum(path.stat().st_size for path in databases(study.warehouse))
    needed = max(2 * held, 200_000_000)  # a night writes a new published copy, and its log meanwhile
    if free < needed:
        what = f"{free / 1e6:,.0f} MB are free; a night may need {needed / 1e6:,.0f} MB."
        yield Finding(NOW, "disk", what, "free some space on the warehouse's disk")
    elif free < 3 * needed:
        what = f"{free / 1e6:,.0f} MB are free, which is little beside {held / 1e6:,.0f} MB of databases."
        yield Finding(SOON, "disk", what, "free some space on the warehouse's disk")


def store(study: Study) -> Findings:
    """The store: opens, of this version, every row can be read."""
    if not (study.warehouse / "store.duckdb").exists():
        return
    try:
        if broken := unread_tables(study.warehouse):
            what = f"The store is damaged: {some(broken)} cannot be read."
            yield Finding(NOW, "store", what, "`stepwindow backfill --rebuild` makes it anew from the inbox")
    except StoreError as error:
        yield of_store(error)


def published(study: Study) -> Findings:
    """The published database: there, and that of the last run; and the clock."""
    try:
        in_store, out = last_runs(study.warehouse)
    except StoreError:  # none yet, or `store` says it
        return
    if in_store and (out is None or out[0] != in_store[0]):
        what = "analytics.duckdb is not that of the last run." if out else "analytics.duckdb is missing or unreadable."
        yield Finding(NOW, "published", what, "run `stepwindow nightly`: it publishes anew")
    if is_left_behind(study.warehouse):
        what = "analytics.duckdb is that of an earlier run: a program had it open when the last one published."
        yield Finding(SOON, "published", what, "close it there, then run `stepwindow nightly`")
    now = datetime.now(UTC).replace(tzinfo=None)
    if in_store and in_store[1] > now + timedelta(minutes=5):
        what = f"The last run began at {in_store[1]:%Y-%m-%d %H:%M} UTC, and the clock says {now:%Y-%m-%d %H:%M}."
        yield Finding(SOON, "clock", what, "set the machine's clock: it decides what today is")


def encryption(study: Study) -> Findings:
    """The key, where the databases are encrypted."""
    path = study.warehouse / "store.duckdb"
    try:
        key = key_of(study.warehouse)
    except StudyError as error:
        yield Finding(NOW, "key", error.what, error.remedy)
        return
    is_sound = path.is_file() and os.access(path, os.R_OK) and path.open("rb").read(12)[8:] == b"DUCK"
    if is_sound and not is_plain(path) and not key:
        what = "The store is encrypted, and there is no key for it."
        yield Finding(NOW, "key", what, "set STEPWINDOW_KEY for the user who runs stepwindow, or name a key file")


CHECKS: list[Callable[[], Findings]] = [installed_versions, rooms, broken_plug_ins, system, engine, engine_settings]
CHECKS_OF_STUDY: list[Callable[[Study], Findings]] = [
    worklist, control_files, inbox, older_readers, warehouse, disk, store, published, encryption, called,
]  # fmt: skip


@dataclass
class OfStudy(Examination):
    """What `doctor` found. `no_study`: why none could be looked at."""

    no_study: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return {**super().as_json(), "no_study": self.no_study, "plug_ins": _plug_ins()}


def examine(folder: Path) -> OfStudy:
    """Every check; those of the study where there is one."""
    found = done(CHECKS)
    try:
        study = read_study(folder)
    except StudyError as error:
        return OfStudy(found, str(error))
    return OfStudy([*found, *done(CHECKS_OF_STUDY, study)])


def show(found: OfStudy, everything: bool = False) -> None:
    """Print it."""
    plug_ins = (f"plug-in: reader {o['reader']}, version {o['version']}, of {o['package']}" for o in _plug_ins())
    found.show(everything, plug_ins)


def _plug_ins() -> list[dict[str, Any]]:
    """The readers of other packages that are used."""
    return [
        {"reader": name, "version": connectors()[name].VERSION, "package": one.package}
        for name, one in plug_ins().items()
    ]
