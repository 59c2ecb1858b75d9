"""A figure: what a piece of work costs beside a peer, who does the same or some of it, and beside its floor, the least
that physics asks (finding, reading and hashing the bytes; a pass over the rows).

A benchmark is a module with `figures()`, which measures and returns them; `python -m benchmarks.NAME` prints them, and
`make bench` those of all. Seconds are of processor time unless `by` says otherwise. Every ratio is within one run: how
often the work costs what the other does, so less is better.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple


class Beside(NamedTuple):
    """Other work over the same: what it is, and its seconds."""

    what: str
    seconds: float


@dataclass(frozen=True)
class Figure:
    """What was measured, in words that stay the same from run to run; `peak`: megabytes of the largest process."""

    measured: str
    seconds: float
    peer: Beside | None = None
    floor: Beside | None = None
    peak: float | None = None
    by: str = "processor time"

    @property
    def row(self) -> Row:
        """As it is kept."""
        ratios = [one and float(f"{self.seconds / one.seconds:.3g}") for one in (self.peer, self.floor)]
        names = [one.what if one else "" for one in (self.peer, self.floor)]
        peak = None if self.peak is None else round(self.peak)
        return Row(self.measured, names[0], ratios[0], names[1], ratios[1], peak, self.by)


class Row(NamedTuple):
    """A figure as it is kept and shown: ratios to peer and floor, and megabytes; None: there is none."""

    measured: str
    peer: str
    to_peer: float | None
    floor: str
    to_floor: float | None
    peak: int | None
    by: str = "processor time"

    @property
    def line(self) -> str:
        """For a terminal."""
        parts = [f"{written(self.to_peer)} x {self.peer}" if self.peer else "",
                 f"{written(self.to_floor)} x {self.floor}" if self.floor else "",
                 f"{self.peak} MB" if self.peak else "", "" if self.by == "processor time" else self.by]  # fmt: skip
        return f"{self.measured}: {'; '.join(part for part in parts if part)}"


def written(ratio: float | None) -> str:
    """A ratio in three places: 0.0421, 2.15, 118."""
    return "" if ratio is None else f"{ratio:.3g}" if ratio < 1000 else f"{ratio:,.0f}"


def tell(figures: Iterable[Figure]) -> None:
    """Print figures, as soon as each is there."""
    for figure in figures:
        print(figure.row.line, flush=True)
