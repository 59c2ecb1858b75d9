"""Publishing: a complete, consistent copy for analysts, put in place in one step."""

from __future__ import annotations

import os
from pathlib import Path

from models.store import Store
from models.store_connect import attach, is_plain, to_disk
from models.store_key import key_of

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
    key = key_of(store.folder)
    attach(store.con, target, "out", key)
    try:
        store.run_sql("publish")
        store.con.execute("CHECKPOINT out")
    finally:
        store.con.execute("DETACH out")
    os.chmod(target, 0o600)
    to_disk(target)
    link = store.folder / NAME
    before = Path(os.readlink(link)) if link.is_symlink() else None
    draft = store.folder / f".{NAME}.{run['run_id']}"
    os.symlink(target.name, draft)
    os.replace(draft, link)
    to_disk(store.folder)
    for old in store.folder.glob("analytics-*.duckdb"):
        is_before = before is not None and old.name == before.name
        if old.name != target.name and not (is_before and not (key and is_plain(old))):
            old.unlink()
    return link
