"""The version of this code, as it stands in every row that a run writes; and more exactly, for who asks."""

from __future__ import annotations

from importlib.metadata import version

CODE_VERSION = version("stepwindow")


def in_full() -> str:
    """Version, commit, and the versions of the rules, of the published form and of the store, in one line."""
    from flows.built_from import commit
    from models.store.sql import sql_files
    from models.version import RULES_VERSION, SCHEMA_VERSION

    store = sql_files("migrations")[-1][0].partition("_")[0]
    parts = [f"commit {commit()}", f"rules {RULES_VERSION}", f"schema {SCHEMA_VERSION}", f"store {store}"]
    return f"{CODE_VERSION} ({', '.join(parts)})"
