"""Build hook: a package says of which commit it is, in flows/commit.txt. An sdist takes the line along."""

from __future__ import annotations

import runpy
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

WRITTEN = "flows/commit.txt"


class Commit(BuildHookInterface):
    """What hatchling calls."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Add the line. An editable package has none: it is of whatever commit the checkout is of."""
        if version == "editable":
            return
        self.folder = tempfile.TemporaryDirectory()
        line = Path(self.folder.name, "commit.txt")
        line.write_text(runpy.run_path(str(Path(self.root, "flows/built_from.py")))["commit"]() + "\n")
        build_data["force_include"][str(line)] = WRITTEN

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Nothing is left behind in the machine's temporary folder."""
        if hasattr(self, "folder"):
            self.folder.cleanup()
