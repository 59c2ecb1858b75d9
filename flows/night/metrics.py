"""What health.json says, in the text format of Prometheus: `metrics.prom`. Numbers alone; no id stands in a label."""

from __future__ import annotations

from datetime import datetime
from typing import Any

NAME = "metrics.prom"


def as_text(health: dict[str, Any]) -> str:
    """Each figure as a gauge with its HELP and TYPE. What no run has found out yet is left out."""
    attempt, success = health["last_attempt"], health["last_success"]
    figures: dict[str, tuple[str, float]] = {
        "last_attempt_exit_code": ("Exit code of the last run: 0, 1 or 2.", attempt["exit_code"]),
        "last_attempt_killed_before": ("Runs before it that were killed.", attempt["killed_before"]),
        "last_attempt_end_seconds": ("When the last run ended, Unix time.", _seconds(attempt["ended_at"])),
    }
    if success:
        figures["last_success_end_seconds"] = ("When a run last published, Unix time.", _seconds(success["ended_at"]))
    for name, value in (health["last_success_found"] or {}).items():
        if isinstance(value, int):
            figures[f"last_success_{name}"] = (f"{name} of the last run that published.", value)
    for name, value in (health["disk"] or {}).items():
        figures[f"disk_{name}"] = (f"{name}, where the warehouse is.", value)
    return "".join(
        f"# HELP stepwindow_{name} {what}\n# TYPE stepwindow_{name} gauge\nstepwindow_{name} {value}\n"
        for name, (what, value) in figures.items()
    )


def _seconds(moment: str) -> int:
    return int(datetime.fromisoformat(moment).timestamp())
