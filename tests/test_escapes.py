"""`query` changes and makes no file, whatever SQL it is given, and answers whatever reads."""

from __future__ import annotations

import os
import shutil
import signal
from pathlib import Path
from typing import Any

import duckdb
import pytest

from models.fault import StoreError
from models.store import ask as store_ask
from models.store.analytics import questions
from models.store.ask import ask, in_words
from models.store.connect import quoted
from models.system import confinement
from tests.dying import code_of, ran, started, until
from tests.escapes import ESCAPES, HARMLESS
from tests.studies import StudyFolder, garmin_day


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A published study, and a current folder with something in it."""
    made = StudyFolder(tmp_path_factory.mktemp("asked") / "study").write()
    made.put("P1/a.fit", garmin_day("2026-03-03"))
    made.night()
    shutil.rmtree(made.folder / "warehouse" / "spill")
    return made


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "mine.txt").write_text("mine")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def files(*folders: Path) -> dict[Path, tuple]:
    """Every file and folder with what is in it, and when it was changed."""
    found = [path for folder in folders for path in sorted(folder.rglob("*"))]
    return {p: (p.lstat().st_mtime_ns, p.read_bytes() if p.is_file() else None) for p in found}


def filled(sql: str, study: StudyFolder, here: Path) -> str:
    warehouse = study.folder / "warehouse"
    file = (warehouse / "analytics.duckdb").resolve()
    places = {"file": file, "study": study.folder, "here": here, "key": warehouse / "device.key"}
    return sql.format(**{name: quoted(place) for name, place in places.items()})


def test_there_are_more_than_a_hundred_escapes_and_they_differ() -> None:
    assert len(set(ESCAPES)) == len(ESCAPES) > 130


def test_no_escape_changes_or_makes_a_file_and_each_is_refused_in_a_sentence(study, here) -> None:
    before = files(study.folder, here)
    for escape in ESCAPES:
        sql = filled(escape, study, here)
        if escape in HARMLESS:
            ask(study.folder / "warehouse", sql)
        else:
            with pytest.raises(StoreError, match=r"^the query: .+") as told:
                ask(study.folder / "warehouse", sql)
            assert "\n" not in str(told.value)
        assert files(study.folder, here) == before, escape


def test_the_third_wall_holds_where_the_first_two_have_a_hole(study, here) -> None:
    before = files(study.folder, here)
    file = study.folder / "warehouse" / "analytics.duckdb"
    statements = [filled(escape, study, here) for escape in ESCAPES]
    # DuckDB 1 ends its process where it may not write the log that one of them switched on
    for tried in [statements] if duckdb.__version__ >= "2" else [[statement] for statement in statements]:
        assert code_of(started(behind_the_third_wall_alone, file, tried)) == 0
    assert files(study.folder, here) == before


def behind_the_third_wall_alone(file: Path, statements: list[str]) -> None:
    """Everything is tried on DuckDB as it comes: any statement, any setting. (In a process of its own.)"""
    if not confinement.change_no_file():
        return  # this system has no such wall
    con = duckdb.connect(":memory:", config={"temp_directory": ""})
    con.execute(f"ATTACH '{quoted(file)}' AS store (READ_ONLY)")
    con.execute("USE store")
    con.execute("SET enable_profiling = 'no_output'")
    confinement.open_nothing()
    for sql in statements:
        try:
            con.execute(sql).fetchall()
        except Exception:
            continue


def test_a_process_that_shuts_itself_in_neither_makes_nor_removes_nor_renames_a_file(here) -> None:
    before = files(here)
    assert code_of(started(tries_without_duckdb, here)) in (0, 3)
    assert files(here) == before


def tries_without_duckdb(here: Path) -> None:
    if not confinement.change_no_file():
        os._exit(3)
    mine = here / "mine.txt"
    tries = [
        *(lambda: mine.write_text("x"), lambda: mine.unlink(), lambda: mine.rename(here / "y")),
        *(lambda: os.truncate(mine, 0), lambda: (here / "d").mkdir(), lambda: (here / "l").symlink_to(mine)),
        *(lambda: os.link(mine, here / "h"), lambda: os.mkfifo(here / "p"), lambda: (here / "new").touch()),
    ]
    for attempt in tries:
        with pytest.raises(PermissionError):
            attempt()
    assert mine.read_text("utf-8") == "mine"
    confinement.open_nothing()
    with pytest.raises(OSError, match="Too many open files"):
        mine.read_text("utf-8")


LOOKS = "PIVOT goal_week ON status USING count(*) GROUP BY participant_id"  # for its columns, before it answers
READS = [
    "SELECT week, status FROM goal_week ORDER BY 1",
    "FROM goal_week",
    "TABLE participant",
    "VALUES (1, 'x')",
    "(SELECT 1)",
    "SELECT 1;",
    "  \n-- a remark\nSELECT 1 -- another\n;",
    "SELECT 'pragma' AS enable_logging -- pragma",
    "WITH d AS (SELECT sum(steps) AS s FROM daily_activity) SELECT s FROM d",
    "WITH RECURSIVE n AS (SELECT 1 AS i UNION ALL SELECT i + 1 FROM n WHERE i < 9) FROM n",
    "DESCRIBE daily_activity",
    "DESCRIBE SELECT 1 AS x",
    "DESCRIBE",
    "SHOW TABLES",
    "SHOW ALL TABLES",
    "SHOW DATABASES",
    "SUMMARIZE daily_activity",
    "EXPLAIN SELECT * FROM goal_week",
    "EXPLAIN ANALYZE SELECT count(*) FROM goal_week",
    "explain\n  from run",
    "SELECT local_date, steps, avg(steps) OVER (ORDER BY local_date ROWS 6 PRECEDING) FROM daily_activity",
    LOOKS,
    "PIVOT goal_week ON status IN ('met', 'missed') USING count(*)",
    "UNPIVOT (SELECT 1 AS a, 2 AS b) ON a, b",
    "FROM pragma_table_info('goal_week')",
    "FROM duckdb_columns()",
    "SELECT started_at, started_at::DATE, uuid(), {'a': [1, 2]}, MAP {'k': 1.5::DECIMAL(5, 2)}, 'x'::BLOB, "
    "INTERVAL 1 DAY, TIME '12:00', TIMESTAMP '2026-03-09 12:00:00', 170141183460469231731687303715884105727, NULL "
    "FROM run",
    "SELECT now() AT TIME ZONE 'America/New_York'",
    "SELECT regexp_extract('a1', '[0-9]'), to_json({'a': 1}), strftime(DATE '2026-03-09', '%A'), "
    "quantile_cont(steps, 0.5) FROM daily_activity",
    "FROM query('SELECT 1')",
    "FROM query_table('goal_week')",
]


@pytest.mark.parametrize("sql", [*READS, *(question.sql for question in questions().values())])
def test_what_reads_is_answered_and_leaves_every_file_as_it_is(study, here, sql) -> None:
    before = files(study.folder, here)
    if sql == LOOKS and duckdb.__version__ < "2":
        with pytest.raises(StoreError, match=r"^the query: .*PIVOT \.\.\. ON \.\.\. IN"):
            ask(study.folder / "warehouse", sql)
        return
    columns, rows = ask(study.folder / "warehouse", sql)
    assert columns
    assert all(len(row) == len(columns) for row in rows)
    assert files(study.folder, here) == before


def test_a_remark_alone_is_answered_with_nothing(study) -> None:
    assert ask(study.folder / "warehouse", "-- nothing asked") == ([], [])


def test_a_wrong_question_is_told_in_one_line(study) -> None:
    for sql, said in {"SELEC 1": "syntax error", "FROM nowhere": "nowhere", "SELECT 1 / 0 + 'x'": "x"}.items():
        with pytest.raises(StoreError, match=f"^the query: .*{said}"):
            ask(study.folder / "warehouse", sql)


@pytest.mark.parametrize(
    "sql",
    [
        "SELECT list(range) FROM range(300_000_000)",
        "SELECT max(length(t)) FROM (SELECT string_agg(range || repeat('x', 1_000_000)) AS t FROM range(3_000))",
        "SELECT repeat('x', 100_000_000) FROM range(2)",
    ],
)
def test_a_question_for_more_than_the_machine_should_hold_is_told_so(study, here, monkeypatch, sql) -> None:
    before = files(study.folder, here)
    with pytest.raises(StoreError, match=r"the query: it.* narrow it"):
        ask(study.folder / "warehouse", sql)
    assert files(study.folder, here) == before


def test_an_answer_of_many_rows_comes_whole_and_in_order(study) -> None:
    assert ask(study.folder / "warehouse", "FROM range(25_001)")[1] == [(n,) for n in range(25_001)]


def test_a_question_that_takes_too_long_can_be_interrupted(study, here) -> None:
    endless = "SELECT count(*) FROM range(1_000_000_000_000) t(n) WHERE hash(n) = 1"
    asking = started(asks, study.folder, endless, here / "asked")
    until((here / "asked").exists)
    os.kill(asking.pid, signal.SIGINT)  # type: ignore[arg-type]
    assert code_of(asking) == 2


def asks(folder: Path, sql: str, asked: Path) -> None:
    from flows.cli import main

    answer = store_ask._next_part

    def awaited(by: Any) -> list:
        asked.touch()
        return answer(by)

    store_ask._next_part = awaited
    signal.signal(signal.SIGINT, signal.default_int_handler)  # also where the tests run behind a terminal's back
    os._exit(main(["query", sql, "--study", str(folder)]))


def test_the_command_says_what_it_refuses(study) -> None:
    code, out, said = ran(["query", "DROP TABLE goal_week", "--study", str(study.folder)])
    assert (code, out) == (2, "")
    assert "read-only" in said


def test_two_questions_do_not_share_anything(study) -> None:
    assert store_ask.ask(study.folder / "warehouse", "SELECT count(*) FROM duckdb_prepared_statements()")[1] == [(0,)]


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ("Parser Error: syntax error\nLINE 1: x", "Parser Error: syntax error"),
        ('Traceback (most recent call last):\n  File "x"\n\nOSError: away\n  there', "OSError: away"),
        ("", "InvalidInputException"),
    ],
)
def test_what_is_wrong_with_a_question_is_one_line_also_where_python_opens_a_file_for_it(said: str, told: str) -> None:
    assert str(in_words(duckdb.InvalidInputException(said))) == f"the query: {told}"
