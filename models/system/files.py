"""Files: made for their owner alone, put on the disk, copied, reached at any length of path; who else may open them."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

# How a file is opened that may have become something else: no link is followed, no pipe waited for.
AS_IT_LIES = os.O_RDONLY
for _flag in ("O_BINARY", "O_CLOEXEC", "O_NOINHERIT", "O_NOFOLLOW", "O_NONBLOCK"):
    AS_IT_LIES |= getattr(os, _flag, 0)
_NO_LINKS = (errno.EPERM, errno.EINVAL, errno.ENOSYS, errno.ENOTSUP)  # a disk that knows none; the second: Windows

if sys.platform == "win32":
    REPLACES_OPEN = False  # whether a file can take the place of one that is open

    def to_disk(path: Path) -> None:
        """Wait until a file would survive a loss of power. The names in a folder are NTFS's own business."""
        if path.is_file():
            with path.open("r+b") as file:
                os.fsync(file.fileno())

    def may_others(path: Path, what: int) -> bool:
        """False: access is given by lists of names here, which are not looked at (docs/privacy.md)."""
        return False

    def foreign(path: Path) -> bool:
        """False: an owner has no number here."""
        return False

    def reachable(path: Path) -> str:
        """A path by which all that lies under it can be opened, be it longer than 260 characters."""
        whole = str(path.absolute())
        if whole.startswith("\\\\?\\"):
            return whole
        return f"\\\\?\\UNC{whole[1:]}" if whole.startswith("\\\\") else f"\\\\?\\{whole}"

    def under(root: str, path: str) -> str:
        """The path of something that is stored by its path below a folder, with slashes."""
        return f"{root}\\{path}".replace("/", "\\")

    @contextmanager
    def open_folder(path: str) -> Iterator[tuple[str, int]]:
        """A folder for `os.scandir`: no link, and no junction. -1: not every disk here says when its names changed."""
        found = os.lstat(path)
        if stat.S_ISLNK(found.st_mode) or found.st_reparse_tag == stat.IO_REPARSE_TAG_MOUNT_POINT:
            raise OSError(errno.ELOOP, "a link or a junction, which leads elsewhere", path)
        yield path, -1

else:
    REPLACES_OPEN = True

    def to_disk(path: Path) -> None:
        """Wait until a file or folder would survive a loss of power."""
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

    def may_others(path: Path, what: int) -> bool:
        """Whether those who do not own a file may do something with it. `what`: a mode, as 0o077."""
        return bool(stat.S_IMODE(path.stat().st_mode) & what)

    def foreign(path: Path) -> bool:
        """Whether a file is another user's."""
        return path.stat().st_uid != os.geteuid()

    def reachable(path: Path) -> str:
        """A path by which all that lies under it can be opened."""
        return str(path.absolute())

    def under(root: str, path: str) -> str:
        """The path of something that is stored by its path below a folder, with slashes."""
        return f"{root}/{path}"

    @contextmanager
    def open_folder(path: str) -> Iterator[tuple[int, int]]:
        """A folder for `os.scandir`, never by a link; and when names in it changed last, in nanoseconds."""
        handle = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
        try:
            yield handle, os.fstat(handle).st_mtime_ns
        finally:
            os.close(handle)


def private(path: str, flags: int) -> int:
    """For `open(..., opener=private)`: a file that is made is for its owner alone."""
    return os.open(path, flags, 0o600)


def copy(path: Path, to: Path) -> None:
    """Copy a file inside the kernel; on a disk that can share blocks the copy shares them."""
    if sys.platform == "linux":
        with path.open("rb") as source, to.open("wb") as target:
            try:
                while os.copy_file_range(source.fileno(), target.fileno(), 2**30):
                    pass
                return
            except OSError:  # a disk that cannot, or not between these two
                pass
    shutil.copyfile(path, to)


def link(to: str, place: Path) -> bool:
    """A symbolic link. False: nobody may make one here, or the system only says that it made one (Wine)."""
    try:
        os.symlink(to, place)
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
    return place.is_symlink()


def second_name(path: Path, name: Path) -> None:
    """Another name for a file; on a disk that knows no such names a copy of the same age, for its owner alone."""
    try:
        os.link(path, name)
    except OSError:
        shutil.copy2(path, name)
        os.chmod(name, 0o600)
