"""Where a first night spends its time, by stage: `python -m benchmarks.stages [--study NAME ...] [--checkout ...]`

A first night, without the engine, over each of four inboxes (benchmarks/inputs.py), on one processor, in a process of
its own. Told are processor time, the time that passes and the memory of the largest process, beside the floor (every
file found, read and hashed) and another reader of the same bytes, which is measured before and after; then the share of
each stage, by a look at the stack every millisecond (benchmarks/sampler, which costs a few hundredths). Several
checkouts are measured one after the other over the same bytes in the same run, so that before and after can be held
against each other:

    git worktree add ../before main
    python -m benchmarks.stages --checkout before=../before now=. --real small=../fit_days --write

With --real, a folder of FIT files and zips of them, `small` and `activities` are those instead of generated ones.
--write makes the tables of docs/speed.md of it. `figures()` are nights over fewer files, all generated, none sampled.
"""

from __future__ import annotations

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from benchmarks.cost import Cost, of_command, of_function, walk_read_hash
from benchmarks.figure import Beside, Figure, written
from benchmarks.inputs import INPUTS, study
from benchmarks.sampler.sitecustomize import STAGES

HERE = Path(__file__).parents[1]
DOC = HERE / "docs" / "speed.md"
MARKS = "<!-- stages: made by `python -m benchmarks.stages --write` -->", "<!-- /stages -->"
_SAMPLER = Path(__file__).parent / "sampler"


@dataclass(frozen=True)
class Profile:
    """A night of one checkout over one inbox; `shares`: of its processor time, by stage."""

    inbox: str
    of: str
    cost: Cost
    peer: Cost
    floor: Cost
    shares: dict[str, float]


def figures() -> Iterator[Figure]:
    for name, one in INPUTS.items():
        with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as scratch:
            inbox = Path(scratch) / name
            one.make(inbox, one.amount_of_figures, None)
            floor, peer = of_function(walk_read_hash, inbox, times=3), one.peer_cost(inbox)
            cost = night(HERE, study(Path(scratch) / "study", inbox))
        beside = Beside(one.peer, peer.cpu), Beside("finding, reading, hashing", floor.cpu)
        yield Figure(f"a first night over {one.amount_of_figures:,} {one.what}", cost.cpu, *beside, cost.peak)


def night(checkout: Path, folder: Path, processors: int | None = 1, sampled: Path | None = None) -> Cost:
    """A night by the code of a checkout over the study in a folder. `sampled`: where its stages are kept."""
    paths = ([str(_SAMPLER)] if sampled else []) + [str(checkout.resolve())]
    environment = {"PYTHONPATH": ":".join(paths)} | ({"STAGES": str(sampled)} if sampled else {})
    environment |= {"PYTHONDONTWRITEBYTECODE": ""}
    compiling = [sys.executable, "-m", "compileall", "-q", "flows", "connectors", "models"]  # as it is installed
    subprocess.run(compiling, check=True, cwd=checkout, env=os.environ | environment, stdout=subprocess.DEVNULL)
    command = [sys.executable, "-m", "flows.cli", "nightly", "--no-engine", "--json", "--study", folder]
    cost = of_command(command, processors=processors, environment=environment, folder=checkout, fails=True)
    if not (folder / "warehouse" / "analytics.duckdb").exists():  # files that are refused make it end with 1, too
        raise RuntimeError(f"the night of {checkout} published nothing")
    return cost


def stages(kept: Path) -> dict[str, float]:
    """Seconds of each stage, of all processes that kept theirs in a folder."""
    total = dict.fromkeys(STAGES, 0.0)
    for file in kept.glob("*.stages"):
        for stage, seconds in zip(STAGES, memoryview(file.read_bytes()).cast("d"), strict=True):
            total[stage] += seconds
    return total


def profiles(name: str, inbox: Path, amount: int, checkouts: dict[str, Path], processors: int) -> Iterator[Profile]:
    """A night of each checkout over an inbox of so many files, or one of so many members or megabytes."""
    one, files = INPUTS[name], [path for path in inbox.rglob("*") if path.is_file()]
    what = f"{len(files) if len(files) > 1 else amount:,} {one.what}"
    what += f", {sum(path.stat().st_size for path in files) / 1e6:,.0f} MB"
    floor, peer = of_function(walk_read_hash, inbox, times=2), one.peer_cost(inbox)
    for of, checkout in checkouts.items():
        with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as scratch:
            (kept := Path(scratch) / "stages").mkdir()
            cost = night(checkout, study(Path(scratch) / "study", inbox), processors, kept)
            shares = {stage: seconds / cost.cpu for stage, seconds in stages(kept).items()}
        before, peer = peer, one.peer_cost(inbox)
        both = Cost(*((a + b) / 2 for a, b in zip(before, peer, strict=True)))
        yield Profile(f"{what} ({one.peer})", of, cost, both, floor, shares)


def tables(found: list[Profile]) -> str:
    """What was found, as two tables."""
    lines = [
        "| inbox (peer) | night | processor s | elapsed s | MB | peer s | ratio | floor s | ratio |",
        "|---" * 9 + "|",
    ]
    for one in found:
        cells = (f"{one.cost.cpu:.1f}", f"{one.cost.passed:.1f}", f"{one.cost.peak:.0f}",
                 f"{one.peer.cpu:.1f}", written(one.cost.cpu / one.peer.cpu),
                 f"{one.floor.cpu:.2f}", written(one.cost.cpu / one.floor.cpu))  # fmt: skip
        lines.append(f"| {one.inbox} | {one.of} | {' | '.join(cells)} |")
    lines += ["", f"| inbox | night | {' | '.join(STAGES)} |", "|---" * (len(STAGES) + 2) + "|"]
    for one in found:
        shares = (f"{share:.0%}" if share >= 0.005 else "" for share in one.shares.values())
        lines.append(f"| {one.inbox.rpartition(', ')[0]} | {one.of} | {' | '.join(shares)} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description="Where a first night spends its time.")
    parser.add_argument("--study", nargs="+", choices=INPUTS, default=list(INPUTS))
    parser.add_argument("--checkout", nargs="+", metavar="NAME=DIR", default=[f"now={HERE}"])
    parser.add_argument("--real", nargs="+", metavar="STUDY=DIR", default=[], help="FIT files, or zips of them")
    parser.add_argument("--amount", type=int, help="how many files, members or megabytes, instead of the usual")
    parser.add_argument("--processors", type=int, default=1)
    parser.add_argument("--inputs", type=Path, help="where the inboxes are made, or lie from another time")
    parser.add_argument("--write", action="store_true", help="make the tables of docs/speed.md of it")
    arguments = parser.parse_args()
    checkouts, real = (
        {name: Path(folder) for name, _, folder in (word.partition("=") for word in words)}
        for words in (arguments.checkout, arguments.real)
    )
    found: list[Profile] = []
    with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as scratch:
        for name in arguments.study:
            one, inbox = INPUTS[name], (arguments.inputs or Path(scratch)) / name
            amount = arguments.amount or one.amount
            if not inbox.exists():
                one.make(inbox, amount, real.get(name))
            found += profiles(name, inbox, amount, checkouts, arguments.processors)
            print(tables(found[-len(checkouts) :]), flush=True)
            if not arguments.inputs:
                shutil.rmtree(inbox)
    if arguments.write:
        before, after = (re.escape(mark) for mark in MARKS)
        text, made = DOC.read_text(encoding="utf-8"), f"{MARKS[0]}\n{tables(found)}\n{MARKS[1]}"
        DOC.write_text(re.sub(f"(?s){before}.*{after}", lambda _: made, text), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
