"""What an export is called, in the words with which its reader begins, without loading the reader.

Loading all readers takes as long as all else that `status` does; of a reader of another package they are loaded.
"""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path

_READERS = Path(__file__).parents[2] / "connectors"


@cache
def export_label(connector: str) -> str:
    """What the exports that a reader reads are called: Fitbit and Google Health: the CSV files of a Google Takeout."""
    path = _READERS / f"{connector}.py"
    if path.is_file():
        return _first_sentence(ast.get_docstring(ast.parse(path.read_bytes())) or connector)
    from connectors import plug_ins

    found = plug_ins().get(connector)
    return _first_sentence((found and found.reader and found.reader.__doc__) or connector)


def label_of(docstring: str) -> str:
    """The same as it stands within a sentence: the CSV files of a Google Takeout (Fitbit and Google Health)."""
    first = _first_sentence(docstring)
    name, _, rest = first.partition(": ")
    return f"{rest} ({name})" if rest else name


def _first_sentence(docstring: str) -> str:
    return docstring.strip().splitlines()[0].split(". ")[0].rstrip(".").replace("`", "")
