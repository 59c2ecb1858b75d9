"""The published database: declared, documented, and asked without harm."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from flows.cli import main
from flows.report.words import STATES
from models.store.analytics import Relation, questions, relations
from models.store.ask import ask
from models.store.connect import quoted
from models.store.read import query_published
from models.store.store import StoreError, open_store
from models.taxonomy import ACTIVITIES, GOAL_KINDS
from tests.docs import DOCS, pages
from tests.studies import StudyFolder

# What an analyst's queries may rely on; what is published beyond it
RELIED_ON = {
    "daily_activity", "weekly_activity", "goal_week", "goal_week_history", "infusion_window", "session", "participant",
    "infusion", "goal", "source_file", "rejection", "run",
}  # fmt: skip
BEYOND = {
    "hourly_activity", "attendance", "outcome", "covariate", "source_day", "baseline", "post_lock_difference", "audit",
    "study", "code",
}  # fmt: skip
VIEWS = {"person_day", "verdict_evidence"}


@pytest.fixture(scope="module")
def published(sample: StudyFolder) -> list[Relation]:
    return relations(sample.folder / "warehouse")


def warehouse(sample: StudyFolder) -> Path:
    return sample.folder / "warehouse"


# Declared and documented ----------------------------------------------------------------------------------------------


def test_the_relations_are_those_named_here(published: list[Relation]) -> None:
    assert {r.name for r in published} == RELIED_ON | BEYOND | VIEWS


def test_whatever_can_be_null_says_what_null_means_and_nothing_else_mentions_it(published: list[Relation]) -> None:
    for relation in published:
        for column in relation.columns:
            assert ("NULL" in column.meaning) == column.is_nullable, f"{relation.name}.{column.name}: {column.meaning}"


def test_every_amount_says_its_unit(published: list[Relation]) -> None:
    units = {"minutes": "minutes", "steps": "steps", "_days": "day", "percent": "100 x", "_bytes": "bytes"}
    for relation in published:
        for column in relation.columns:
            if column.kind.startswith(("DECIMAL", "INTEGER", "BIGINT")):
                for part, word in units.items():
                    named = part in column.name and not (relation.name == "post_lock_difference" and part == "percent")
                    assert not named or word in column.meaning.lower(), f"{relation.name}.{column.name}"


def test_types_are_what_an_analyst_expects(published: list[Relation]) -> None:
    allowed = r"VARCHAR|DATE|BOOLEAN|INTEGER|BIGINT|DECIMAL\(\d+,\d+\)(\[\])?|TIMESTAMP WITH TIME ZONE"
    for relation in published:
        for column in relation.columns:
            what = f"{relation.name}.{column.name} is {column.kind}"
            assert re.fullmatch(allowed, column.kind), what
            if column.name.endswith(("_date", "_from", "_to", "week_start", "week_end", "as_of", "_on")):
                assert column.kind == "DATE", what
            if column.name.endswith(("_at", "_time")):
                assert column.kind == "TIMESTAMP WITH TIME ZONE", what
            if "minutes" in column.name:
                assert column.kind.startswith(("DECIMAL", "INTEGER")), what


def test_the_key_that_a_relation_names_holds_and_is_never_null(sample: StudyFolder, published: list[Relation]) -> None:
    for relation in published:
        if relation.name in ("rejection", "source_file", "covariate"):
            assert relation.key == ()
            continue
        assert relation.key, relation.name
        nullable = {column.name for column in relation.columns if column.is_nullable}
        assert not nullable & set(relation.key), relation.name
        doubled = f"SELECT 1 FROM {relation.name} GROUP BY {', '.join(relation.key)} HAVING count(*) > 1"
        assert sample.ask(doubled) == [], relation.name


def test_declared_primary_keys_are_the_keys_that_are_named(sample: StudyFolder, published: list[Relation]) -> None:
    declared = dict(
        sample.ask(
            "SELECT table_name, constraint_column_names FROM duckdb_constraints() WHERE constraint_type = 'PRIMARY KEY'"
        )
    )
    assert {name: list(r.key) for r in published if (name := r.name) in declared} == declared
    per_day = {"daily_activity", "hourly_activity", "source_day", "infusion_window", "session"}  # may be very long
    per_day |= {"goal_week_history"}
    assert {r.name for r in published if r.key} - set(declared) - VIEWS == per_day


def test_an_id_refers_to_a_row_wherever_it_stands(sample: StudyFolder, published: list[Relation]) -> None:
    keys = [("participant_id",), ("infusion_id",), ("goal_id", "version"), ("session_id",), ("run_id",)]
    for key in keys:
        home = key[0].removesuffix("_id")
        for relation in published:
            if {column.name for column in relation.columns}.issuperset(key):
                named = " AND ".join(f"{column} IS NOT NULL" for column in key)
                lost = f"FROM {relation.name} one ANTI JOIN {home} USING ({', '.join(key)}) WHERE {named}"
                assert sample.ask(f"SELECT count(*) {lost}") == [(0,)], f"{relation.name}: {key}"


def test_states_are_checked_by_the_words_of_the_taxonomy(sample: StudyFolder, published: list[Relation]) -> None:
    checks = sample.ask(
        """SELECT table_name, constraint_column_names[1], constraint_text
           FROM duckdb_constraints() WHERE constraint_type = 'CHECK'"""
    )
    words = {(table, column): set(re.findall(r"'(\w+)'", text)) for table, column, text in checks}
    assert words["daily_activity", "day_state"] == set(STATES)
    assert words["goal", "kind"] == words["goal_week", "kind"] == set(GOAL_KINDS)
    assert len(words["goal_week", "status"]) == 7
    activity = next(c.meaning for r in published if r.name == "session" for c in r.columns if c.name == "activity")
    assert all(word in activity for word in ACTIVITIES)


def test_no_mean_without_its_number_of_days(sample: StudyFolder, published: list[Relation]) -> None:
    shown = {relation.name: [column.name for column in relation.columns] for relation in published}
    shown |= {name: query_published(warehouse(sample), question.sql)[0] for name, question in questions().items()}
    means = [(where, column) for where, columns in shown.items() for column in columns if column.endswith("_mean")]
    assert len(means) > 15
    for where, column in means:
        of = ("days", "people", "weeks") if where in questions() else ("days",)
        assert shown[where][shown[where].index(column) + 1] in [f"{column}_{n}" for n in of], f"{where}.{column}"
    averaged = [name for name, question in questions().items() if "avg(" in question.sql]
    assert set(averaged) <= {where for where, _ in means}


def test_the_pages_that_are_made_are_up_to_date(sample: StudyFolder) -> None:
    for name, text in pages(warehouse(sample)).items():
        assert (DOCS / name).read_text("utf-8") == text, f"docs/{name}: write it again with python -m tests.docs"


def test_a_derived_target_rests_on_the_baseline_that_is_published(sample: StudyFolder) -> None:
    rows = sample.ask(
        """SELECT DISTINCT round(b.steps_mean * 1.1), g.target, b.steps_mean_days
           FROM goal_week g JOIN baseline b USING (infusion_id) WHERE g.goal_id = 'P02-steps'"""
    )
    assert [(int(derived), int(target), days) for derived, target, days in rows] == [(5531, 5531, 11)]


def test_a_baseline_that_is_frozen_stands_beside_every_target_derived_from_it(sample: StudyFolder) -> None:
    assert sample.ask(
        """SELECT DISTINCT g.baseline_value = b.steps_mean, g.baseline_days = b.steps_mean_days, g.target_agreed
           FROM goal_week g JOIN baseline b USING (infusion_id) WHERE g.goal_id = 'P02-steps'"""
    ) == [(True, True, None)]
    of_others = "SELECT count(*) FROM goal_week WHERE goal_id <> 'P02-steps' AND baseline_days IS NOT NULL"
    assert sample.ask(of_others) == [(0,)]
    assert sample.ask(
        """SELECT count(*) > 20, count(*) FILTER (
                (h.per_day, h.target_agreed, h.baseline_value) IS DISTINCT FROM
                (g.per_day, g.target_agreed, g.baseline_value))
           FROM goal_week_history h JOIN goal_week g USING (goal_id, infusion_id, week) WHERE h.is_current"""
    ) == [(True, 0)]


def test_infusions_that_happened_are_counted_by_their_dates(sample: StudyFolder) -> None:
    found = sample.ask("SELECT infusion_id, ordinal, days_since_previous FROM infusion ORDER BY infusion_id")
    assert {name: row for name, *row in found if name[:3] in ("P01", "P03", "P06")} == {
        "P01-1": [1, None], "P01-2": [2, 2], "P01-3": [3, 2], "P01-4": [4, 3], "P01-5": [5, 2], "P01-6": [6, 2],
        "P03-1": [1, None], "P03-2": [None, None], "P03-3": [None, None], "P06-1": [1, None], "P06-2": [2, 32],
    }  # fmt: skip


def test_a_session_begins_at_the_minute_of_the_persons_own_day(sample: StudyFolder) -> None:
    told = 0
    for who, start, end, *says in sample.ask(
        """SELECT participant_id, start_time, end_time, local_date, local_start_minute, local_end_date FROM session"""
    ):
        if start is None:
            assert says[1:] == [None, None]
            continue
        zone = ZoneInfo("America/Chicago" if who == "P06" else "America/New_York")
        begins, ends = start.astimezone(zone), (end - timedelta(milliseconds=1)).astimezone(zone)
        assert says == [begins.date(), 60 * begins.hour + begins.minute, ends.date()]
        told += 1
    assert told > 10


def test_the_first_ranked_source_of_a_day_is_its_primary_source(sample: StudyFolder) -> None:
    assert sample.ask(
        """SELECT count(*) > 300, count(*) FILTER (s.source <> d.primary_source)
           FROM daily_activity d JOIN source_day s USING (participant_id, local_date) WHERE s.rank = 1"""
    ) == [(True, 0)]
    # and days seen by a device are in both
    assert sample.ask(
        """SELECT count(*) FROM source_day ANTI JOIN daily_activity USING (participant_id, local_date)
           UNION ALL
           SELECT count(*) FROM daily_activity ANTI JOIN source_day USING (participant_id, local_date)
           WHERE day_state = 'valid'"""
    ) == [(0,), (0,)]


def test_a_store_from_before_gets_its_days_by_source_and_keeps_its_verdicts(
    sample: StudyFolder, tmp_path: Path
) -> None:
    study = sample.copied(tmp_path / "study")
    asked = [f"FROM {name} ORDER BY ALL" for name in ("source_day", "baseline", "goal_week_history", "daily_activity")]
    before = [study.ask(question) for question in asked]
    assert all(before)
    store = open_store(study.folder / "warehouse")
    for sql in (
        "DROP TABLE source_day",
        "DROP TABLE kept_baseline",
        "DELETE FROM migration WHERE name = '003_source_day.sql'",
    ):
        store.con.execute(sql)
    store.close()
    study.night()
    assert [study.ask(question) for question in asked] == before


# Asked ----------------------------------------------------------------------------------------------------------------


FORBIDDEN = (
    "DELETE FROM infusion",
    "CREATE TABLE mine (a INTEGER)",
    "COMMENT ON TABLE infusion IS 'mine'",
    "SELECT 1; DROP TABLE infusion",
    "ATTACH '{folder}/store.duckdb' AS other (READ_ONLY)",
    "ATTACH '{folder}/new.duckdb'",
    "COPY infusion TO '{folder}/out.csv'",
    "EXPORT DATABASE '{folder}/out'",
    "FROM read_csv('{folder}/study.toml')",
    "FROM read_text('{folder}/study.toml')",
    "FROM '{folder}/study.csv'",
    "FROM glob('{folder}/*')",
    "INSTALL httpfs",
    "LOAD httpfs",
    "SET enable_external_access = true",
    "SET lock_configuration = false",
    "PRAGMA enable_profiling='json'",
    "SET log_query_path = '{folder}/log'",
)


def test_sql_of_others_reads_what_is_published_and_nothing_else(sample: StudyFolder, tmp_path: Path) -> None:
    (tmp_path / "study.toml").write_text("secret")
    before = sorted(path.name for path in warehouse(sample).iterdir())
    for sql in (line.format(folder=quoted(tmp_path)) for line in FORBIDDEN):
        with pytest.raises(StoreError) as refused:
            ask(warehouse(sample), sql)
        assert len(str(refused.value).splitlines()) == 1, sql
    assert [path.name for path in tmp_path.iterdir()] == ["study.toml"]
    assert sorted(path.name for path in warehouse(sample).iterdir()) == before
    assert ask(warehouse(sample), "SELECT count(*) FROM infusion") == (["count_star()"], [(18,)])
    assert ask(warehouse(sample), "-- a remark") == ([], [])


def test_query_without_sql_says_what_there_is_and_how_to_open_it(sample: StudyFolder, capsys) -> None:
    assert main(["query", "--study", str(sample.folder)]) == 0
    said = capsys.readouterr().out
    for word in ("duckdb -readonly", "duckdb.connect(", "dbConnect", "DBeaver", "daily_activity", "gone_quiet"):
        assert word in said
    python = next(line for line in said.splitlines() if "import duckdb" in line)
    scope: dict = {}
    exec(python, scope)  # the line is ready to be pasted
    assert scope["con"].sql("SELECT count(*) FROM infusion").fetchall() == [(18,)]
    scope["con"].close()
    assert main(["query", "--study", str(sample.folder), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert set(told["relations"]) == RELIED_ON | BEYOND | VIEWS
    assert set(told["questions"]) == set(questions())


def test_a_question_is_asked_by_its_name_in_three_forms(sample: StudyFolder, capsys) -> None:
    for form, said in (
        ("table", "P04             2026-03-12"),
        ("csv", "P04,2026-03-12,,diary,10,true\n"),
        ("json", '"days_quiet": 10'),
    ):
        assert main(["query", "--study", str(sample.folder), "--question", "gone_quiet", "--format", form]) == 0
        assert said in capsys.readouterr().out
    assert main(["query", "--study", str(sample.folder), "--question", "gone_loud"]) == 2
    error = capsys.readouterr().err
    assert "gone_quiet" in error
    assert len(error.strip().splitlines()) == 1
