"""What 100,000 people over five years would cost, simulated from what one run measures: `python -m benchmarks.scale`

Measured here, as processor time: reading a Garmin day; per step what a night costs, for few and for more people, over a
short and over a long history. From that a night and a whole backfill are added up for studies of several sizes. Nothing
below the line "simulated" was run. Given are ratios: multiples of reading one file, shares of the night, and how many
reading processes one writer keeps up with.
"""

from __future__ import annotations

import sys
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from functools import partial
from io import BytesIO
from pathlib import Path

from benchmarks.night import PEOPLE, SHORT, a_run, nights, one_day, study_of
from benchmarks.publish import AGAIN, after_nights, filled
from connectors import Context, Export, extract, identify
from models.clock import ZoneLog
from models.store.publish import replace_published
from models.store.store import open_store
from tests.studies import garmin_day

YEARS, STUDIES = 5, (100, 1_000, 10_000, 100_000)
FILES = 100
_HISTORIES = 40, 40 * 365  # days: what publishing costs for each is small, and shows in a long history only
ONE_WRITER = ("load", "resolve", "judge", "publish")


def reading() -> float:
    """Seconds of processor time to recognise, check and decode one Garmin day."""
    days = [f"{date(2026, 1, 1) + timedelta(days=n)}" for n in range(FILES)]
    contents = [garmin_day(day) for day in days]
    context = Context(ZoneLog("participant_home", "America/New_York"), datetime.now(UTC).date(), b"of this benchmark")
    begin = time.process_time()
    for content in contents:
        export = Export("day.fit", len(content), partial(BytesIO, content))
        kind = identify(export)
        assert isinstance(kind, str), kind
        extract(kind, export, context)
    return (time.process_time() - begin) / FILES


def publishing(folder: Path, days: int) -> float:
    """Seconds of processor time to publish a night after a history, of which the minutes are left out: they are not
    published."""
    people = [f"P{n:03d}" for n in range(PEOPLE)]
    study = study_of(folder, people)
    store = open_store(study.warehouse)
    filled(store, study, people, days, one_day, AGAIN[1:])
    replace_published(store, a_run("first"))
    taken = after_nights(store, people, days, one_day, time.process_time)
    store.close()
    return taken


def main() -> int:
    read = reading()
    with tempfile.TemporaryDirectory() as folder:
        few, many = nights(Path(folder) / "few", SHORT), nights(Path(folder) / "many", SHORT, 4 * PEOPLE)
        nights(Path(folder) / "long", 8 * SHORT)
        short, years = (publishing(Path(folder) / f"{days}", days) for days in _HISTORIES)
        stored = (Path(folder) / "long" / "warehouse" / "store.duckdb").stat().st_size / (PEOPLE * 8 * SHORT)
    per_day = {name: max(many[name] - few[name], 0) / (3 * PEOPLE) for name in ("load", "resolve", "judge")}
    fixed = {name: few[name] - per_day[name] * PEOPLE for name in per_day}
    # publishing compares everything: a part for the run, a part for each day ever stored
    slope = max(years - short, 0) / (PEOPLE * (_HISTORIES[1] - _HISTORIES[0]))
    fixed["publish"] = max(short - slope * PEOPLE * _HISTORIES[0], 0)
    print(f"measured: reading a Garmin day 1; per new day of a person {shown(per_day, read)};")
    print(f"          whatever is new {shown(fixed, read)};")
    print(
        f"          publishing, per day ever stored {slope / read:.5f}; a day of a person takes {stored / 1000:.1f} kB"
    )
    print("simulated: a night with one new Garmin day of everybody, after five years")
    print("   people  reading   load  resolve  judge  publish   readers per writer, store")
    for people in STUDIES:
        days = people * 365 * YEARS
        night = {"reading": read * people} | {name: fixed[name] + cost * people for name, cost in per_day.items()}
        night["publish"] = fixed["publish"] + slope * days
        whole = sum(night.values())
        shares = " ".join(f"{night[n] / whole:>{w}.0%}" for n, w in zip(night, (8, 6, 8, 6, 8), strict=True))
        readers = night["reading"] / sum(night[name] for name in ONE_WRITER)
        print(f"{people:>9,} {shares}   {readers:>6.1f}   {stored * days / 1e9:,.1f} GB")
    writer = per_day["load"] + per_day["resolve"] + per_day["judge"]
    print(f"simulated: a backfill of everything: {read / (read + writer):.0%} of it is reading, which spreads;")
    print(f"           one writer keeps {read / per_day['load']:.0f} reading processes busy while it loads")
    return 0


def shown(costs: dict[str, float], unit: float) -> str:
    return ", ".join(f"{name} {cost / unit:.2f}" for name, cost in costs.items())


if __name__ == "__main__":
    sys.exit(main())
