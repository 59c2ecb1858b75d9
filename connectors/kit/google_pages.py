"""The answers of the Google Health API, kept as files: pages, lists of pages, points one by one, and their parts.

    {"dataPoints": [...], "nextPageToken": ".."}    points of `list` and `reconcile`
    {"rollupDataPoints": [...]}                     sums of civil days (dailyRollUp) or of windows of time (rollUp)

64-bit numbers are strings ("96"), durations and distances from UTC are seconds ("7200s", "1800.5s").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from connectors.kit.csv import AGAIN
from connectors.kit.export import Export
from connectors.kit.json import Fields, bad, elements, members
from connectors.kit.offsets import stamp
from connectors.kit.words import listed
from models.activity import EARLIEST
from models.fault import Impossible, Rejected

_PAGE = ("dataPoints", "rollupDataPoints")
_WINDOW = ("civilStartTime", "civilEndTime", "startTime", "endTime")  # of a sum; a point has its times inside
_BEGINS = re.compile(rb'\[?\s*\{\s*(?:"nextPageToken"\s*:\s*"[^"]*"\s*,\s*)?"(?:d|rollupD)ataPoints"\s*:\s*\[')
_EMPTY = re.compile(rb"\{\s*\}\s*$|" + _BEGINS.pattern + rb"\s*\]")
_MARKS = (b'"civilStartTime"', b'"startUtcOffset"', b'"physicalTime"', b'"countSum"', b"/dataPoints/")


def begin_of(export: Export) -> bytes:
    """The first bytes of a file that may be JSON."""
    head = export.head.lstrip(b"\xef\xbb\xbf \r\n\t")
    return head if head[:1] in (b"[", b"{") else b""


def is_answer(begin: bytes) -> bool:
    """Whether these bytes begin a page, a list of them, points one by one, or a failure that was stored."""
    failed = re.match(rb'\[?\s*\{\s*"error"\s*:\s*\{', begin) and b'"code"' in begin and b'"status"' in begin
    return bool(_BEGINS.match(begin) or failed) or any(mark in begin[:8000] for mark in _MARKS)


def is_empty(begin: bytes) -> bool:
    """Whether these bytes are a page without a point."""
    return bool(_EMPTY.match(begin))


def has_kind(begin: bytes, kinds: tuple[str, ...]) -> bool:
    """Whether one of these kinds of figures stands in them."""
    return bool(re.search(rb'"(?:%s)"\s*:\s*\{' % "|".join(kinds).encode(), begin))


def points(export: Export, kinds: tuple[str, ...], today: date, notes: list[str]) -> Iterator[tuple[Part, bool]]:
    """Every point of a file, and whether it is the sum of a window; at the end, `notes`. Raises Rejected."""
    seen: dict[str, Fields] = {}
    optional = " ".join(("dataSource", *kinds, *_WINDOW))
    count, token = 0, None
    for page in elements(export, lines=True):
        if not isinstance(page, dict):
            raise bad("something else", "whole file", "pages or points")
        if "error" in page:
            raise _failed(page["error"])
        if any(name in page for name in _PAGE):
            found = [(point, name == _PAGE[1]) for name in _PAGE for point in members(page, name, "a page")]
            token = page.get("nextPageToken")
        elif page and not any(name in page for name in (*kinds, *_WINDOW)):
            words = ", ".join((*_PAGE, *kinds))
            raise bad("neither a page nor a point", "whole file", f"one of: {words}")
        else:
            found = [(page, False)] if page else []
        for point, is_sum in found:
            count += 1
            part = Part(point, f"point {count:,}", today, seen)
            part.known("point", optional=optional)
            yield part, is_sum or any(name in point for name in _WINDOW)
    for fields in seen.values():
        notes += fields.notes()
    if token:
        notes.append("another page follows the last one of this file: hand in all pages")


def _failed(error: Any) -> Rejected:
    """The rejection of a failure that was stored in place of an answer: by its number and word, never its message."""
    error = error if isinstance(error, dict) else {}
    code, status = error.get("code"), error.get("status")
    known = [str(code)] if isinstance(code, int) and 400 <= code <= 599 else []
    known += [status] if status in listed("google_health_api", "failures") else []
    words = " ".join(known) or "without a known number"
    found = f"a failure that was stored in place of an answer ({words})"
    return Rejected("whole file", found, "a page of data", "ask for this page again, with leave to read it")


@dataclass
class Part:
    """One object of an answer and where it stands. What is asked of it raises Rejected where it is of a wrong form,
    Impossible where it is out of bounds, and is None where it is absent."""

    record: dict[str, Any]
    place: str
    today: date
    seen: dict[str, Fields]  # of all such parts of the file

    def __contains__(self, key: str) -> bool:
        return key in self.record

    @property
    def figures(self) -> set[str]:
        """The objects in a point, but for its source and its times."""
        return {key for key, value in self.record.items() if isinstance(value, dict)} - {"dataSource", *_WINDOW}

    def known(self, what: str, needed: str = "", optional: str = "") -> Part:
        """Itself. Its fields are those of a `what`: new ones are remarked on, renamed ones refused."""
        if (fields := self.seen.get(what)) is None:
            unused = (*listed("google_health_api", "unused_fields"), *listed("google_health_api", f"unused_{what}"))
            fields = self.seen[what] = Fields(tuple(needed.split()), tuple(optional.split()), unused)
        fields.add(self.record)
        return self

    def inside(self, key: str, needed: str = "", optional: str = "") -> Part:
        """The object under a key, and which fields it has."""
        found = self.record.get(key)
        if not isinstance(found, dict):
            raise self.wrong(key, "nothing" if found is None else "something else", "an object")
        return Part(found, f"{self.place}, field {key}", self.today, self.seen).known(key, needed, optional)

    def each(self, key: str, needed: str) -> list[Part]:
        """The objects of the list under a key, one that stands twice once; empty where there is none."""
        found = {repr(record): record for record in members(self.record, key, self.place)}.values()
        place = f"{self.place}, field {key}"
        return [Part(record, place, self.today, self.seen).known(key, needed) for record in found]

    def wrong(self, key: str, found: str, expected: str) -> Rejected:
        """The rejection of the field under a key."""
        return bad(found, f"{self.place}, field {key}", expected)

    def word(self, key: str) -> str | None:
        """A word."""
        if not isinstance(found := self.record.get(key), str | None):
            raise self.wrong(key, "something else", "a word")
        return found

    def meaning(self, key: str, meanings: dict[str, int | None]) -> int | None:
        """What one of these words means. It must be there."""
        found = self.record.get(key)
        if not isinstance(found, str) or found not in meanings:
            raise self.wrong(key, "an unknown word" if found else "nothing", " or ".join(meanings))
        return meanings[found]

    def whole(self, key: str, most: int) -> int | None:
        """A whole number, as text or as it is."""
        found = self.record.get(key)
        if found is None:
            return None
        expected = f"a whole number from 0 to {most}"
        if isinstance(found, bool) or not re.fullmatch(r"-?\d{1,20}", str(found), re.ASCII):
            raise self.wrong(key, "something else", expected)
        if not 0 <= int(found) <= most:
            raise Impossible(f"{self.place}, field {key}", "another number", expected, AGAIN, str(found))
        return int(found)

    def duration(self, key: str) -> timedelta | None:
        """Seconds as text, such as "7200s", to the millisecond."""
        found = self.record.get(key)
        if found is None:
            return None
        if not re.fullmatch(r"-?\d{1,7}(\.\d{1,9})?s", str(found), re.ASCII):
            raise self.wrong(key, "something else", "seconds like 7200s")
        return timedelta(milliseconds=int(Decimal(str(found)[:-1]) * 1000))

    def instant(self, key: str) -> datetime:
        """A time in UTC. It must be there."""
        found = stamp(str(self.record.get(key)))
        if found is None:
            raise self.wrong(key, "something else" if key in self else "nothing", "a time like 2026-09-21T06:00:00Z")
        self._check(found.date(), key)
        return found.astimezone(UTC)

    def civil_date(self, key: str) -> date:
        """The date of a civil time, which must be there and a midnight: its `time` is empty, absent or of zeros."""
        civil = self.inside(key, "date", "time")
        if any((civil.record.get("time") or {}).values()):
            raise self.wrong(key, "a time after midnight", "the beginning of a date")
        parts = civil.inside("date", "year month day")
        year, month, day = (parts.whole(name, 9999) or 0 for name in ("year", "month", "day"))
        try:
            found = date(year, month, day)
        except ValueError:
            raise self.wrong(key, "no date", "year, month and day") from None
        self._check(found, key)
        return found

    def _check(self, found: date, key: str) -> None:
        if not EARLIEST.date() <= found <= self.today + timedelta(days=2):
            raise Impossible(f"{self.place}, field {key}", "another time", "a time from 1990 to tomorrow", AGAIN)
