"""Which open table format a programme's lake is: Delta, Iceberg and DuckLake side by side, `python -m benchmarks.lake`

Each holds one table of the days of 100 sites (100 people, 90 days, 12 columns). Measured is what a programme does with
it: all sites written once; then eight sites' rows replaced by four processes at the same moment, twice (attempts that
lost a conflict are tried again, and counted); then an analyst's question over all of it, and one about a single site.

Each is used by its own package, in an environment of its own, whose Python is named: `--python iceberg=DIR/bin/python`.
Delta needs `deltalake`, `polars` and `duckdb`; Iceberg `pyiceberg[sql-sqlite,pyarrow]`; DuckLake `duckdb`, `pyarrow`
and, of that DuckDB, `duckdb-extension-ducklake` and `duckdb-extension-sqlite-scanner`. What is not named is not
measured. DuckLake's catalogue is a file of SQLite, or what LAKE_CATALOGUE names (`postgres:dbname=lake host=...`, an
empty database; then with `duckdb-extension-postgres-scanner`).

Seconds are of processors, those of the writers with them; `(clock)` is what passed.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from pathlib import Path
from typing import Any

SITES, PEOPLE, DAYS, WRITERS = 100, 100, 90, 4


def rows(site: int, night: int) -> dict[str, list]:
    """The days of a site's people, as columns."""
    n = PEOPLE * DAYS
    found: dict[str, list] = {"site": [f"S{site:03}"] * n, "participant_id": [f"P{i // DAYS:03}" for i in range(n)]}
    found["day"] = [i % DAYS for i in range(n)]
    for column in range(9):
        found[f"m{column}"] = [(i * 7919 + site * 13 + column * 101 + night) % 20_000 for i in range(n)]
    return found


class Delta:
    """By deltalake: no catalogue but the table's own log."""

    def __init__(self, folder: Path) -> None:
        import polars as pl

        self.table, self.pl = str(folder / "delta"), pl

    def fill(self) -> None:
        from deltalake import write_deltalake

        for site in range(SITES):
            write_deltalake(self.table, self.pl.DataFrame(rows(site, 0)), mode="append", partition_by=["site"])

    def replace(self, site: int, night: int) -> int:
        from deltalake import write_deltalake
        from deltalake.exceptions import CommitFailedError

        frame, where = self.pl.DataFrame(rows(site, night)), f"site = 'S{site:03}'"
        return tried(lambda: write_deltalake(self.table, frame, mode="overwrite", predicate=where), CommitFailedError)

    def ask(self, where: str) -> int:
        import duckdb
        from deltalake import DeltaTable

        files = [uri for uri in DeltaTable(self.table).file_uris() if where in uri]
        return duckdb.execute("SELECT sum(m0) FROM read_parquet(?)", [files]).fetchall()[0][0]


class Iceberg:
    """By pyiceberg, with a catalogue in SQLite."""

    def __init__(self, folder: Path) -> None:
        from pyiceberg.catalog.sql import SqlCatalog

        uri = f"sqlite:///{folder}/catalog.db?timeout=60"
        self.catalog = SqlCatalog("lake", uri=uri, warehouse=f"file://{folder}/iceberg")

    def fill(self) -> None:
        import pyarrow as pa
        from pyiceberg.transforms import IdentityTransform

        self.catalog.create_namespace("lake")
        for site in range(SITES):
            data = pa.table(rows(site, 0))
            if not site:
                table = self.catalog.create_table("lake.days", data.schema)
                with table.update_spec() as spec:
                    spec.add_field("site", IdentityTransform(), "site")
            table.append(data)

    def replace(self, site: int, night: int) -> int:
        import pyarrow as pa
        from pyiceberg.exceptions import CommitFailedException
        from pyiceberg.expressions import EqualTo

        data = pa.table(rows(site, night))

        def write() -> None:
            self.catalog.load_table("lake.days").overwrite(data, overwrite_filter=EqualTo("site", f"S{site:03}"))

        return tried(write, CommitFailedException)

    def ask(self, where: str) -> int:
        from pyiceberg.expressions import AlwaysTrue, EqualTo

        only = EqualTo("site", where) if where else AlwaysTrue()
        scan = self.catalog.load_table("lake.days").scan(row_filter=only, selected_fields=("m0",))
        return sum(scan.to_arrow()["m0"].to_pylist())


class DuckLake:
    """By DuckDB's extension, with a catalogue in SQLite, or in what LAKE_CATALOGUE names."""

    def __init__(self, folder: Path) -> None:
        import duckdb

        catalogue = os.environ.get("LAKE_CATALOGUE") or f"sqlite:{folder}/catalog.sqlite"
        self.con = duckdb.connect()
        for name in ("ducklake", f"{catalogue.partition(':')[0]}_scanner"):
            [place] = find_spec(f"duckdb_extension_{name}").submodule_search_locations  # type: ignore[union-attr]
            self.con.execute(f"LOAD '{place}/extensions/v{duckdb.__version__}/{name}.duckdb_extension'")
        self.con.execute("SET ducklake_max_retry_count = 0")  # they are counted here
        self.con.execute(f"ATTACH 'ducklake:{catalogue}' AS lake (DATA_PATH '{folder}/ducklake')")
        self.con.execute("USE lake")

    def fill(self) -> None:
        import pyarrow as pa

        for site in range(SITES):
            self.con.register("given", pa.table(rows(site, 0)))
            if not site:
                self.con.execute("CREATE TABLE days AS FROM given LIMIT 0")
                self.con.execute("ALTER TABLE days SET PARTITIONED BY (site)")
            self.con.execute("INSERT INTO days FROM given")

    def replace(self, site: int, night: int) -> int:
        import duckdb
        import pyarrow as pa

        self.con.register("given", pa.table(rows(site, night)))

        def write() -> None:
            self.con.execute("BEGIN")
            try:
                self.con.execute(f"DELETE FROM days WHERE site = 'S{site:03}'")
                self.con.execute("INSERT INTO days FROM given")
                self.con.execute("COMMIT")
            except duckdb.Error:
                with suppress(duckdb.Error):
                    self.con.execute("ROLLBACK")
                raise

        return tried(write, duckdb.Error)

    def ask(self, where: str) -> int:
        only = f"WHERE site = '{where}'" if where else ""
        return self.con.execute(f"SELECT sum(m0) FROM days {only}").fetchall()[0][0]


def tried(write: Callable[[], object], lost: type[Exception]) -> int:
    """Write until it is written; how often a conflict was lost."""
    for attempt in range(200):
        try:
            write()
        except lost:
            time.sleep(0.05)
        else:
            return attempt
    raise RuntimeError("never written")


FORMATS: dict[str, Any] = {"delta": Delta, "iceberg": Iceberg, "ducklake": DuckLake}


def measure(name: str, folder: Path) -> dict[str, float]:
    """In the environment that has it."""
    kind = FORMATS[name]
    found: dict[str, float] = {}

    @contextmanager
    def timed(what: str) -> Iterator[None]:
        begun, clock = sum(os.times()[:4]), time.perf_counter()
        yield
        found[what] = round(sum(os.times()[:4]) - begun, 2)
        found[f"{what} (clock)"] = round(time.perf_counter() - clock, 2)

    with timed("open the first time"):
        lake = kind(folder)
    with timed("all sites once"):
        lake.fill()
    with timed("eight sites by four processes, twice"):
        words = [sys.executable, __file__, "--write", name, str(folder)]
        writers = [subprocess.Popen([*words, str(n)], stdout=subprocess.PIPE, text=True) for n in range(WRITERS)]
        found["conflicts lost"] = sum(int(writer.communicate()[0]) for writer in writers)
    assert not any(writer.returncode for writer in writers)
    for what, where in (("a question over all", ""), ("a question about one site", "S007")):
        with timed(what):
            found[f"sum {where}"] = kind(folder).ask(where)
    return found


def main() -> int:
    if sys.argv[1:2] == ["--write"]:
        name, folder, n = sys.argv[2], Path(sys.argv[3]), int(sys.argv[4])
        lake = FORMATS[name](folder)
        print(sum(lake.replace(site, night) for night in (1, 2) for site in (2 * n, 2 * n + 1)))
        return 0
    if sys.argv[1:2] == ["--measure"]:
        print(json.dumps(measure(sys.argv[2], Path(sys.argv[3]))))
        return 0
    parser = argparse.ArgumentParser(description="Which open table format a lake is.")
    parser.add_argument("--python", nargs="+", metavar="FORMAT=PYTHON", default=[f"delta={sys.executable}"])
    for name, _, python in (word.partition("=") for word in parser.parse_args().python):
        with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-") as scratch:
            told = subprocess.run(
                [python, __file__, "--measure", name, scratch], check=True, capture_output=True, text=True
            )
            files = [path for path in Path(scratch).rglob("*") if path.is_file()]
            print(name, told.stdout.strip(), len(files), "files", sum(p.stat().st_size for p in files) // 10**6, "MB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
