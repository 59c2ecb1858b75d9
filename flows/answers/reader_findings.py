"""What a person should know of readers that other packages bring (docs/plugins.md)."""

from __future__ import annotations

from collections.abc import Iterator

from connectors import connectors, unused_plug_ins
from flows.answers.finding import SOON, Finding, of_fault
from flows.output import several
from models.store.status import Row


def broken_plug_ins() -> Iterator[Finding]:
    """Readers of other packages."""
    yield from map(of_fault, unused_plug_ins())


def missing_readers(known: list[Row]) -> Iterator[Finding]:
    """What was read by readers that are not there any more. `known`: models/sql/ask/status/readers.sql."""
    for row in known:
        if row["connector"] not in connectors():
            first = row["path"] or f"a file of {row['one_of']}"
            more = f" and {several(row['files'] - 1, 'file')} more" if row["files"] > 1 else ""
            what = f"{first}{more}: read by {row['connector']}, which cannot be used here, and counted as it was read"
            remedy = "install its package again, or mend it: until then no file of that kind can be read, or dated anew"
            yield Finding(SOON, "missing_reader", what, remedy)
