"""programme.duckdb: the lake's current version as one database for the analyst.

A view for each relation names its files, so a client needs no extension, and whoever has it open sees one version of
all of them. It is replaced in one step.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import closing
from pathlib import Path

import duckdb
import polars as pl

from models.fault import StoreError
from models.lake.part import form, form_of
from models.lake.version import Files
from models.store import read, share
from models.store.arrow import Stream
from models.store.ask import walled
from models.store.connect import FOR_CLIENTS, attach, reach
from models.store.failures import in_sentences
from models.store.file import draft, put_in_place
from models.store.form import statements, views
from models.store.read import Answers

PROGRAMME = "programme.duckdb"
_OURS = {
    "programme_site": "The sites, and what came of each in the last run of the programme. One row per site.",
    "programme_version": "Which version of each table of the lake is in this database. One row per relation.",
}
_COLUMNS = {
    "programme_site.site": "Site, as programme.toml names it.",
    "programme_site.as_of": "Date as of which its verdicts in this database stand. NULL: it gave nothing yet.",
    "programme_site.contributed_at": "When what it gave was last other than before. NULL: it gave nothing yet.",
    "programme_site.outcome": "Of the last run: contributed, unchanged, failed or skipped.",
    "programme_site.reason": "Why it failed, or what is to be looked at there. NULL: all is well.",
    "programme_site.silent": "Of these, silent at its last night, as the worklist there has them. NULL: not known.",
    "programme_site.version": "Version of stepwindow that published it. NULL: it gave nothing yet.",
    "programme_site.people": "Participants in what it gave.",
    "programme_site.files": "Files of its inbox in what it gave.",
    "programme_version.programme_version": "Number of this state of all relations; the next one is one more.",
    "programme_version.relation": "Table of the lake.",
    "programme_version.send": "What leaves a site: all, or share, the de-identified form.",
    "programme_version.table_version": "Its version, for readers of the lake (VERSION AS OF).",
}
_SITE = "Site, as programme.toml names it."


def write(folder: Path, send: str, files: Mapping[str, Files], ours: Mapping[str, pl.DataFrame]) -> Path:
    """Make the database of these files (by relation) and replace the one before. Returns where it is.

    `send`: whether they are de-identified (share). `ours`: the tables about the programme itself.
    """
    made = draft(folder, PROGRAMME)
    made.unlink(missing_ok=True)
    with closing(duckdb.connect(":memory:")) as con:
        con.execute("SET TimeZone = 'UTC'")
        reach(con, next((uri for of in files.values() for uri in of.uris), ""))
        meanings = _meanings(con)
        attach(con, made, "out", None, form=FOR_CLIENTS)
        con.execute("USE out")
        for relation, of in files.items():
            con.execute(f'CREATE VIEW "{relation}" AS {_rows(of)}')
        for name, frame in ours.items():
            con.register("given", Stream(frame))
            con.execute(f"CREATE TABLE {name} AS FROM given")
            con.unregister("given")
        for what, comment in _comments(files, meanings, share.COMMENTS if send == "share" else {}):
            con.execute(f"COMMENT ON {what} IS '{comment.replace(chr(39), chr(39) * 2)}'")
        for name, text in _OURS.items():
            con.execute(f"COMMENT ON TABLE {name} IS '{text}'")
        for column, text in _COLUMNS.items():
            con.execute(f"COMMENT ON COLUMN {column} IS '{text}'")
        con.execute("USE memory")
        con.execute("DETACH out")
    put_in_place(made, folder / PROGRAMME)
    return folder / PROGRAMME


def answers(file: Path, lake: str, questions: Mapping[str, str]) -> Answers:
    """The rows of each of our own questions to the database, whose files lie in this lake. StoreError: it has none."""
    try:
        with in_sentences(file), closing(walled(file, None, lake)) as con:
            return read.answers(con, dict(questions), {})
    except duckdb.Error as error:
        raise StoreError(
            f"{file.name}: {str(error).splitlines()[0]}", "`stepwindow programme run` makes it anew"
        ) from None


def _rows(of: Files) -> str:
    """The query of a view. Types are said, and columns that no file may have: sites may be of several forms."""
    names = ", ".join(f'"{name}"::{kind} AS "{name}"' for name, kind in of.columns)
    typed = ", ".join(f'NULL::{kind} AS "{name}"' for name, kind in of.columns)
    none = f"SELECT NULL::VARCHAR AS site, {typed} WHERE false"
    if not of.uris:
        return none
    listed = ", ".join("'" + uri.replace("'", "''") + "'" for uri in of.uris)
    options = "hive_partitioning = true, hive_types = {'site': VARCHAR}"
    if {form_of(uri) for uri in of.uris} == {form(of.columns)}:
        return f"SELECT site, {names} FROM read_parquet([{listed}], {options})"
    files = f"FROM read_parquet([{listed}], {options}, union_by_name = true)"
    return f"SELECT site, {names} FROM ({none} UNION ALL BY NAME {files})"


def _meanings(con: duckdb.DuckDBPyConnection) -> dict[tuple[str, str | None], str]:
    """What relations and columns mean, as a study's own database says it: (relation, column or None)."""
    con.execute("ATTACH ':memory:' AS out")
    con.execute(statements())
    con.execute("USE out")
    con.execute(views())
    con.execute("USE memory")
    rows = con.execute(
        """SELECT table_name, NULL, comment FROM duckdb_tables() WHERE database_name = 'out'
           UNION ALL SELECT view_name, NULL, comment FROM duckdb_views() WHERE database_name = 'out'
           UNION ALL SELECT table_name, column_name, comment FROM duckdb_columns() WHERE database_name = 'out'"""
    ).fetchall()
    con.execute("DETACH out")
    return {(relation, column): comment for relation, column, comment in rows if comment}


def _comments(
    files: Mapping[str, Files], meanings: dict[tuple[str, str | None], str], other: Mapping[str, str]
) -> Iterator[tuple[str, str]]:
    for relation, of in files.items():
        text = meanings.get((relation, None), "")
        yield f'VIEW "{relation}"', text.replace("One row per ", "One row per site, ")
        yield f'COLUMN "{relation}".site', _SITE
        for name, _ in of.columns:
            if text := other.get(name) or meanings.get((relation, name), ""):
                yield f'COLUMN "{relation}"."{name}"', text
