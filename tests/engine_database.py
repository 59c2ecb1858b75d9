"""Prefect's empty database as SQL, for the version installed: `python -m tests.engine_database` writes it."""

from __future__ import annotations

import asyncio
import os
import sqlite3
import tempfile
from contextlib import closing
from importlib.metadata import version
from pathlib import Path

from flows.engine import database

WHERE = Path(database.__file__).with_name(f"prefect-{version('prefect')}.sql")


def migrated(home: Path) -> str:
    """What Prefect's migrations make of no database in `home`."""
    os.environ.update(PREFECT_HOME=str(home), DO_NOT_TRACK="1", PREFECT_SERVER_ANALYTICS_ENABLED="false")
    from prefect.server.database import provide_database_interface  # not before: it reads its settings once

    asyncio.run(provide_database_interface().create_db())
    with closing(sqlite3.connect(home / "prefect.db")) as made:
        lines = "\n".join(made.iterdump()).splitlines()
    return "\n".join(line.rstrip() for line in lines) + "\n"


def main() -> None:
    with tempfile.TemporaryDirectory() as home:
        WHERE.write_text(
            f"-- What the migrations of Prefect {version('prefect')} make (Apache-2.0)\n{migrated(Path(home))}"
        )


if __name__ == "__main__":
    main()
