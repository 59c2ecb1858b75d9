"""A helper does some of the pieces of a large file: the same of each, in the same order, whatever becomes of it."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Iterator
from functools import partial
from typing import Any

import pytest

from connectors.kit import beside as module
from connectors.kit.beside import beside
from tests.dying import PATIENCE, until
from tests.test_apple_health import read
from tests.writers import apple

FIRST: list[Any] = []  # where a helper says what came of its first piece
PIECES = [(b"%d" % number, number) for number in range(120)]


@pytest.fixture
def helpers(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[subprocess.Popen]]:
    """The helpers that were started. Each is there before the first piece is: else a short file would be done alone."""
    started: list[Any] = []
    start = module._Helper.start

    def start_and_wait(helper: Any, work: Any) -> None:
        start(helper, work)
        started.append(helper._process)
        assert helper._pipe.poll(PATIENCE)
        FIRST[:] = [helper._pipe]

    monkeypatch.setattr(module._Helper, "start", start_and_wait)
    yield started
    FIRST.clear()


def told(piece: bytes, dies: bytes, here: int) -> tuple[bytes, int]:
    """A piece, and which process did it: one costs any other process its life. Nobody is faster than a helper is with
    its first piece: else it would do none where the processors are busy."""
    if os.getpid() == here and FIRST:
        until(FIRST.pop().poll)
    if piece == dies and os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return piece, os.getpid()


def all_told(dies: bytes = b"") -> set[int]:
    """Which processes did all the pieces, which came in their order, with what they came with."""
    done = list(beside(partial(told, dies=dies, here=os.getpid()), iter(PIECES)))
    assert [(piece, number) for piece, number, _ in done] == PIECES
    assert [piece for *_, (piece, _) in done] == [piece for piece, _ in PIECES]
    return {process for *_, (_, process) in done}


def test_pieces_come_in_their_order_and_two_processes_do_them(helpers) -> None:
    assert all_told() == {os.getpid(), helpers[0].pid}
    assert helpers[0].poll() is not None


def test_what_a_helper_was_lost_with_is_done_here(helpers) -> None:
    assert all_told(dies=b"5") == {os.getpid(), helpers[0].pid}
    assert all_told(dies=b"0") == {os.getpid()}


def test_a_helper_that_does_nothing_is_not_waited_for(helpers, monkeypatch) -> None:
    took = module._Helper.takes

    def takes(helper: Any, piece: bytes) -> bool:
        is_taken = took(helper, piece)
        os.kill(helpers[-1].pid, signal.SIGSTOP if piece == b"20" else signal.SIGCONT if piece == b"90" else 0)
        return is_taken

    monkeypatch.setattr(module._Helper, "takes", takes)
    assert all_told() == {os.getpid(), helpers[0].pid}


def test_where_no_helper_can_be_started_all_is_done_here(monkeypatch) -> None:
    monkeypatch.setattr(module.sys, "executable", "/nowhere/python")
    assert all_told() == {os.getpid()}


def test_what_is_raised_behind_the_pieces_is_raised_in_its_turn_and_no_helper_stays(helpers) -> None:
    def broken() -> Iterator[tuple[bytes, int]]:
        yield from PIECES[:3]
        raise ValueError("cut off")

    found = beside(bytes.decode, broken())
    with pytest.raises(ValueError, match="cut off"):
        list(found)
    asked = beside(bytes.decode, iter(PIECES))
    assert next(asked) == (b"0", 0, "0")
    asked.close()
    assert [helper.poll() for helper in helpers] == [-signal.SIGKILL] * 2


def test_an_export_says_the_same_whoever_sifts_its_pieces(helpers, monkeypatch) -> None:
    content = apple.SAMPLES["apple_health"]()["apple_health_export/export.xml"]
    whole = read(content)
    for name, value in (("_LARGE", 0), ("processors", lambda: 2), ("BLOCK", 777)):
        monkeypatch.setattr(f"connectors.kit.xml.{name}", value)
    shared = read(content)
    assert len(helpers) == 1
    assert shared.notes == whole.notes
    assert all(frame.equals(shared.frames()[name]) for name, frame in whole.frames().items())
