"""One fault, one person: whatever step fails for somebody, the others' numbers are those of a night without them."""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import duckdb
import pytest

from flows.answers.status import look
from flows.night import reading_process as reader
from flows.night.begin import begin
from flows.night.run import Scope
from flows.night.steps import run_steps
from flows.report import write
from models.activity import Extract
from models.fault import StoreError
from models.store import publish as store_publish
from models.store.apart import apart
from models.store.file_result import FileResult
from models.store.read import query_published, query_store
from models.store.store import Store
from models.study.folder import read_study
from tests.studies import StudyFolder, garmin_day, read_here
from tests.writers import fit

PEOPLE = ["P1", "P2", "P3", "P4"]
BOOKKEEPING = ("run", "audit")


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


def test_memory_that_one_needs_alone_is_theirs_and_a_want_of_it_for_everybody_the_machines() -> None:
    def work(part: Any) -> None:
        if 1 in part:
            raise duckdb.OutOfMemoryException("failed to allocate")

    assert set(apart(range(4), work, mend=nothing).failed) == {1}
    with pytest.raises(duckdb.OutOfMemoryException):
        apart([1], work, mend=nothing)


# The steps ----------------------------------------------------------------------------------------------------------
def clinic(folder: Path, people: list[str] = PEOPLE, *, reports: bool = False) -> StudyFolder:
    """People with a walk a day in the week after their infusion."""
    study = StudyFolder(
        folder,
        participants=list(people),
        infusions=[f"{who}-1,{who},2026-03-02" for who in people],
        goals=[f"{who}-steps,1,{who},,1,2,daily_mean,steps,5000,,,2026-03-01" for who in people],
    ).write()
    if reports:
        report_nightly(study)
    for who in people:
        for day in range(3, 7):
            study.put(f"{who}/2026-03-{day:02}.fit", garmin_day(f"2026-03-{day:02}", 6000 + 100 * int(who[1:]) + day))
    return study


def report_nightly(study: StudyFolder) -> None:
    """Every night writes the report, too."""
    toml = study.folder / "study.toml"
    toml.write_text(toml.read_text().replace("nightly = false", "nightly = true"))


@pytest.fixture(scope="module")
def after_a_night(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The clinic after its first night, to be copied."""
    study = clinic(tmp_path_factory.mktemp("clinic") / "study")
    assert study.night().is_clean
    return study


@pytest.fixture(scope="module")
def never_disturbed(after_a_night: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple]]:
    """What is published of it after a second night in which everybody hands in one more day."""
    study = after_a_night.copied(tmp_path_factory.mktemp("clinic") / "later")
    one_more_day(study)
    study.night()
    return rows_of(study)


@pytest.fixture(scope="module")
def without_p3(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple]]:
    """What is published of the others where P3 never was."""
    study = clinic(tmp_path_factory.mktemp("clinic") / "without", [p for p in PEOPLE if p != "P3"])
    study.night()
    return rows_of(study)


def one_more_day(study: StudyFolder) -> None:
    for who in PEOPLE:
        study.put(f"{who}/2026-03-09.fit", garmin_day("2026-03-09", 7000))


def rows_of(study: StudyFolder, but: str = "") -> dict[str, list[tuple]]:
    """Everything that is published of all people but one, apart from what each run has its own."""
    found = {}
    for (table,) in study.ask("SELECT table_name FROM duckdb_tables() ORDER BY 1"):
        if table not in BOOKKEEPING:
            whose = f"WHERE participant_id IS DISTINCT FROM '{but}'"
            found[table] = study.ask(f"SELECT {told_columns(study, table)} FROM {table} {whose} ORDER BY ALL")
    return found


def told_columns(study: StudyFolder, table: str) -> str:
    """Those of a relation that are no bookkeeping."""
    columns = [name for (name,) in study.ask(f"SELECT column_name FROM (DESCRIBE {table})")]
    return ", ".join(c for c in columns if not c.endswith("_at") and c not in ("run_id", "evaluation_id", "supersedes"))


@contextmanager
def poisoned(monkeypatch: pytest.MonkeyPatch, marks: dict[str, str], who: str = "P3") -> Iterator[None]:
    """While it lasts, a statement that begins as one of `marks` says fails as soon as it has to do with `who`.

    `marks`: the beginning of the statement -> SQL that is true where the person is in it.
    """

    class Con:
        def __init__(self, con: duckdb.DuckDBPyConnection) -> None:
            self.con = con

        def __getattr__(self, name: str) -> Any:
            return getattr(self.con, name)

        def execute(self, sql: str, parameters: Any = None) -> Any:
            for begins, where in marks.items():
                if begins in sql and self.con.execute(f"SELECT {where}").fetchall() == [(True,)]:
                    self.con.execute("SELECT CAST(('a value of ' || range) AS INTEGER) FROM range(1)")
            return self.con.execute(sql, parameters) if parameters is not None else self.con.execute(sql)

    made = Store.__init__

    def init(self: Store, connection: Any, *rest: Any, **more: Any) -> None:
        made(self, Con(connection), *rest, **more)

    with monkeypatch.context() as patch:
        patch.setattr(Store, "__init__", init)
        yield


IN_ASKED = "EXISTS (FROM asked WHERE participant_id = 'P3')"
STEPS = {
    "resolve": {"CREATE OR REPLACE TEMP TABLE resolved_day": IN_ASKED},
    "judge": {"CREATE OR REPLACE TEMP TABLE goal_week_now": IN_ASKED},
    "publish": dict.fromkeys(
        ("INSERT INTO out.daily_activity", "FROM out.daily_activity"), "EXISTS (FROM publishing WHERE who = 'P3')"
    ),
    "control": {'DELETE FROM "goal"': "EXISTS (FROM asked_now WHERE participant_id = 'P3')"},
}


@pytest.mark.parametrize("step", STEPS)
def test_a_step_that_fails_for_one_holds_that_one_and_the_others_are_published(
    step: str, after_a_night: StudyFolder, never_disturbed: dict, monkeypatch, tmp_path: Path
) -> None:
    reports = step in ("resolve", "publish")
    study = after_a_night.copied(tmp_path / "study")
    if reports:
        report_nightly(study)
    before = {who: study.ask(f"SELECT local_date, steps FROM daily_activity WHERE participant_id = '{who}' ORDER BY 1")
              for who in PEOPLE}  # fmt: skip
    verdict = study.ask("SELECT value, status FROM goal_week WHERE participant_id = 'P3' AND week = 1")
    one_more_day(study)
    with poisoned(monkeypatch, STEPS[step]):
        run = study.night()
        again = study.night()
    for walked in (run, again):  # red until it is mended
        assert not walked.is_clean
        assert {who: why.step for who, why in walked.held.items()} == {"P3": step}
    assert study.ask("SELECT participant_id FROM participant WHERE held_reason IS NOT NULL") == [("P3",)]
    assert study.ask("SELECT DISTINCT participant_id FROM goal_week WHERE is_held") == [("P3",)]
    of_p3 = "SELECT local_date, steps FROM daily_activity WHERE participant_id = 'P3' ORDER BY 1"
    assert study.ask(of_p3) == before["P3"]
    assert study.ask("SELECT value, status FROM goal_week WHERE participant_id = 'P3' AND week = 1") == verdict
    for who in set(PEOPLE) - {"P3"}:
        sql = f"SELECT count(*) FROM daily_activity WHERE participant_id = '{who}' AND steps IS NOT NULL"
        assert study.ask(sql) == [(len(before[who]) + 1,)]
    pages = {who: study.folder / f"warehouse/report/participant/{who}.html" for who in PEOPLE}
    told = [who for who, page in pages.items() if page.exists() and "stand as they were published" in page.read_text()]
    assert told == ["P3"] * reports
    now = [f for f in look(read_study(study.folder)).findings if f.kind == "held"]
    assert [(f.urgency, f.participant_id) for f in now] == [("now", "P3")]
    told = json.loads((study.folder / "warehouse/health.json").read_text())
    assert (told["last_attempt"]["exit_code"], told["last_success_found"]["participants_held"]) == (1, 1)
    everything = " ".join(path.read_text() for path in (study.folder / "warehouse/logs").iterdir())
    assert "a value of" not in everything + str(study.ask("FROM participant"))

    free = study.night()  # the cause is gone
    assert free.is_clean
    assert study.ask("SELECT count(*) FROM participant WHERE held_reason IS NOT NULL") == [(0,)]
    assert not study.ask_store("FROM held")
    assert rows_of(study) == never_disturbed


@pytest.mark.parametrize("step", STEPS)
def test_the_others_rows_are_those_of_a_night_of_their_own(
    step: str, without_p3: dict, monkeypatch, tmp_path: Path
) -> None:
    study = clinic(tmp_path / "study")
    with poisoned(monkeypatch, STEPS[step]):
        study.night()
    assert rows_of(study, but="P3") == without_p3
    held = study.ask("SELECT held_reason IS NOT NULL FROM participant WHERE participant_id = 'P3'")
    assert held == ([] if step == "control" else [(True,)])  # who never was in the study's books is in status alone
    assert {row[0] for row in study.ask_store("SELECT participant_id FROM held")} == {"P3"}


def test_a_held_persons_numbers_outlive_a_file_that_is_made_from_nothing(
    after_a_night: StudyFolder, monkeypatch, tmp_path: Path
) -> None:
    study = after_a_night.copied(tmp_path / "study")
    before = study.ask("FROM daily_activity WHERE participant_id = 'P3' ORDER BY ALL")
    study.put("P3/2026-03-09.fit", garmin_day("2026-03-09", 7000))
    with poisoned(monkeypatch, STEPS["resolve"]):
        study.night(command="backfill", rebuild=True)
    assert study.ask("FROM daily_activity WHERE participant_id = 'P3' ORDER BY ALL") == before
    assert study.ask("SELECT count(*) FROM goal_week WHERE participant_id = 'P3' AND is_held")[0][0] > 0
    assert study.night().is_clean
    assert len(study.ask("FROM daily_activity WHERE participant_id = 'P3' AND steps IS NOT NULL")) == 5


def test_a_file_that_cannot_be_written_down_is_that_files_rejection(monkeypatch, tmp_path: Path) -> None:
    from models.store import load as store_load

    study = clinic(tmp_path / "study")
    write_rows = store_load.write_rows

    def fails(store: Store, fresh: list) -> None:
        if any(result.path == "P3/2026-03-05.fit" for _, result in fresh):
            raise UnicodeEncodeError("utf-8", "a name", 0, 1, "surrogates not allowed")
        write_rows(store, fresh)

    monkeypatch.setattr(store_load, "write_rows", fails)
    run = study.night()
    assert [(fault.participant_id, fault.file) for fault in run.new_faults] == [("P3", "P3/2026-03-05.fit")]
    assert run.files == {"loaded": 15, "duplicate": 0, "rejected": 1, "ignored": 0}
    assert study.ask("SELECT participant_id, reason LIKE '%UnicodeEncodeError%' FROM rejection") == [("P3", True)]
    assert study.night().is_clean  # it stands, and is not found anew


def test_a_page_that_cannot_be_written_keeps_no_other_page_back(monkeypatch, tmp_path: Path) -> None:
    study = clinic(tmp_path / "study", reports=True)
    page = write.page

    def fails(who: str, sections: dict) -> dict:
        if who == "P3":
            raise ZeroDivisionError("a value of P3")
        return page(who, sections)

    monkeypatch.setattr(write, "page", fails)
    run = study.night()
    assert {who: why.step for who, why in run.held.items()} == {"P3": "report"}
    pages = study.folder / "warehouse/report/participant"
    assert "This page could not be written" in (pages / "P3.html").read_text()
    assert all("could not be written" not in (pages / f"{who}.html").read_text() for who in PEOPLE if who != "P3")
    assert "the page could not be written" in (study.folder / "warehouse/report/index.html").read_text()
    monkeypatch.undo()
    assert study.night().is_clean
    assert "could not be written" not in (pages / "P3.html").read_text()


def test_a_row_of_the_page_over_everybody_that_cannot_be_written_is_one_persons(monkeypatch, tmp_path: Path) -> None:
    study = clinic(tmp_path / "study", reports=True)
    pages = write.cohort.pages

    def fails(people: list, as_of: Any) -> list:
        if any(p["participant_id"] == "P3" and not p.get("unwritten") for p in people):
            raise KeyError("a value of P3")
        return pages(people, as_of)

    monkeypatch.setattr(write.cohort, "pages", fails)
    run = study.night()
    assert {who: why.step for who, why in run.held.items()} == {"P3": "report"}
    index = (study.folder / "warehouse/report/index.html").read_text()
    assert all(f"participant/{who}.html" in index for who in PEOPLE)


def test_a_database_that_duckdb_gave_up_is_opened_again_for_the_others(monkeypatch, tmp_path: Path) -> None:
    study = clinic(tmp_path / "study")
    bring = store_publish._bring

    def fails(store: Store, relation: str, *rest: Any) -> None:
        if relation == "goal_week" and store.rows("FROM publishing WHERE who = 'P3'"):
            store.con.close()  # nothing works on it any more, as after an internal error
            raise duckdb.FatalException("database has been invalidated because of a previous fatal error")
        bring(store, relation, *rest)

    monkeypatch.setattr(store_publish, "_bring", fails)
    run = study.night()
    assert set(run.held) == {"P3"}
    assert len(study.ask("SELECT DISTINCT participant_id FROM goal_week")) == len(PEOPLE) - 1


def test_the_others_are_judged_as_always_while_one_is_held_for_nights(monkeypatch, tmp_path: Path) -> None:
    """Who comes free is judged from where they were left: causes and figures are those of the days that passed."""
    from datetime import date

    never_held = clinic(tmp_path / "other")
    never_held.night(as_of=date(2026, 3, 7))
    study = never_held.copied(tmp_path / "study")
    with poisoned(monkeypatch, STEPS["judge"]):
        for day in (8, 9):
            study.night(as_of=date(2026, 3, day))
            never_held.night(as_of=date(2026, 3, day))
    study.night(as_of=date(2026, 3, 18))
    never_held.night(as_of=date(2026, 3, 18))
    current = "SELECT goal_id, week, status, value, reason, percent FROM goal_week ORDER BY ALL"
    assert study.ask(current) == never_held.ask(current)
    causes = "SELECT DISTINCT cause FROM goal_week_history WHERE participant_id = 'P3' AND week = 1 ORDER BY 1"
    assert study.ask(causes) == never_held.ask(causes) == [("first_verdict",), ("time_passed",)]
    assert query_store(study.folder / "warehouse", "SELECT count(DISTINCT as_of) FROM judged_participant")[1] == [(1,)]
    assert query_published(study.folder / "warehouse", "SELECT count(DISTINCT as_of) FROM goal_week")[1] == [(1,)]


def test_a_file_of_the_year_2400_is_read_and_stays_read(tmp_path: Path) -> None:
    """Its time in nanoseconds is more than 64 bits hold."""
    study = clinic(tmp_path / "study", ["P1", "P2"])
    far = study.put("P1/2026-03-10.fit", garmin_day("2026-03-10", 5000))
    os.utime(far, (13_569_465_600, 13_569_465_600))
    if far.stat().st_mtime < 13_000_000_000:
        pytest.skip("this file system knows no such year")
    assert study.night().files["loaded"] == 9
    assert study.day("2026-03-10", "P1")["steps"] == 5000
    assert sum(study.night().files.values()) == 0


def test_what_the_ledger_cannot_hold_of_a_file_is_no_bodys_night(tmp_path: Path) -> None:
    study = clinic(tmp_path / "study", ["P1", "P2"])
    run = begin(study.folder, Scope())
    odd = FileResult("P1", "P1/a.csv", 2**70, 2**70, "0" * 64, "zones", "made", 1, {}, Extract())
    run.read_chunks = lambda chunks: itertools.chain(reader.read_chunks(chunks, 1), [[[odd]]])
    run_steps(run)
    assert [(fault.participant_id, fault.file) for fault in run.new_faults] == [("P1", "P1/a.csv")]
    assert len(study.ask("SELECT DISTINCT participant_id FROM goal_week")) == 2


def test_who_has_more_than_a_night_can_calculate_with_is_held_and_told_of_what(tmp_path: Path) -> None:
    study = clinic(tmp_path / "study", ["P1", "P2", "P3"])
    begins = datetime(2026, 3, 5, 15, tzinfo=UTC)
    for number in range(4):
        walks = [
            fit.Session(begins + timedelta(seconds=20 * n + number), timedelta(hours=3), 11, 0) for n in range(1300)
        ]
        study.put(f"P2/{number}.fit", fit.activity(walks, serial=4_000_000_000 + number, events=False))
    run = study.night()
    assert {who: why.step for who, why in run.held.items()} == {"P2": "resolve"}
    assert "more than 5,000 stretches of recorded activity on one date" in run.held["P2"].reason
    assert study.day("2026-03-05", "P1")["steps"] == 6105


def closed(path: Path, *how: Any, _open: Any = Path.open, **more: Any) -> Any:
    """As `Path.open`, but for exports."""
    if path.suffix == ".fit":
        raise PermissionError(13, "Permission denied")
    return _open(path, *how, **more)


def test_a_file_that_could_not_be_read_one_night_leaves_nothing_behind_once_it_can(study, monkeypatch) -> None:
    study.put("P1/2026-03-05.fit", garmin_day("2026-03-05"))
    with monkeypatch.context() as patch:
        read_here(patch)
        patch.setattr(Path, "open", closed)
        assert study.night().files["rejected"] == 1
    assert study.night().files["loaded"] == 1
    assert study.ask_store("SELECT status FROM source_file") == [("loaded",)]
    assert study.ask("FROM rejection") == []
