"""An address: a folder, or what fsspec opens."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec
from fsspec.implementations.local import LocalFileSystem

from models.fault import AWAY, StoreError
from models.lake.patience import in_words, patiently


class Address:
    """What lies there. StoreError, in one line, where it cannot be reached."""

    kind = "address"  # how a sentence calls it

    def __init__(self, address: str | Path) -> None:
        self.address = str(address) if "://" in str(address) else str(Path(address).absolute())
        try:
            self._files, self._root = fsspec.url_to_fs(self.address)
        except (ImportError, ValueError) as error:  # each says which package is missing, or that there is none
            raise StoreError(f"{self.kind}: {self.address} cannot be opened here", str(error)) from None

    def write(self, relation: str, path: str, data: bytes) -> None:
        """Put a file of a relation there, whole or not at all. Nobody counts it before it is named."""
        target = f"{self._root}/{relation}/{path}"
        is_local = isinstance(self._files, LocalFileSystem)
        made = f"{target}.{os.getpid()}" if is_local else target  # elsewhere an object is there once it is whole
        with self._reached():
            patiently(self._files.makedirs, target.rpartition("/")[0], exist_ok=True)
            patiently(self._files.pipe_file, made, data)
            if is_local:
                os.replace(made, target)

    def objects(self) -> Iterator[tuple[str, bytes]]:
        """Everything that lies there: name below the address, content."""
        with self._reached():
            for path in sorted(patiently(self._files.find, self._root)):
                yield path.removeprefix(f"{self._root}/"), patiently(self._files.cat_file, path)

    def _delete(self, names: Collection[str]) -> None:
        """Delete files, which are named below the address."""
        if names:
            patiently(self._files.rm, [f"{self._root}/{name}" for name in names])

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not (isinstance(error, OSError) or _is_of_a_package(error)):
                raise
            what = f"{self.kind}: {self.address} cannot be used ({in_words(error)})"
            remedy = "see that it is there, has space, and that this machine may use it, then run again"
            raise StoreError(what, remedy, AWAY) from None


def _is_of_a_package(error: Exception) -> bool:
    """Whether a package raised it that opens addresses or reads what lies there: they have faults of their own."""
    return type(error).__module__.partition(".")[0] not in ("builtins", "models", "flows")
