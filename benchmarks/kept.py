"""The figures that are kept: benchmarks/figures.toml, and the table of docs/costs.md, which is made from it.

Of each benchmark: when it ran, on what, with which versions, and its figures. A figure fell where both its ratios, to
peer and to floor, say that the work got slower by more than a fifth (one of them alone says that the other work was
quicker this time), or where it needs a quarter more memory.
"""

from __future__ import annotations

import json
import os
import platform
import tomllib
from collections.abc import Iterable
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import NamedTuple

from benchmarks.figure import Row, written

KEPT = Path(__file__).with_name("figures.toml")
PAGE = Path(__file__).parents[1] / "docs/costs.md"
BEGIN, END = "<!-- costs: made by `python -m benchmarks --write` -->\n", "<!-- end of costs -->\n"
_HEAD = "# Written by `python -m benchmarks --write`; ratios to peer and to floor, megabytes of the largest process.\n"
_FELL = 1 / 0.8  # a fifth slower: so many times as long
_LIBRARIES = ("polars", "duckdb", "fitparse")


class Run(NamedTuple):
    """One benchmark's run."""

    date: str
    machine: str
    versions: str
    figures: list[Row]


def this_run(figures: Iterable[Row]) -> Run:
    """Figures of today on this machine."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    machine = f"{os.cpu_count()} processors ({platform.machine()}), {memory:.0f} GB, {platform.system()}"
    versions = [f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in _LIBRARIES)]
    return Run(f"{datetime.now(UTC):%Y-%m-%d}", machine, ", ".join(versions), list(figures))


def read(text: str) -> dict[str, Run]:
    """The runs of a file, by benchmark."""
    return {
        name: Run(run["date"], run["machine"], run["versions"], [_row(each) for each in run["figures"]])
        for name, run in tomllib.loads(text).items()
    }


def _row(kept: dict) -> Row:
    return Row(**dict.fromkeys(Row._fields[:-1]) | {"peer": "", "floor": ""} | kept)


def written_down(runs: dict[str, Run]) -> str:
    """The file of some runs."""
    parts = [_HEAD]
    for name, run in sorted(runs.items()):
        parts.append(f"\n[{name}]\n" + "".join(f"{key} = {json.dumps(getattr(run, key))}\n" for key in run._fields[:3]))
        for row in run.figures:
            told = {k: v for k, v in row._asdict().items() if v not in (None, "") and v != Row._field_defaults.get(k)}
            parts.append(f"\n[[{name}.figures]]\n" + "".join(f"{k} = {json.dumps(v)}\n" for k, v in told.items()))
    return "".join(parts)


def fallen(before: Iterable[Row], now: Iterable[Row]) -> list[str]:
    """A line for each figure that fell, and for each that is gone."""
    found, lines = {row.measured: row for row in now}, []
    for was in before:
        if (row := found.get(was.measured)) is None:
            lines.append(f"{was.measured}: is not measured any more")
            continue
        pairs = [(was.to_peer, row.to_peer), (was.to_floor, row.to_floor)]
        slower = [b / a for a, b in pairs if a is not None and b is not None]
        if slower and min(slower) > _FELL:
            lines.append(f"{was.measured}: {min(slower):.1f} times as long as it was")
        if was.peak and row.peak and row.peak > _FELL * was.peak:
            lines.append(f"{was.measured}: {row.peak} MB, {was.peak} MB before")
    return lines


def table(runs: dict[str, Run]) -> str:
    """The table, and under it when and on what each was measured."""
    lines = ["| `benchmarks.` | measured | peer | ratio to peer | floor | ratio to floor | MB |", "|---" * 7 + "|"]
    for name, run in sorted(runs.items()):
        for number, row in enumerate(run.figures):
            measured = row.measured if row.by == "processor time" else f"{row.measured}, {row.by}"
            cells = (row.peer, written(row.to_peer), row.floor, written(row.to_floor), row.peak or "")
            lines.append(f"| {'' if number else f'`{name}`'} | {measured} | {' | '.join(map(str, cells))} |")
    taken: dict[str, list[str]] = {}
    for name, run in sorted(runs.items()):
        taken.setdefault(f"{run.date}, {run.machine}; {run.versions}", []).append(name)
    return "\n".join([*lines, "", *(f"{', '.join(names)}: {when}." for when, names in taken.items())]) + "\n"


def shown() -> str:
    """What the page says now."""
    return PAGE.read_text(encoding="utf-8").partition(BEGIN)[2].partition(END)[0]


def keep(runs: dict[str, Run]) -> None:
    """Write both."""
    KEPT.write_text(written_down(runs), encoding="utf-8")
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(before + BEGIN + table(runs) + END + rest.partition(END)[2], encoding="utf-8")
