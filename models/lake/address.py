"""An address: a folder, or what fsspec opens."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

import fsspec

from models.fault import AWAY, StoreError


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
        """Put a file of a relation there. Nobody counts it before it is named."""
        target = f"{self._root}/{relation}/{path}"
        with self._reached():
            self._files.makedirs(target.rpartition("/")[0], exist_ok=True)
            with self._files.open(target, "wb") as file:
                file.write(data)

    def objects(self) -> Iterator[tuple[str, bytes]]:
        """Everything that lies there: name below the address, content."""
        with self._reached():
            for path in sorted(self._files.find(self._root)):
                yield path.removeprefix(f"{self._root}/"), self._files.cat_file(path)

    def _delete(self, names: Collection[str]) -> None:
        """Delete files, which are named below the address."""
        if names:
            self._files.rm([f"{self._root}/{name}" for name in names])

    @contextmanager
    def _reached(self) -> Iterator[None]:
        try:
            yield
        except Exception as error:
            if not (isinstance(error, OSError) or _is_of_a_package(error)):
                raise
            what = f"{self.kind}: {self.address} cannot be used ({type(error).__name__})"
            remedy = "see that it is there and that this machine may use it, then run again"
            raise StoreError(what, remedy, AWAY) from None


def _is_of_a_package(error: Exception) -> bool:
    """Whether a package raised it that opens addresses or reads what lies there: they have faults of their own."""
    return type(error).__module__.partition(".")[0] not in ("builtins", "models", "flows")
