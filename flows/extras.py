"""What an installation may lack: packages that only some commands need, each installed by an extra of stepwindow."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from models.fault import StudyError


@contextmanager
def of_extra(extra: str, asked: str) -> Iterator[None]:
    """Around imports. StudyError where a package is not installed: what was `asked` for, and what to install."""
    try:
        yield
    except ModuleNotFoundError as error:
        what = f"{asked}: {error.name} is not installed here"
        raise StudyError(what, f"python -m pip install 'stepwindow[{extra}]'") from None
