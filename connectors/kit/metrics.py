"""What a connector says of the metrics it can give, by method."""

from __future__ import annotations

SPORT = "workout strength yoga dance"  # what every list of recorded activities gives


def by_method(**names_by_method: str) -> dict[str, str]:
    """METRICS of `device="steps moderate", session=SPORT`: all but steps are minutes."""
    return {
        name if name == "steps" else f"{name}_minutes": method
        for method, names in names_by_method.items()
        for name in names.split()
    }
