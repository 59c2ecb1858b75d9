"""Whatever the order, the split over nights and the re-exports in between: the same files give the same study."""

from __future__ import annotations

import shutil
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from tests import simulation
from tests.studies import NEW_YORK, StudyFolder
from tests.test_night import content_of

FIRST = date(2026, 3, 5)  # the clocks change on 2026-03-08
GOALS = [
    "G1,,P1,,1,2,weekly_total,walking_minutes,60,,,2026-03-02,,,",
    "G2,,P1,,1,2,days_with,steps,4,3000,,2026-03-02,,,",
    "G3,,P1,,1,2,streak,movement_minutes,2,20,,2026-03-02,,,",
]


def exports_of(chance: Random) -> dict[str, bytes]:
    """Everything a person might hand in: exports of the same days made on several dates, two watches, a phone."""
    truth = simulation.person(chance, FIRST, 6, NEW_YORK)
    cuts = [datetime(2026, 3, n, chance.randint(10, 23), 7, tzinfo=UTC) for n in range(5, 11)]
    files: dict[str, bytes] = {}
    for until in (7, 9, 12):
        files |= simulation.takeout(truth, datetime(2026, 3, until, chance.randint(0, 23), 30, tzinfo=UTC))
    files |= simulation.garmin(truth, cuts)
    files |= simulation.phone_totals(truth, FIRST + timedelta(days=3)) | simulation.phone_totals(
        truth, FIRST + timedelta(days=5)
    )
    return files | simulation.recordings(truth)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(seed=st.integers(0, 10**6), nights=st.integers(2, 4))
def test_any_order_any_split_over_nights_any_repetition_gives_the_same(seed: int, nights: int) -> None:
    chance = Random(seed)
    files = exports_of(chance)
    folder = Path(tempfile.mkdtemp())
    try:
        at_once = StudyFolder(folder / "at_once", goals=GOALS).write()
        for path, content in files.items():
            at_once.put(f"P1/{path}", content)
        at_once.night()
        in_parts = StudyFolder(folder / "in_parts", goals=GOALS).write()
        order = chance.sample(sorted(files), len(files))
        for night in range(nights):
            for path in order[night::nights]:
                in_parts.put(f"P1/{path}", files[path])
            in_parts.night()
        assert content_of(in_parts) == content_of(at_once)
    finally:
        shutil.rmtree(folder)


@settings(max_examples=2, deadline=None, suppress_health_check=[HealthCheck.too_slow], phases=[Phase.generate])
@given(seed=st.integers(0, 10**6))
def test_a_worn_watch_alone_gives_back_the_truth(seed: int) -> None:
    """Steps and walking of every day are those of the minutes in which the watch was on the wrist."""
    truth = simulation.person(Random(seed), FIRST, 5, NEW_YORK)
    folder = Path(tempfile.mkdtemp())
    try:
        study = StudyFolder(folder).write()
        for path, content in simulation.takeout(truth, datetime(2026, 3, 20, tzinfo=UTC)).items():
            study.put(f"P1/{path}", content.replace(b"MobileTrack", b"Live Pace"))
        for path, content in simulation.garmin(truth, []).items():
            study.put(f"P2/{path}", content)
        study.night()
        for who, by_cadence in (("P1", True), ("P2", False)):  # this Garmin keeps totals of its own, of none
            for day in truth.dates:
                begin, end = truth.midnight(day), truth.midnight(day + timedelta(days=1))
                seen = [n for t, n in truth.steps.items() if begin <= t < end and truth.is_worn(t)]
                found = study.day(str(day), who)
                if not found or found["day_state"] == "no_data":
                    assert not seen
                    continue
                assert found["steps"] == sum(seen)
                assert found["walking_minutes"] == sum(n >= 60 for n in seen)
                assert found["brisk_minutes"] == sum(n >= 100 for n in seen)
                assert found["moderate_minutes"] == (sum(100 <= n < 130 for n in seen) if by_cadence else 0)
    finally:
        shutil.rmtree(folder)
