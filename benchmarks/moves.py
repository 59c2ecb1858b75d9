"""In how many files does a night run, and how often does it go from one to another?

    python -m benchmarks.moves

A person who follows one export from the inbox to its verdict makes the same moves. Two nights without the engine, read
in this process: one of a Garmin FIT monitoring day, one of a Fitbit Takeout zip. Counted are Python functions of the
product (flows, connectors, models) that are entered, imports left out: the files; each entry from a function in another
file (`moves`), also through a library's code; and the different ones among them, by function and by file.
Runs on an older layout, too: PYTHONPATH=OLDER python benchmarks/moves.py
"""

from __future__ import annotations

import io
import pkgutil
import sys
import tempfile
import threading
import zipfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stdout
from importlib import import_module
from pathlib import Path
from types import FrameType, ModuleType

import connectors
import flows
import models
from tests.writers.samples import SAMPLES

PRODUCT = [str(Path(str(package.__file__)).parent) for package in (flows, connectors, models)]
FILES = {
    "study.toml": 'name = "Moves"\ntimezone = "UTC"\n[report]\nnightly = false\n[goals]\nas_of = 2026-03-23\n',
    "participants.csv": "participant_id\nP1\n",
    "infusions.csv": "infusion_id,participant_id,infused_on\nI1,P1,2026-03-08\n",
    "goals.csv": "goal_id,participant_id,from_week,to_week,kind,metric,target,set_on\n"
    "G1,P1,1,1,daily_mean,steps,5000,2026-03-08\n",
}
Moves = Counter[tuple[str, str, str, str]]  # from file and function, to file and function


def product() -> Iterator[ModuleType]:
    """Every module but those that need the engine, imported: what runs at an import is no move."""
    for package in (models, connectors, flows):
        for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if found.name != "flows.nightly":
                yield import_module(found.name)


def read_here() -> None:
    """Have files read in this process, wherever the functions for it are defined."""
    wanted = ("read_in_a_process", "read_chunk", "pack")
    home = {
        name: module
        for module in product()
        for name in wanted
        if getattr(getattr(module, name, None), "__module__", "") == module.__name__
    }
    process, read_chunk, pack = (getattr(home[name], name) for name in wanted)
    setattr(home[process.__name__], process.__name__, lambda chunk: [pack(read_chunk(chunk))])


@contextmanager
def counted() -> Iterator[Moves]:
    """The moves made while it lasts."""
    moves: Moves = Counter()

    def seen(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event != "call" or not _is_ours(frame) or code.co_code[frame.f_lasti + 1] & 3:  # a generator that goes on
            return
        before = frame.f_back
        while before is not None and not _is_ours(before):
            before = before.f_back
        moves[(*_of(before), *_of(frame))] += 1

    threading.setprofile(seen)
    sys.setprofile(seen)
    try:
        yield moves
    finally:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]


def _of(frame: FrameType | None) -> tuple[str, str]:
    return (frame.f_code.co_filename, frame.f_code.co_qualname) if frame else ("", "")


def _is_ours(frame: FrameType) -> bool:
    return frame.f_code.co_filename.startswith(tuple(PRODUCT))


def night(name: str, content: bytes) -> Moves:
    """The moves of a night over one export."""
    from flows.cli import main

    with tempfile.TemporaryDirectory() as place:
        study = Path(place)
        for file, text in FILES.items():
            (study / file).write_text(text)
        (study / "inbox" / "P1").mkdir(parents=True)
        (study / "inbox" / "P1" / name).write_bytes(content)
        out = io.StringIO()
        with counted() as moves, redirect_stdout(out):
            code = main(["nightly", "--no-engine", "--study", str(study)])
        if code or "new: 0 loaded" in out.getvalue():
            raise SystemExit(f"the night of {name} went wrong (exit code {code}):\n{out.getvalue()}")
        return moves


def zipped(files: dict[str, bytes]) -> bytes:
    """The files of an export as a zip."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def main() -> None:
    """Both nights, a line each."""
    read_here()
    exports = {
        "day.fit": next(iter(SAMPLES["garmin_fit_monitoring"]().values())),
        "takeout.zip": zipped(SAMPLES["fitbit_takeout"]()),
    }
    for name, content in exports.items():
        moves = night(name, content)
        files = {move[2] for move in moves}
        away = {move: n for move, n in moves.items() if move[0] != move[2]}
        pairs = {(move[0], move[2]) for move in away}
        lines = sum(len(Path(file).read_text("utf-8").splitlines()) for file in files)
        print(
            f"{name:12} files {len(files)} ({lines:,} lines), functions {len({m[2:] for m in moves})}, "
            f"moves {sum(away.values()):,}, different by function {len(away)}, by file {len(pairs)}"
        )


if __name__ == "__main__":
    main()
