"""Commands as they are typed at the system's own prompt."""

from __future__ import annotations

import shlex
import subprocess
import sys

if sys.platform == "win32":

    def typed(path: str) -> str:
        """A path as one word of a command."""
        return subprocess.list2cmdline([path])

    def words_of(command: str) -> list[str]:
        """The words of a command; a backslash is one. ValueError where a quotation has no end."""
        return shlex.split(command.replace("\\", "\\\\"))

else:
    typed, words_of = shlex.quote, shlex.split
