"""What is written between two nights is noted, so that publishing compares it: nothing can be missed."""

from __future__ import annotations

import re
from contextlib import closing, suppress
from pathlib import Path

import duckdb
import pytest

from models.store import bring, noted
from models.store import publish as store_publish
from models.store.connect import quoted
from models.store.sql import sql_files
from models.store.store import Store, open_store
from tests.studies import fill
from tests.test_publishing import a_run, everything, published_again

ROOT = Path(__file__).parents[1]
A_DAY = "INSERT INTO day (participant_id, local_date, day_state) VALUES ('P1', '2026-03-01', 'no_data')"
NOTES = "SELECT source, participant_id, local_date, part, row_hash IS NULL, n FROM unpublished ORDER BY ALL"


@pytest.fixture
def store(tmp_path: Path):
    """A store that remembers a published file."""
    with closing(open_store(tmp_path)) as made:
        made.con.execute("INSERT INTO published (file) VALUES ('some file')")
        yield made


def undone(store: Store, sql: str) -> None:
    """Execute what is rolled back, for something fails after it."""
    with suppress(ZeroDivisionError), store.transaction():
        store.con.execute(sql)
        raise ZeroDivisionError


def noted_of(store: Store) -> list[str]:
    """Of which tables something else is stored than before."""
    bring.about(store, ["P1"])
    store.con.execute((ROOT / "models/sql/store/noted.sql").read_text("utf-8"))
    return [table for (table,) in store.rows("SELECT DISTINCT source FROM noted ORDER BY 1")]


def test_whatever_published_rows_are_made_of_is_noted(store: Store) -> None:
    tables = {name for (name,) in store.rows("SELECT table_name FROM duckdb_tables() WHERE NOT temporary")}
    for relation in bring.relations().values():
        compared = {"held", "run", "audit"} if relation.name in bring.OF_THE_STUDY else set()
        compared |= {*bring.AS_OF} if relation.name in ("goal_week", "baseline") else set()
        read = tables & set(re.findall(r"(?:FROM|JOIN)\s+(\w+)", re.sub("--.*", "", relation.rows)))
        assert read <= relation.sources.keys() | compared, relation.name
    for table, part in noted.PARTS.items():
        about_it = ({part} if part else set()) | (set() if table in noted.OF_THE_STUDY else {"participant_id"})
        assert about_it <= set(store.columns(table)), table


def test_a_row_that_is_put_in_taken_out_or_changed_is_noted_with_its_person_and_part(store: Store) -> None:
    store.con.execute(A_DAY)
    day = ("day", "P1", store.rows("SELECT local_date FROM day")[0][0], None)
    assert store.rows(NOTES) == [(*day, False, 1)]
    store.con.execute("UPDATE day SET day_state = 'valid' WHERE participant_id = $who", {"who": "P1"})
    assert store.rows(NOTES) == [(*day, False, 1), (*day, True, 1)]
    store.con.execute("DELETE FROM day; DELETE FROM source_day")
    assert store.rows(NOTES) == [(*day, False, -1), (*day, False, 1), (*day, True, 1)]
    store.con.execute("DELETE FROM study; INSERT INTO verdict (participant_id, infusion_id) VALUES ('P1', 'I1')")
    assert store.rows(NOTES)[-1] == ("verdict", "P1", None, "I1", False, 1)
    store.con.executemany("INSERT INTO infusion (participant_id, infusion_id) VALUES (?, ?)", [["P1", "I1"]])
    assert noted_of(store) == ["day", "infusion", "verdict"]


@pytest.mark.parametrize(
    "named", ["DAY", '"day"', "main.day", '"main"."day"', "store.day", "store.main.day", "day AS d"]
)
def test_a_table_is_known_by_whatever_name_it_has_for_duckdb(store: Store, named: str) -> None:
    store.con.execute(A_DAY.replace("INTO day", f"INTO {named}"))
    assert noted_of(store) == ["day"]


def test_what_is_put_back_as_it_was_is_nothing_new(store: Store) -> None:
    with store.transaction():
        store.con.execute(A_DAY)
    store.con.execute("DELETE FROM unpublished")
    store.con.execute(f"DELETE FROM day; {A_DAY}")
    assert noted_of(store) == []
    store.con.execute(A_DAY)
    assert noted_of(store) == ["day"], "there are two of it now"


def test_what_is_rolled_back_or_fails_leaves_no_note_and_what_comes_after_it_does(store: Store) -> None:
    undone(store, A_DAY)
    with pytest.raises(duckdb.Error):
        store.con.execute(f"{A_DAY}; DELETE FROM day WHERE local_date = error('full')")
    assert store.rows("SELECT (SELECT count(*) FROM day), (SELECT count(*) FROM unpublished)") == [(0, 0)]
    store.con.execute(A_DAY)
    assert noted_of(store) == ["day"]


def test_what_cannot_be_noted_makes_the_next_file_from_nothing(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    undone(store, "TRUNCATE day")
    assert store.rows("SELECT count(*) FROM published") == [(1,)]
    store.con.execute("WITH one AS (SELECT 'P1' AS participant_id) INSERT INTO day BY NAME FROM one")
    assert store.rows("FROM published") == store.rows("FROM unpublished") == []
    store.con.execute("INSERT INTO published (file) VALUES ('some file')")
    monkeypatch.setattr(noted, "MOST", 1)
    store.con.execute(A_DAY)
    assert len(store.rows("FROM published")) == 1
    store.con.execute(A_DAY)
    assert store.rows("FROM published") == [], "more notes than are worth keeping"


@pytest.mark.parametrize(
    "otherwise",
    [
        f"EXPLAIN ANALYZE {A_DAY}",
        f"-- with a name\nPREPARE entered AS {A_DAY}; EXECUTE entered",
        "CREATE OR REPLACE TABLE day AS FROM day LIMIT 0",
        "ALTER TABLE day RENAME COLUMN steps TO paces",
        "DROP TABLE day",
    ],
)
def test_what_is_written_in_another_way_makes_the_next_file_from_nothing(store: Store, otherwise: str) -> None:
    store.con.execute(otherwise)
    assert store.rows("FROM published") == []


def test_what_a_file_brings_into_a_table_makes_the_next_file_from_nothing(store: Store, tmp_path: Path) -> None:
    duckdb.sql("SELECT 'P1' AS participant_id, DATE '2026-03-01' AS as_of").write_csv(str(tmp_path / "judged.csv"))
    store.con.execute(f"COPY judged_participant (participant_id, as_of) FROM '{quoted(tmp_path)}/judged.csv'")
    assert store.rows("SELECT participant_id FROM judged_participant") == [("P1",)]
    assert store.rows("FROM published") == []


def test_nothing_is_written_but_by_what_notes_it(store: Store) -> None:
    for name in ("append", "query", "begin", "table", "from_df"):
        with pytest.raises(AttributeError, match=f"{name}: what is written by it would not be noted"):
            getattr(store.con, name)
    with pytest.raises(ValueError, match="would not be noted"):
        store.con.sql(A_DAY)
    assert store.rows("FROM day") == []
    assert store.con.sql("SELECT 'UPDATE' AS word").fetchall() == [("UPDATE",)]


def test_nothing_that_stepwindow_writes_is_in_doubt(store: Store) -> None:
    texts = [text for folder in ("day", "day_stored", "week", "week_stored", "judging_stored", "store")
             for _, text in sql_files(folder)]  # fmt: skip
    for path in (ROOT / "models/store").glob("*.py"):
        texts += re.findall(r'"((?:INSERT INTO|DELETE|UPDATE) [^"]*)"', path.read_text("utf-8"))
    found = set()
    for text in texts:
        for one in re.sub(r"--.*", "", re.sub(r"\{[^}]*\}", "named", text)).split(";"):
            assert not noted._WRITES_OTHERWISE.match(one), one
            if re.search(r"\b(INSERT|DELETE|UPDATE|TRUNCATE|MERGE)\b", one):
                target = noted._TARGET.match(one)
                assert target, one
                found.add(target[1].strip('"'))
    assert {"day", "verdict", "kept_window", "rejection", "source_file"} <= found


@pytest.mark.after_a_night(over=fill)
@pytest.mark.skipif(duckdb.__version__ < "2.0.1", reason="this DuckDB makes every published file from nothing")
def test_every_so_often_what_was_written_by_other_means_is_published_too(study, monkeypatch) -> None:
    warehouse = study.folder / "warehouse"
    with closing(open_store(warehouse)) as store:
        store_publish.replace_published(store, a_run("before"))
    with duckdb.connect(str(warehouse / "store.duckdb")) as con:
        con.execute("UPDATE day SET steps = steps + 1")
    before = everything(warehouse)["daily_activity"]
    assert published_again(warehouse, anew=False)["daily_activity"] == before
    monkeypatch.setattr(store_publish, "_ALL_OF_IT", 1)
    assert published_again(warehouse, anew=False)["daily_activity"] != before
