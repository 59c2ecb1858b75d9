"""The store that a lake lies on: what passes is waited for, a file is there whole or not at all, and why is said."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from models.fault import StoreError, can_pass
from models.lake import patience
from models.lake.patience import in_words, patiently

deltalake = pytest.importorskip("deltalake", reason="deltalake is not installed: pip install 'stepwindow[programme]'")

from models.lake.lake import Lake  # noqa: E402


class OfAStore(Exception):
    """As clients of stores have their own."""


@pytest.fixture
def waited(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    seconds: list[int] = []
    monkeypatch.setattr(patience.time, "sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("error", [OSError(errno.EIO, "503"), TimeoutError(), OfAStore("of a bucket")])
def test_what_a_store_refuses_for_a_minute_is_waited_for(waited: list[int], error: Exception) -> None:
    answers = iter([error] * 6)

    def call(word: str, *, times: int) -> str:
        for answer in answers:
            raise answer
        return word * times

    assert patiently(call, "a", times=2) == "aa"
    assert sum(waited) >= 60


def test_what_goes_on_is_an_error_of_the_system_without_the_words_of_the_store(waited: list[int]) -> None:
    def call() -> None:
        raise OfAStore("s3://bucket/lake/P07")

    with pytest.raises(OSError, match=r"^OfAStore$"):
        patiently(call)


@pytest.mark.parametrize("error", [OSError(errno.ENOSPC, ""), FileNotFoundError(errno.ENOENT, ""), TypeError()])
def test_what_does_not_pass_is_not_waited_for(waited: list[int], error: Exception) -> None:
    def call() -> None:
        raise error

    with pytest.raises(type(error)):
        patiently(call)
    assert waited == []


def test_a_file_that_was_cut_short_is_not_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lake = Lake(tmp_path / "lake")
    lake.write("goal", "site=a/1.parquet", b"whole")

    def full(path: str, data: bytes) -> None:
        Path(path).write_bytes(data[:2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(lake._files, "pipe_file", full)
    with pytest.raises(StoreError, match=r"cannot be used \(No space left on device") as fault:
        lake.write("goal", "site=a/1.parquet", b"other")
    assert can_pass(fault.value)
    assert (tmp_path / "lake/goal/site=a/1.parquet").read_bytes() == b"whole"


def test_why_a_lake_cannot_be_used_is_what_the_system_said_to_delta() -> None:
    said = "Generic LocalFileSystem error: Unable to open file /x/y: No space left on device (os error 28)"
    assert in_words(deltalake.exceptions.DeltaError(said)) == os.strerror(errno.ENOSPC)
    assert in_words(deltalake.exceptions.DeltaError("of /x/y")) == "DeltaError"


def test_trying_a_lake_writes_through_no_link(tmp_path: Path) -> None:
    (tmp_path / "mine").write_text("mine")
    (tmp_path / "lake").mkdir()
    (tmp_path / "lake/.try").symlink_to(tmp_path / "mine")
    Lake(tmp_path / "lake").try_writing()
    assert (tmp_path / "mine").read_text("utf-8") == "mine"
    assert not [*(tmp_path / "lake").iterdir()]
