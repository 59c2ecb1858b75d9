"""The sessions of one file: what is the same in all of them is given once, what cannot be is set aside."""

from __future__ import annotations

from collections.abc import Hashable
from datetime import datetime, timedelta
from typing import Any

import polars as pl

from connectors import Context
from connectors.kit.csv import AGAIN
from connectors.kit.words import activity_of, is_known
from models.activity import EARLIEST, SESSIONS, Extract, session_row
from models.fault import Rejected
from models.set_aside import set_aside

WEEK = (timedelta(days=7), "a week")
TWO_DAYS = (timedelta(days=2), "two days")


class Sessions:
    """Sessions as they are added. `end`: where a file says when one ends, for the sentence about one that cannot be;
    `start`: the same, where nobody has looked yet whether it lies between 1990 and tomorrow; `typed`: what a session is
    called may be anybody's free text, so that only words that are known are taken over."""

    def __init__(
        self,
        context: Context,
        source: str,
        *,
        what: str = "a session",
        end: str = "end",
        start: str | None = None,
        longest: tuple[timedelta, str] = WEEK,
        last_counts: bool = False,  # of those with one key; else the first
        typed: bool = False,
    ) -> None:
        self.zones, self.source, self.what, self.end, self.start = context.zones, source, what, end, start
        self.tomorrow = context.today + timedelta(days=1)
        self.longest, self.last_counts, self.typed = longest, last_counts, typed
        self.tz_source = context.zones.source
        self._rows: dict[Hashable, dict[str, Any]] = {}

    def add(
        self,
        place: str,
        start: datetime,
        end: datetime,
        *,
        name: str,
        activity: str | None = None,
        offset: timedelta | None = None,
        timer: timedelta | None = None,
        steps: int | None = None,
        by_hand: bool = False,
        source: str | None = None,  # where it is not that of the file
        device: str | None = None,
        key: Hashable = None,
        running: list[tuple[datetime, datetime]] | None = None,
    ) -> None:
        """One session, times in UTC. `name`: what the vendor calls it; `activity`: what it is, where the words of the
        source do not say that; `offset`: the record's own distance from UTC; `key`: by which a repeated one is known.
        """
        if self.start and not EARLIEST.date() <= start.date() <= self.tomorrow:
            why = "a time outside 1990 to tomorrow", "a time that has been"
            set_aside(Rejected(f"{place}, {self.start}", *why, AGAIN), [start])
            return
        length, words = self.longest
        if not start <= end <= start + length:
            found = f"an end before the start, or {words} later"
            set_aside(Rejected(f"{place}, {self.end}", found, self.what, AGAIN), [start])
            return
        key = len(self._rows) if key is None else key
        if key in self._rows and not self.last_counts:
            return
        clock = self.zones.trusting(offset, at=start)
        self.tz_source = self.tz_source if clock is self.zones else clock.source
        self._rows[key] = session_row(
            clock,
            source=source or self.source,
            device=device,
            activity=activity or activity_of(self.source, name),
            vendor_activity=None if self.typed and not is_known(self.source, name) else name[:60] or None,
            start=start,
            end=end,
            timer=None if timer is None else max(min(timer, end - start), timedelta(0)),
            steps=steps,
            modality="self_reported" if by_hand else "sensed",
            running=running,
        )

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def frame(self) -> pl.DataFrame:
        """All of them as SESSIONS, in the order in which they were added."""
        return pl.DataFrame(list(self._rows.values()), schema=SESSIONS)

    def extract(self, notes: list[str]) -> Extract:
        """A file that holds nothing else."""
        return Extract(sessions=self.frame, tz_source=self.tz_source, notes=notes)
