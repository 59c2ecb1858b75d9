"""The README's table of exports, made from the connectors. `python -m tests.readme` writes it into the README."""

from __future__ import annotations

from pathlib import Path

from connectors import built_in

README = Path(__file__).parents[1] / "README.md"
BEGIN, END = "<!-- exports: made by `python -m tests.readme` -->\n", "<!-- end of exports -->\n"
COLUMNS = {
    "steps": ("steps",),
    "walking": ("walking_minutes",),
    "brisk": ("brisk_minutes",),
    "moderate, vigorous": ("moderate_minutes", "vigorous_minutes"),
    "MVPA": ("mvpa_minutes",),
    "activities": ("workout_minutes", "strength_minutes", "yoga_minutes", "dance_minutes"),
    "massage": ("massage_minutes",),
}


def table() -> str:
    """One row per connector: what kind of export it reads, and by which method it gives what.

    An empty cell is what it cannot tell (NULL).
    """
    lines = [f"| export | kind | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 2) + "|"]
    for name, module in built_in().items():
        title = (module.__doc__ or "").strip().splitlines()[0].split(":")[0].rstrip(".")
        cells = [next((module.METRICS[m] for m in metrics if m in module.METRICS), "") for metrics in COLUMNS.values()]
        lines.append(f"| {title} (`{name}`) | {module.EXPORT} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def kept() -> str:
    """What the README says now."""
    return README.read_text().partition(BEGIN)[2].partition(END)[0]


if __name__ == "__main__":
    before, _, rest = README.read_text().partition(BEGIN)
    README.write_text(before + BEGIN + table() + END + rest.partition(END)[2])
