"""Files that were moved, renamed, taken away: the ledger follows what lies in the inbox.

What the ledger says of a file (`source_file.status`):
    loaded      its rows count, also when the file is gone since: a clinic may archive
    duplicate   its content is loaded (or refused) from another path of the same person
    ignored     it holds nothing that is needed
    unknown     no reader knows it, and it lies in an export of which readers know other files: told in one line; its
                note is what it looks like
    rejected    refused as a whole; why is in `rejection`
    withdrawn   it was loaded, and its rows are out: it lies in another person's folder, or a newer diary replaced it
    unloaded    a coordinator took it out (models/store/unload.py)

`withdrawn` rows are the store's memory: they are not published, and a file that comes back is read as a new one.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import NamedTuple

from models.fault import Fault
from models.store import looked
from models.store.ledger import Now, compare
from models.store.load import record_faults
from models.store.rows import forget_devices, forget_rows, make_stale, stretches
from models.store.scan import Scan
from models.store.sql import statement
from models.store.store import Store
from models.store.store import now as moment
from models.taxonomy import NO_READER


class Unread(NamedTuple):
    """A kind of file that no reader takes. `travels`: it lies beside exports of any vendor, as a picture does."""

    fault: Fault
    travels: bool = False


class Settled(NamedTuple):
    """What came of comparing ledger and inbox."""

    moved: int = 0  # files that were withdrawn from somebody, for they lie in another person's folder now
    listed: tuple[tuple[str, str], ...] = ()  # (person, path) of files that are no rejection: their export is known
    again: tuple[Fault, ...] = ()  # of files that are one again: nothing else of their export is known


def settle(
    store: Store, scan: Scan, unread: Mapping[str, Unread], run_id: str, now: Now, left: Collection[str],
    elsewhere: Collection[str] = (),
) -> Settled:  # fmt: skip
    """Bring the ledger up to what lies in the inbox. All of it or nothing; doing it again changes nothing.

    `unread`: every kind of file that no reader takes, by what such a file looks like. `now`, `left`: what decides
    whether a file is read, and whose files are to be looked into again; of everybody else it is noted how all lies.
    `elsewhere`: contents that lie in folders of people whom another store has.
    """
    with store.transaction():
        compare(store, scan)
        if scan.only is None:
            looked.note(store, scan, now, left)
        moved = 0
        if store.rows("FROM absent WHERE is_gone LIMIT 1"):
            _follow(store)
            _retire_diaries(store)
            moved = _withdraw_moved(store, elsewhere)
            store.con.execute(statement("store/strike_gone"))
        return Settled(moved, *_list_unknown(store, unread, run_id))


def missing(store: Store, scan: Scan) -> set[str]:
    """Contents that count, or did before the store was made anew, and lie nowhere any more as the ledger has them."""
    compare(store, scan)
    was = "FROM loaded_before WHERE (participant_id, sha256) NOT IN (SELECT (participant_id, sha256) FROM source_file)"
    return {sha256 for (sha256,) in store.rows(
        f"SELECT sha256 FROM gone_file WHERE status = 'loaded' UNION SELECT sha256 {was}"
    )}  # fmt: skip


def present(store: Store, scan: Scan, contents: Collection[str]) -> set[str]:
    """Of some contents those that lie in the inbox and count, or are a duplicate of what does."""
    compare(store, scan)
    lying = "FROM present_file WHERE status IN ('loaded', 'duplicate') AND sha256 IN (SELECT unnest(?))"
    return {sha256 for (sha256,) in store.rows(f"SELECT sha256 {lying}", [list(contents)])}


def _follow(store: Store) -> None:
    """A file that was renamed, moved within the person's folder, packed or unpacked is the same file: its path changes,
    nothing else. It takes the place of its duplicate there."""
    store.con.execute(statement("store/followed"))
    if store.rows("FROM followed LIMIT 1"):
        _part_from_exports(store)
        store.con.execute(statement("store/follow"))


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
    _withdraw(store, "store/edited_diaries", "corrected_data", "replaced by a newer file of the same name")


def _withdraw_moved(store: Store, elsewhere: Collection[str]) -> int:
    """A file that lies no more in one person's folder and does in another's is the other's alone."""
    note, given = "it lies in the folder of another person now", {"elsewhere": list(elsewhere)}
    moved = _withdraw(store, "store/moved_to_others", "file_moved", note, given)
    if moved:
        forget_devices(store)
    return moved


def _withdraw(store: Store, which: str, cause: str, why: str, given: dict | None = None) -> int:
    files = [file_id for (file_id,) in store.rows(statement(which), given)]
    if not files:
        return 0
    forget_rows(store, files, cause)
    store.con.execute(
        "UPDATE source_file SET status = 'withdrawn', out_at = ?, out_from = covers_from, out_to = covers_to, "
        "covers_from = NULL, covers_to = NULL, rows = 0, note = ? WHERE file_id IN (SELECT unnest(?))",
        [moment(), why, files],
    )
    return len(files)


def _list_unknown(store: Store, unread: Mapping[str, Unread], run_id: str) -> tuple[tuple, tuple]:
    """Files that no reader takes are no rejections where they lie in a recognised export: an archive, or a top folder
    of the person's, with at least one file that a reader takes or knows as a companion of what it takes; or five and
    more of them loose beside the parts of an account."""
    travels = [looks for looks, kind in unread.items() if kind.travels]
    turned = store.rows(statement("store/unknown_files"), {"found": list(unread), "travels": travels})
    listed, again = [], []
    by_note: dict[tuple, list[int]] = {}
    for becomes, was, file_id, who, path, sha256, looks in turned:
        by_note.setdefault((becomes, None if becomes == "rejected" else looks), []).append(file_id)
        if was == "rejected":
            listed.append((file_id, who, path))
        if becomes == "rejected":
            fault = unread.get(looks, unread[NO_READER]).fault
            again.append((replace(fault, participant_id=who, file=path), sha256))
    for (becomes, note), files in by_note.items():
        store.con.execute(
            "UPDATE source_file SET status = ?, note = ? WHERE file_id IN (SELECT unnest(?))", [becomes, note, files]
        )
    store.con.execute(
        """DELETE FROM rejection r WHERE EXISTS (FROM source_file f WHERE f.participant_id = r.participant_id
               AND f.path = r.path AND f.file_id IN (SELECT unnest(?::INTEGER[])))""",
        [[file_id for file_id, *_ in listed]],
    )
    record_faults(store, again, run_id)
    return tuple((who, path) for _, who, path in listed), tuple(fault for fault, _ in again)
