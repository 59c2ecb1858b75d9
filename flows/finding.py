"""One thing that a person should know, with what to do about it: what `status` and `doctor` are made of."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rich.markup import escape

from flows.terminal import console

NOW, SOON, NOTE = "now", "soon", "note"  # nothing works or data are at risk; something is not used; worth a look
_ORDER = {NOW: 0, SOON: 1, NOTE: 2}
_STYLE = {NOW: "bold red", SOON: "yellow", NOTE: "dim"}


@dataclass(frozen=True)
class Finding:
    """`kind`: a word for machines, the same for all findings of one sort."""

    urgency: str
    kind: str
    what: str
    remedy: str
    participant_id: str | None = None

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        return asdict(self)


def of_store(error: Exception) -> Finding:
    """A store that cannot be asked: held by a run and made by an older version are no faults."""
    what, _, remedy = str(error).partition("; ")
    for words, kind in (("using the store", "busy"), ("older version", "migration")):
        if words in what:
            return Finding(NOTE, kind, what, remedy)
    return Finding(NOW, "store", what, remedy)


def by_urgency(findings: Iterable[Finding]) -> list[Finding]:
    """Most urgent first, else in the order in which they were found."""
    return sorted(findings, key=lambda finding: _ORDER[finding.urgency])


def show_findings(findings: list[Finding], most: int | None = None) -> None:
    """Print findings; of one kind at most `most`, and how many more there are."""
    out = console()
    lines: list[str] = []
    shown: dict[str, int] = {}
    for finding in findings:
        shown[finding.kind] = shown.get(finding.kind, 0) + 1
        if most is None or shown[finding.kind] <= most:
            what, remedy = (_folded(text, out.width) for text in (finding.what, f"-> {finding.remedy}"))
            urgency = f"[{_STYLE[finding.urgency]}]{finding.urgency:4}[/]"
            lines += [f"{urgency}  {what}", f"      [dim]{remedy}[/]"]
    for kind, n in shown.items():
        if most is not None and n > most:
            lines.append(f"      ... and {n - most:,} more of the kind {kind!r}: --all shows them")
    if lines:
        out.print("\n".join(lines), soft_wrap=True)


def _folded(text: str, width: int) -> str:
    return escape(textwrap.fill(text, width - 6, subsequent_indent=" " * 6, initial_indent=" " * 6).lstrip())


def some(names: list[str]) -> str:
    """The first of many names, and how many more there are."""
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5:,} more"
