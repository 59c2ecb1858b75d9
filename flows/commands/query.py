"""SQL on the published database, read-only; without SQL: how to open it elsewhere.

stepwindow query "SELECT status, count(*) FROM goal_week GROUP BY ALL"
stepwindow query --json "FROM goal_week WHERE status = 'met'"
"""

from __future__ import annotations

import argparse

from flows.commands import CLEAN, with_study


def arguments(parser: argparse.ArgumentParser) -> None:
    """The question."""
    with_study(parser)
    parser.add_argument("sql", nargs="?", metavar="SQL")


def call(arguments: argparse.Namespace) -> int:
    """Rows, or the ways to open the file."""
    from flows.terminal import show
    from models.store_key import key_of
    from models.store_publish import NAME
    from models.store_read import query_published
    from models.study import read_study

    warehouse = read_study(arguments.study).warehouse
    if not arguments.sql:
        path = warehouse / NAME
        print(f"The published database is {path}. It is never locked by a run. To open it:")
        if key_of(warehouse):
            print(f"  ATTACH '{path}' AS analytics (ENCRYPTION_KEY '...', READ_ONLY); USE analytics;")
            return CLEAN
        print(f"  DuckDB CLI   duckdb -readonly '{path}'")
        print(f"  Python       import duckdb; con = duckdb.connect('{path}', read_only=True)")
        print(f'  R            con <- DBI::dbConnect(duckdb::duckdb("{path}", read_only = TRUE))')
        return CLEAN
    columns, rows = query_published(warehouse, arguments.sql)
    show(columns, rows, arguments.json)
    return CLEAN
