"""The days of some files, resolved twice: by what was measured minute by minute, and by the totals of a day.

It is the road of a night (load, resolve), in a store of its own that is gone afterwards.
"""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import polars as pl

from models.activity import Extract
from models.clock import ZoneLog
from models.store.batch import Batch
from models.store.file_result import FileResult
from models.store.load import load
from models.store.resolve import resolve
from models.store.sql import statement
from models.store.store import Store, open_store

_MEASURED, _TOTALS = ("minutes", "readings"), ("daily_totals",)
GIVEN = "given"  # how labels of totals begin that are nobody's in particular: compared with every source


def day_by_day(results: Iterable[FileResult], zones: ZoneLog) -> list[dict[str, Any]]:
    """A row for each source, source of totals, metric and date that has both.

    Keys: source, totals_of, metric, local_date, measured, total (steps, or minutes), is_partial.
    """
    sides = [side for result in results if result.extract for side in _sides(result, result.extract)]
    who = sorted({side.participant_id for side in sides})
    if not who:
        return []
    with TemporaryDirectory(prefix="stepwindow-") as folder, closing(open_store(Path(folder), "compare")) as store:
        _write_people(store, who, zones)
        load(store, Batch.of(sides), "compare", "compare")
        resolve(store, dict.fromkeys(who, zones))
        found = store.con.execute(statement("ask/compare"))
        names = [column[0] for column in found.description or []]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _sides(result: FileResult, extract: Extract) -> Iterable[FileResult]:
    """One file as several: for each source, what it measured, and its totals. A person of the store is a side."""
    for side, names in (("measured", _MEASURED), ("total", _TOTALS)):
        frames = {name: getattr(extract, name) for name in names}
        for source in sorted({label for frame in frames.values() for label in frame["source"].unique()}):
            own = {name: frame.filter(pl.col("source") == source) for name, frame in frames.items()}
            who = f"{side}-{source}"
            part = replace(extract, **({name: frame[:0] for name, frame in extract.frames().items()} | own), notes=[])
            yield replace(result, participant_id=who, path=f"{who}/{result.path}", extract=part)


def _write_people(store: Store, who: list[str], zones: ZoneLog) -> None:
    home = {"timezone": zones.home, "source_priority": None, "foot_step_goals": True, "zones": zones.fingerprint}
    store.insert("participant", pl.DataFrame([{"participant_id": one} | home for one in who]))
