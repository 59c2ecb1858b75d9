"""What a site gives to a programme's lake: its published relations, cut into files of some people and one year each.

A file is named after its rows. So what did not change is not written, and giving the same twice changes nothing: what
a night costs the lake is what that night changed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import closing
from io import BytesIO
from pathlib import Path

import duckdb

from models.fault import BUSY, StoreError
from models.lake.part import Columns, Contribution, Part, form
from models.store.arrow import frame
from models.store.connect import attach
from models.store.read import open_published, published
from models.study.forgotten import Tombstones, among, tombstones

_PEOPLE = 256  # at most in a file, about
Write = Callable[[str, str, bytes], None]  # relation, path, content


def taken_out(warehouse: Path) -> Tombstones:
    """All tombstones. StoreError as long as somebody who has one is published still: a withdrawal is under way."""
    stones = tombstones(warehouse)
    if stones:
        with published(warehouse) as ask:
            people = [who for (who,) in ask("SELECT participant_id FROM participant")[1]]
        if among(stones, people):
            raise StoreError("a withdrawal is under way, or was cut short", "finish `stepwindow forget` there", BUSY)
    return stones


def contribute(
    warehouse: Path, site: str, withdrawn: int, known: Mapping[str, Mapping[str, Part]], write: Write,
    shared: Path | None = None,
) -> Contribution:  # fmt: skip
    """Write the files of the published relations that are not `known` (relation: its files in the lake by path).

    Returns all that the site gives. `withdrawn`: tombstones that were there before (`taken_out`). `shared`: the
    de-identified rows (models/store/share.py), which are given instead. StoreError where nothing is published yet.
    """
    with closing(open_published(warehouse)) as con:
        [[as_of, version, schema]] = con.execute("SELECT as_of, code_version, schema_version FROM study").fetchall()
        [[files]] = con.execute("SELECT count(*) FROM source_file").fetchall()
        if shared:
            attach(con, shared, "shared", None, read_only=True)
            con.execute("USE shared")
        [[people]] = con.execute("SELECT count(*) FROM participant").fetchall()
        found, parts, written = _columns(con), {}, 0
        digits = -(-(people // _PEOPLE).bit_length() // 4)  # of a hash: with each, 16 times as many files
        for relation, columns in found.items():
            parts[relation], fresh = _parts(con, site, relation, columns, digits, known.get(relation, {}), write)
            written += fresh
    return Contribution(site, as_of, version, schema, people, files, withdrawn, found, parts, written)


def _columns(con: duckdb.DuckDBPyConnection) -> dict[str, Columns]:
    rows = con.execute(
        """SELECT table_name, list((column_name, data_type) ORDER BY column_index)
           FROM duckdb_columns() WHERE NOT internal AND database_name = current_database() GROUP BY 1 ORDER BY 1"""
    ).fetchall()
    return {relation: tuple(map(tuple, columns)) for relation, columns in rows}


def _parts(
    con: duckdb.DuckDBPyConnection, site: str, relation: str, columns: Columns, digits: int,
    known: Mapping[str, Part], write: Write,
) -> tuple[list[Part], int]:  # fmt: skip
    """The files of a relation, and how many bytes of them are new."""
    names = [name for name, _ in columns]
    who = next((name for name in ("participant_id", "participant_key") if name in names), None)
    some = f"left(md5({who}), {digits})" if who and digits else "''"
    year = "coalesce(year(local_date)::TEXT, '')" if "local_date" in names else "''"
    # hash() may be another in another DuckDB: then all of it is written once more
    cut = f"SELECT {some} AS some, {year} AS year, count(*) AS n, sum(hash(t)::HUGEINT)"
    found, written = [], 0
    for some_people, in_year, count, digest in con.execute(
        f'{cut} FROM "{relation}" AS t GROUP BY ALL HAVING n > 0 ORDER BY ALL'
    ).fetchall():
        name = "-".join(filter(None, [some_people, in_year, form(columns), f"{count:x}", f"{digest:024x}"]))
        path = f"site={site}/{name}.parquet"
        if (part := known.get(path)) is None:
            where = f"WHERE {some} = '{some_people}' AND {year} = '{in_year}'"
            rows = frame(con.sql(f'FROM "{relation}" {where} ORDER BY ALL'))
            rows.write_parquet(content := BytesIO(), compression="zstd")
            write(relation, path, content.getvalue())
            part = Part(path, count, content.tell())
            written += part.bytes
        found.append(part)
    return found, written
