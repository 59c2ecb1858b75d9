"""What is made while what was made before is used: reading and unpacking go on in a thread of their own.

They are the work of C code that lets other threads run, so that a large file keeps two processors busy.
"""

from __future__ import annotations

from collections.abc import Iterator
from queue import Full, Queue
from threading import Event, Thread
from typing import TypeVar

T = TypeVar("T")
_MOST = 2  # items that wait


def ahead(items: Iterator[T]) -> Iterator[T]:
    """The same items, and what is raised behind them, each made before it is asked for.

    A thread of its own makes them, which ends with the last one or when nobody asks any more.
    """
    waiting: Queue[tuple[bool, T | BaseException | None]] = Queue(_MOST)
    is_over = Event()

    def put(is_item: bool, value: T | BaseException | None) -> None:
        while not is_over.is_set():
            try:
                waiting.put((is_item, value), timeout=0.1)
                return
            except Full:
                continue

    def make() -> None:
        try:
            for item in items:
                put(True, item)
                if is_over.is_set():
                    return
            put(False, None)
        except BaseException as error:
            put(False, error)

    thread = Thread(target=make, name="ahead", daemon=True)
    thread.start()
    try:
        while True:
            is_item, value = waiting.get()
            if is_item:
                yield value  # type: ignore[misc]
            elif value is not None:
                raise value  # type: ignore[misc]
            else:
                return
    finally:
        is_over.set()
        thread.join()
