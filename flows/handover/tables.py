"""Hand-over as tables: a Parquet or CSV file per published relation, and what each column means."""

from __future__ import annotations

from pathlib import Path

from flows.handover.dictionary import package, page
from flows.handover.folder import TITLE
from models.store.analytics import relations
from models.store.export import write_relations
from models.study.study import Study

_ABOUT = """{title}

{name}: everything stepwindow publishes, a file per relation. An empty cell (NULL) is not known; 0 is known to be none;
never exchange them. Dates are local to the person, times are UTC, minutes and steps are as each column says. It counts
and claims no benefit. `datapackage.json` says the same to machines.

"""
_SAFE = """A text that a spreadsheet would run as a formula (it begins with = + - or @) has an apostrophe before it, and
a character that cannot be printed is written as U+FFFD. Parquet has both as they are.

"""


def write(study: Study, folder: Path, form: str) -> str:
    """Write `<relation>.<form>`, README.md and datapackage.json; returns one line that says what was written."""
    names = write_relations(study.warehouse, folder, form)
    found = relations(study.warehouse)
    about = _ABOUT.format(title=TITLE, name=study.name) + (_SAFE if form == "csv" else "")
    (folder / "README.md").write_text(about + page(found))
    (folder / "datapackage.json").write_text(package(found, form))
    return f"{len(names)} relations"
