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
    """What the exports that a reader reads are called: the CSV files of a Google Takeout (Fitbit)."""
    path = _READERS / f"{connector}.py"
    if path.is_file():
        return label_of(ast.get_docstring(ast.parse(path.read_bytes())) or connector)
    from connectors import plug_ins

    found = plug_ins().get(connector)
    return label_of((found and found.reader and found.reader.__doc__) or connector)


def label_of(docstring: str) -> str:
    """The first sentence of a reader's docstring, as it stands within another sentence."""
    first = docstring.strip().splitlines()[0].split(". ")[0].rstrip(".").replace("`", "")
    name, _, rest = first.partition(": ")
    return f"{rest} ({name})" if rest else name
