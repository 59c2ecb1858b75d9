"""Publishing: a complete, consistent copy for analysts, put in place in one step."""

from __future__ import annotations

import os
from pathlib import Path

from models.store import Store

NAME = "analytics.duckdb"


def publish(store: Store, run: dict) -> Path:
    """Write the run down and replace the published database; returns its path.

    Analysts open it at any time: `analytics.duckdb` is a link to a file that is never written again. The new file is
    complete and on the disk before the link is moved; the one before stays for those who have it open.
    """
    names, marks = ", ".join(run), ", ".join("?" * len(run))
    store.con.execute(f"INSERT INTO run ({names}) VALUES ({marks})", list(run.values()))
    target = store.folder / f"analytics-{run['run_id']}.duckdb"
    target.unlink(missing_ok=True)
    # the oldest form that this DuckDB writes: analysts' clients may be older than ours
    store.con.execute(f"ATTACH '{str(target).replace(chr(39), chr(39) * 2)}' AS out (STORAGE_VERSION 'v1.5.0')")
    try:
        store.run_sql("publish")
        store.con.execute("CHECKPOINT out")
    finally:
        store.con.execute("DETACH out")
    os.chmod(target, 0o600)
    _to_disk(target)
    link = store.folder / NAME
    before = Path(os.readlink(link)) if link.is_symlink() else None
    draft = store.folder / f".{NAME}.{run['run_id']}"
    os.symlink(target.name, draft)
    os.replace(draft, link)
    _to_disk(store.folder)
    for old in store.folder.glob("analytics-*.duckdb"):
        if old.name != target.name and (before is None or old.name != before.name):
            old.unlink()
    return link


def _to_disk(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
