"""The clocks of many files of one person: which clock dates a row, and which dates come of a clock in doubt (R3.3)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import polars as pl

from models.clock import Clock, SuspectClock, ZoneLog

ZONES = 0  # the number of the clock that is where the person was


class Clocks:
    """Clocks by number: ZONES, and one for each distance from UTC that files say and the person's zones do not."""

    def __init__(self, zones: ZoneLog) -> None:
        self.zones = zones
        self._clocks: list[Clock] = [zones]
        self._numbers: dict[object, int] = {zones: ZONES}
        self._of_file: dict[int, ZoneLog] = {}

    def trusting(self, file: int, offset: timedelta | None, at: datetime) -> int:
        """The number of the clock for a file that says its offset from UTC was `offset` at the instant `at`."""
        if offset is None or offset == self.zones.offset_at(at):
            return ZONES
        own = self._of_file.setdefault(file, self.zones.anew())  # what is in doubt is so of this file alone
        clock = own.trusting(offset, at)
        key = (file, clock) if isinstance(clock, SuspectClock) else clock
        if key not in self._numbers:
            self._numbers[key] = len(self._clocks)
            self._clocks.append(clock)
        return self._numbers[key]

    def source(self, number: int) -> str:
        """What a clock is (tz_source)."""
        return self._clocks[number].source

    def suspect(self, file: int) -> frozenset[date]:
        """The dates of a file that a clock gave which no zone of the person explains."""
        return frozenset(self._of_file[file].suspect) if file in self._of_file else frozenset()

    def local_dates(self, instants: pl.Series, numbers: pl.Series) -> pl.Series:
        """The civil dates of a column of instants, each by the clock of that number."""
        dates = self.zones.local_dates(instants)
        for number in numbers.unique() if numbers.max() else ():
            if number != ZONES:
                at = (numbers == number).arg_true()
                dates = dates.scatter(at, self._clocks[number].local_dates(instants.gather(at)))
        return dates
