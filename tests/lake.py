"""The store's tables in a DuckLake: a PostgreSQL catalogue on this machine, Parquet files in a folder.

Runs in an environment of its own, with a DuckDB whose extensions are to be had as packages (duckdb 1.5.5):

    .venv-extensions/bin/python -m tests.lake STUDY

takes the steps from the inbox of a study folder to its verdicts, in an ordinary store and in a lake, and prints as JSON
whether they are equal and what each step costs in the lake, as a ratio. Then it leaves a load before its commit.
"""

from __future__ import annotations

import json
import os
import pwd
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

import duckdb

from flows.night.progress import Progress
from flows.night.run import Run, Scope
from flows.night.steps import STEPS
from models.store.connect import define_vocabulary
from models.store.file import migrate
from models.store.sql import sql_files
from models.store.store import Store, open_store
from models.study.folder import read_study

EXTENSIONS = ("ducklake", "postgres_scanner")


def programs() -> Path | None:
    """Where PostgreSQL's server programs are; None where they are not installed."""
    return (
        max(Path("/usr/lib/postgresql").glob("*/bin"), default=None) if Path("/usr/lib/postgresql").is_dir() else None
    )


@contextmanager
def postgres(folder: Path) -> Iterator[str]:
    """A PostgreSQL server of our own, reached through a socket in `folder` alone. Gives its connection string."""
    place = programs()
    assert place is not None, "PostgreSQL is not installed"
    user = "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
    if user:
        owner = pwd.getpwnam(user)
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    options = {"check": True, "user": user, "stdout": subprocess.DEVNULL, "cwd": folder}
    data = folder / "data"
    subprocess.run([place / "initdb", "-D", data, "-A", "trust", "-U", "lake"], **options)
    control = [place / "pg_ctl", "-D", data, "-w", "-l", folder / "log"]
    subprocess.run([*control, "-o", f"-k {folder} -h ''", "start"], **options)
    try:
        subprocess.run([place / "createdb", "-h", folder, "-U", "lake", "lake"], **options)
        yield f"dbname=lake host={folder} user=lake"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **options)


def open_lake(catalogue: str, files: Path, warehouse: Path) -> Store:
    """A store whose tables lie in a lake."""
    con = duckdb.connect()
    for name in EXTENSIONS:
        found = find_spec(f"duckdb_extension_{name}")
        assert found is not None, f"duckdb-extension-{name.replace('_', '-')} is not installed"
        place = Path(found.submodule_search_locations[0]) / "extensions" / f"v{duckdb.__version__}"  # type: ignore[index]
        con.execute(f"LOAD '{place / name}.duckdb_extension'")
    con.execute(f"ATTACH 'ducklake:postgres:{catalogue}' AS lake (DATA_PATH '{files}')")
    con.execute("SET TimeZone = 'UTC'; SET enable_progress_bar = false")
    con.execute("SET search_path = 'lake.main,memory.main'")
    is_new = not con.execute("SELECT 1 FROM duckdb_tables() WHERE database_name = 'lake' LIMIT 1").fetchall()
    if is_new:
        con.execute("BEGIN")  # one commit: each asks the catalogue hundreds of times
        for _, text in sql_files("migrations"):
            migrate(con, text)
        con.execute("COMMIT")
    define_vocabulary(con)
    return Store(con, warehouse)


def walk_in(store: Store, folder: Path) -> tuple[dict[str, list], dict[str, float]]:
    """All steps but publishing. Returns what is known then, and the processor time of each step."""
    study = read_study(folder)
    assert study.settings.as_of is not None
    run = Run(study, Scope(), store, study.settings.as_of, Progress(say=lambda line: None))
    cost = {}
    for step in STEPS[:4]:
        begun = time.process_time()
        step(run)
        cost[step.__name__] = time.process_time() - begun
    days = "SELECT * FROM day ORDER BY ALL"
    verdicts = "SELECT * EXCLUDE (evaluation_id, evaluated_at) FROM goal_week ORDER BY ALL"
    return {"days": store.rows(days), "verdicts": store.rows(verdicts)}, cost


def killed_load(store: Store, again: Callable[[], Store]) -> int:
    """Rows that are left of a load whose process dies before it commits."""
    before = store.rows("SELECT count(*) FROM minutes")[0][0]
    store.con.execute("BEGIN; INSERT INTO minutes SELECT * FROM minutes")
    del store.con  # nothing says goodbye
    return again().rows("SELECT count(*) FROM minutes")[0][0] - before


def main(folder: Path) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        here, base = Path(scratch), Path(scratch) / "pg"
        os.chmod(here, 0o755)
        base.mkdir()
        folder = shutil.copytree(folder, here / "study", ignore=shutil.ignore_patterns("warehouse"))
        (folder / "warehouse").mkdir()
        plain = open_store(here / "plain")
        expected, plain_cost = walk_in(plain, folder)
        plain.close()
        with postgres(base) as catalogue:
            (here / "warehouse").mkdir()
            lake = open_lake(catalogue, here / "files", here / "warehouse")
            found, lake_cost = walk_in(lake, folder)
            left = killed_load(lake, lambda: open_lake(catalogue, here / "files", here / "warehouse"))
        told = {
            "equal": found == expected,
            "days": len(found["days"]),
            "verdicts": len(found["verdicts"]),
            "left by a killed load": left,
            "ratio": {step: round(lake_cost[step] / plain_cost[step], 1) for step in plain_cost},
        }
        print(json.dumps(told))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
