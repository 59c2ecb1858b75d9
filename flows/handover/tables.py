"""Hand-over as tables: a Parquet or CSV file per published relation, what each column means, and ready starts."""

from __future__ import annotations

import shutil
from pathlib import Path

from flows.handover.codebook import codebook
from flows.handover.dictionary import package, page
from flows.handover.folder import TITLE
from models.store.export import write_relations
from models.study.study import Study

_STARTS = {"parquet": ("start.R", "start.py"), "csv": ("start.R", "start.py", "start.do", "start.sas")}
_ABOUT = """{title}

{name}: everything stepwindow publishes, a file per relation. An empty cell (NULL) is not known; 0 is known to be none;
never exchange them. Dates are local to the person, times are UTC, minutes and steps are as each column says. It counts
and claims no benefit.

* `codebook.csv`: every column in the form of REDCap's data dictionary, a form per relation. Names come again from form
  to form, as `participant_id` does: it is to be read, not to be uploaded. Identifier: whom it is about, and every date.
* `datapackage.json`: the same to machines (Frictionless), with keys, foreign keys and codes.
* `code`: every code with its meaning. {codes}
* {starts}: starts to copy elsewhere and go on from. A folder that holds anything of yours is not replaced by the next
  hand-over.
* Minutes, means and targets are DOUBLE here and DECIMAL, of three or six decimals, in the database. No milliseconds
  stand beside them, for nothing is lost: rounded to six decimals they are exact again.

"""
_CODES = {
    "parquet": "Columns of codes are dictionaries: factors in R, Categorical in Polars and pandas, text elsewhere.",
    "csv": "Columns of codes are text.",
}
_SAFE = """CSV is UTF-8 without a byte order mark, which most tools would take for a part of the first column's name; a
spreadsheet has to be told (Excel: Data, From Text/CSV, 65001). Booleans are true and false. A text that a spreadsheet
would run as a formula (it begins with = + - or @) has an apostrophe before it, and a character that cannot be printed
is written as U+FFFD. Parquet has both as they are.

"""


def write(study: Study, folder: Path, form: str) -> str:
    """Write `<relation>.<form>`, what they hold, and the starts; returns one line that says what was written."""
    found = write_relations(study.warehouse, folder, form)
    starts = _STARTS[form]
    for start in starts:
        shutil.copyfile(Path(__file__).parent / "starts" / start, folder / start)
    listed = ", ".join(f"`{start}`" for start in starts)
    about = _ABOUT.format(title=TITLE, name=study.name, codes=_CODES[form], starts=listed)
    (folder / "README.md").write_text(about + (_SAFE if form == "csv" else "") + page(found), "utf-8", newline="\n")
    (folder / "datapackage.json").write_text(package(found, form), "utf-8", newline="\n")
    (folder / "codebook.csv").write_text(codebook(found), "utf-8", newline="\n")
    return f"{len(found)} relations"
