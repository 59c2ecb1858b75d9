"""Writes the CSV files of a Zepp export, each beginning with a byte order mark."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

FOLDER = "3070000001_1775000000000"


def path(kind: str) -> str:
    return f"{FOLDER}/{kind}/{kind}_1775000000123.csv"


def _table(header: str, rows: Iterable[Iterable[object]]) -> bytes:
    return ("\ufeff" + "\n".join([header, *(",".join(map(str, row)) for row in rows)]) + "\n").encode()


def days(rows: Iterable[tuple[date, int]], synced: bool = False) -> bytes:
    """ACTIVITY. Older exports have a second column, when the band was last read."""
    header = (
        "date,lastSyncTime,steps,distance,runDistance,calories"
        if synced
        else "date,steps,distance,runDistance,calories"
    )
    return _table(header, ((day, *([1] if synced else []), n, n * 0.7, 0, 300) for day, n in rows))


def minutes(rows: Iterable[tuple[str, int]], column: str = "steps") -> bytes:
    """ACTIVITY_MINUTE and HEARTRATE_AUTO: ("2026-03-09 09:30", count)."""
    return _table(f"date,time,{column}", ((*at.split(" "), n) for at, n in rows))


def sessions(rows: Iterable[tuple[int, datetime, int]]) -> bytes:
    """SPORT: (code, start, seconds)."""
    header = "type,startTime,sportTime(s),maxPace(/meter),minPace(/meter),distance(m),avgPace(/meter),calories(kcal)"
    stamped = (
        (c, f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S}+0000", s, -1.0, -1.0, -1.0, -1.0, 300.0) for c, at, s in rows
    )
    return _table(header, stamped)


def sample() -> dict[str, bytes]:
    """Two days, three minutes around midnight, a walk and a code that is not sure."""
    at = datetime(2026, 3, 9, 22, tzinfo=UTC)
    return {
        path("ACTIVITY"): days([(date(2026, 3, 9), 8000), (date(2026, 3, 10), 12)]),
        path("ACTIVITY_MINUTE"): minutes(
            [("2026-03-09 23:58", 100), ("2026-03-09 23:59", 0), ("2026-03-10 00:00", 61)]
        ),
        path("HEARTRATE_AUTO"): minutes([("2026-03-09 23:58", 88)], "heartRate"),
        path("SPORT"): sessions([(6, at, 1800), (60, at.replace(hour=10), 2400)]),
    }


SAMPLES: dict[str, Callable[[], dict[str, bytes]]] = {"zepp": sample}
