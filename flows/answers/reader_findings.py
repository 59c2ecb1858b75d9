"""What a person should know of readers that other packages bring (docs/plugins.md).

Loading all readers takes as long as all else that `status` does: they are loaded only where there is something to ask.
"""

from __future__ import annotations

import pkgutil
from collections.abc import Iterator
from importlib.metadata import entry_points
from importlib.util import find_spec

from flows.answers.finding import SOON, Finding, of_fault
from flows.output import several
from models.store.status import Row
from models.taxonomy import PLUG_INS


def broken_plug_ins() -> Iterator[Finding]:
    """Readers of other packages that are not used."""
    if entry_points(group=PLUG_INS):
        from connectors import unused_plug_ins

        yield from map(of_fault, unused_plug_ins())


def missing_readers(known: list[Row]) -> Iterator[Finding]:
    """What was read by readers that are not there any more. `known`: models/sql/ask/status/readers.sql."""
    known = [row for row in known if row["connector"] not in _ours()]
    if not known:
        return
    from connectors import connectors

    for row in known:
        if row["connector"] not in connectors():
            first = row["path"] or f"a file of {row['one_of']}"
            more = f" and {several(row['files'] - 1, 'file')} more" if row["files"] > 1 else ""
            what = f"{first}{more}: read by {row['connector']}, which cannot be used here, and counted as it was read"
            remedy = "install its package again, or mend it: until then no file of that kind can be read, or dated anew"
            yield Finding(SOON, "missing_reader", what, remedy)


def _ours() -> set[str]:
    """The names of our own readers."""
    room = find_spec("connectors")
    assert room
    return {module.name for module in pkgutil.iter_modules(room.submodule_search_locations)}
