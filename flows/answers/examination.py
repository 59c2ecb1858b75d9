"""What checks found. A check is a function that yields findings; the first line of its docstring is its name."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flows.answers.finding import Finding, by_urgency, show_findings
from flows.terminal import console

Findings = Iterator[Finding]


@dataclass
class Examination:
    """What was found, by the names of the checks."""

    checks: list[tuple[str, list[Finding]]]

    @property
    def findings(self) -> list[Finding]:
        """Of all checks, most urgent first."""
        return by_urgency(finding for _, found in self.checks for finding in found)

    def as_json(self) -> dict[str, Any]:
        """For machines."""
        checks = [{"check": name, "is_well": not found} for name, found in self.checks]
        return {"checks": checks, "findings": [finding.as_json() for finding in self.findings]}

    def show(self, everything: bool = False, beside: Iterable[str] = ()) -> None:
        """Print each check, lines `beside` them, then at most 20 findings of a kind, or every one."""
        out = console()
        for name, findings in self.checks:
            out.print(f"{'look' if findings else 'ok':5} {name}", style="bold" if findings else None)
        for line in beside:
            out.print(line, markup=False)
        if self.findings:
            out.print()
            show_findings(self.findings, None if everything else 20)


def done(checks: Iterable[Callable[..., Findings]], *about: Any) -> list[tuple[str, list[Finding]]]:
    """Each check by its name, with what it finds."""
    return [((check.__doc__ or "").splitlines()[0].rstrip("."), list(check(*about))) for check in checks]
