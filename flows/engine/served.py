"""Who serves a study: its `stepwindow serve` holds `serve.lock` in the warehouse, which names the server it brought."""

from __future__ import annotations

import fcntl
import json
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO

from flows.engine.settings import home
from models.store.store import StoreError

_A_LOOK = 0.5  # seconds, more than anybody needs who only looks whether the study is served


@contextmanager
def alone(warehouse: Path) -> Iterator[TextIO]:
    """One `serve` per study: what it finds running in the server at its start is dead then. Gives what `tell` takes."""
    with open(home(warehouse) / "serve.lock", "a+") as lock:
        if not _take(lock, fcntl.LOCK_EX):
            time.sleep(_A_LOOK)
            if not _take(lock, fcntl.LOCK_EX):
                raise StoreError("serve.lock: this study is served already; stop that `stepwindow serve` first")
        lock.truncate(0)
        yield lock


def tell(lock: TextIO, api: str) -> None:
    """Name the server that a night by hand shall use. One that the environment names may hold a password: it is not."""
    lock.write(api)
    lock.flush()


def where(warehouse: Path) -> str | None:
    """The address of the server of the `serve` that has this study; None where there is none, or it does not answer."""
    with suppress(OSError), open(warehouse / "serve.lock") as lock:
        if not _take(lock, fcntl.LOCK_SH) and (api := lock.read()) and version_of(api) is not None:
            return api
    return None


def version_of(api: str) -> str | None:
    """The version of the server there; None where none answers."""
    try:
        with urllib.request.urlopen(f"{api}/admin/version", timeout=5) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None


def _take(lock: TextIO, how: int) -> bool:
    try:
        fcntl.flock(lock, how | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
