"""One thing that a person should know, with what to do about it: what `status` and `doctor` are made of."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from rich.markup import escape
from rich.table import Table

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


def by_urgency(findings: Iterable[Finding]) -> list[Finding]:
    """Most urgent first, else in the order in which they were found."""
    return sorted(findings, key=lambda finding: _ORDER[finding.urgency])


def show_findings(findings: list[Finding], most: int | None = None) -> None:
    """Print findings; of one kind at most `most`, and how many more there are."""
    told = Table(box=None, pad_edge=False, show_header=False)
    told.add_column(no_wrap=True)
    told.add_column(overflow="fold")
    shown: dict[str, int] = {}
    for finding in findings:
        shown[finding.kind] = shown.get(finding.kind, 0) + 1
        if most is None or shown[finding.kind] <= most:
            style = _STYLE[finding.urgency]
            told.add_row(f"[{style}]{finding.urgency}[/{style}]", escape(finding.what))
            told.add_row("", f"[dim]-> {escape(finding.remedy)}[/dim]")
    for kind, n in shown.items():
        if most is not None and n > most:
            told.add_row("", f"... and {n - most:,} more of the kind {kind!r}: --all shows them")
    console().print(told)


def some(names: list[str]) -> str:
    """The first of many names, and how many more there are."""
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5:,} more"
