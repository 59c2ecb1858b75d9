"""`--known-by`: the verdicts that stood then, from the files that were there then."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path
from typing import NamedTuple

import pytest

from models.store.replay import Then, replay
from models.store.store import StoreError
from models.study.folder import read_study
from tests.studies import AS_OF, NEW_YORK, StudyFolder, at, garmin_day, minutes
from tests.writers import diary, fitbit

VERDICTS = """SELECT goal_id, infusion_id, week, status, reason, value, percent, target, valid_days, as_of
              FROM goal_week ORDER BY ALL"""


def then(study: StudyFolder, moment: datetime, as_of: date = AS_OF) -> list[tuple]:
    return replay(read_study(study.folder), as_of, moment, VERDICTS).rows


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


class Nights(NamedTuple):
    """A study after a night and one with late files, in which the old ones are decoded again, too; what the first
    one published, and a moment between them."""

    study: StudyFolder
    published: list[tuple]
    moment: datetime


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Whoever takes it only reads."""
    study = StudyFolder(tmp_path_factory.mktemp("replay") / "study")
    study.infusions.append("I2,P2,2026-03-02,,")
    study.goals.append("G2,,P1,,1,1,daily_mean,steps,,,baseline_pct:10,2026-03-02,,,")
    study.goals.append("G3,,P2,,1,1,weekly_total,steps,1500,,,2026-03-02,,,")
    study.write()
    for day in ("2026-03-03", "2026-03-04", "2026-03-06", "2026-02-20", "2026-02-21", "2026-02-22", "2026-02-23"):
        study.put(f"P1/{day}.fit", garmin_day(day))
    study.put("P1/diary.csv", diary.diary([(date(2026, 3, 4), "yoga", 20)]))
    study.put("P2/a/steps_2026-03-01.csv", fitbit.steps({None: minutes(at("2026-03-04 10:00"), [100] * 20)}))
    study.night()
    published, moment = study.ask(VERDICTS), datetime.now(UTC)
    study.put("P1/late.fit", garmin_day("2026-03-07", steps=3000))
    study.put("P1/again.fit", garmin_day("2026-03-04", steps=9000))
    study.put("P1/baseline.fit", garmin_day("2026-02-24", steps=20000))
    study.put("P1/later.fit", garmin_day("2026-03-12"))
    study.put("P1/diary.csv", diary.diary([(date(2026, 3, 5), "yoga", 20)]))
    ends = {None: [*minutes(at("2026-03-03 10:00"), [100] * 5), *minutes(at("2026-03-05 10:00"), [100] * 5)]}
    study.put("P2/b/steps_2026-03-01.csv", fitbit.steps(ends))
    study.night(command="backfill", reload=True)
    return Nights(study, published, moment)


@pytest.fixture(scope="module")
def known_then(nights: Nights) -> Then:
    """What was known then, by the clinic's clock."""
    moment = nights.moment.astimezone(NEW_YORK).replace(tzinfo=None)
    return replay(read_study(nights.study.folder), AS_OF, moment, VERDICTS)


@pytest.fixture(scope="module")
def known_now(nights: Nights) -> Then:
    return replay(read_study(nights.study.folder), AS_OF, datetime.now(UTC), VERDICTS)


def test_the_verdicts_that_stood_then_are_judged_again(nights: Nights, known_then: Then, known_now: Then) -> None:
    """A time without a zone is that of the clinic, and decoding everything again does not make old files late."""
    assert nights.study.ask(VERDICTS) != nights.published
    assert known_then.rows == nights.published
    assert known_now.rows == nights.study.ask(VERDICTS)


def test_a_later_export_without_rows_on_a_day_no_longer_hides_the_older_one(known_then: Then, known_now: Then) -> None:
    (of_then,), (of_now,) = ([row for row in known.rows if row[0] == "G3"] for known in (known_then, known_now))
    assert (of_then[3], of_then[5]) == ("met", 2000)
    assert (of_now[3], of_now[5]) == ("insufficient_data", None)


def test_a_diary_edited_since_is_counted_as_lost(known_then: Then, known_now: Then) -> None:
    assert (known_then.lost, known_now.lost) == (1, 0)


def test_before_the_first_file_nothing_was_known(nights: Nights) -> None:
    found = then(nights.study, datetime(2020, 1, 1, tzinfo=UTC))
    assert [(row[0], row[3], row[4]) for row in found] == [
        ("G1", "insufficient_data", "no_data"),
        ("G2", "insufficient_data", "baseline_unavailable"),
        ("G3", "insufficient_data", "no_data"),
    ]


def test_as_of_says_which_days_were_over_and_the_warehouse_is_left_alone(nights, monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    warehouse = nights.study.folder / "warehouse"
    before = content(warehouse)
    far_away = nights.moment.astimezone(timezone(timedelta(hours=9)))
    first = then(nights.study, far_away, date(2026, 3, 5))[0]
    assert (first[3], round(first[5]), first[9]) == ("in_progress", 2 * 6000 // 7, date(2026, 3, 5))
    assert content(warehouse) == before
    assert [p for p in tmp_path.iterdir() if p.name.startswith("replay")] == []
    assert list(warehouse.glob("replay*")) == []


def test_before_the_first_night_a_sentence_says_what_to_do(study: StudyFolder) -> None:
    with pytest.raises(StoreError, match="run `stepwindow nightly` first"):
        then(study, datetime.now(UTC))
