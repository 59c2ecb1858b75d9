"""The de-identified copy: what is in it, what is not, and what cannot be worked out from it."""

from __future__ import annotations

import json
import re
import stat
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from models.store import share as store_share
from models.store.suppression import ALL
from tests.studies import StudyFolder, at, garmin_day, worn_from
from tests.writers import diary, fit

WEEKDAY_OF_INFUSION = date(2026, 2, 12)  # its day 24, 2026-03-08, has 23 hours
PEOPLE = ["Anna-1", "Anna-2", "Anna-3", "Anna-4", "Anna-5"]


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """Five people whose weeks are over, one whose weeks run, one without an infusion."""
    study = StudyFolder(tmp_path_factory.mktemp("share") / "study")
    study.participants = [f"{who},,,{'false' if who == 'Anna-5' else ''}" for who in [*PEOPLE, "Runs", "None"]]
    study.infusions = [f"INF-{who},{who},{WEEKDAY_OF_INFUSION},,course of {who}" for who in PEOPLE]
    study.infusions += ["INF-later,Anna-1,2026-03-14,,course of Anna-1", "INF-runs,Runs,2026-03-10,,"]
    study.infusions += ["INF-planned,Anna-2,2026-04-14,scheduled,"]
    study.goals = [f"GOAL-{who},,{who},,1,4,daily_mean,steps,5000,,,2026-02-11,,," for who in [*PEOPLE, "Runs"]]
    study.goals += ["GOAL-Anna-1,2,Anna-1,,1,4,daily_mean,steps,9000,,,2026-03-20,,,"]
    study.write()
    for n, who in enumerate([*PEOPLE, "Runs", "None"]):
        for day in range(1, 4 + n):
            local = WEEKDAY_OF_INFUSION + timedelta(days=day)
            study.put(f"{who}/{local}.fit", garmin_day(str(local), steps=4000 + 100 * n, serial=3_900_000_000 + n))
    for day in ("2026-03-07", "2026-03-08"):  # worn without a break
        beats = [t for t, _ in worn_from(at(f"{day} 00:00"), 24)]
        walk = fit.counters([(at(f"{day} 10:00"), timedelta(minutes=40), 4400)])
        study.put(f"Anna-1/{day}.fit", fit.monitoring_day(at(f"{day} 00:00"), counters=walk, heart=beats))
    study.put("Anna-1/diary.csv", diary.diary([(date(2026, 2, 14), "tai_chi", 20, "07:45")]))
    study.put("Anna-2/long_ago.fit", garmin_day("2025-06-01"))
    study.night()
    return study


def copy(study: StudyFolder, out: Path, *options: str) -> Path:
    assert main(["share", str(out), "--k", "3", *options, "--study", str(study.folder)]) == 0
    return out


@pytest.fixture(scope="module")
def out(study: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return copy(study, tmp_path_factory.mktemp("out") / "copy")


def ask(file: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(file), read_only=True) as con:
        return con.execute(sql).fetchall()


def columns(file: Path) -> list[tuple[str, str, str]]:
    sql = "SELECT table_name, column_name, data_type FROM duckdb_columns() WHERE NOT internal ORDER BY ALL"
    return ask(file, sql)  # type: ignore[return-value]


def cells(file: Path) -> set[str]:
    """What stands in the text columns."""
    texts = [(table, column) for table, column, kind in columns(file) if "VARCHAR" in kind]
    asked = " UNION ALL ".join(f'SELECT "{column}"::TEXT FROM "{table}"' for table, column in texts)
    return {cell for (cell,) in ask(file, asked) if cell}


def test_no_date_no_time_no_zone_and_no_name_of_anything_is_in_a_copy(study: StudyFolder, out: Path) -> None:
    content = b"".join(path.read_bytes() for path in out.iterdir())
    told = cells(out / "rows.duckdb") | cells(out / "tables.duckdb")
    published = cells(study.folder / "warehouse/analytics.duckdb")
    names = [*PEOPLE, "INF-Anna", "GOAL-", "course of", "Runs", "tai_chi", "garmin_fit"]
    for name in [*names, *(sha for (sha,) in study.ask("SELECT sha256[:12] FROM source_file"))]:
        assert any(name in cell for cell in published)
        assert name.encode() not in content
        assert not any(name in cell for cell in told)
    for word in (b"America", b"2025-", b"2026", b"07:45"):
        assert word not in content
    assert not [cell for cell in told if re.search(r"\d{4}-\d\d|\d\d:\d\d", cell)]
    for file in ("rows.duckdb", "tables.duckdb"):
        kinds = {kind for _, _, kind in columns(out / file)}
        assert not {kind for kind in kinds if "DATE" in kind or "TIME" in kind or "INTERVAL" in kind}
    named = {column for _, column, _ in columns(out / "rows.duckdb")}
    assert named.isdisjoint({"as_of", "evaluated_at", "day_minutes", "wear_minutes", "vendor_activity", "weekend_days"})
    assert named.isdisjoint(
        {"local_start_minute", "local_end_date", "baseline_as_of", "ordinal", "days_since_previous"}
    )
    assert [column for column in named if column.endswith("_id")] == []


def test_days_and_verdicts_are_those_of_the_study_from_the_first_infusion_on(study: StudyFolder, out: Path) -> None:
    rows = out / "rows.duckdb"
    days = study.ask(f"""
        SELECT local_date - DATE '{WEEKDAY_OF_INFUSION}', steps, day_state, walking_minutes FROM daily_activity
        WHERE participant_id LIKE 'Anna-%' AND local_date - DATE '{WEEKDAY_OF_INFUSION}' BETWEEN -14 AND 28""")
    assert len(days) > 40
    shared = ask(rows, "SELECT study_day, steps, day_state, walking_minutes FROM daily_activity")
    assert Counter(shared) == Counter(days)
    assert ask(rows, "SELECT count(*) FROM participant") == [(5,)]
    assert ask(rows, "SELECT DISTINCT study_day, status FROM infusion") == [(0, "completed")]
    verdicts = "SELECT week, status, reason, value, percent, target, valid_days FROM goal_week"
    theirs = study.ask(f"{verdicts} WHERE infusion_id LIKE 'INF-Anna%'")
    assert Counter((*row[:2], *row[3:]) for row in theirs) == Counter((*r[:2], *r[3:]) for r in ask(rows, verdicts))
    reasons = {reason for (reason,) in ask(rows, "SELECT DISTINCT reason FROM goal_week")}
    assert "not_applicable" in {reason for _, _, reason, *_ in theirs}
    assert "not_applicable" not in reasons
    assert ask(rows, "SELECT count(*) FROM goal WHERE version = 2") == [(0,)]
    joined = "SELECT count(*) FROM daily_activity JOIN participant USING (participant_key)"
    assert ask(rows, joined) == [(len(days),)]


def test_a_day_of_23_hours_looks_like_any_other(study: StudyFolder, out: Path) -> None:
    worn = dict(study.ask("SELECT local_date::TEXT, wear_minutes::INT FROM daily_activity WHERE wear_minutes > 1300"))
    assert (worn["2026-03-07"], worn["2026-03-08"]) == (1440, 1380)
    found = ask(out / "rows.duckdb", "SELECT wear_hours FROM daily_activity WHERE study_day IN (23, 24) AND steps > 0")
    assert found == [(23,), (23,)]
    flags = ask(out / "rows.duckdb", "SELECT flags FROM daily_activity WHERE flags IS NOT NULL")
    assert not [flag for (flag,) in flags if re.search("tz|date|utc|time", flag)]


def test_an_infusion_whose_weeks_run_is_left_out_unless_asked_for(
    study: StudyFolder, out: Path, tmp_path: Path, capsys
) -> None:
    later = copy(study, tmp_path / "copy", "--unfinished")
    count = "SELECT count(*) FROM infusion"
    assert (ask(out / "rows.duckdb", count), ask(later / "rows.duckdb", count)) == ([(5,)], [(7,)])
    assert "no Safe Harbor copy" in (later / "README.md").read_text("utf-8")
    assert "no Safe Harbor copy" not in (out / "README.md").read_text("utf-8")
    tables = copy(study, tmp_path / "tables", "--unfinished", "--tables-only")
    assert "6 people with an infusion, finished or not" in capsys.readouterr().out
    assert "no Safe Harbor copy" in (tables / "README.md").read_text("utf-8")


def test_rare_sources_and_activities_are_called_other(out: Path, study: StudyFolder, tmp_path: Path) -> None:
    assert ask(out / "rows.duckdb", "SELECT source, activity FROM session") == [("other", "other")]
    sources = "SELECT DISTINCT primary_source, sources FROM daily_activity WHERE steps > 0 ORDER BY ALL"
    assert ask(out / "rows.duckdb", sources) == [("garmin", "garmin"), ("garmin", "garmin;other")]
    few = copy(study, tmp_path / "few", "--k", "6")
    assert ask(few / "rows.duckdb", sources) == [("other", "other")]


def test_a_second_copy_has_other_keys_and_the_same_content(study: StudyFolder, out: Path, tmp_path: Path) -> None:
    again = copy(study, tmp_path / "again")
    keys = [set(ask(o / "rows.duckdb", "SELECT participant_key FROM participant")) for o in (out, again)]
    assert keys[0].isdisjoint(keys[1])
    tables = {table for table, _, _ in columns(out / "rows.duckdb")}
    for table in tables:
        plain = [c for t, c, _ in columns(out / "rows.duckdb") if t == table and not c.endswith("_key")] or ["1"]
        sql = f"SELECT {', '.join(plain)} FROM {table} ORDER BY ALL"
        assert ask(out / "rows.duckdb", sql) == ask(again / "rows.duckdb", sql), table
    assert (again / "README.md").read_text("utf-8") == (out / "README.md").read_text("utf-8")
    stored = (study.folder / "warehouse/store.duckdb").read_bytes()
    assert not [key for (key,) in keys[1] if key.encode() in stored]


def test_copies_with_the_same_keys_fit_together(study: StudyFolder, tmp_path: Path) -> None:
    first, second = (copy(study, tmp_path / name, "--same-keys") for name in ("a", "b"))
    sql = "SELECT * FROM goal_week ORDER BY ALL"
    assert ask(first / "rows.duckdb", sql) == ask(second / "rows.duckdb", sql)
    assert "--same-keys" in (first / "README.md").read_text("utf-8")


def test_the_tables_show_true_numbers_and_none_of_too_few_people(study: StudyFolder, out: Path) -> None:
    shown = {(week, status): n for week, status, n in ask(out / "tables.duckdb", "FROM verdicts")}
    of = "FROM goal_week WHERE infusion_id LIKE 'INF-Anna%'"
    real, people = Counter[tuple[str, str]](), dict[tuple[str, str], set[str]]()
    for week, status, who in study.ask(f"SELECT week::TEXT, status, participant_id {of}"):
        for cell in ((week, status), (week, ALL), (ALL, status), (ALL, ALL)):
            real[cell] += 1
            people.setdefault(cell, set()).add(who)
    assert {cell: n for cell, n in shown.items() if n} == {cell: real[cell] for cell, n in shown.items() if n}
    assert all(real[cell] == 0 for cell, n in shown.items() if n == 0)
    assert all(shown[cell] is None for cell, who in people.items() if len(who) < 3)
    assert len([n for n in shown.values() if n is None]) > len([who for who in people.values() if len(who) < 3])
    assert all(n >= 3 for (n,) in ask(out / "tables.duckdb", "SELECT people_at_least FROM activity"))


def test_a_study_of_fewer_people_than_k_tells_no_number(study: StudyFolder, tmp_path: Path, capsys) -> None:
    few = copy(study, tmp_path / "few", "--k", "11", "--tables-only")
    assert "Fewer than 11 people" in capsys.readouterr().out
    assert sorted(path.name for path in few.iterdir()) == ["README.md", "tables.duckdb"]
    numbers = (
        "SELECT goal_weeks FROM verdicts UNION ALL SELECT person_days FROM days UNION ALL SELECT mean FROM activity"
    )
    assert {n for (n,) in ask(few / "tables.duckdb", numbers)} <= {None, 0}


def test_every_relation_and_column_of_a_copy_says_what_it_is(out: Path) -> None:
    for file in ("rows.duckdb", "tables.duckdb"):
        silent = "SELECT table_name FROM duckdb_tables() WHERE comment IS NULL UNION ALL "
        silent += "SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
        assert ask(out / file, silent) == []


def test_a_copy_is_for_its_owner_alone_and_is_in_the_audit(study: StudyFolder, out: Path) -> None:
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (out, *out.iterdir())}
    assert modes == {"copy": 0o700, "README.md": 0o600, "rows.duckdb": 0o600, "tables.duckdb": 0o600}
    assert ("rows and tables, k 3", 5) in study.ask_store("SELECT what, people FROM audit WHERE command = 'share'")


def test_a_folder_that_holds_anything_is_refused_and_a_copy_that_fails_leaves_nothing(
    study: StudyFolder, out: Path, tmp_path: Path, capsys, monkeypatch
) -> None:
    inside = study.folder / "inbox" / "copy"
    for target, says in (
        (out, "not empty"),
        (inside, "lies in the inbox"),
        (study.folder / "warehouse/x", "warehouse"),
    ):
        assert main(["share", str(target), "--study", str(study.folder)]) == 2
        assert says in capsys.readouterr().err
    (tmp_path / "empty").mkdir()
    assert main(["share", str(tmp_path / "empty"), "--json", "--study", str(study.folder)]) == 0
    assert json.loads(capsys.readouterr().out)["people"] == 5
    monkeypatch.setattr(store_share, "_suppress", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
    assert main(["share", str(tmp_path / "dies"), "--study", str(study.folder)]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["empty"]
