"""A store of every form that was released becomes one of today's; what fails on the way leaves it as it was."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from models.store import file as store_file
from models.store.sql import sql_files
from models.store.store import StoreError, open_store
from tests import old_stores as stores
from tests.studies import StudyFolder, garmin_day
from tests.test_night import content_of, loaded

OLD = sorted(stores.HERE.glob("*.sql"))
MORE = ("900_more.sql", "CREATE TABLE forecast (weather TEXT); INSERT INTO forecast VALUES ('dry');")


def old_store(folder: Path, form: Path) -> StudyFolder:
    """A study whose store is of an older form."""
    study = stores.a_study(folder)
    con = duckdb.connect(str(study.folder / "warehouse/store.duckdb"))
    con.execute(f"BEGIN; {form.read_text('utf-8')} COMMIT")
    con.close()
    return study


@pytest.fixture
def migrations(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Migrations that come after those there are: tests add to it."""
    more: list[tuple[str, str]] = []

    def with_more(folder: str) -> list[tuple[str, str]]:
        return sql_files(folder) + (more if folder == "migrations" else [])

    monkeypatch.setattr(store_file, "sql_files", with_more)
    return more


@pytest.fixture(scope="module")
def of_today(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[tuple]]:
    """What is published from a store that always was of today's form."""
    study = stores.a_study(tmp_path_factory.mktemp("fresh") / "study")
    study.night()
    return content_of(study)


@pytest.mark.parametrize("form", OLD, ids=lambda path: path.stem)
def test_a_store_of_an_older_form_goes_on_as_if_it_had_always_been_of_todays(form: Path, of_today, tmp_path) -> None:
    study = old_store(tmp_path / "old", form)
    assert loaded(study) == 0  # it had all of it, from readers of that time
    begins = "SELECT session_id, local_start_minute, local_end_date FROM session ORDER BY ALL"
    assert study.ask_store(begins) == sorted((row[1], row[-2], row[-1]) for row in of_today["session"])
    agreed = "SELECT target_agreed FROM goal_week UNION ALL SELECT target_agreed FROM verdict WHERE is_current"
    assert study.ask_store(agreed) == [(5000,), (5000,)]
    assert study.night(command="backfill", reload=True).changes == 0
    assert content_of(study) == of_today


def test_what_files_said_in_the_rejections_of_an_older_store_is_not_published(tmp_path: Path) -> None:
    study = old_store(tmp_path / "old", next(form for form in OLD if form.stem == "004_published"))
    found = {
        "line 1, column steps": "no such column, but one called 'Jane Doe'",
        "line 1, column Jane Doe's": "two columns of that name",
        "line 3, column steps": "'0612345678'",
        "line 4, column steps": "'1.234', which may be thousands or decimals",
        "day 3, field totalSteps": "612345678",
        "whole file": "a kind of file that no reader knows",
    }
    with duckdb.connect(str(study.folder / "warehouse/store.duckdb")) as con:
        row = con.execute("SELECT participant_id, sha256, path FROM rejection").fetchall()[0]
        for place, what in found.items():
            told = [*row, place, f"found {what}, expected a column 'steps'", "export it again", "a run"]
            con.execute("INSERT INTO rejection VALUES (?, ?, ?, ?, ?, ?, ?)", told)
    open_store(study.folder / "warehouse").close()
    rows = study.ask_store("SELECT place, reason, words FROM rejection WHERE run_id = 'a run' ORDER BY ALL")
    assert not [row for row in rows if any(word in f"{row[0]} {row[1]}" for word in ("Jane", "612345678", "1.234"))]
    assert {row[2] for row in rows} == {"Jane Doe", "0612345678", "1.234", None}
    assert ("line 1, column", "found no such column, but another, expected a column 'steps'", "Jane Doe") in rows
    assert ("whole file", "found a kind of file that no reader knows, expected a column 'steps'", None) in rows


def test_the_form_of_today_is_kept_for_tomorrow() -> None:
    """Who adds a migration runs `python -m tests.old_stores`; what is there already stays."""
    newest = sql_files("migrations")[-1][0]
    assert newest in {path.name for path in OLD}, f"no store of the form of {newest}: run python -m tests.old_stores"


def test_a_copy_of_the_older_store_is_kept(migrations, tmp_path: Path) -> None:
    study = old_store(tmp_path / "old", OLD[-1])
    migrations.append(MORE)
    open_store(study.folder / "warehouse").close()
    assert study.ask_store("SELECT weather FROM forecast") == [("dry",)]
    kept = study.folder / "warehouse/store.before-upgrade.duckdb"
    assert kept.stat().st_mode & 0o777 == 0o600
    with duckdb.connect(str(kept), read_only=True) as con:
        assert ("forecast",) not in con.execute("SELECT table_name FROM duckdb_tables()").fetchall()
        assert con.execute("SELECT count(*) FROM source_file").fetchall() == [(len(stores.FILES),)]


def test_what_a_migration_wrote_is_published_by_the_next_night(migrations, study: StudyFolder) -> None:
    study.put("P1/2026-03-03.fit", garmin_day("2026-03-03", 6000))
    study.night()
    migrations.append(("999_more.sql", "UPDATE day SET steps = steps + 1"))
    study.night()
    assert study.day("2026-03-03")["steps"] == 6001


def test_a_migration_that_fails_half_way_leaves_the_old_store(migrations, tmp_path: Path) -> None:
    study = old_store(tmp_path / "old", OLD[0])
    store = study.folder / "warehouse/store.duckdb"
    open_store(store.parent).close()
    before = store.read_bytes()
    for fault in ("SELECT error('half way')", "no SQL at all"):
        migrations[:] = [MORE, ("901_worse.sql", f"DROP TABLE minutes; {fault};")]
        with pytest.raises(StoreError, match="is as it was; install the version before this one"):
            open_store(store.parent)
        assert store.read_bytes() == before, fault
    migrations[1:] = [("901_better.sql", "ALTER TABLE minutes ADD COLUMN more TEXT")]
    open_store(store.parent).close()
    assert {"weather", "more"} <= {row[0] for row in study.ask_store("SELECT column_name FROM duckdb_columns()")}


def test_a_store_of_a_newer_form_is_refused_with_a_sentence_and_left_as_it_is(study: StudyFolder) -> None:
    store = open_store(study.folder / "warehouse")
    store.con.execute("INSERT INTO migration VALUES ('999_the_future.sql', now()::TIMESTAMP)")
    store.close()
    for use in (study.night, lambda: study.ask_store("FROM run")):
        with pytest.raises(StoreError, match=r"newer version of stepwindow \(it has 999_the_future.sql\)"):
            use()


def test_an_older_store_is_not_read_before_a_night_has_brought_it_up_to_date(migrations, study: StudyFolder) -> None:
    open_store(study.folder / "warehouse").close()
    migrations.append(MORE)
    with pytest.raises(StoreError, match="run `stepwindow nightly` first"):
        study.ask_store("FROM run")
