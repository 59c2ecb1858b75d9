"""Frames into DuckDB and out of it, by the Arrow stream that both have.

It does without pyarrow, which is a tenth of the processor time and of the memory of a night on which nothing is new.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb
    import polars as pl


class Stream:
    """A frame as `register` of a connection takes it. Of the frame itself DuckDB would have pyarrow make a table.

    A column of which nothing is known but that it is empty is one of texts: DuckDB takes no other from a stream.
    """

    def __init__(self, frame: pl.DataFrame) -> None:
        import polars as pl

        self._frame = frame.cast({pl.Null: pl.String}) if pl.Null in frame.dtypes else frame

    def __arrow_c_stream__(self, requested_schema: Any = None) -> Any:
        return self._frame.__arrow_c_stream__(requested_schema)


def frame(relation: duckdb.DuckDBPyRelation) -> pl.DataFrame:
    """What a query gives."""
    import polars as pl  # not at the top: what only asks the databases does without

    return pl.DataFrame(relation)
