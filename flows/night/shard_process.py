"""A process that has the store of a shard for a run: `python -m flows.night.shard_process PIPE`.

It takes over a pipe what to do, a function and what it is called with, and ends with the pipe. What its run has counted
goes back with each answer. Who asks: shards.py.
"""

from __future__ import annotations

import os
import signal
import sys
import traceback
from contextlib import suppress

from flows.night.shards import DONE, FAILED
from models.system.children import GONE, pipe_of


def main() -> None:
    """Begin a run, then do what is asked of it."""
    from flows.night.shard import begin, counted

    pipe = pipe_of(sys.argv[1])
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # who is interrupted closes the pipe
    os.umask(0o077)
    with suppress(*GONE):
        try:
            run, answer = begin(pipe.recv())
            while True:
                pipe.send((DONE, counted(run), answer))
                work, given = pipe.recv()
                answer = work(run, *given)
        except GONE:
            raise
        except BaseException as error:
            error.add_note(traceback.format_exc())  # it does not travel itself
            pipe.send((FAILED, None, error))


if __name__ == "__main__":
    main()
