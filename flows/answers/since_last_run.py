"""What is wrong in the control files and the inbox as they are now, and was not when the last run looked.

What it knew is in the worklist. `status` and `doctor` say the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from flows.answers import control_diff
from flows.answers.finding import NOTE, Finding, of_fault
from flows.output import several
from models.fault import Fault, StudyError
from models.store.pointer import newest
from models.store.sql import statement
from models.store.status import Known, Row, ask
from models.study.study import Study

_STANDING = {"standing": statement("ask/status/standing")}


def new_faults(study: Study, faults: Iterable[Fault]) -> Iterator[Finding]:
    """Those of the faults found now that the last run did not find; where it cannot be asked while it holds the store,
    none."""
    known = ask(study.warehouse, _STANDING, {})
    if known.trouble is None or not newest(study.warehouse).exists():
        keys = _keys(known)
        yield from (of_fault(fault) for fault in faults if fault.key not in keys)


def _keys(known: Known) -> set[tuple]:
    return {fault.key for fault, _ in standing_faults(known.answers["standing"])}


def standing_faults(rows: list[Row]) -> Iterator[tuple[Fault, str | None]]:
    """What was not used when the last run ended, each with the first figures of its file's SHA-256."""
    for row in rows:
        yield Fault(**{name: value for name, value in row.items() if name != "content"}), row["content"]


def changed_rows(study: Study) -> Iterator[Finding]:
    """That control files are other than those that the last run used; a row that it could not use is known."""
    if study.is_recorded:
        return
    try:
        changes = control_diff.compare(study).changes
    except StudyError:  # no run has used any yet
        return
    if changes:
        keys = _keys(ask(study.warehouse, _STANDING, {}))
        known = {(fault.file, fault.line) for fault in study.faults if fault.key in keys}
        changes = [c for c in changes if c.change == "removed" or (c.file, c.line) not in known]
    if changes:
        each = ", ".join(f"{file} ({several(n, 'change')})" for file, n in Counter(c.file for c in changes).items())
        what = f"Changed since the last run, and not in the worklist yet: {each}"
        yield Finding(NOTE, "control_changed", what, "`stepwindow control --diff` shows it; the next night takes it up")
