"""One thing that a person should know, with what to do about it: what `status` and `doctor` are made of."""

from __future__ import annotations

import textwrap
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from itertools import groupby, zip_longest
from typing import Any

from rich.markup import escape

from flows.terminal import console
from models.fault import ALARM, INBOX, LOST_ROWS, UNKNOWN_FOLDER, Fault, StoreError

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


def of_fault(fault: Fault) -> Finding:
    """What is not used."""
    what = fault.summary()
    if fault.kind == LOST_ROWS:
        what = fault.reason  # which names the file
    elif fault.kind == INBOX and fault.participant_id:
        what = f"{fault.file} in the folder of {fault.participant_id}: {fault.reason}"
    elif fault.kind in (INBOX, UNKNOWN_FOLDER):
        what = f"inbox/{fault.file}: {fault.reason}"
    urgency = NOW if fault.kind in (LOST_ROWS, ALARM) else SOON
    return Finding(urgency, fault.kind, what, fault.remedy, fault.participant_id)


def of_store(error: StoreError) -> Finding:
    """A store that cannot be asked: held by a run and made by an older version are no faults."""
    return Finding(NOTE if error.kind else NOW, error.kind or "store", error.what, error.remedy)


def by_urgency(findings: Iterable[Finding]) -> list[Finding]:
    """Most urgent first, then kind by kind, else in the order in which they were found."""
    found = list(findings)
    first = {finding.kind: n for n, finding in reversed(list(enumerate(found)))}
    return sorted(found, key=lambda finding: (_ORDER[finding.urgency], first[finding.kind]))


def show_findings(findings: list[Finding], most: int | None = None) -> None:
    """Print findings, kind by kind, a remedy once for those in a row that share it.

    `most`: how many of one kind, and how many more there are; what is long is cut off then, and says so.
    """
    out = console()
    lines: list[str] = []
    for _, same in groupby(findings, key=lambda finding: (finding.urgency, finding.kind)):
        kind = list(same)
        shown = kind[:most]
        for finding, following in zip_longest(shown, shown[1:]):
            what = (
                finding.what if most is None or len(finding.what) <= 200 else finding.what[:182] + "… (--json: in full)"
            )
            lines.append(f"[{_STYLE[finding.urgency]}]{finding.urgency:4}[/]  {folded(what, out.width)}")
            if following is None or following.remedy != finding.remedy:
                lines.append(f"      [dim]{folded(f'-> {finding.remedy}', out.width)}[/]")
        if len(kind) > len(shown):
            lines.append(
                f"      ... and {len(kind) - len(shown):,} more of the kind {kind[0].kind!r}: --all shows them"
            )
    if lines:
        out.print("\n".join(lines), soft_wrap=True)


def folded(text: str, width: int) -> str:
    """A text in lines that fit, all but the first indented."""
    return escape(textwrap.fill(text, width - 6, subsequent_indent=" " * 6, initial_indent=" " * 6).lstrip())


def some(names: list[str]) -> str:
    """The first of many names, and how many more there are."""
    shown = ", ".join(names[:5])
    return shown if len(names) <= 5 else f"{shown} and {len(names) - 5:,} more"
