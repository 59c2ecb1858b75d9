"""Whatever the order, the split over nights and the re-exports in between: the same files give the same study."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

import pytest

from flows.night.begin import begin
from flows.night.run import Scope
from flows.night.steps import STEPS, judge_weeks
from tests import simulation
from tests.studies import NEW_YORK, StudyFolder
from tests.test_night import content_of

PEOPLE = ("P1", "P2")
FIRST = date(2026, 3, 5)  # the clocks change on 2026-03-08
GOALS = [
    "P1-walk,,P1,,1,2,weekly_total,walking_minutes,60,,,2026-03-02,,,",
    "P1-steps,,P1,,1,2,days_with,steps,4,3000,,2026-03-02,,,",
    "P1-move,,P1,,1,2,streak,movement_minutes,2,20,,2026-03-02,,,",
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


@dataclass
class Twice:
    """The same files in two studies: at once, and in parts."""

    at_once: StudyFolder
    in_parts: StudyFolder
    truths: dict[str, simulation.Truth]  # of whoever only wore one watch


@pytest.fixture(scope="module")
def twice(tmp_path_factory: pytest.TempPathFactory) -> Twice:
    seed = Random().randrange(10**6)
    print(f"seed {seed}")  # is shown with a failure
    chance = Random(seed)
    files = {f"{who}/{path}": content for who in PEOPLE for path, content in exports_of(chance).items()}
    truths = {}
    for fitbit, garmin in (("F1", "W1"), ("F2", "W2")):
        truth = truths[fitbit] = truths[garmin] = simulation.person(chance, FIRST, 5, NEW_YORK)
        for path, content in simulation.takeout(truth, datetime(2026, 3, 20, tzinfo=UTC)).items():
            files[f"{fitbit}/{path}"] = content.replace(b"MobileTrack", b"Live Pace")
        files |= {f"{garmin}/{path}": content for path, content in simulation.garmin(truth, []).items()}
    folder = tmp_path_factory.mktemp("order")
    found = Twice(a_study(folder / "at_once", [*truths]), a_study(folder / "in_parts", [*truths]), truths)
    for path, content in files.items():
        found.at_once.put(path, content)
    found.at_once.night()
    order = chance.sample(sorted(files), len(files))
    for night in range(3):
        for path in order[night::3]:
            found.in_parts.put(path, files[path])
        if night == 1:
            a_night_that_dies(found.in_parts)
        else:
            found.in_parts.night()
    return found


def a_study(folder: Path, others: list[str]) -> StudyFolder:
    return StudyFolder(
        folder,
        participants=[f"{who},,," for who in (*PEOPLE, *others)],
        infusions=[f"{who}-1,{who},2026-03-02,," for who in PEOPLE],
        goals=[goal.replace("P1", who) for who in PEOPLE for goal in GOALS],
    ).write()


def a_night_that_dies(study: StudyFolder) -> None:
    """Days are resolved, and nothing is judged yet."""
    run = begin(study.folder, Scope())
    for step in STEPS[: STEPS.index(judge_weeks)]:
        step(run)
    run.store.close()


def test_any_order_any_split_over_nights_any_repetition_gives_the_same(twice) -> None:
    content = content_of(twice.at_once)
    assert {who for who, *_ in content["daily_activity"]} >= set(PEOPLE)
    assert content_of(twice.in_parts) == content


def test_a_worn_watch_alone_gives_back_the_truth(twice) -> None:
    """Steps and walking of every day are those of the minutes in which the watch was on the wrist."""
    columns = "participant_id, local_date, day_state, steps, walking_minutes, brisk_minutes, moderate_minutes"
    days = {(who, day): numbers for who, day, *numbers in twice.at_once.ask(f"SELECT {columns} FROM daily_activity")}
    for who, truth in twice.truths.items():
        for day in truth.dates:
            first, last = truth.midnight(day), truth.midnight(day + timedelta(days=1))
            seen = [n for t, n in truth.steps.items() if first <= t < last and truth.is_worn(t)]
            state, *found = days.get((who, day), ["no_data"])
            if state == "no_data":
                assert not seen, (who, day)
                continue
            if found[0] is None:  # worn, before its first row of steps or after the last: not known, and not none
                rows = [t for t in truth.steps if truth.is_worn(t)]
                assert last <= min(rows) or first > max(rows), (who, day)
                continue
            walked, brisk = sum(n >= 60 for n in seen), sum(n >= 100 for n in seen)
            # this Garmin keeps totals of its own, of none
            moderate = sum(100 <= n < 130 for n in seen) if who.startswith("F") else 0
            assert found == [sum(seen), walked, brisk, moderate], (who, day)
