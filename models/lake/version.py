"""A state of the lake: which versions of its tables belong together, and what a relation consists of in one."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import NamedTuple

import polars as pl

from models.lake.part import Columns

VERSIONS, SITES = "programme_version", "programme_site"
KEPT = timedelta(days=7)  # that who reads an older version can go on


class Version(NamedTuple):
    """A state of the lake: its number (0: nothing was committed yet), the version of each relation's table, and what
    its sites send (all, share)."""

    number: int
    tables: dict[str, int]
    send: str = ""

    def frame(self) -> pl.DataFrame:
        """As `programme_version`: a row a relation."""
        rows = [(self.number, relation, version, self.send) for relation, version in self.tables.items()]
        columns = {VERSIONS: pl.Int64, "relation": pl.String, "table_version": pl.Int64, "send": pl.String}
        return pl.DataFrame(rows, schema=columns, orient="row")


class Files(NamedTuple):
    """What a relation consists of: its columns but `site`, and where its files lie, as Parquet."""

    columns: Columns
    uris: list[str]


def last(rows: pl.DataFrame) -> Version:
    """The last of these states, which are as `programme_version` in the lake has them."""
    rows = rows.filter(pl.col(VERSIONS) == pl.col(VERSIONS).max())
    return Version(rows[VERSIONS].item(0), dict(rows.select("relation", "table_version").rows()), rows["send"].item(0))


def said(version: Version) -> pl.DataFrame:
    """A state as the lake has it, from now on."""
    return version.frame().with_columns(committed_at=datetime.now(UTC))


def left(rows: pl.DataFrame, kept: timedelta) -> pl.DataFrame:
    """Of these states those of so long, and the last. One that does not say of when it is, is older."""
    at = pl.col("committed_at") if "committed_at" in rows.columns else pl.lit(None)
    return rows.filter((at > datetime.now(UTC) - kept) | (pl.col(VERSIONS) == pl.col(VERSIONS).max()))
