"""What of the inbox is new: which of its files are read, and as what."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date

from connectors import Context, connectors
from flows.night.folder import Folder, readers
from flows.night.inbox import EVERYTHING
from flows.night.inbox_file import Before, Found, InboxFile
from flows.night.run import Scope
from models.store.ledger import Now, known_files, new_files, of_whom
from models.store.looked import noted
from models.store.store import Store, device_secret
from models.study.study import Study


def reading_now(study: Study, scope: Scope, today: date) -> Now:
    """What decides whether a file of the inbox is read again."""
    people = study.people
    return Now(
        today, zones={who: study.zone_log(who).fingerprint for who in people},
        settings=_context(study, people[0], today).settings if people else "", installed=tuple(connectors()),
        readers=readers(), retry=scope.zip_password is not None,
    )  # fmt: skip


def known_before(store: Store, scope: Scope, now: Now) -> Before:
    """What a run need not look into, if it is as it was: nothing where all is to be read, or one person's."""
    if scope.reload or scope.verify or now.retry or scope.participant:
        return EVERYTHING
    return Before(noted(store, now))


def what_is_new(found: Found, scope: Scope, store: Store | None, now: Now) -> Sequence[int]:
    """The files that a run reads, by their number in what was found: all of them where there is no store."""
    if store is None or not found.path or scope.reload or scope.verify:
        return range(len(found.path))
    return new_files(store, found, now)


def folders(
    study: Study, scope: Scope, today: date, store: Store
) -> Callable[[Sequence[InboxFile]], Mapping[str, Folder]]:
    """How the folders are read in which some files lie, and what was known of them before this run.

    Whose files the ledger did not know then, of them it is not asked: what the run itself has read twice is told apart
    when it is written (models/store/book.py).
    """
    secret, before = device_secret(study.warehouse), of_whom(store)

    def of(files: Sequence[InboxFile]) -> dict[str, Folder]:
        sizes = {(file.participant_id, file.size) for file in files if file.participant_id in before}
        known = known_files(store, sizes, connectors(), today, of_any_size=bool(scope.connectors)) if sizes else {}
        return {
            who: Folder(_context(study, who, today, secret), known.get(who, {}), scope.connectors, scope.reload,
                        scope.zip_password, readers())
            for who in {file.participant_id for file in files}
        }  # fmt: skip

    return of


def _context(study: Study, who: str, today: date, secret: bytes = b"") -> Context:
    return Context(study.zone_log(who), today, secret, study.dates, study.cut_points)
