"""`--known-by`: the verdicts that stood then, from the files that were there then."""

from __future__ import annotations

import tempfile
from datetime import UTC, date, datetime, timedelta, timezone
from pathlib import Path

import pytest

from models.store.replay import replay
from models.store.store import StoreError
from models.study.folder import read_study
from tests.studies import AS_OF, StudyFolder, at, garmin_day, minutes
from tests.writers import diary, fitbit

VERDICTS = """SELECT goal_id, infusion_id, week, status, reason, value, percent, target, valid_days, as_of
              FROM goal_week ORDER BY ALL"""


def then(study: StudyFolder, moment: datetime, as_of: date = AS_OF) -> list[tuple]:
    return replay(read_study(study.folder), as_of, moment, VERDICTS).rows


def content(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.is_file()}


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, list[tuple], datetime]:
    """A night, what it published, a moment after it; then a night with late files. Whoever takes it only reads."""
    study = StudyFolder(tmp_path_factory.mktemp("replay") / "study")
    study.goals.append("G2,,P1,,1,1,daily_mean,steps,,,baseline_pct:10,2026-03-02,,,")
    study.write()
    for day in ("2026-03-03", "2026-03-04", "2026-03-06", "2026-02-20", "2026-02-21", "2026-02-22", "2026-02-23"):
        study.put(f"P1/{day}.fit", garmin_day(day))
    study.night()
    published, moment = study.ask(VERDICTS), datetime.now(UTC)
    study.put("P1/late.fit", garmin_day("2026-03-07", steps=3000))
    study.put("P1/again.fit", garmin_day("2026-03-04", steps=9000))
    study.put("P1/baseline.fit", garmin_day("2026-02-24", steps=20000))
    study.put("P1/later.fit", garmin_day("2026-03-12"))
    study.night()
    return study, published, moment


def test_the_verdicts_that_stood_then_are_judged_again(two_nights) -> None:
    study, published, moment = two_nights
    assert study.ask(VERDICTS) != published
    assert then(study, moment) == published
    assert then(study, datetime.now(UTC)) == study.ask(VERDICTS)


def test_decoding_everything_again_later_does_not_make_old_files_late(two_nights, tmp_path: Path) -> None:
    before, published, moment = two_nights
    study = before.copied(tmp_path / "study")
    study.night(command="backfill", reload=True)
    assert then(study, moment) == published


def test_a_time_without_a_zone_is_that_of_the_clinic(two_nights) -> None:
    study, published, moment = two_nights
    clinic = moment.astimezone(at("2026-03-02").tzinfo)
    assert then(study, clinic.replace(tzinfo=None)) == published
    assert then(study, moment.astimezone(timezone(timedelta(hours=9)))) == published


def test_before_the_first_file_nothing_was_known(two_nights) -> None:
    study, _, _ = two_nights
    found = then(study, datetime(2020, 1, 1, tzinfo=UTC))
    assert [(row[0], row[3], row[4]) for row in found] == [
        ("G1", "insufficient_data", "no_data"),
        ("G2", "insufficient_data", "baseline_unavailable"),
    ]


def test_as_of_says_which_days_were_over(two_nights) -> None:
    study, _, moment = two_nights
    (first, _) = then(study, moment, date(2026, 3, 5))
    assert (first[3], first[9]) == ("in_progress", date(2026, 3, 5))


def test_the_warehouse_is_left_alone_and_the_copy_is_gone(two_nights, monkeypatch, tmp_path: Path) -> None:
    study, _, moment = two_nights
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    before = content(study.folder / "warehouse")
    then(study, moment)
    assert content(study.folder / "warehouse") == before
    assert [p for p in tmp_path.iterdir() if p.name.startswith("replay")] == []
    assert list((study.folder / "warehouse").glob("replay*")) == []


def test_a_later_export_without_rows_on_a_day_no_longer_hides_the_older_one(study: StudyFolder) -> None:
    study.put("P1/a/steps_2026-03-01.csv", fitbit.steps({None: minutes(at("2026-03-04 10:00"), [100] * 20)}))
    study.night()
    moment = datetime.now(UTC)
    ends = {None: [*minutes(at("2026-03-03 10:00"), [100] * 5), *minutes(at("2026-03-05 10:00"), [100] * 5)]}
    study.put("P1/b/steps_2026-03-01.csv", fitbit.steps(ends))
    study.night()
    sql = "SELECT sum(steps)::INTEGER FROM day"
    assert replay(read_study(study.folder), AS_OF, moment, sql).rows == [(2000,)]


def test_a_diary_edited_since_is_told(study: StudyFolder) -> None:
    study.put("P1/diary.csv", diary.diary([(date(2026, 3, 4), "yoga", 20)]))
    study.night()
    moment = datetime.now(UTC)
    study.put("P1/diary.csv", diary.diary([(date(2026, 3, 5), "yoga", 20)]))
    study.night()
    known = read_study(study.folder)
    assert replay(known, AS_OF, moment, VERDICTS).lost == 1
    assert replay(known, AS_OF, datetime.now(UTC), VERDICTS).lost == 0


def test_before_the_first_night_a_sentence_says_what_to_do(study: StudyFolder) -> None:
    with pytest.raises(StoreError, match="run `stepwindow nightly` first"):
        then(study, datetime.now(UTC))
