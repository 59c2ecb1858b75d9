"""Who serves a study: its `stepwindow serve` holds `serve.lock` in the warehouse, which names the server it brought."""

from __future__ import annotations

import json
import os
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from flows.engine.settings import home
from models.store.store import StoreError
from models.system import locks

_A_LOOK = 0.5  # seconds, more than anybody needs who only looks whether the study is served


@contextmanager
def alone(warehouse: Path) -> Iterator[int]:
    """One `serve` per study: what it finds running in the server at its start is dead then. Gives what `tell` takes."""
    lock = locks.opened(home(warehouse) / "serve.lock")
    try:
        if not locks.take(lock):
            time.sleep(_A_LOOK)
            if not locks.take(lock):
                raise StoreError("serve.lock: this study is served already; stop that `stepwindow serve` first")
        locks.write(lock, "")
        yield lock
    finally:
        os.close(lock)


def tell(lock: int, api: str) -> None:
    """Name the server that a night by hand shall use. One that the environment names may hold a password: it is not."""
    locks.write(lock, api)


def where(warehouse: Path) -> str | None:
    """The address of the server of the `serve` that has this study; None where there is none, or it does not answer."""
    try:
        lock = locks.opened(warehouse / "serve.lock", new=False)
    except OSError:
        return None
    try:
        is_served = not locks.take(lock, shared=True)
        api = locks.text_of(lock) if is_served else ""
    finally:
        os.close(lock)  # before the server is asked: nobody else may take this look for a `serve`
    return api if api and version_of(api) is not None else None


def version_of(api: str) -> str | None:
    """The version of the server there; None where none answers."""
    try:
        with urllib.request.urlopen(f"{api}/admin/version", timeout=5) as answer:
            return json.load(answer)
    except (OSError, ValueError):
        return None
