"""FIT files as large as real ones: a whole day of a watch, an hour's recording with a record a second.

The layouts are those of a fenix 6S: per local number one definition that stays in force, most rows of the day a heart
rate with the low 16 bits of its time, and three messages of no public meaning for each that has one.
"""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from tests.writers import fit

WALKING, RUNNING = 6, 1


def day(midnight: datetime, seed: int, serial: int = 3_900_000_001) -> bytes:
    """The monitoring file of a local day: about 6,900 messages, some 1,500 of them monitoring rows."""
    chance = random.Random(seed)
    begin, offset = fit.seconds(midnight), midnight.utcoffset()
    records = fit.Records(local_numbers=16)
    records.put(0, {3: serial, 4: begin, 1: 1, 2: 3290, 0: 32})
    records.put(103, {253: begin, 0: begin + int((offset or timedelta(0)).total_seconds())})
    records.put(55, {253: begin, 37: 0, 38: 0})
    steps, active, minutes = {WALKING: 0, RUNNING: 0}, {WALKING: 0, RUNNING: 0}, 0
    for at in range(begin, begin + 86_400, 60):
        low, hour = at & 0xFFFF, (at - begin) // 3600
        for _ in range(3 + (chance.random() < 0.7)):
            records.put(233, {2: chance.randbytes(4)})
        if chance.random() < 0.8:
            records.put(55, {26: low, 27: 50 + chance.randrange(90)})
        if chance.random() < 0.18:
            records.put(55, {253: at, 24: chance.choice((0, WALKING, 8)) | 3 << 5})
        if 7 <= hour < 23 and chance.random() < 0.12:
            kind = WALKING if chance.random() < 0.95 else RUNNING
            steps[kind], active[kind] = steps[kind] + chance.randrange(120), active[kind] + chance.randrange(60_000)
            records.put(55, {3: steps[kind], 4: active[kind], 19: 3, 26: low, 24: kind | 3 << 5})
        if 9 <= hour < 20 and chance.random() < 0.05:
            minutes += 1
            records.put(55, {26: low, 33: 1, 34: 0, 37: minutes, 38: 0})
    for kind, total in steps.items():
        records.put(55, {253: begin + 86_400, 2: 70 * total, 3: total, 4: active[kind], 19: 90, 29: 1440, 5: kind})
    records.put(55, {253: begin + 86_400, 37: minutes, 38: 0})
    return records.file()


def recording(start: datetime, seed: int, length: timedelta = timedelta(hours=1)) -> bytes:
    """A walk: a record per second, another message every ten seconds, a session."""
    chance = random.Random(seed)
    begin, offset, size = fit.seconds(start), start.utcoffset() or timedelta(0), length // timedelta(seconds=1)
    records = fit.Records(local_numbers=16)
    records.put(0, {3: 3_900_000_001, 4: begin, 1: 1, 2: 3290, 0: 4})
    records.put(21, {253: begin, 0: 0, 1: 0})
    for number in range(size):
        place = {0: 500_000_000 + chance.randrange(1000), 1: 90_000_000 + chance.randrange(1000), 2: 2600}
        records.put(20, {253: begin + number, **place, 5: 140 * number, 6: 1400, 3: 90, 4: 55})
        if number % 10 == 0:
            records.put(104, {253: begin + number, 2: 3900})
    end = begin + size
    records.put(21, {253: end, 0: 0, 1: 4})
    times = {254: 0, 253: end, 2: begin, 7: 1000 * size, 8: 1000 * size}
    records.put(18, {**times, 10: size * 9 // 10, 5: 11, 6: 0})
    records.put(34, {253: end, 5: end + int(offset.total_seconds()), 1: 1, 2: 0})
    return records.file()


def inbox(folder: Path, people: list[str], days: int, first: datetime) -> int:
    """A file for each of `days` days of each person, and a recorded walk every fourth day; returns how many files."""
    count = 0
    for who, person in enumerate(people):
        (folder / person).mkdir(parents=True, exist_ok=True)
        for number in range(days):
            midnight, seed = first + timedelta(days=number), 10_000 * who + number
            files = {f"{midnight:%Y-%m-%d}_WELLNESS.fit": day(midnight, seed, 3_900_000_001 + who)}
            if number % 4 == 0:
                files[f"{midnight:%Y-%m-%d}_ACTIVITY.fit"] = recording(midnight + timedelta(hours=17), seed)
            for name, data in files.items():
                (folder / person / name).write_bytes(data)
            count += len(files)
    return count
