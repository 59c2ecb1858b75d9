"""Reading on several machines: each chunk of files goes to a worker of a Dask cluster.

A chunk is read where it is sent, so the inbox must be reachable under one path from every worker: a shared file
system, or an address that fsspec opens. What comes back are Arrow streams. A worker that dies costs its chunks, which
others read again; this process alone writes the store, in the order of the chunks, as it does when it reads by itself.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from flows.extras import of_extra
from flows.night.chunks import Chunk
from flows.night.processes import Batches, read_in_a_process, unpacked
from models.fault import StudyError

if TYPE_CHECKING:
    from distributed import Client

    from flows.night.run import Run

_ADDRESS = re.compile(r"inproc://.+|([a-z]+://)?(\[[0-9a-fA-F:.]+\]|[^\s:/@\[\]]+):\d{1,5}/?")
PATIENCE = "10s"  # with a cluster that does not answer


def check(address: str | None) -> None:
    """StudyError where it is no address at all: Dask would wait for it, and complain at length."""
    if address is not None and not _ADDRESS.fullmatch(address):
        raise StudyError(f"--dask {address}: not an address such as tcp://10.0.0.1:8786; correct it, or leave it away")


@contextmanager
def connect(address: str) -> Iterator[Client]:
    """A client of the cluster at an address such as tcp://10.0.0.1:8786. StudyError where none answers."""
    check(address)
    with of_extra("dask", "--dask"):
        from distributed import Client
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError) as error:
        what = f"--dask {address}: no cluster answers there ({type(error).__name__})"
        raise StudyError(f"{what}; start its scheduler, or leave the option out to read on this machine") from None
    with client:
        yield client


@contextmanager
def fan_out(run: Run) -> Iterator[None]:
    """While it lasts, the run reads on the cluster that its scope names; where it names none, in processes here.

    StudyError where no cluster answers at that address.
    """
    if run.scope.dask is None:
        yield
        return
    with connect(run.scope.dask) as client:
        run.read_chunks = partial(read_on, client)
        yield


def read_on(client: Client, chunks: Iterator[Chunk]) -> Iterator[Batches]:
    """Read chunks on a cluster, a bounded number at a time. Results come in the order of the chunks."""
    waiting: deque = deque()
    for chunk in chunks:
        # not `pure`: a file may have another content under the same name another night
        waiting.append(client.submit(read_in_a_process, chunk, pure=False))
        if len(waiting) > 2 * sum(client.nthreads().values()) + 1:
            yield unpacked(waiting.popleft().result())
    while waiting:
        yield unpacked(waiting.popleft().result())
