"""The command `stepwindow`, also as `python -m stepwindow`."""

from __future__ import annotations

import sys

from stepwindow import rooms


def main() -> int:
    """One command (flows/cli.py), or a line about why none can be run. Returns the exit code."""
    if sentence := rooms.foreign():
        print(f"stepwindow: {sentence}", file=sys.stderr)
        return 2
    from flows.cli import main as command

    return command()


if __name__ == "__main__":
    sys.exit(main())
