"""A process that has the nights of sites: `python -m flows.programme.site_process PIPE GB`.

It takes jobs from a pipe, one after the other, and ends with it. What is done where it dies: process.py.
"""

from __future__ import annotations

import os
import signal
import sys
from contextlib import suppress

GONE = (EOFError, BrokenPipeError, ConnectionResetError)  # the other side of the pipe
NO_MEMORY = 77  # the exit code


def main() -> None:
    """Have nights until the pipe ends."""
    from flows.programme.night import take
    from models.system.bounds import take_at_most
    from models.system.children import pipe_of

    pipe = pipe_of(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted closes the pipe
    os.environ.setdefault("STEPWINDOW_WAIT", "5")  # a site that somebody else is at is tried once more at the end
    take_at_most(int(sys.argv[2]) * 10**9)
    with suppress(*GONE):
        while True:
            try:
                pipe.send(take(pipe.recv()))
            except MemoryError:
                os._exit(NO_MEMORY)


if __name__ == "__main__":
    main()
