"""Zips that a password opens: which members it opens, and why the others are refused.

A password is for one run. It is given to whoever reads by a pipe or in memory, and nothing writes it anywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from models.fault import Rejected

_ENCRYPTED, _STRONG, _AES = 0x1, 0x40, 99  # bits of a member's flags; the compression that stands for AES
_UNPACK = "unpack it with the password on a computer you trust and put the files in the inbox"
_MAIL = (
    "of Mi Fitness and Zepp it came by the same mail as the zip, of Huawei it was chosen when the data was asked for"
)

Info = Any  # what zipfile says of a member


class Password:
    """The password of zips, in memory alone: it shows itself in no text."""

    __slots__ = ("_text",)

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return "Password(not shown)"

    @property
    def bytes(self) -> bytes:
        """As a zip wants it."""
        return self._text.encode()


def is_encrypted(info: Info) -> bool:
    """Whether a member needs a password."""
    return bool(info.flag_bits & _ENCRYPTED)


def shut(
    files: Iterable[tuple[int, Info]], password: Password | None, opens: Callable[[Info, Password], bool]
) -> tuple[set[int], Rejected | None]:
    """The members that cannot be opened, by number, and why; None where all can. `opens`: asks a member."""
    files = list(files)
    encrypted = [(number, info) for number, info in files if is_encrypted(info)]
    by_aes = {number for number, info in encrypted if info.compress_type == _AES or info.flag_bits & _STRONG}
    others = [member for member in encrypted if member[0] not in by_aes]
    locked = {number for number, info in others if password is None or not opens(info, password)}
    if by_aes:
        remedy = f"{_UNPACK}, by WinZip or 7-Zip; {_MAIL}"
        return by_aes | locked, Rejected("whole file", "a zip encrypted by AES", "a zip without a password", remedy)
    if not locked:
        return locked, None
    if password:
        remedy = f"give its own (`stepwindow nightly --zip-password`; capital letters count), or {_UNPACK}; {_MAIL}"
        return locked, Rejected("whole file", "a zip of another password", "one that this password opens", remedy)
    some, total = len(locked), len(files)
    found = "an encrypted zip" if some == total else f"{some} of {total} members encrypted"
    remedy = f"{_UNPACK}, or give the password for one run (`stepwindow nightly --zip-password`); {_MAIL}"
    return locked, Rejected("whole file", found, "a zip without a password", remedy)
