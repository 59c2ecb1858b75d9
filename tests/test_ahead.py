"""What is made ahead: the same items in the same order, and nothing stays behind when nobody asks any more."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from connectors.kit.ahead import ahead


def makers() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "ahead"]


def test_items_come_in_their_order_and_the_thread_ends_with_them() -> None:
    assert list(ahead(iter(range(1000)))) == list(range(1000))
    assert list(ahead(iter(()))) == []
    assert makers() == []


def test_what_is_raised_behind_the_items_is_raised_behind_them() -> None:
    def items() -> Iterator[int]:
        yield 1
        yield 2
        raise ValueError("cut off")

    asked = ahead(items())
    assert [next(asked), next(asked)] == [1, 2]
    with pytest.raises(ValueError, match="cut off"):
        next(asked)
    assert makers() == []


def test_no_more_is_made_than_can_wait_and_the_thread_ends_when_nobody_asks_any_more() -> None:
    made = []

    def items() -> Iterator[int]:
        for item in range(1000):
            made.append(item)
            yield item

    asked = ahead(items())
    assert next(asked) == 0
    asked.close()  # type: ignore[attr-defined]
    assert makers() == []
    assert len(made) < 10
