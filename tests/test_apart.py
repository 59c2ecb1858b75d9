"""One fault, one person: whatever step fails for somebody, the others' numbers are those of a night without them."""

from __future__ import annotations

import itertools
import json
import os
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import pytest

from flows.answers.status import look
from flows.night import reading
from flows.night.begin import begin
from flows.night.run import Run, Scope
from flows.night.steps import run_steps
from flows.report import pages, write
from models.activity import Extract
from models.fault import StoreError
from models.store import bring, file
from models.store import load as store_load
from models.store.apart import apart
from models.store.batch import Batch
from models.store.file_result import FileResult
from models.store.store import Store, open_store
from models.study.folder import read_study
from tests.studies import StudyFolder, garmin_day, rows_of
from tests.writers import fit

STEPS = ("resolve", "control", "judge", "publish")  # and people: for whom the step of that name fails


def nothing() -> None:
    """Nothing is to be mended where no database is at work."""


# The mechanism -----------------------------------------------------------------------------------------------------
def fails_for(*bad: int) -> Callable[[list[int]], int]:
    def work(part: Any) -> int:
        if set(part) & set(bad):
            raise ValueError("a value")
        return len(part)

    return work


@pytest.mark.parametrize("bad", [(), (0,), (6,), (3, 4), (0, 1, 2, 3, 4, 5, 6)], ids=str)
def test_exactly_those_it_fails_for_are_found_and_all_others_are_done(bad: tuple[int, ...]) -> None:
    came = apart(range(7), fails_for(*bad), mend=nothing)
    assert set(came.failed) == set(bad)
    assert sum(came.done) == 7 - len(bad)


def test_who_failed_before_is_tried_alone_so_that_the_others_are_done_at_once() -> None:
    parts: list[list[int]] = []

    def work(part: Any) -> None:
        parts.append(list(part))
        fails_for(3)(part)

    assert set(apart(range(7), work, {3}, mend=nothing).failed) == {3}
    assert parts == [[0, 1, 2, 4, 5, 6], [3]]


def test_what_fails_for_nobody_at_all_is_no_ones_fault() -> None:
    def work(part: Any) -> None:
        raise ValueError("of the code itself")

    with pytest.raises(ValueError, match="of the code"):
        apart(range(7), work, mend=nothing)


@pytest.mark.parametrize(
    "fault", [duckdb.IOException("No space left on device"), StoreError("held"), OSError(5, "I/O error")], ids=str
)
def test_what_the_machine_cannot_do_stops_at_once(fault: Exception) -> None:
    tried = 0

    def work(part: Any) -> None:
        nonlocal tried
        tried += 1
        raise fault

    with pytest.raises(type(fault)):
        apart(range(7), work, mend=nothing)
    assert tried == 1


def test_the_text_of_a_value_makes_no_fault_the_machines() -> None:
    def work(part: Any) -> None:
        if 2 in part:
            raise duckdb.ConversionException("Could not convert 'No space left, Permission denied, Corrupt'")

    assert set(apart(range(4), work, mend=nothing).failed) == {2}


def test_work_for_many_is_done_for_a_part_after_the_other() -> None:
    assert apart(range(5), list, at_most=2, mend=nothing).done == [[0, 1], [2, 3], [4]]
    assert apart(range(5), list, doubtful={3}, mend=nothing).done == [[0, 1, 2, 4], [3]]
    assert apart([], list, at_most=2, mend=nothing).done == []


def test_memory_that_one_needs_alone_is_theirs_and_a_want_of_it_for_everybody_the_machines() -> None:
    def work(part: Any) -> None:
        if 1 in part:
            raise duckdb.OutOfMemoryException("failed to allocate")

    assert set(apart(range(4), work, mend=nothing).failed) == {1}
    with pytest.raises(duckdb.OutOfMemoryException):
        apart([1], work, mend=nothing)


def test_what_lacks_memory_is_tried_again_once_with_what_mending_gives() -> None:
    tried = []

    def work(part: Any) -> None:
        tried.append(list(part))
        if len(tried) == 1:
            raise duckdb.OutOfMemoryException("failed to allocate")

    assert apart(range(3), work, mend=nothing).failed == {}
    assert tried == [[0, 1, 2], [0, 1, 2]]


def test_a_store_holds_itself_to_some_memory_until_that_was_not_enough(tmp_path: Path) -> None:
    asked = "SELECT parse_formatted_bytes(current_setting('memory_limit'))"
    with closing(open_store(tmp_path)) as store:
        assert store.rows(asked)[0][0] <= 800_000_000
        store.mend()
        assert store.rows(asked)[0][0] > 800_000_000


# The steps ----------------------------------------------------------------------------------------------------------
def clinic(folder: Path, people: Sequence[str], walkers: Sequence[str]) -> StudyFolder:
    """People, some of whom walk each day in the week after their infusion."""
    study = StudyFolder(
        folder,
        participants=list(people),
        infusions=[f"{who}-1,{who},2026-03-02" for who in people],
        goals=[f"{who}-steps,1,{who},,1,2,daily_mean,steps,5000,,,2026-03-01" for who in people],
    ).write()
    for n, who in enumerate(walkers, 1):
        for day in range(3, 7):
            study.put(f"{who}/2026-03-{day:02}.fit", garmin_day(f"2026-03-{day:02}", 6000 + 100 * n + day))
    return study


# By step: the beginning of a statement that it executes, and the relation in which those are whom it is done for.
STATEMENTS = {
    'DELETE FROM "goal"': ("control", "FROM asked_now WHERE participant_id"),
    "CREATE OR REPLACE TEMP TABLE resolved_day": ("resolve", "FROM asked WHERE participant_id"),
    "CREATE OR REPLACE TEMP TABLE goal_week_now": ("judge", "FROM asked WHERE participant_id"),
    "INSERT INTO out.daily_activity BY NAME SELECT * FROM": ("publish", "FROM publishing WHERE participant_id"),
    "FROM out.daily_activity": ("publish", "FROM publishing WHERE participant_id"),
}


@contextmanager
def poisoned(**fails_for: str) -> Iterator[pytest.MonkeyPatch]:
    """While it lasts, a statement of each named step fails as soon as it has to do with the one person."""

    class Con:
        def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
            self.con = con

        def __getattr__(self, name: str) -> Any:
            return getattr(self.con, name)

        def execute(self, sql: str, parameters: Any = None) -> Any:
            self._fail(sql)
            return self.con.execute(sql, parameters) if parameters is not None else self.con.execute(sql)

        def sql(self, sql: str, **given: Any) -> Any:
            self._fail(sql)
            return self.con.sql(sql, **given)

        def _fail(self, told: Any) -> None:
            sql = getattr(told, "query", told)
            for begins, (step, whom) in STATEMENTS.items():
                asked = f"SELECT EXISTS ({whom} = '{fails_for.get(step)}')"
                if begins in sql and step in fails_for and self.con.execute(asked).fetchall() == [(True,)]:
                    self.con.execute("SELECT CAST(('a value of ' || range) AS INTEGER) FROM range(1)")

    connect = file.connect
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(file, "connect", lambda path, **how: Con(connect(path, **how)))
        yield patch


def fail(patch: pytest.MonkeyPatch, where: Any, name: str, wrong: Callable[..., bool], fault: Exception) -> None:
    """Let a function fail where its arguments are such."""
    right = getattr(where, name)

    def called(*given: Any, **more: Any) -> Any:
        if wrong(*given):
            raise fault
        return right(*given, **more)

    patch.setattr(where, name, called)


# Nights in which a step or a page fails for somebody, after one in which nothing did --------------------------------
EVERYBODY = ("P1", "page", "row", *STEPS)


class Nights(NamedTuple):
    """Two nights that fail for the same people, the study after them, and a third one when the cause is gone."""

    failing: tuple[Run, Run]
    held: StudyFolder
    last: Run
    free: StudyFolder


@pytest.fixture(scope="module")
def after_a_night(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The clinic after its first night."""
    study = clinic(tmp_path_factory.mktemp("clinic") / "study", EVERYBODY, EVERYBODY)
    assert study.night().is_clean
    return study


@pytest.fixture(scope="module")
def never_disturbed(after_a_night: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """It after a second night, in which everybody hands in one more day."""
    study = with_one_more_day(after_a_night, tmp_path_factory.mktemp("later") / "study")
    study.night()
    return study


@pytest.fixture(scope="module")
def nights(after_a_night: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """The same, but each step fails for one person, a page for another, and a row of the page over everybody."""
    folder = tmp_path_factory.mktemp("disturbed")
    held = with_one_more_day(after_a_night, folder / "held")
    toml = held.folder / "study.toml"
    toml.write_text(toml.read_text("utf-8").replace("nightly = false", "nightly = true"))
    with poisoned(**{step: step for step in STEPS}) as patch:
        fail(patch, pages, "page", lambda who, *_: who == "page", ZeroDivisionError("a value of page"))
        fail(patch, write.cohort, "pages", lambda people, *_: any(
            p["participant_id"] == "row" and not p.get("unwritten") for p in people), KeyError("a value of row")
        )  # fmt: skip
        failing = held.night(), held.night()
    free = held.copied(folder / "free")
    return Nights(failing, held, free.night(), free)


def with_one_more_day(before: StudyFolder, folder: Path) -> StudyFolder:
    study = before.copied(folder)
    for who in EVERYBODY:
        study.put(f"{who}/2026-03-09.fit", garmin_day("2026-03-09", 7000))
    return study


def test_whom_a_step_fails_for_is_held_every_night_and_nobody_else(nights: Nights) -> None:
    for run in nights.failing:  # red until it is mended
        assert not run.is_clean
        steps = {step: step for step in STEPS}
        assert {who: why.step for who, why in run.held.items()} == steps | {"page": "report", "row": "report"}
    study = nights.held
    held = [(who,) for who in sorted(STEPS)]
    assert study.ask("SELECT participant_id FROM participant WHERE held_reason IS NOT NULL ORDER BY 1") == held
    assert study.ask("SELECT DISTINCT participant_id FROM goal_week WHERE is_held ORDER BY 1") == held


@pytest.mark.parametrize("who", STEPS)
def test_of_whom_a_step_fails_for_stands_what_was_published(who: str, after_a_night: StudyFolder, nights: Nights):
    for asked in ("local_date, steps FROM daily_activity", "week, value, status FROM goal_week"):
        sql = f"SELECT {asked} WHERE participant_id = '{who}' ORDER BY ALL"
        assert nights.held.ask(sql) == after_a_night.ask(sql) != []


def test_the_others_numbers_are_those_of_a_night_that_nothing_disturbs(nights: Nights, never_disturbed) -> None:
    others = ("P1", "page", "row")
    assert rows_of(nights.held, *others) == rows_of(never_disturbed, *others)
    assert {len(nights.held.ask(f"FROM daily_activity WHERE participant_id = '{who}' AND steps IS NOT NULL"))
            for who in others} == {5}  # fmt: skip


def test_status_health_and_log_report_who_is_held_without_a_value(nights: Nights) -> None:
    study = nights.held
    now = [finding for finding in look(read_study(study.folder)).findings if finding.kind == "held"]
    assert {(f.urgency, f.participant_id) for f in now} == {("now", who) for who in (*STEPS, "page", "row")}
    health = json.loads((study.folder / "warehouse/health.json").read_text("utf-8"))
    assert (health["last_attempt"]["exit_code"], health["last_success_found"]["participants_held"]) == (1, 6)
    everything = " ".join(path.read_text("utf-8") for path in (study.folder / "warehouse/logs").iterdir())
    assert "a value of" not in everything + str(study.ask("FROM participant"))


def test_a_page_or_a_row_that_cannot_be_written_keeps_no_other_back(nights: Nights) -> None:
    pages = {who: page_of(nights.held, who) for who in EVERYBODY}
    assert [who for who, page in pages.items() if "This page could not be written" in page] == ["page"]
    assert [who for who, page in pages.items() if "stand as they were published" in page] == list(STEPS)
    index = (nights.held.folder / "warehouse/report/index.html").read_text("utf-8")
    assert "the page could not be written" in index
    assert all(f"participant/{who}.html" in index for who in EVERYBODY)


def page_of(study: StudyFolder, who: str) -> str:
    return (study.folder / f"warehouse/report/participant/{who}.html").read_text("utf-8")


def test_once_the_cause_is_gone_all_is_as_if_nothing_had_been(nights: Nights, never_disturbed: StudyFolder) -> None:
    assert nights.last.is_clean
    assert nights.free.ask("SELECT count(*) FROM participant WHERE held_reason IS NOT NULL") == [(0,)]
    assert not nights.free.ask_store("FROM held")
    assert rows_of(nights.free) == rows_of(never_disturbed)
    assert "could not be written" not in page_of(nights.free, "page")


# Who was judged once, is held for nights, and comes free ------------------------------------------------------------
@pytest.fixture(scope="module")
def twins(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """Two people with the same files, after a night in the middle of their first week."""
    study = clinic(tmp_path_factory.mktemp("twins") / "study", ["held", "twin"], ["held"])
    shutil.copytree(study.folder / "inbox/held", study.folder / "inbox/twin")
    assert study.night(as_of=date(2026, 3, 7)).is_clean
    return study


def test_the_others_are_judged_as_always_while_one_is_held_for_nights(twins: StudyFolder, tmp_path: Path) -> None:
    """Who comes free is judged from where they were left: causes and figures are those of the days that passed."""
    study = twins.copied(tmp_path / "study")
    judged = "SELECT DISTINCT participant_id, as_of FROM goal_week ORDER BY 1"
    with poisoned(judge="held"):
        for day in (8, 9):
            study.night(as_of=date(2026, 3, day))
            assert study.ask(judged) == [("held", date(2026, 3, 7)), ("twin", date(2026, 3, day))]
    study.night(as_of=date(2026, 3, 18))
    assert study.ask(judged) == [(who, date(2026, 3, 18)) for who in ("held", "twin")]
    assert study.ask_store("SELECT DISTINCT as_of FROM judged_participant") == [(date(2026, 3, 18),)]
    of_the_held, of_the_twin = (
        (study.ask(f"SELECT week, status, value, reason, percent FROM goal_week WHERE {whose} ORDER BY ALL"),
         study.ask(f"SELECT DISTINCT cause FROM goal_week_history WHERE {whose} AND week = 1 ORDER BY 1"))
        for whose in ("participant_id = 'held'", "participant_id = 'twin'")
    )  # fmt: skip
    assert of_the_held == of_the_twin
    assert of_the_held[1] == [("first_verdict",), ("time_passed",)]


@pytest.fixture(scope="module")
def from_nothing(twins: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> tuple[Run, StudyFolder, StudyFolder]:
    """A rebuild that fails for one of them, while a bad row holds the other, whose infusion's id is an heir's now; the
    study after it, and after a night in which it fails no more."""
    folder = tmp_path_factory.mktemp("from_nothing")
    study = twins.copied(folder / "rebuilt")
    study.put("held/2026-03-09.fit", garmin_day("2026-03-09", 7000))
    study.participants = ["held", "twin,Nope/Nope", "heir"]
    study.infusions[1] = "twin-1,heir,2026-03-09"
    study.write()
    with poisoned(resolve="held"):
        rebuilt = study.night(command="backfill", rebuild=True)
    free = study.copied(folder / "free")
    assert list(free.night().held) == ["twin"]
    return rebuilt, study, free


def test_a_held_persons_numbers_outlive_a_file_that_is_made_from_nothing(twins: StudyFolder, from_nothing) -> None:
    _, study, free = from_nothing
    for who in ("held", "twin"):
        days = f"FROM daily_activity WHERE participant_id = '{who}' ORDER BY ALL"
        assert study.ask(days) == twins.ask(days) != []
    assert study.ask("SELECT count(*) FROM goal_week WHERE participant_id = 'held' AND is_held")[0][0] > 0
    assert len(free.ask("FROM daily_activity WHERE participant_id = 'held' AND steps IS NOT NULL")) == 5


def test_an_id_that_a_good_row_gives_to_somebody_else_is_theirs_in_a_file_made_from_nothing(from_nothing) -> None:
    run, study, _ = from_nothing
    assert {who: why.step for who, why in run.held.items()} == {"held": "resolve", "twin": "days"}
    assert study.ask("SELECT participant_id FROM infusion WHERE infusion_id = 'twin-1'") == [("heir",)]


# A first night in which something fails for everybody but the healthy -----------------------------------------------
class Firsts(NamedTuple):
    """A first night in which steps and files fail, the study after it, and a night when their causes are gone."""

    first: Run
    held: StudyFolder
    second: Run
    free: StudyFolder


@pytest.fixture(scope="module")
def firsts(tmp_path_factory: pytest.TempPathFactory) -> Firsts:
    folder = tmp_path_factory.mktemp("firsts")
    study = clinic(folder / "held", ("P1", "fatal", "files", "much", *STEPS), ("P1", "fatal", *STEPS))
    for day, name in enumerate(("unopened", "unwritten", "year_2400"), 3):
        study.put(f"files/{name}.fit", garmin_day(f"2026-03-{day:02}", 5000))
    os.utime(study.folder / "inbox/files/year_2400.fit", (13_569_465_600, 13_569_465_600))
    for number, content in enumerate(walks_without_an_end()):
        study.put(f"much/{number}.fit", content)
    with pytest.MonkeyPatch.context() as both_nights:
        fail(both_nights, store_load, "write_rows", lambda store, files, *_: (
            "files/unwritten.fit" in files["path"]),
            UnicodeEncodeError("utf-8", "a name", 0, 1, "surrogates not allowed"),
        )  # fmt: skip
        with poisoned(**{step: step for step in STEPS}) as patch:
            fail(patch, Path, "open", lambda path, *_: path.name == "unopened.fit", PermissionError(13, "denied"))
            fail(patch, bring, "_insert", is_given_up, duckdb.FatalException("database has been invalidated"))
            run = begin(study.folder, Scope())
            beyond = FileResult("files", "files/beyond.csv", 2**70, 2**70, "0" * 64, "zones", "made", 1, {}, Extract())
            run.read_chunks = lambda chunks: itertools.chain(
                ([reading.read_chunk(c)] for c in chunks), [[Batch.of([beyond])]]
            )
            run_steps(run)
        free = study.copied(folder / "free")
        return Firsts(run, study, free.night(), free)


def is_given_up(store: Store, relation: bring.Relation, *_: object) -> bool:
    """Nothing works on the database any more, as after an internal error."""
    fatal = relation.name == "goal_week" and bool(store.rows("FROM publishing WHERE participant_id = 'fatal'"))
    if fatal:
        store.con.close()
    return fatal


def walks_without_an_end() -> Iterator[bytes]:
    begins = datetime(2026, 3, 5, 15, tzinfo=UTC)
    for number in range(4):
        walks = [
            fit.Session(begins + timedelta(seconds=20 * n + number), timedelta(hours=3), 11, 0) for n in range(1300)
        ]
        yield fit.activity(walks, serial=4_000_000_000 + number, events=False)


def test_the_others_rows_are_those_of_a_night_in_which_nothing_fails(firsts: Firsts, after_a_night) -> None:
    assert rows_of(firsts.held, "P1") == rows_of(after_a_night, "P1")
    held = {step: step for step in STEPS} | {"fatal": "publish", "much": "resolve"}
    assert {who: why.step for who, why in firsts.first.held.items()} == held
    assert {who for (who,) in firsts.held.ask_store("SELECT participant_id FROM held")} == set(held)
    told = {who for (who,) in firsts.held.ask("SELECT participant_id FROM participant WHERE held_reason IS NOT NULL")}
    assert told == set(held) - {"control"}  # who never was in the study's books is in status alone


def test_a_database_that_duckdb_gave_up_is_opened_again_for_the_others(firsts: Firsts) -> None:
    judged = {who for (who,) in firsts.held.ask("SELECT DISTINCT participant_id FROM goal_week")}
    assert judged == {"P1", "files"}


def test_files_that_cannot_be_opened_or_written_down_are_rejections_of_their_own(firsts: Firsts) -> None:
    faults = {fault.file for fault in firsts.first.new_faults}
    assert faults == {"files/unopened.fit", "files/unwritten.fit", "files/beyond.csv"}
    loaded = 4 * len(("P1", *STEPS, "fatal", "much")) + 1
    assert firsts.first.files == {"loaded": loaded, "duplicate": 0, "rejected": 3, "ignored": 0}
    assert firsts.held.ask("SELECT count(*) FROM rejection WHERE reason LIKE '%UnicodeEncodeError%'") == [(1,)]


def test_a_file_that_can_be_read_at_last_leaves_no_rejection_and_others_are_not_found_anew(firsts: Firsts) -> None:
    assert firsts.free.ask_store("SELECT status FROM source_file WHERE path = 'files/unopened.fit'") == [("loaded",)]
    found = firsts.free.ask("SELECT participant_id, reason LIKE '%UnicodeEncodeError%' FROM rejection")
    assert found == [("files", True)]
    assert (firsts.second.new_faults, list(firsts.second.held)) == ([], ["much"])


def test_a_file_of_the_year_2400_is_read_and_stays_read(firsts: Firsts) -> None:
    """Its time in nanoseconds is more than 64 bits hold."""
    if (firsts.free.folder / "inbox/files/year_2400.fit").stat().st_mtime < 13_000_000_000:
        pytest.skip("the file system of the temporary folder knows no such year")
    assert firsts.free.day("2026-03-05", "files")["steps"] == 5000
    assert firsts.second.files["loaded"] == 1  # the one that could not be opened


def test_who_has_more_than_a_night_can_calculate_with_is_told_of_what(firsts: Firsts) -> None:
    assert "more than 5,000 stretches of recorded activity on one date" in firsts.first.held["much"].reason
    assert "more than 5,000 stretches" in firsts.second.held["much"].reason
