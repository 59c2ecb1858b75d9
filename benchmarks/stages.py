"""Where a first night spends its time, by stage: `python -m benchmarks.stages [--study NAME ...] [--checkout DIR ...]`

A first night, without the engine, over each of four inboxes (benchmarks/inputs.py), on one processor, in a process of
its own. Printed are processor time, the time that passes and the memory of the largest process, beside the floor (every
file found, read and hashed) and another reader of the same bytes; then the share of each stage, by looking at the stack
every millisecond (benchmarks/sampler, which costs a few hundredths). Several checkouts are measured one after the other
over the same bytes in the same run, so that before and after can be compared:

    git worktree add ../before main
    python -m benchmarks.stages --checkout ../before . --real ../fit_days --study small

With --real, a folder of FIT files and zips of them, small and activities are those instead of generated ones.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from benchmarks.cost import Cost, of_command, of_function, walk_read_hash
from benchmarks.figure import Beside, Figure
from benchmarks.inputs import INPUTS, study
from benchmarks.sampler.sitecustomize import STAGES

HERE = Path(__file__).parents[1]
_SAMPLER = Path(__file__).parent / "sampler"


def night(checkout: Path, folder: Path, processors: int | None = 1, sampled: Path | None = None) -> Cost:
    """A night by the code of a checkout over the study in a folder. `sampled`: where its stages are kept."""
    paths = ([str(_SAMPLER)] if sampled else []) + [str(checkout.resolve())]
    environment = {"PYTHONPATH": ":".join(paths)} | ({"STAGES": str(sampled)} if sampled else {})
    command = [sys.executable, "-m", "flows.cli", "nightly", "--no-engine", "--json", "--study", folder]
    return of_command(command, processors=processors, environment=environment, folder=checkout, fails=True)


def stages(kept: Path) -> dict[str, float]:
    """Seconds of each stage, of all processes that kept theirs in a folder."""
    total = dict.fromkeys(STAGES, 0.0)
    for file in kept.glob("*.stages"):
        for stage, seconds in zip(STAGES, memoryview(file.read_bytes()).cast("d"), strict=True):
            total[stage] += seconds
    return total


def figures() -> Iterator[Figure]:
    """A first night over each, generated, on one processor; nothing is sampled."""
    for name, one in INPUTS.items():
        with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as scratch:
            inbox = Path(scratch) / name
            one.make(inbox, one.amount_of_figures, None)
            floor, peer = of_function(_floor, inbox, times=3), one.peer_cost(inbox)
            cost = night(HERE, study(Path(scratch) / "study", inbox))
        what = f"a first night over {one.amount_of_figures:,} {one.what}"
        beside = Beside(one.peer, peer.cpu), Beside("finding, reading, hashing", floor.cpu)
        yield Figure(what, cost.cpu, *beside, cost.peak)


def main() -> int:
    parser = argparse.ArgumentParser(description="Where a first night spends its time.")
    parser.add_argument("--study", nargs="+", choices=INPUTS, default=list(INPUTS))
    parser.add_argument("--checkout", nargs="+", type=Path, default=[HERE])
    parser.add_argument("--real", type=Path, help="a folder of FIT files, and of zips of them")
    parser.add_argument("--amount", type=int, help="how many files, members or megabytes, instead of the usual")
    parser.add_argument("--processors", type=int, default=1)
    parser.add_argument("--inputs", type=Path, help="where the inboxes are made, or lie from another time")
    arguments = parser.parse_args()
    for name in arguments.study:
        with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as scratch:
            one, inbox = INPUTS[name], (arguments.inputs or Path(scratch)) / name
            if not inbox.exists():
                one.make(inbox, arguments.amount or one.amount, arguments.real)
            files = [path for path in inbox.rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in files) / 1e6
            print(f"{name}: {len(files):,} files, {size:.0f} MB", flush=True)
            floor, peer = of_function(_floor, inbox, times=2), one.peer_cost(inbox)
            print(line("floor: found, read, hashed", floor), line(f"peer: {one.peer}", peer), sep="\n", flush=True)
            for checkout in arguments.checkout:
                kept, made = Path(scratch) / "stages", study(Path(scratch) / "study", inbox)
                kept.mkdir()
                cost = night(checkout, made, arguments.processors, kept)
                shares = {stage: seconds for stage, seconds in stages(kept).items() if seconds >= 0.005 * cost.cpu}
                print(line(f"night of {checkout}", cost), end="")
                print(f"  {cost.cpu / peer.cpu:.3f} of the peer, {cost.cpu / floor.cpu:.0f} times the floor")
                print("  " + ", ".join(f"{stage} {seconds / cost.cpu:.1%}" for stage, seconds in shares.items()))
                print(f"  named {sum(stages(kept).values()) / cost.cpu:.0%} of it", flush=True)
                shutil.rmtree(made)
                shutil.rmtree(kept)
    return 0


def _floor(inbox: str) -> None:
    walk_read_hash(Path(inbox))


def line(what: str, cost: Cost) -> str:
    return f"  {what:48} {cost.cpu:8.2f} s of processor {cost.passed:8.2f} s {cost.peak:6.0f} MB"


if __name__ == "__main__":
    sys.exit(main())
