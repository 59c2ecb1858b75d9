"""Publishing: a complete, consistent copy for analysts, put in place in one step."""

from __future__ import annotations

import os
from pathlib import Path

from models.store import Store
from models.store_connect import attach, is_plain
from models.store_file import draft, put_in_place, to_disk
from models.store_key import key_of

NAME = "analytics.duckdb"


def publish(store: Store, run: dict) -> Path:
    """Write the run down and replace the published database; returns its path.

    Analysts open it at any time: `analytics.duckdb` is a link to a file that is never written again. The new file is
    complete and on the disk before the link is moved; the one before stays for those who have it open. What fails or
    dies on the way leaves the old one, and no run that says it had come to its end.
    """
    names, marks = ", ".join(f'"{name}"' for name in run), ", ".join("?" * len(run))
    store.con.execute("CREATE OR REPLACE TEMP TABLE this_run AS FROM run LIMIT 0")
    store.con.execute(f"INSERT INTO this_run ({names}) VALUES ({marks})", list(run.values()))
    made, target = draft(store.folder, NAME), store.folder / f"analytics-{run['run_id']}.duckdb"
    # the oldest form that this DuckDB writes and that older ones do read: analysts' clients may be older than ours
    key = key_of(store.folder)
    attach(store.con, made, "out", key, form="v1.0.0")
    try:
        with store.transaction():  # one wait for the disk, not one for each of hundreds of comments
            store.run_sql("publish")
        store.con.execute("CHECKPOINT out")
    finally:
        store.con.execute("DETACH out")
    put_in_place(made, target)
    link = store.folder / NAME
    before = os.readlink(link) if link.is_symlink() else None
    os.symlink(target.name, made)
    os.replace(made, link)
    to_disk(store.folder)
    store.con.execute("INSERT INTO run FROM this_run")
    for old in store.folder.glob("analytics-*.duckdb"):
        was_plain = key is not None and old.name != target.name and is_plain(old)
        if old.name not in (target.name, before) or was_plain:
            old.unlink()
    store.whole()
    return link
