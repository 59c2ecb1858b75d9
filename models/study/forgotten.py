"""Tombstones: who asked to be forgotten, so that no later run reads their folder or their rows again.

They stand in `forgotten.txt` in the warehouse and inside the store; either brings the other back. A tombstone is a
keyed digest of the participant_id with a salt beside it: the id itself is found nowhere by a search. It is no secret:
ids are short, and who holds the file and a list of ids can try them. A line `# confirmed` and a digest says that the
clinic has deleted what is its own of that person.
"""

from __future__ import annotations

import hmac
import os
import secrets
from collections.abc import Iterable
from pathlib import Path

from models.fault import StudyError
from models.system.files import private

NAME = "forgotten.txt"
_HEAD = "# People who withdrew, one a line: salt and keyed digest of the participant_id. Keep this file.\n"
_CONFIRMED = "# confirmed "

Tombstones = frozenset[tuple[str, str]]  # salt, digest


def tombstones(warehouse: Path) -> Tombstones:
    """All of the file. StudyError where it cannot be read: nobody comes back because of a damaged line."""
    path = warehouse / NAME
    try:
        lines = path.read_text("utf-8").splitlines() if path.exists() else []
        found = [tuple(line.split()) for line in lines if line and not line.startswith("#")]
        good = all(len(parts) == 2 and bytes.fromhex(parts[0]) and len(parts[1]) == 64 for parts in found)
    except (OSError, ValueError):
        good, found = False, []
    if not good:
        raise StudyError(f"{NAME}: damaged; put it back from a backup: it says who must not be read again")
    return frozenset((salt, digest) for salt, digest in found)


def among(stones: Tombstones, participant_ids: Iterable[str]) -> frozenset[str]:
    """Those who have a tombstone."""
    salts = {salt for salt, _ in stones}
    return frozenset(who for who in set(participant_ids) if any((salt, _digest(salt, who)) in stones for salt in salts))


def bury(warehouse: Path, participant_id: str) -> None:
    """Write a tombstone, once, onto the disk."""
    stones = tombstones(warehouse)
    if not among(stones, [participant_id]):
        salt = min((salt for salt, _ in stones), default=secrets.token_hex(16))
        keep(warehouse, stones | {(salt, _digest(salt, participant_id))})


def confirmed(warehouse: Path) -> frozenset[str]:
    """The digests of those of whom the clinic has deleted all that is its own."""
    path = warehouse / NAME
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return frozenset(line.removeprefix(_CONFIRMED) for line in lines if line.startswith(_CONFIRMED))


def confirm(warehouse: Path, participant_id: str) -> None:
    """Write down that the clinic has deleted all that is its own of somebody who was forgotten."""
    stones = tombstones(warehouse)
    theirs = {digest for salt, digest in stones if digest == _digest(salt, participant_id)}
    keep(warehouse, stones, confirmed(warehouse) | theirs)


def keep(warehouse: Path, stones: Tombstones, gone: frozenset[str] | None = None) -> None:
    """Replace the file, in one step. `gone`: who is confirmed; None: those who were."""
    gone = confirmed(warehouse) if gone is None else gone
    draft = warehouse / f".{NAME}.{secrets.token_hex(4)}"
    with open(draft, "x", encoding="utf-8", newline="\n", opener=private) as out:
        out.write(_HEAD + "".join(f"{salt} {digest}\n" for salt, digest in sorted(stones)))
        out.write("".join(f"{_CONFIRMED}{digest}\n" for digest in sorted(gone)))
        out.flush()
        os.fsync(out.fileno())
    os.replace(draft, warehouse / NAME)


def _digest(salt: str, participant_id: str) -> str:
    return hmac.new(bytes.fromhex(salt), participant_id.encode(errors="surrogatepass"), "sha256").hexdigest()
