"""What docs/exports.md says that each export tells, made from the connectors: `python -m tests.exports_doc` writes it.

A block begins with the connectors it is about: one that is not there is left out.
"""

from __future__ import annotations

import re
import textwrap

from connectors import connectors
from flows.report.words import METRICS
from tests.docs import DOCS

PAGE = DOCS / "exports.md"
BLOCK = re.compile(r"(<!-- tells: ([a-z0-9_ ]+) -->\n)(.*?)(<!-- end -->\n)", re.DOTALL)
HOW = {
    "device": "counted by the device",
    "cadence": "from steps by the minute",
    "session": "only what was recorded or written down",
    "diary": "only what was recorded or written down",
}
_SUMS = {"mvpa_equivalent_minutes", "exercise_minutes", "movement_minutes"}  # of the others
_PLAIN = {metric: word for metric, word in METRICS.items() if metric not in _SUMS}


def tells(name: str) -> str:
    """What one connector tells, by how it knows, and what it cannot tell."""
    module = connectors()[name]
    what = " ".join((module.__doc__ or "").split("\n\n")[0].split()).rstrip(".")
    said = []
    for how in dict.fromkeys(HOW.values()):
        if metrics := [word for metric, word in _PLAIN.items() if HOW.get(module.METRICS.get(metric, "")) == how]:
            said.append(f"{', '.join(metrics)} ({how})")
    lacks = ", ".join(word for metric, word in _PLAIN.items() if metric not in module.METRICS)
    text = f"* `{name}` ({what}). Tells: {'; '.join(said)}. Cannot tell: {lacks}."
    return textwrap.fill(text, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False) + "\n"


def page(text: str) -> str:
    """The page with its blocks as they have to be."""
    there = connectors()
    return BLOCK.sub(lambda b: b[1] + "".join(tells(n) for n in b[2].split() if n in there) + b[4], text)


if __name__ == "__main__":
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
