"""Patience with the store that a lake lies on: what passes within about a minute is waited for.

`OF_DELTA` is what deltalake is told for its own reads and commits, which it tries again itself: without, it gives up
after some seconds. `patiently` is for what is asked of the file system beside them.
"""

from __future__ import annotations

import errno
import os
import re
import time
from collections.abc import Callable
from typing import ParamSpec, TypeVar

_SECONDS = (1, 2, 4, 8, 16, 32)  # between attempts
_LASTS = {
    errno.ENOENT, errno.EACCES, errno.EPERM, errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.EROFS, errno.ENOSPC,
    errno.EDQUOT, errno.EFBIG,
}  # fmt: skip
_NUMBER = re.compile(r"\(os error (\d+)\)")
OF_DELTA = {"max_retries": "100", "retry_timeout": "90s", "backoff_config.max_backoff": "10s"}
P = ParamSpec("P")
T = TypeVar("T")


def patiently(call: Callable[P, T], *arguments: P.args, **options: P.kwargs) -> T:
    """What a call of a file system returns, which may fail for a while. OSError: it went on failing, or cannot work."""
    for seconds in (*_SECONDS, None):
        try:
            return call(*arguments, **options)
        except Exception as error:
            if not isinstance(error, OSError):
                if type(error).__module__ == "builtins":  # a fault of ours
                    raise
                error = ConnectionError(type(error).__name__)  # stores have errors of their own
            if seconds is None or error.errno in _LASTS or isinstance(error, FileNotFoundError | PermissionError):
                raise error from None
            time.sleep(seconds)
    raise AssertionError


def in_words(error: Exception) -> str:
    """Why a store cannot be used, without a path: what the system says, or the kind of the fault."""
    said = error.errno if isinstance(error, OSError) else None
    if said is None and (found := _NUMBER.search(str(error))):  # deltalake quotes the system
        said = int(found[1])
    return os.strerror(said) if said else type(error).__name__
