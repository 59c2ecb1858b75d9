"""What a client sees of a database file, printed as JSON: `python tests/oldest.py FILE SQL...`. Needs DuckDB alone.

For the oldest DuckDB that the README promises, in an environment of its own (`make .venv-oldest/ready`).
"""

from __future__ import annotations

import json
import sys

import duckdb


def seen(file: str, questions: list[str]) -> dict:
    """Every relation with its rows and comments, and what each question answers."""
    con = duckdb.connect(file, read_only=True)
    con.execute("SET TimeZone = 'UTC'")

    def ask(sql: str) -> list[list[str]]:
        return [[str(cell) for cell in row] for row in con.execute(sql).fetchall()]

    relations = ask(
        """SELECT table_name, comment FROM duckdb_tables()
           UNION ALL SELECT view_name, comment FROM duckdb_views() WHERE NOT internal ORDER BY 1"""
    )
    columns = "SELECT table_name, column_name, data_type, comment FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
    found = {
        "relations": relations,
        "columns": ask(columns),
        "rows": {name: sorted(ask(f'FROM "{name}"')) for name, _ in relations},
        "answers": [ask(sql) for sql in questions],
    }
    con.close()
    return found


if __name__ == "__main__":
    print(json.dumps({"version": duckdb.__version__} | seen(sys.argv[1], sys.argv[2:])))
