"""What is in the published database, what can be asked of it, and how to open it elsewhere."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from flows.terminal import show as show_table
from models.store.analytics import questions, relations
from models.store.file import ANALYTICS
from models.store.key import key_of
from models.system.shell import typed


def as_json(warehouse: Path) -> dict[str, Any]:
    """For machines."""
    path = (warehouse / ANALYTICS).absolute()
    return {
        "path": str(path),
        "open": _ways_in(path, key_of(warehouse) is not None),
        "relations": {
            r.name: {"meaning": r.meaning, "columns": [c.name for c in r.columns]} for r in relations(warehouse)
        },
        "questions": {q.name: q.words for q in questions().values()},
    }


def show(warehouse: Path) -> None:
    """Print it."""
    found = relations(warehouse)
    path = (warehouse / ANALYTICS).absolute()
    print(f"The published database is {path}\nIt is never locked by a run; open it anew to see the next night's.\n")
    for client, line in _ways_in(path, key_of(warehouse) is not None).items():
        print(f"# {client}\n{line}")
    print()
    show_table(["relation", "holds"], [(r.name, r.meaning) for r in found], False, "Relations")
    print()
    show_table(["--question", "asks"], [(q.name, q.words) for q in questions().values()], False, "Worked questions")


def _ways_in(path: Path, is_encrypted: bool = False) -> dict[str, str]:
    """A line per client that opens the published database, read-only, ready to be pasted."""
    where = str(path)
    if is_encrypted:
        quoted = where.replace("'", "''")
        return {"DuckDB": f"ATTACH '{quoted}' AS analytics (ENCRYPTION_KEY '...', READ_ONLY); USE analytics;"}
    return {
        "DuckDB CLI": f"duckdb -readonly {typed(where)}",
        "Python": f"import duckdb, polars; con = duckdb.connect({where!r}, read_only=True); "
        "polars.DataFrame(con.sql('FROM goal_week'))",
        "R": f"con <- DBI::dbConnect(duckdb::duckdb({json.dumps(where, ensure_ascii=False)}, read_only = TRUE))",
        "DBeaver": f"New connection, DuckDB, path {where}; driver property duckdb.read_only = true",
        "marimo": f"make notebook WAREHOUSE={typed(str(path.parent))}",
    }
