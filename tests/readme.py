"""The tables of the documents that are made from the product. `python -m tests.readme` writes them where they stand.

The exports by kind (README.md), with what each tells (docs/reads.md), from the connectors; the files of a study
(docs/privacy.md), from flows/guide.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from connectors import built_in
from flows.guide import places

ROOT = Path(__file__).parents[1]
README, COMMANDS = ROOT / "README.md", ROOT / "docs/commands.md"
COLUMNS = {
    "steps": ("steps",),
    "walking": ("walking_minutes",),
    "brisk": ("brisk_minutes",),
    "moderate, vigorous": ("moderate_minutes", "vigorous_minutes"),
    "MVPA": ("mvpa_minutes",),
    "activities": ("workout_minutes", "strength_minutes", "yoga_minutes", "dance_minutes"),
    "massage": ("massage_minutes",),
}


def kinds() -> str:
    """Which export is of which kind (R6.3)."""
    found: dict[str, list[str]] = {}
    for name, module in built_in().items():
        found.setdefault(module.EXPORT, []).append(f"`{name}`")
    rows = [f"| {kind} | {', '.join(found[kind])} |" for kind in sorted(found)]
    return "\n".join(["| kind | exports |", "|---|---|", *rows]) + "\n"


def exports() -> str:
    """One row per connector: what kind of export it reads, and by which method it gives what.

    An empty cell is what it cannot tell (NULL).
    """
    lines = [f"| export | kind | {' | '.join(COLUMNS)} |", "|---" * (len(COLUMNS) + 2) + "|"]
    for name, module in built_in().items():
        title = (module.__doc__ or "").strip().splitlines()[0].split(":")[0].rstrip(".")
        cells = [next((module.METRICS[m] for m in metrics if m in module.METRICS), "") for metrics in COLUMNS.values()]
        lines.append(f"| {title} (`{name}`) | {module.EXPORT} | {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def files() -> str:
    """One row per file of a study."""
    rows = [f"| `{place.path}` | {place.holds} | {place.who} |" for place in places()]
    return "\n".join(["| place | holds | who should read it |", "|---|---|---|", *rows]) + "\n"


TABLES: dict[str, tuple[Path, Callable[[], str]]] = {
    "kinds": (README, kinds),
    "exports": (ROOT / "docs/reads.md", exports),
    "places": (ROOT / "docs/privacy.md", files),
}


def cut(name: str) -> tuple[str, str, str]:
    """The document of a table: what stands before it, the table, what comes after."""
    text = TABLES[name][0].read_text(encoding="utf-8")
    before, begin, rest = text.partition(f"<!-- {name}: made by `python -m tests.readme` -->\n")
    kept, end, after = rest.partition(f"<!-- end of {name} -->\n")
    return before + begin, kept, end + after


if __name__ == "__main__":
    for each, (document, make) in TABLES.items():
        before, _, after = cut(each)
        document.write_text(before + make() + after, encoding="utf-8")
