"""What is noted of a look into the inbox, so that the next one need not compare again what is as it was.

Noted is whoever had nothing left to read (table `looked`): what lay in their folder, and what the ledger says of it.
Where both are the same again, and so is all else that decides whether a file is read, comparing them would find the
same. So nothing that writes the ledger needs to know of these notes, and a night may be killed anywhere: what does not
fit any more does not stand, and is made anew.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection
from typing import Any

from models.store.ledger import Now
from models.store.scan import Noted, Scan
from models.store.sql import statement
from models.store.store import Store


def noted(store: Store, now: Now | None = None) -> dict[str, Noted]:
    """What stands of what was noted, by person. `now`: as far as nothing is to be read again for another reason; None:
    that is not asked."""
    found = store.rows(statement("store/looked"), {"today": now and now.today})
    resting = _resting(now) if now else {}
    return {
        who: Noted(lies, files, dict(zip(folders or (), changed or (), strict=True)))
        for who, lies, files, folders, changed, rested_on in found
        if now is None or rested_on == resting.get(who)
    }


def _resting(now: Now) -> dict[str, str]:
    """A fingerprint of what decides, besides the ledger, whether a file of each person is read."""
    others = repr((now.settings, sorted(now.installed), now.readers))
    of_zones = {zones: hashlib.sha256(f"{zones} {others}".encode()).hexdigest() for zones in {*now.zones.values()}}
    return {who: of_zones[zones] for who, zones in now.zones.items()}


def note(store: Store, scan: Scan, now: Now, left: Collection[str]) -> None:
    """Note what a look found, after it was compared (`ledger.compare`), and before what came of that is written.

    `left`: whose files are to be looked into once more. Where names changed in folders whose times did not, times tell
    nothing: they are kept of nobody then, nor in a later night.
    """
    import polars as pl  # not at the top: who only asks does without

    if not scan.times_tell:
        store.con.execute("UPDATE looked SET folders = NULL, changed_ns = NULL")
    resting = _resting(now)
    tell = scan.times_tell and not store.rows("FROM looked WHERE folders IS NULL LIMIT 1")
    rows = [
        (who, seen.lies, seen.files, [*seen.folders] if tell else None,
         [*seen.folders.values()] if tell else None, resting[who])
        for who, seen in scan.new.items() if who not in left
    ]  # fmt: skip
    if not rows and store.rows("SELECT count(*) FROM looked") == [(len(scan.as_noted),)]:
        return
    schema: dict[str, Any] = {
        "participant_id": pl.String, "lies": pl.Binary, "files": pl.Int64, "folders": pl.List(pl.String),
        "changed_ns": pl.List(pl.Int64), "rests_on": pl.String,
    }  # fmt: skip
    with store.registered("seen", pl.DataFrame(rows, schema=schema, orient="row")):
        store.con.execute("CREATE OR REPLACE TEMP TABLE seen_now AS FROM seen")
    store.con.execute("DELETE FROM looked WHERE participant_id NOT IN (SELECT unnest(?::TEXT[]))", [[*scan.as_noted]])
    store.con.execute(statement("store/note_looked"))
