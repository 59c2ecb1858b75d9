"""The clocks of many files of one person: which clock dates a row, and which dates come of a clock in doubt (R3.3)."""

from __future__ import annotations

from datetime import date

import polars as pl

from models.clock import Clock, SuspectClock, ZoneLog

ZONES = 0  # the number of the clock that is where the person was


class Clocks:
    """Clocks by number: ZONES, and one for each distance from UTC that files say and the person's zones do not."""

    def __init__(self, zones: ZoneLog) -> None:
        self._zones = zones.anew()
        self._clocks: list[Clock] = [self._zones]
        self._numbers: dict[Clock, int] = {self._zones: ZONES}

    def trusting(self, offsets: pl.Series, at: pl.Series) -> pl.Series:
        """The number of the clock for each time that a file says its offset from UTC (Duration, NULL where it says none
        that can be) at an instant."""
        others = (offsets != self._zones.offsets_at(at)).fill_null(False).arg_true()  # most agree
        said = pl.DataFrame({"offset": offsets, "at": at})[others]
        there = {zone: ZoneLog("zone_log", zone).offsets_at(said["at"]) for zone in self._zones.zones}
        numbers: dict[tuple, int] = {}  # what is said where all zones have the same offsets is of one clock
        found: list[int] = []
        for row, alike in enumerate(said.select("offset", **there).with_columns(pl.all().to_physical()).iter_rows()):
            if alike not in numbers:
                numbers[alike] = self._number(self._zones.trusting(*said.row(row)))
            found.append(numbers[alike])
        return pl.zeros(at.len(), dtype=pl.Int32, eager=True).scatter(others, found)

    def _number(self, clock: Clock) -> int:
        if clock not in self._numbers:
            self._numbers[clock] = len(self._clocks)
            self._clocks.append(clock)
        return self._numbers[clock]

    def source(self, number: int) -> str:
        """What a clock is (tz_source)."""
        return self._clocks[number].source

    def local_dates(self, instants: pl.Series, numbers: pl.Series) -> pl.Series:
        """The civil dates of a column of instants, each by the clock of that number."""
        dates = self._zones.local_dates(instants)
        for number in numbers.unique() if numbers.max() else ():
            if number != ZONES:
                at = (numbers == number).arg_true()
                dates = dates.scatter(at, self._clocks[number].local_dates(instants[at]))
        return dates.alias("local_date")

    def suspect(self, rows: pl.DataFrame) -> list[tuple[int, date]]:
        """Each file, and each of its dates, that comes of a clock which no zone of the person explains. The rows have
        `file`, `clock` and `local_date`."""
        doubted = [number for number, clock in enumerate(self._clocks) if isinstance(clock, SuspectClock)]
        if not doubted:
            return []
        rows = rows.lazy().filter(pl.col("clock").is_in(doubted)).select("file", "local_date").unique().collect()
        return rows.rows()
