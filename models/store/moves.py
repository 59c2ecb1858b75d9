"""Files that were moved, renamed, taken away: the ledger follows what lies in the inbox.

What the ledger says of a file (`source_file.status`):
    loaded      its rows count, also when the file is gone since: a clinic may archive
    duplicate   its content is loaded (or refused) from another path of the same person
    ignored     it holds nothing that is needed
    unknown     no reader knows it, and it lies in an export of which readers know other files: told in one line
    rejected    refused as a whole; why is in `rejection`
    withdrawn   it was loaded, and its rows are out: it lies in another person's folder, or a newer diary replaced it
    unloaded    a coordinator took it out (models/store/unload.py)

`withdrawn` rows are the store's memory: they are not published, and a file that comes back is read as a new one.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

from models.fault import Fault
from models.store.ledger import compare
from models.store.load import record_fault
from models.store.rows import forget_devices, forget_rows
from models.store.scan import NO_READER, Scan
from models.store.store import Store
from models.store.stretch import make_stale, stretches

WITHDRAWN = "status = 'withdrawn', covers_from = NULL, covers_to = NULL, rows = 0"


class Settled(NamedTuple):
    """What came of comparing ledger and inbox."""

    moved: int = 0  # files that were withdrawn from somebody, for they lie in another person's folder now
    listed: tuple[tuple[str, str], ...] = ()  # (person, path) of files that are no rejection: their export is known
    again: tuple[Fault, ...] = ()  # of files that are one again: nothing else of their export is known


def settle(store: Store, scan: Scan, unknown: Fault, run_id: str) -> Settled:
    """Bring the ledger up to what lies in the inbox. All of it or nothing; doing it again changes nothing."""
    with store.transaction():
        compare(store, scan)
        _follow(store)
        _retire_diaries(store)
        moved = _withdraw_moved(store)
        _strike_gone(store)
        return Settled(moved, *_list_unknown(store, unknown, run_id))


def _follow(store: Store) -> None:
    """A file that was renamed, moved within the person's folder, packed or unpacked is the same file: its path changes,
    nothing else. It takes the place of its duplicate there."""
    store.con.execute(
        """CREATE OR REPLACE TEMP TABLE followed AS
           SELECT f.file_id, f.participant_id, f.sha256, f.path AS path_before, d.file_id AS duplicate, d.path,
                  d.modified_ns, d.whole, d.export, s.export AS bundle
           FROM whereabouts f JOIN whereabouts d USING (participant_id, sha256)
           JOIN source_file s ON s.file_id = d.file_id
           WHERE NOT f.lies AND f.status NOT IN ('duplicate', 'withdrawn') AND d.lies AND d.status = 'duplicate'
           QUALIFY row_number() OVER (PARTITION BY f.file_id ORDER BY d.path) = 1
               AND row_number() OVER (PARTITION BY d.file_id ORDER BY f.file_id) = 1"""
    )
    _part_from_exports(store)
    for table, same in (
        ("source_file", "t.file_id = f.file_id"),
        ("rejection", "t.participant_id = f.participant_id AND t.path = f.path_before AND t.sha256 = f.sha256"),
    ):
        time = ", modified_ns = f.modified_ns, export = f.bundle" if table == "source_file" else ""
        store.con.execute(f"UPDATE {table} AS t SET path = f.path{time} FROM followed f WHERE {same}")
    for table in ("source_file", "whereabouts"):
        store.con.execute(f"DELETE FROM {table} WHERE file_id IN (SELECT duplicate FROM followed)")
    store.con.execute(
        "UPDATE whereabouts AS t SET path = f.path, whole = f.whole, export = f.export, lies = TRUE "
        "FROM followed f WHERE t.file_id = f.file_id"
    )


def _part_from_exports(store: Store) -> None:
    """The days of exports that lose a part, for it lies in another one now."""
    left = store.rows(
        """SELECT DISTINCT s.participant_id, s.export FROM source_file s JOIN followed f USING (file_id)
           WHERE s.export IS NOT NULL AND s.export IS DISTINCT FROM f.bundle"""
    )
    make_stale(store, stretches(store, [], left), "late_data")


def _retire_diaries(store: Store) -> None:
    """A diary edited in place replaces its old self: a line that was taken out must not go on counting.

    Only where its content lies nowhere else of the person's. Device exports that are written over are merely gone: the
    newer one may reach back less far.
    """
    edited = [file_id for (file_id,) in store.rows(
        """SELECT file_id FROM whereabouts f WHERE f.status = 'loaded' AND f.connector = 'diary' AND NOT f.lies
             AND EXISTS (
               FROM whereabouts o WHERE o.participant_id = f.participant_id AND o.path = f.path AND o.lies
                 AND o.sha256 <> f.sha256)"""
    )]  # fmt: skip
    forget_rows(store, edited, "corrected_data")
    note = "replaced by a newer file of the same name"
    store.con.execute(
        f"UPDATE source_file SET {WITHDRAWN}, note = ? WHERE file_id IN (SELECT unnest(?))", [note, edited]
    )


def _withdraw_moved(store: Store) -> int:
    """A file that lies no more in one person's folder and does in another's is the other's alone."""
    moved = [file_id for (file_id,) in store.rows(
        """SELECT file_id FROM whereabouts f WHERE f.status = 'loaded' AND NOT f.lies AND EXISTS (
               FROM whereabouts o WHERE o.sha256 = f.sha256 AND o.participant_id <> f.participant_id AND o.lies
                 AND o.status IN ('loaded', 'duplicate'))"""
    )]  # fmt: skip
    if not moved:
        return 0
    forget_rows(store, moved, "file_moved")
    forget_devices(store)
    note = "it lies in the folder of another person now"
    store.con.execute(
        f"UPDATE source_file SET {WITHDRAWN}, note = ? WHERE file_id IN (SELECT unnest(?))", [note, moved]
    )
    return len(moved)


def _strike_gone(store: Store) -> None:
    """Of what never counted nothing is kept once it is gone, but for what tells which files came together."""
    gone = """NOT lies AND status IN ('duplicate', 'ignored', 'unknown', 'rejected') AND NOT (
        status = 'duplicate' AND EXISTS (
            FROM source_file s JOIN source_file o USING (participant_id, export)
            WHERE s.file_id = whereabouts.file_id AND o.status = 'loaded'))"""
    store.con.execute(
        f"""DELETE FROM rejection r WHERE EXISTS (
                FROM whereabouts WHERE {gone} AND whereabouts.participant_id = r.participant_id
                  AND whereabouts.path = r.path
                  AND whereabouts.sha256 IS NOT DISTINCT FROM r.sha256)"""
    )
    store.con.execute(f"DELETE FROM source_file WHERE file_id IN (SELECT file_id FROM whereabouts WHERE {gone})")
    store.con.execute(f"DELETE FROM whereabouts WHERE {gone}")


def _list_unknown(store: Store, unknown: Fault, run_id: str) -> tuple[tuple, tuple]:
    """Files that no reader knows are no rejections where they lie in a recognised export: an archive, or a top folder
    of the person's, with at least one file that a reader takes or knows as a companion of what it takes."""
    recognised = """EXISTS (
        FROM whereabouts k WHERE k.participant_id = w.participant_id AND k.export = w.export
         AND k.lies IS DISTINCT FROM FALSE AND k.connector NOT IN ('zip', 'tar') AND k.status <> 'withdrawn')"""
    told = "EXISTS (FROM rejection r WHERE r.participant_id = w.participant_id AND r.path = w.path AND r.found = ?)"
    files = "SELECT file_id, participant_id, path, sha256 FROM whereabouts w WHERE status ="
    listed = store.rows(f"{files} 'rejected' AND {recognised} AND {told}", [unknown.found])
    again = store.rows(f"{files} 'unknown' AND NOT {recognised}")
    for status, note, turned in (("unknown", NO_READER, listed), ("rejected", None, again)):
        store.con.execute(
            "UPDATE source_file SET status = ?, note = ? WHERE file_id IN (SELECT unnest(?))",
            [status, note, [file_id for file_id, *_ in turned]],
        )
    store.con.execute(
        """DELETE FROM rejection r WHERE EXISTS (FROM source_file f WHERE f.participant_id = r.participant_id
               AND f.path = r.path AND f.file_id IN (SELECT unnest(?)))""",
        [[file_id for file_id, *_ in listed]],
    )
    faults = [(replace(unknown, participant_id=who, file=path), sha256) for _, who, path, sha256 in again]
    for fault, sha256 in faults:
        record_fault(store, fault, sha256, run_id)
    return tuple((who, path) for _, who, path, _ in listed), tuple(fault for fault, _ in faults)
