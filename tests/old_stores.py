"""Small stores of every form that was released, as SQL: `python -m tests.old_stores` writes that of today's form.

A file here is written once, when a migration is added, and never again: tests bring each to today's form. It holds what
a night over `FILES` left.
"""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from models.store.sql import sql_files
from models.store.store import Store, open_store
from tests.studies import StudyFolder, fitbit_day, garmin_day
from tests.writers import diary

HERE = Path(__file__).parent / "stores"
KEY = b"the key of the tests' old stores"
FILES: dict[str, bytes | str] = {
    "P1/2026-03-03.fit": garmin_day("2026-03-03"),
    "P1/diary.csv": diary.diary([(date(2026, 3, 4), "yoga", 20, "08:00")]),
    "P1/cut.fit": garmin_day("2026-03-07")[:-40],
    "P2/steps_2026-03-05.csv": fitbit_day("2026-03-05", 4000)["steps_2026-03-05.csv"],
}


def a_study(folder: Path) -> StudyFolder:
    """A study with FILES in its inbox and KEY in its warehouse."""
    study = StudyFolder(folder).write()
    for path, content in FILES.items():
        study.put(path, content)
    (folder / "warehouse").mkdir(mode=0o700)
    (folder / "warehouse/device.key").write_bytes(KEY)
    return study


def as_sql(store: Store) -> str:
    """A store as statements that make it."""
    lines = []
    for name, sql in store.rows("SELECT table_name, sql FROM duckdb_tables() WHERE NOT temporary ORDER BY ALL"):
        rows = store.rows(f'FROM "{name}" ORDER BY ALL')
        lines += [sql, *(f'INSERT INTO "{name}" VALUES ({", ".join(map(literal, row))});' for row in rows)]
    return "\n".join(lines) + "\n"


def literal(value: Any) -> str:
    """A value as SQL writes it."""
    if value is None or isinstance(value, bool | int | Decimal):
        return "NULL" if value is None else str(value)
    if isinstance(value, list):
        return f"[{', '.join(map(literal, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{literal(name)}: {literal(own)}' for name, own in value.items())}}}"
    return "'" + str(value).replace("'", "''") + "'"


def main() -> int:
    """Write the store of today's form, named after the newest migration."""
    with tempfile.TemporaryDirectory() as folder:
        study = a_study(Path(folder) / "study")
        study.night()
        store = open_store(study.folder / "warehouse")
        target = HERE / sql_files("migrations")[-1][0]
        target.write_text(as_sql(store))
        store.close()
    print(target)
    return 0


if __name__ == "__main__":
    sys.exit(main())
