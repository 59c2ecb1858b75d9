"""A study whose participants are spread over several stores: all answers are those of a study with one."""

from __future__ import annotations

import pickle
import re
import shutil
from collections.abc import Callable
from contextlib import closing, redirect_stdout, suppress
from datetime import date, datetime
from io import StringIO
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

import duckdb
import pytest

from flows.cli import main
from flows.night import shard, shards
from flows.night.begin import begin
from flows.night.run import Run, Scope
from flows.night.steps import judge_weeks, publish, resolve_days, run_step, run_steps
from flows.removal import unload
from models.fault import StoreError, StudyError
from models.store import key
from models.store.divide import divide
from models.store.noted import Noting
from models.store.replay import replay
from models.store.shards import count, on_disk, shard_of
from models.store.store import open_store
from models.study.folder import read_study
from tests.dying import killed
from tests.histories import Walk
from tests.studies import NEW_YORK, StudyFolder, garmin_day, read_here, rows_of
from tests.writers import diary

TWO = "[warehouse]\nshards = 2\n"  # of which P1 and P2 are in the first, P3 in the second
GOALS = [f"G{n},1,P{n},,1,4,daily_mean,steps,5000,,,2026-03-01,,," for n in (1, 2, 3)]


class Here:
    """A shard's process that is none: what it is asked travels all the same."""

    def __init__(self, processors: int) -> None:
        self.run: Run | None = None
        self.counted: dict[str, Any] = {}

    def ask(self, *message: Any) -> Any:
        """As of a process."""
        said = pickle.loads(pickle.dumps(message))
        if self.run is None:
            key._KEY_FILES.clear()  # another process knows of none
            self.run, answer = shard.begin(said[0])
            assert said[0].folder.parent in key._KEY_FILES
        else:
            answer = said[0](self.run, *said[1])
        self.counted, answer = pickle.loads(pickle.dumps((shard.counted(self.run), answer)))
        return answer

    def close(self) -> None:
        """It is lost with what it had not committed."""
        with suppress(AttributeError, duckdb.Error):  # it has ended
            self.run.store.close()  # type: ignore[union-attr]


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Shards have no processes of their own, which would load all of the code for themselves."""
    in_this_process(monkeypatch)


def in_this_process(patch: pytest.MonkeyPatch) -> None:
    read_here(patch)
    patch.setattr(shards, "ShardProcess", Here)


def study_of(folder: Path, settings: str = "") -> StudyFolder:
    """Three people, each with an infusion, a goal and two days of a watch."""
    study = StudyFolder(folder, [f"P{n},,," for n in (1, 2, 3)], settings=settings, goals=list(GOALS))
    study.infusions = [f"I{n},P{n},2026-03-02,," for n in (1, 2, 3)]
    study.write()
    for n in (1, 2, 3):
        for day in ("2026-03-03", "2026-03-04"):
            study.put(f"P{n}/{day}.fit", garmin_day(day, 3000 * n, serial=n))
    study.put("P1/walks.fit", garmin_day("2026-03-06", 9000, serial=1))
    study.put("P3/diary.csv", diary.diary([(date(2026, 3, 5), "yoga", 20)]))
    study.put("nobody/a.fit", b"x")
    return study


def two_of(tmp_path: Path) -> list[StudyFolder]:
    """The same study with one store and with two shards."""
    return [study_of(tmp_path / "one"), study_of(tmp_path / "two", TWO)]


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> list[StudyFolder]:
    """Both after their first night, to be copied."""
    with pytest.MonkeyPatch.context() as patch:
        in_this_process(patch)
        made = two_of(tmp_path_factory.mktemp("begun"))
        nights(made)
    return made


@pytest.fixture
def studies(here: None, first_night: list[StudyFolder], tmp_path: Path) -> list[StudyFolder]:
    """Both after their first night."""
    return [study.copied(tmp_path / study.folder.name) for study in first_night]


@pytest.fixture
def study(studies: list[StudyFolder]) -> StudyFolder:
    """That with two shards, after its first night."""
    return studies[1]


def said_by(run: Run) -> dict[str, Any]:
    """What a run tells of itself."""
    names = ("found", "files", "kinds", "standing", "days", "changes", "moved", "waiting", "held_goals", "problems")
    told = {name: getattr(run, name) for name in names}
    return told | {"held": sorted(run.held), "new": sorted(map(str, run.new_faults))}


def are_alike(one: StudyFolder, two: StudyFolder) -> None:
    """Every relation that is published, the store as it is asked, and the worklist."""
    assert rows_of(one) == rows_of(two)
    ledger = "SELECT participant_id, path, status, note, export, rows FROM source_file ORDER BY ALL"
    assert one.ask_store(ledger) == two.ask_store(ledger)
    for relation in ("run", "audit", "study"):
        columns = [name for (name,) in one.ask(f"SELECT column_name FROM (DESCRIBE {relation})")]
        told = ", ".join(name for name in columns if not name.endswith(("_at", "_id", "_hash")))
        assert one.ask(f"SELECT {told} FROM {relation} ORDER BY ALL") == two.ask(
            f"SELECT {told} FROM {relation} ORDER BY ALL"
        )


def both(studies: list[StudyFolder], what: Callable[[StudyFolder], Any]) -> None:
    for study in studies:
        what(study)


def nights(studies: list[StudyFolder], **scope: Any) -> None:
    """A night of both, which tell the same and publish the same."""
    one, two = (said_by(study.night(**scope)) for study in studies)
    assert one == two
    are_alike(*studies)


def test_people_stay_in_their_shard_whoever_comes_later() -> None:
    assert [shard_of(who, 2) for who in ("P1", "P2", "P3")] == [1, 1, 2]
    assert {shard_of(f"P{n:04d}", 4) for n in range(100)} == {1, 2, 3, 4}


def test_night_after_night_is_published_what_one_store_publishes(studies: list[StudyFolder], tmp_path: Path) -> None:
    assert studies[1].ask_store("SELECT count(*) FROM published") == [(1,)]  # what changes is noted from here on
    assert [folder.name for folder in on_disk(tmp_path / "two/warehouse")] == ["shard-1-of-2", "shard-2-of-2"]
    nights(studies)
    both(studies, lambda study: study.put("P2/late.fit", garmin_day("2026-03-05", 8000, serial=2)))
    both(studies, lambda study: study.put("P3/broken.fit", garmin_day("2026-03-07")[:-1]))
    nights(studies)
    for study in studies:
        study.infusions[0] = "I1,P1,2026-03-03,,"
        study.goals[2] = GOALS[2].replace("5000", "much")
        study.write()
    nights(studies)


def test_a_file_that_is_moved_to_somebody_of_another_shard_counts_there_alone(studies: list[StudyFolder]) -> None:
    for study in studies:
        inbox = study.folder / "inbox"
        shutil.move(inbox / "P1/walks.fit", inbox / "P3/walks.fit")
        shutil.copy(inbox / "P3/2026-03-03.fit", inbox / "P2/copy.fit")  # and another lies in both
    nights(studies)
    assert studies[1].ask("SELECT participant_id FROM daily_activity WHERE local_date = '2026-03-06'") == [("P3",)]
    moved = "SELECT DISTINCT participant_id FROM goal_week_history WHERE cause = 'file_moved'"
    assert studies[1].ask(moved) == [("P1",)]
    nights(studies, command="backfill", rebuild=True)


def test_what_was_said_of_a_goal_goes_with_it_to_somebody_of_another_shard(here, tmp_path: Path) -> None:
    studies = two_of(tmp_path)
    for study in studies:
        study.goals.append("G4,1,P1,,1,4,daily_mean,steps,,,percentile:60,2026-03-01,,,")
        for n in range(17, 29):
            study.put(f"P1/before-{n}.fit", garmin_day(f"2026-02-{n}", 4000, serial=1))
        study.write()
    nights(studies)
    for study in studies:  # one is held when it goes over
        study.goals[0] = GOALS[0].replace("5000", "much")
        study.write()
    nights(studies)
    both(studies, lambda study: study.goals.__setitem__(0, GOALS[0]))
    for goals, infusions in (("P3", "P1"), ("P3", "P3"), ("P1", "P3"), ("P1", "P1")):
        for study in studies:
            study.goals[0], study.goals[3] = (re.sub("P[13]", goals, study.goals[n]) for n in (0, 3))
            study.infusions[0] = f"I1,{infusions},2026-03-02,,"
            study.write()
        nights(studies)
        frozen = "SELECT * EXCLUDE (frozen_at) FROM frozen_target ORDER BY ALL"
        assert studies[0].ask_store(frozen) == studies[1].ask_store(frozen) != []
    assert len(studies[1].ask("FROM goal_week_history WHERE goal_id = 'G1' AND infusion_id = 'I1'")) > 8
    for study in studies:  # what rests on the days of who leaves goes, whoever's goal it is now
        study.goals[3] = study.goals[3].replace("P1", "P3")
        study.write()
    nights(studies)
    nights(studies, command="backfill", rebuild=True)
    for study in studies:
        assert study.ask_store("SELECT count(*) FROM frozen_target") == [(1,)]
        assert main(["forget", "P1", "--yes", "--study", str(study.folder)]) == 0
        assert study.ask_store("FROM frozen_target") == []
    nights(studies)
    assert studies[0].ask("SELECT count(target) FROM goal_week WHERE goal_id = 'G4'") == [(0,)]


def test_a_file_that_is_unloaded_is_out_and_comes_back(studies: list[StudyFolder]) -> None:
    for undo in (False, True):
        one, two = (unload(study.folder, "P3", "P3/2026-03-03.fit", undo) for study in studies)
        assert one == two
        are_alike(*studies)
    with pytest.raises(StudyError, match="no such file of P3"):
        unload(studies[1].folder, "P3", "P3/other.fit", undo=False)


def test_who_is_forgotten_is_in_no_shard_nor_what_of_theirs_lay_with_others(here, tmp_path: Path) -> None:
    study = study_of(tmp_path, TWO)
    who = "P-77312"
    assert shard_of(who, 2) == 1
    study.participants.append(f"{who},,,")
    study.write()
    study.put(f"P3/{who}.fit", garmin_day("2026-03-08", serial=5))
    study.night()
    (study.folder / f"inbox/{who}").mkdir()
    shutil.move(study.folder / f"inbox/P3/{who}.fit", study.folder / f"inbox/{who}/{who}.fit")
    assert study.night().moved == 1
    others = rows_of(study, "P1", "P2", "P3")
    with redirect_stdout(StringIO()):
        assert main(["forget", who, "--yes", "--study", str(study.folder)]) == 0
    left = b"".join(path.read_bytes() for path in (study.folder / "warehouse").rglob("*") if path.is_file())
    assert who.encode() not in left
    others["source_file"] = [row for row in others["source_file"] if who not in str(row)]
    assert rows_of(study, "P1", "P2", "P3") == others
    assert study.night().is_clean
    assert study.ask("SELECT participant_id FROM participant ORDER BY 1") == [("P1",), ("P2",), ("P3",)]


@pytest.mark.parametrize("step", [resolve_days, judge_weeks, publish])
def test_a_night_that_is_killed_before_a_step_loses_nothing(
    studies: list[StudyFolder], step: Callable[[Run], None]
) -> None:
    both(studies, lambda study: study.put("P3/late.fit", garmin_day("2026-03-05", 8000, serial=3)))

    def walked(taken: Callable[[Run], None], run: Run) -> None:
        if taken is step:
            raise KeyboardInterrupt
        run_step(taken, run)

    with mock.patch("flows.night.steps.run_step", walked), pytest.raises(KeyboardInterrupt):
        run_steps(begin(studies[1].folder, Scope()))
    both(studies, StudyFolder.night)
    assert rows_of(studies[0]) == rows_of(studies[1])


def test_a_shard_that_does_not_know_what_was_published_is_published_from_nothing(studies: list[StudyFolder]) -> None:
    with mock.patch("flows.night.steps.settle_published", side_effect=KeyboardInterrupt), suppress(KeyboardInterrupt):
        studies[1].night()
    studies[0].night()
    both(studies, lambda study: study.put("P3/late.fit", garmin_day("2026-03-05", 8000, serial=3)))
    nights(studies)


def test_a_shard_that_is_lost_is_made_anew_and_keeps_the_history_that_was_published(
    studies: list[StudyFolder], tmp_path: Path
) -> None:
    both(studies, lambda study: study.put("P2/late.fit", garmin_day("2026-03-05", 8000, serial=2)))
    nights(studies)
    (tmp_path / "one/warehouse/store.duckdb").unlink()
    for folder in on_disk(tmp_path / "two/warehouse"):
        (folder / "store.duckdb").unlink()
    both(studies, StudyFolder.night)
    assert rows_of(studies[0]) == rows_of(studies[1])
    assert len(studies[1].ask("SELECT DISTINCT run_id FROM goal_week_history")) == 2


def test_what_was_known_then_is_judged_from_all_shards(studies: list[StudyFolder]) -> None:
    then = datetime.now(NEW_YORK).replace(tzinfo=None)  # where the clinic is
    sql = "SELECT goal_id, week, status, value FROM goal_week ORDER BY ALL"
    one, two = (replay(read_study(study.folder), date(2026, 3, 20), then, sql).rows for study in studies)
    assert one == two
    assert len(one) == 12


def test_processes_of_their_own_have_the_shards_and_the_loss_of_one_stops_the_night(tmp_path: Path) -> None:
    study = study_of(tmp_path, TWO)
    assert study.night().files["loaded"] == 8
    study.put("P3/late.fit", garmin_day("2026-03-05", 8000, serial=3))
    run = begin(study.folder, Scope())
    run.shards.processes[1]._process.kill()  # type: ignore[union-attr]
    with pytest.raises(StoreError, match="process of a shard ended"):
        run_steps(run)
    argv = ["nightly", "--no-engine", "--study", str(study.folder)]
    assert killed(argv, "flows.night.sharded.judge_weeks") == -9
    assert main(argv) == 0
    assert study.ask("SELECT status FROM source_file WHERE participant_id = 'P3'") == [("loaded",)] * 4


def test_a_shard_of_an_older_form_is_asked_after_the_next_night(study: StudyFolder) -> None:
    with duckdb.connect(str(on_disk(study.folder / "warehouse")[1] / "store.duckdb")) as con:
        con.execute("DELETE FROM migration WHERE name LIKE '033_noted%'; DROP TABLE unpublished")
        con.execute("ALTER TABLE published DROP COLUMN as_of")
    with pytest.raises(StoreError, match="older version"):
        study.ask_store("FROM source_file")
    assert main(["forget", "P2", "--yes", "--study", str(study.folder)]) == 2
    study.night()
    assert len(study.ask_store("FROM participant")) == 3


def test_another_number_of_shards_divides_the_people_anew_and_nothing_else_changes(
    studies: list[StudyFolder], tmp_path: Path
) -> None:
    for n, asked in enumerate((3, 1, 2)):
        studies[1].settings = f"[warehouse]\nshards = {asked}\n"
        for study in studies:
            study.write()
            if n:
                study.put(f"P{n}/late.fit", garmin_day("2026-03-05", 8000, serial=n))
        nights(studies)
        lying = sorted(path.parent.name for path in (tmp_path / "two/warehouse").glob("*/store.duckdb"))
        assert lying == [f"shard-{number}-of-{asked}" for number in range(1, asked + 1) if asked > 1]
    nights(studies)
    runs = "SELECT count(DISTINCT run_id) FROM goal_week_history"
    assert studies[0].ask(runs) == studies[1].ask(runs) == [(3,)]


@pytest.mark.parametrize(("has", "asked"), [(1, 2), (2, 3), (2, 1)])
def test_who_is_killed_while_people_are_divided_has_divided_nobody_or_all(
    here, tmp_path: Path, has: int, asked: int
) -> None:
    study = study_of(tmp_path, f"[warehouse]\nshards = {has}\n")
    study.night()
    published = rows_of(study)
    study.settings = f"[warehouse]\nshards = {asked}\n"
    study.write()
    before_it_counts = mock.patch.object(Noting, "doubt", side_effect=KeyboardInterrupt)
    before_it_is_tidy = mock.patch("models.store.divide.remove_others", side_effect=KeyboardInterrupt)
    for killed_there, counts in ((before_it_counts, has), (before_it_is_tidy, asked)):
        with closing(open_store(tmp_path / "warehouse")) as store:
            with killed_there, pytest.raises(KeyboardInterrupt):
                divide(store, asked)
            assert count(store.con, store.folder) == counts
        assert len(study.ask_store("FROM source_file")) == 8
    study.night()
    assert len(on_disk(tmp_path / "warehouse")) == (asked if asked > 1 else 0)
    assert rows_of(study) == published


def test_a_rebuild_says_what_it_would_lose_of_all_shards(study: StudyFolder) -> None:
    for lost in ("P1/walks.fit", "P3/diary.csv"):
        (study.folder / "inbox" / lost).unlink()
    with pytest.raises(StudyError, match="inbox: lacks 2 files of 2 people that a rebuild would lose"):
        study.night(command="backfill", rebuild=True)
    assert study.night(command="backfill", rebuild=True, accept_loss=True).files["loaded"] == 6


def test_a_rebuild_keeps_the_number_of_shards(study: StudyFolder) -> None:
    study.settings = ""
    study.write()
    with pytest.raises(StudyError, match="there are 2 and a rebuild keeps their number; run `stepwindow nightly`"):
        study.night(command="backfill", rebuild=True)


def test_a_history_of_shards_is_published_as_a_fresh_study_with_one_store(here, tmp_path: Path) -> None:
    walked = Walk(Random(36), tmp_path, settings=TWO)
    walked.night(things=8, is_compared=False)
    walked.night(things=12)
