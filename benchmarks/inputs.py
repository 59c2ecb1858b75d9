"""Four inboxes that are unlike each other, each with its floor and its peer: many small FIT files, recorded activities,
one archive of many members, one large file.

With `real`, a folder of FIT files and zips of them, the first two are those files, moved to other people and dates
until there are enough; without, all is generated.
"""

from __future__ import annotations

import csv
import io
import itertools
import json
import random
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from fitparse import FitFile

from benchmarks import apple_health
from benchmarks.cost import Cost, of_function
from tests.studies import StudyFolder
from tests.writers import fit, fit_volume, fitbit, fitbit_json
from tests.writers.fit_moved import moved

MIDNIGHT = datetime(2025, 3, 3, tzinfo=UTC)
_SMALL = 4_500  # files of a person
_FITPARSE_FILES = 600  # read by fitparse; its time is scaled to all by their bytes


@dataclass(frozen=True)
class Input:
    """One kind of inbox. `make` writes it into a folder: how many files or megabytes, real files if there are.

    `amount_of_figures`: how many are enough where the ratio is wanted and not the size.
    """

    what: str
    amount: int
    amount_of_figures: int
    make: Callable[[Path, int, Path | None], None]
    peer: str
    peer_cost: Callable[[Path], Cost]


def small(inbox: Path, files: int, real: Path | None) -> None:
    """Pieces of days of 1 to 2 kB, up to 4,500 a person."""
    kept = list(_real(real)) if real else [(f"{n}.fit", _piece(n)) for n in range(min(files, 1_000))]
    for number in range(files):
        who, (name, data) = number // min(_SMALL, len(kept)), kept[number % min(_SMALL, len(kept))]
        path = inbox / f"P{who + 1:02d}" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(moved(data, 7 * who, 1_000_000_000 + who) if who else data)


def activities(inbox: Path, files: int, real: Path | None) -> None:
    """Recordings of an hour with a record a second; of real ones, all that there are, as they are."""
    made = ((f"walk{n}.fit", fit_volume.recording(MIDNIGHT + timedelta(days=n, hours=9), n)) for n in range(files))
    for name, data in _real(real) if real else made:
        path = inbox / "P01" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)


def takeout(inbox: Path, members: int, _: Path | None) -> None:
    """One zip of a Fitbit Takeout: steps and heart rate of each day in both layouts, a member each."""
    (inbox / "P01").mkdir(parents=True)
    draw = random.Random(1)
    with zipfile.ZipFile(inbox / "P01" / "takeout.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(members // 4):
            begin = MIDNIGHT + timedelta(days=number)
            steps = {begin + timedelta(minutes=n): draw.randrange(120) for n in range(720, 1200, 2)}
            beats = {begin + timedelta(minutes=n, seconds=7): draw.randrange(55, 120) for n in range(600, 1300)}
            today, folder = begin.date(), fitbit_json.FOLDER
            archive.writestr(fitbit.path("steps", today), fitbit.steps({"Charge 6": list(steps.items())}))
            archive.writestr(fitbit.path("heart_rate", today), fitbit.heart_rate({"Charge 6": list(beats.items())}))
            archive.writestr(f"{folder}/steps-{today}.json", fitbit_json.steps(steps))
            archive.writestr(f"{folder}/heart_rate-{today}.json", fitbit_json.heart_rate(beats))


def apple(inbox: Path, megabytes: int, _: Path | None) -> None:
    """One `export.xml`."""
    (inbox / "P01").mkdir(parents=True)
    apple_health.make(inbox / "P01" / "export.xml", megabytes)


def _real(folder: Path) -> Iterator[tuple[str, bytes]]:
    """FIT files by a name of their own, those in zips too."""
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() == ".fit":
            yield str(path.relative_to(folder)), path.read_bytes()
        elif path.suffix.lower() == ".zip":
            with zipfile.ZipFile(path) as archive:
                yield from ((name, archive.read(name)) for name in archive.namelist() if name.endswith(".fit"))


def _piece(number: int) -> bytes:
    """Two hours of a day, as one sync brings them: a heart rate each minute, steps every few minutes."""
    draw, begin = random.Random(number), MIDNIGHT + timedelta(hours=2 * number)
    beats = [begin + timedelta(minutes=n) for n in range(1, 120)]
    walks = [(begin + timedelta(minutes=n), timedelta(minutes=2), draw.randrange(200)) for n in range(10, 110, 9)]
    return fit.monitoring(begin, begin + timedelta(hours=2), heart=beats, counters=fit.counters(walks))


# What else reads the same bytes -------------------------------------------------------------------------------------
def fitparse_loop(inbox: str, number: str = "1") -> None:
    """The barest use of fitparse over every so many files of an inbox."""
    fitparse_files(sorted(Path(inbox).rglob("*.fit"))[:: int(number)])


def fitparse_files(files: list[Path]) -> None:
    """Every message's values, its default."""
    for path in files:
        try:
            for message in FitFile(path.read_bytes()).get_messages():
                message.get_values()
        except Exception:  # real files are damaged, too: what it reads of them counts
            continue


def by_fitparse(inbox: Path) -> Cost:
    """fitparse over some of the files, in a process of its own, scaled to all of them by their bytes."""
    files = sorted(inbox.rglob("*.fit"))
    number = max(1, len(files) // _FITPARSE_FILES)
    share = sum(path.stat().st_size for path in files[::number]) / sum(path.stat().st_size for path in files)
    cpu, passed, peak = of_function(fitparse_loop, inbox, number)
    return Cost(cpu / share, passed / share, peak)


def plain_members(inbox: str) -> None:
    """Every member of an archive parsed by the standard library."""
    with zipfile.ZipFile(Path(inbox) / "P01" / "takeout.zip") as archive:
        for name in archive.namelist():
            data = archive.read(name)
            json.loads(data) if name.endswith(".json") else list(csv.reader(io.StringIO(data.decode())))


def bare_xml(inbox: str) -> None:
    """A pass of expat with no handler."""
    apple_health.bare(f"{inbox}/P01/export.xml")


INPUTS = {
    "small": Input("small FIT files", 60_000, 10_000, small, "a bare fitparse loop", by_fitparse),
    "activities": Input("recorded activities", 180, 60, activities, "a bare fitparse loop", by_fitparse),
    "takeout": Input(
        "members of one Takeout", 2_000, 2_000, takeout, "json.loads and csv.reader over them",
        lambda inbox: of_function(plain_members, inbox),
    ),
    "apple": Input(
        "MB of one Apple export", 1_000, 200, apple, "a bare pass of expat", lambda inbox: of_function(bare_xml, inbox)
    ),
}  # fmt: skip


def study(folder: Path, inbox: Path) -> Path:
    """A study over an inbox, with its report: everybody had an infusion, and has two goals."""
    people, last = sorted(path.name for path in inbox.iterdir()), date(2027, 1, 1)
    infused = {who: day for who, day in zip(people, itertools.repeat(date(2025, 3, 10)), strict=False)}
    goal = "G-{who}-{metric},,{who},,1,24,daily_mean,{metric},30,,,{day},,,"
    made = StudyFolder(
        folder,
        participants=[f"{who},Europe/Copenhagen,," for who in people],
        infusions=[f"I-{who},{who},{day},," for who, day in infused.items()],
        goals=[goal.format(who=w, metric=m, day=d) for w, d in infused.items() for m in ("steps", "walking_minutes")],
        as_of=last,
        reports=True,
    ).write()
    (folder / "inbox").rmdir()
    (folder / "inbox").symlink_to(inbox.resolve())
    return made.folder
