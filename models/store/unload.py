"""A file that a coordinator takes out of the count, and takes back: by its content, whatever it is called and wherever
it lies in the person's folder. Its rows go; that it is out is kept in `unloaded`, also when the store is made anew.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from typing import NamedTuple

from models.fault import StudyError
from models.store.audit import record
from models.store.rows import forget_devices, forget_rows
from models.store.store import Store, now

SHORTEST = 6  # of the beginning of a SHA-256


class Content(NamedTuple):
    """One file, or one of those that are packed in it."""

    path: str
    sha256: str
    status: str


def find(store: Store, who: str, named: str) -> list[Content]:
    """The contents that a path below the inbox names (a file, an archive, a folder), or a beginning of a SHA-256.

    StudyError, one line, where it names none of this person's that counts or was taken out, or more than one.
    """
    rows = store.rows(
        "SELECT path, sha256, status FROM source_file WHERE participant_id = ? AND sha256 IS NOT NULL "
        "AND status <> 'withdrawn' ORDER BY path",
        [who],
    )
    files = [Content(*row) for row in rows]
    path = named.replace("\\", "/").removeprefix("./").removeprefix("inbox/").rstrip("/")
    if path == who:
        raise StudyError(f"{named}: is all of {who}; name one file, or `stepwindow forget {who}`")
    found = [file for file in files if file.path == path or file.path.startswith((f"{path}!/", f"{path}/"))]
    found = found or _by_content(files, named)
    if not found:
        raise StudyError(f"{named}: no such file of {who} is known{_nearest(files, path)}")
    counts = {file.sha256 for file in files if file.status in ("loaded", "unloaded")}
    if not (chosen := [file for file in found if file.sha256 in counts]):
        raise StudyError(f"{named}: nothing of it counts (it is {found[0].status}), so there is nothing to take out")
    return chosen


def _by_content(files: list[Content], named: str) -> list[Content]:
    start = named.lower()
    if not re.fullmatch(f"[0-9a-f]{{{SHORTEST},64}}", start):
        return []
    found = [file for file in files if file.sha256.startswith(start)]
    if len({file.sha256 for file in found}) > 1:
        raise StudyError(f"{named}: the SHA-256 of {len(found)} files begins so; give more of it, or a path")
    return found


def _nearest(files: list[Content], path: str) -> str:
    names = sorted({file.path.partition("!/")[0] for file in files if file.status in ("loaded", "unloaded")})
    ends = [name for name in names if name.endswith(f"/{path}")]
    near = ends[:3] or get_close_matches(path, names, 3, 0.5) or names[:3]
    return f"; is {' or '.join(near)} meant?" if near else "; nothing of theirs is loaded"


def take_out(store: Store, who: str, named: str, code_version: str) -> tuple[list[Content], int]:
    """Take the contents that somebody named (`find`) out of the count; returns them, and how many still counted.

    The days they told of are stale then.
    """
    files = find(store, who, named)
    contents = sorted({file.sha256 for file in files})
    with store.transaction():
        out = [file_id for (file_id,) in store.rows(
            "SELECT file_id FROM source_file "
            "WHERE participant_id = ? AND status = 'loaded' AND sha256 IN (SELECT unnest(?))",
            [who, contents],
        )]  # fmt: skip
        forget_rows(store, out, "file_unloaded")
        forget_devices(store)
        store.con.execute(
            "UPDATE source_file SET status = 'unloaded', out_at = ?, out_from = covers_from, out_to = covers_to, "
            "covers_from = NULL, covers_to = NULL, rows = 0, note = 'taken out by hand' "
            "WHERE file_id IN (SELECT unnest(?))",
            [now(), out],
        )
        new = "SELECT unnest(?::TEXT[]) EXCEPT SELECT sha256 FROM unloaded WHERE participant_id = ?"
        store.con.execute(f"INSERT INTO unloaded SELECT ?, *, ? FROM ({new})", [who, now(), contents, who])
        if out:
            record(store, "unload", "files were taken out of the count", code_version, people=1, files=len(out))
    return files, len(out)


def take_back(store: Store, who: str, named: str, code_version: str) -> tuple[list[Content], int]:
    """Let the contents that somebody named (`find`) count again; returns them, and how many of them were out.

    The next reading of the folder reads them, and for that opens the archives that they lie in.
    """
    files = find(store, who, named)
    contents = sorted({file.sha256 for file in files if file.status == "unloaded"})
    theirs = "participant_id = ? AND sha256 IN (SELECT unnest(?))"
    archives = f"SELECT split_part(path, '!/', 1) FROM source_file WHERE {theirs} AND contains(path, '!/')"
    with store.transaction():
        store.con.execute(f"DELETE FROM unloaded WHERE {theirs}", [who, contents])
        store.con.execute(
            f"DELETE FROM source_file WHERE participant_id = ? AND path IN ({archives})", [who, who, contents]
        )
        store.con.execute(
            f"DELETE FROM source_file WHERE {theirs} AND status IN ('unloaded', 'duplicate')", [who, contents]
        )
        if contents:
            record(store, "unload", "files were taken back", code_version, people=1, files=len(contents))
    return files, len(contents)
