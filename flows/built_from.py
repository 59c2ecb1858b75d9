"""Which commit this code is of. It imports nothing of ours: a build asks it, too, before anything is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

_HERE = Path(__file__).parent
_WRITTEN = _HERE / "commit.txt"  # in an installed package and an sdist (.ci/commit.py)


def commit() -> str:
    """The commit, with `-dirty` behind it where files differ from it, or `unknown`. A checkout asks git."""
    if _WRITTEN.exists():
        return _WRITTEN.read_text(encoding="ascii").strip()
    if not (_HERE.parent / ".git").exists():
        return "unknown"
    asked = ["git", "-C", str(_HERE.parent), "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*"]
    try:
        return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=60).stdout.strip()
    except (OSError, subprocess.SubprocessError):
        return "unknown"
