"""Where letters to patients lie in the warehouse, so that a withdrawal finds them."""

from __future__ import annotations

from pathlib import Path

FOLDER = "letters"


def files_of(folder: Path, who: str) -> tuple[Path, Path]:
    """The two files of one person's letter: HTML and PDF."""
    return folder / f"{who}.html", folder / f"{who}.pdf"


def remove_letter(warehouse: Path, who: str) -> list[str]:
    """Remove one person's letter, and drafts that a killed run left. Returns the names of what was removed."""
    folder = warehouse / FOLDER
    found = [path for path in (*files_of(folder, who), *folder.glob(".*.part")) if path.is_file() or path.is_symlink()]
    for path in found:
        path.unlink()
    return [f"{FOLDER}/{path.name}" for path in found]
