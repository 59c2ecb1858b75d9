"""What a file says of a device, a metric and a date is one row of the store; a minute that two rows tell is one."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.activity import MINUTES, READINGS, of_many
from models.store.samples import gathered
from models.store.store import Store, open_store

NINE = datetime(2026, 3, 3, 9, tzinfo=UTC)
TODAY = date(2026, 3, 3)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with closing(open_store(tmp_path)) as made:
        yield made


def beats(*minutes: int, file: int = 0, metric: str = "heart_rate", day: date = TODAY) -> list[dict[str, Any]]:
    """Minutes after nine, one a row."""
    said = {"file": file, "source": "garmin", "device": "a", "metric": metric, "local_date": day, "value": 1}
    return [{**said, "start_time": NINE + timedelta(minutes=n)} for n in minutes]


def rows_of(frame: pl.DataFrame) -> list[list[int]]:
    """Of each row the minutes after nine that it tells of."""
    return [[(s["start_time"] - NINE) // timedelta(minutes=1) for s in row] for row in frame["samples"]]


def minutes(*rows: list[dict[str, Any]]) -> pl.DataFrame:
    return gathered("minutes", pl.DataFrame([row for part in rows for row in part], of_many(MINUTES)))


def test_what_follows_each_other_of_a_file_a_metric_and_a_date_is_one_row() -> None:
    found = minutes(
        beats(0, 1, 5), beats(6, metric="steps"), beats(0, 2, file=1), beats(3, file=1, day=TODAY - timedelta(1))
    )
    assert rows_of(found) == [[0, 1, 5], [6], [0, 2], [3]]
    assert found["first_at"].to_list()[0] == NINE
    assert found["last_at"].to_list()[0] == NINE + timedelta(minutes=5)
    assert found["file"].to_list() == [0, 0, 1, 1]


def test_minutes_that_do_not_rise_are_another_row() -> None:
    assert rows_of(minutes(beats(3, 4, 4, 5, 1, 2))) == [[3, 4], [4, 5], [1, 2]]


def test_readings_of_one_time_stay_together() -> None:
    kinds = [{"file": 0, "local_date": TODAY, "end_time": NINE, "activity_type": kind, "steps": 9} for kind in (1, 6)]
    (row,) = gathered("readings", pl.DataFrame(kinds, of_many(READINGS)))["samples"].to_list()
    assert [(sample["activity_type"], sample["steps"]) for sample in row] == [(1, 9), (6, 9)]


@pytest.mark.parametrize("files", [[beats(0, 2, 4, 4, 1)], [beats(0, 2, 4), beats(1, 2, file=1)], [beats(4, 2, 1, 0)]])
def test_a_minute_that_is_told_twice_stands_once(store: Store, files: list[list[dict[str, Any]]]) -> None:
    kept = minutes(*files, beats(7, 8, file=2)).with_columns(
        pl.selectors.datetime().dt.replace_time_zone(None), pl.col("metric").cast(pl.String),
        file_id="file", participant_id=pl.lit("P1"), device_id=1,
    )  # fmt: skip
    store.insert("minutes", kept.drop("file", "source", "device"))
    store.con.execute("CREATE TEMP TABLE near_day AS SELECT 'P1' AS participant_id, DATE '2026-03-03' AS local_date")
    store.con.execute("CREATE TEMP TABLE other_route (file_id INTEGER, local_date DATE)")
    store.con.execute(
        "CREATE TEMP TABLE superseded "
        "(file_id INTEGER, device_id INTEGER, metric TEXT, covers_from TIMESTAMP, covers_to TIMESTAMP)"
    )
    store.run_sql("day", since="030", until="035")
    found = store.rows("SELECT date_diff('minute', TIMESTAMP '2026-03-03 09:00', start_time) FROM epoch ORDER BY ALL")
    assert [minute for (minute,) in found] == [0, 1, 2, 4, 7, 8]
