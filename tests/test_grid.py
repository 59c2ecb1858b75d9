"""Which rows of steps are minutes: the same in every reader whose rows tell when they began and no length."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest

from connectors import Context, extract, identify
from connectors.kit.grid import spread_coarse_rows
from models.activity import MINUTES
from models.clock import ZoneLog
from tests.mutating import export
from tests.studies import StudyFolder, at, read_here
from tests.writers import fitabase, fitbit, fitbit_json, polar, zepp

CONTEXT = Context(ZoneLog("participant_home", "UTC"), date(2026, 10, 7), b"secret")
NOON = datetime(2026, 3, 9, 12, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
Rows = list[tuple[datetime, int]]


def wall(rows: Rows) -> Rows:
    return [(moment.replace(tzinfo=None), steps) for moment, steps in rows]


def without_a_sum(rows: Rows) -> bytes:
    said = json.loads(polar.day(NOON.date(), None, None, [(f"{moment:%H:%M:%S}", steps) for moment, steps in rows]))
    return json.dumps({name: value for name, value in said.items() if name != "summary"}).encode()


READERS: dict[str, Callable[[Rows], tuple[str, bytes]]] = {
    "fitbit_takeout": lambda rows: ("steps_2026-03-09.csv", fitbit.steps({None: rows})),
    "fitbit_json": lambda rows: ("steps-2026-03-09.json", fitbit_json.steps(dict(rows))),
    "fitabase": lambda rows: ("minuteStepsNarrow_merged.csv", fitabase.minutes("Steps", wall(rows))),
    "zepp": lambda rows: ("ACTIVITY_MINUTE/x.csv", zepp.minutes([(f"{m:%Y-%m-%d %H:%M}", n) for m, n in rows])),
    "polar": lambda rows: ("activity-2026-03-09.json", without_a_sum(rows)),
}


def minutes_of(reader: str, rows: Rows) -> pl.DataFrame:
    name, content = READERS[reader](rows)
    assert identify(export(content, name)) == reader
    return extract(reader, export(content, name), CONTEXT).minutes


@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("apart", [2, 5, 15, 60])
def test_rows_of_a_coarser_grid_are_steps_without_a_cadence(reader, apart):
    rows = [(NOON + n * apart * MINUTE, 450 - n) for n in range(6)]
    minutes = minutes_of(reader, rows)
    assert set(minutes["metric"]) == {"steps_spread"}
    assert minutes["value"].sum() == sum(steps for _, steps in rows)
    assert minutes.height == 6 * apart
    assert minutes["start_time"].to_list() == [NOON + n * MINUTE for n in range(6 * apart)]


@pytest.mark.parametrize("reader", READERS)
def test_rows_a_minute_apart_are_minutes_whatever_is_left_out_between_them(reader):
    walk = [(NOON + n * MINUTE, 110) for n in range(3)]
    rows = [*walk, *((NOON + n * MINUTE, 12) for n in (15, 30, 45, 60, 120))]
    minutes = minutes_of(reader, rows)
    assert minutes["start_time", "value"].rows() == rows
    assert set(minutes["metric"]) == {"steps"}


def frame(*offsets: int, device: str | None = None) -> pl.DataFrame:
    rows = [("fitbit", device, "steps", NOON + n * MINUTE, NOON.date(), 40) for n in offsets]
    return pl.DataFrame(rows, schema=MINUTES, orient="row")


@pytest.mark.parametrize(
    ("offsets", "metric"),
    [
        ((0,), "steps"),  # one row of a file that leaves out zeros
        ((0, 7, 33, 155), "steps"),  # nothing speaks of a coarser grid
        ((0, 15, 30, 45, 52, 60, 75), "steps_spread"),  # a quarter of an hour with a slip
        ((0, 3, 6, 12), "steps_spread"),
        ((0, 15, 30, 31), "steps"),
    ],
)
def test_a_file_without_neighbours_is_what_its_distances_say(offsets, metric):
    assert set(spread_coarse_rows(frame(*offsets), [])["metric"]) == {metric}


def test_each_device_of_a_file_is_judged_by_itself_and_the_remark_is_one():
    notes: list[str] = []
    rows = spread_coarse_rows(pl.concat([frame(0, 1, 2, device="a"), frame(0, 15, 30, device="b")]), notes)
    assert rows.group_by("device").agg(pl.col("metric").unique()).sort("device")["metric"].to_list() == [
        ["steps"],
        ["steps_spread"],
    ]
    assert rows.schema == MINUTES
    assert notes == ["rows of steps that are not a minute apart: steps, but not how fast they were walked"]


def test_a_day_in_quarters_of_an_hour_has_steps_and_nobody_knows_how_fast(tmp_path, monkeypatch):
    study = StudyFolder(tmp_path).write()
    read_here(monkeypatch)
    quarters = [(at("2026-03-05 08:00").astimezone(UTC) + n * 15 * MINUTE, 450 if n < 8 else 20) for n in range(32)]
    study.put("P1/steps_2026-03-05.csv", fitbit.steps({None: quarters}))
    study.night()
    day = study.day("2026-03-05")
    assert (day["steps"], day["walking_minutes"], day["brisk_minutes"]) == (4080, None, None)
    minutes = [(quarters[0][0] + n * MINUTE, 100) for n in range(30)]
    study.put("P1/corrected/steps_2026-03-05.csv", fitbit.steps({None: [*minutes, (quarters[-1][0] + 20 * MINUTE, 7)]}))
    study.night()
    day = study.day("2026-03-05")
    assert (day["steps"], day["walking_minutes"], day["brisk_minutes"]) == (3007, 30, 30)
