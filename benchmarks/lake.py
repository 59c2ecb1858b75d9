"""Which open table format a programme's lake is: Delta and Iceberg beside each other, `python -m benchmarks.lake`

Each holds one table of the days of 100 sites (100 people, 90 days, 12 columns). Measured is what a programme does with
it: all sites written once; then eight sites' rows replaced by four processes at the same moment, twice (attempts that
lost a conflict are tried again, and counted); then an analyst's question over all of it, and one about a single site.

Each is used by its own package, in an environment of its own, whose Python is named: `--python iceberg=DIR/bin/python`.
Delta needs `deltalake`, `polars` and `duckdb`; Iceberg `pyiceberg[sql-sqlite,pyarrow]`. What is not named is not
measured.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
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


FORMATS: dict[str, Any] = {"delta": Delta, "iceberg": Iceberg}


def measure(name: str, folder: Path) -> dict[str, float]:
    """In the environment that has it."""
    kind = FORMATS[name]
    begin = time.perf_counter()
    kind(folder).fill()
    found = {"all sites once": time.perf_counter() - begin}
    begin = time.perf_counter()
    words = [sys.executable, __file__, "--write", name, str(folder)]
    writers = [subprocess.Popen([*words, str(n)], stdout=subprocess.PIPE, text=True) for n in range(WRITERS)]
    lost = sum(int(writer.communicate()[0]) for writer in writers)
    assert not any(writer.returncode for writer in writers)
    found |= {"eight sites by four processes, twice": time.perf_counter() - begin, "conflicts lost": lost}
    for what, where in (("a question over all", ""), ("a question about one site", "S007")):
        begin = time.perf_counter()
        found[f"sum {where}"] = kind(folder).ask(where)
        found[what] = time.perf_counter() - begin
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
