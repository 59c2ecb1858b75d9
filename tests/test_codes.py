"""What codes mean (models/codes.py), and which version of what a result is of (models/version.py)."""

from __future__ import annotations

import re

from flows.report.words import CAUSES, CUT_BY, REASONS
from flows.version import CODE_VERSION
from models import taxonomy
from models.codes import COLUMNS, VOCABULARIES, code_rows
from models.fault import ALARM, CONTROL_FILE, INBOX, LOST_ROWS, PLUG_IN, REJECTED_FILE, UNKNOWN_FOLDER
from models.store.sql import sql_files, statement
from models.study.rows import FILES, GoalVersion
from models.study.settings import Settings
from models.study.written import ORDERS
from models.version import RULES_VERSION, SCHEMA_VERSION
from tests import versions
from tests.studies import StudyFolder

# Texts that are no codes: ids, names that the clinic or a vendor gives, sentences, fingerprints, versions.
NO_CODES = re.compile(
    r".*_(id|hash|version)|sha256|supersedes|input_fingerprint|source|sources|primary_source|usual_source|connector|scale|"
    r"vendor_activity|derivation|source_priority|held_.*|target_reason|place|what_to_do|what|name|timezone"
)
ALSO_NONE = {("rejection", "reason"), ("audit", "command"), ("covariate", "value")} | {
    ("code", c) for c in ("relation", "column_name", "code", "meaning")
}
JOINED = ("flags", "truncated_by")  # several by ; in one text


def codes(sample: StudyFolder) -> dict[tuple[str, str], list[str]]:
    found: dict[tuple[str, str], list[str]] = {}
    for relation, column, code in sample.ask("SELECT relation, column_name, code FROM code"):
        found.setdefault((relation, column), []).append(code)
    return found


def test_every_text_that_is_published_is_a_code_with_a_meaning_or_known_to_be_none(sample: StudyFolder) -> None:
    texts = sample.ask(
        "SELECT table_name, column_name FROM duckdb_columns() WHERE NOT internal AND data_type = 'VARCHAR'"
    )
    others = {(table, column) for table, column in texts if not NO_CODES.fullmatch(column)} - ALSO_NONE
    assert others == codes(sample).keys(), "a column of codes is named in models/codes.py, any other here"


def test_every_value_of_the_sample_study_is_a_code_that_is_listed(sample: StudyFolder) -> None:
    for (relation, column), listed in codes(sample).items():
        value = f"unnest(string_split({column}, ';'))" if column in JOINED else column
        found = {code for (code,) in sample.ask(f"SELECT DISTINCT {value} FROM {relation}")} - {None}
        assert found <= set(listed), f"{relation}.{column}"


def test_what_a_column_may_hold_by_its_check_is_what_is_listed(sample: StudyFolder) -> None:
    checks = sample.ask(
        """SELECT table_name, constraint_column_names[1], constraint_text
           FROM duckdb_constraints() WHERE constraint_type = 'CHECK'"""
    )
    listed = [(table, column, set(words)) for table, column, text in checks if (words := re.findall(r"'(\w+)'", text))]
    assert len(listed) > 15
    for table, column, words in listed:
        assert words == set(codes(sample)[table, column]), f"{table}.{column}"


def test_the_codes_are_the_words_that_rules_settings_and_control_files_know() -> None:
    words = {name: set(listed) for name, listed in VOCABULARIES.items()}
    assert words.keys() == COLUMNS.keys()
    assert words["activity"] == set(taxonomy.ACTIVITIES)
    assert words["metric"] == set(taxonomy.METRICS)
    assert words["goal_kind"] == set(taxonomy.GOAL_KINDS)
    assert words["role"] == set(taxonomy.ROLES)
    assert words["language"] == set(taxonomy.LANGUAGES)
    assert words["device_class"] == set(taxonomy.DEVICE_CLASSES)
    assert words["dates"] == set(ORDERS)
    assert words["cause"] == set(CAUSES)
    assert words["cut_by"] == set(CUT_BY)
    assert words["not_used"] == {ALARM, CONTROL_FILE, INBOX, LOST_ROWS, PLUG_IN, REJECTED_FILE, UNKNOWN_FOLDER}
    ways = re.findall(r"^    \('[^']+', '(\w+)', (?:'(\w+)'|NULL), '\w+'\)", statement("week/180_verdict_rule"), re.M)
    assert len(ways) == 26
    assert words["reason"] == {reason for _, reason in ways} - {""}
    assert {status for status, _ in ways} == words["verdict"]
    assert set(REASONS) <= words["reason_of_then"]
    assert words["anchor"] | words["estimate"] | words["truncation"] >= {
        value for value in Settings().model_dump().values() if isinstance(value, str)
    }
    assert GoalVersion.model_fields["status"].default in words["goal_status"]
    assert FILES["infusions"].model_fields["status"].default in words["infusion_status"]


def test_every_code_that_a_view_gives_is_listed() -> None:
    text = "".join(found for _, found in sql_files("publish/view"))
    given = set(re.findall(r"(?:THEN|ELSE) '(\w+)'", text))
    views = {code for relation, _, code, _ in code_rows() if relation in ("person_day", "verdict_evidence")}
    assert {"not_over", "not_followed", "goal_not_in_force", "window", "no_data"} <= given
    assert given <= views


def test_every_flag_that_a_day_can_have_is_listed() -> None:
    text = statement("day/150_resolved_day")
    flags = text[text.index("'date_skipped'") - 9 : text.index("'entry_without_time'") + 30]
    found = set(re.findall(r"THEN '(\w+)'", flags))
    assert found == set(VOCABULARIES["flag"])


def test_a_comment_names_every_code_of_its_column(sample: StudyFolder) -> None:
    listed, without = codes(sample), set()
    columns = "SELECT table_name, column_name, comment FROM duckdb_columns() WHERE NOT internal"
    for table, column, comment in sample.ask(columns):
        assert "{" not in comment, f"{table}.{column}"
        if not all(code in comment for code in listed.get((table, column), ())):
            without.add(f"{table}.{column}")
    # these say where the codes come from
    assert without == {
        "goal.metric", "goal_week.metric", "goal_week_history.metric", "attendance.activity",
        "post_lock_difference.status", "post_lock_difference.frozen_status", "post_lock_difference.reason",
        "post_lock_difference.frozen_reason", "post_lock_difference.cause",
        "person_day.day_state", "verdict_evidence.day_state", "verdict_evidence.why_not",
    }  # fmt: skip


# Versions -------------------------------------------------------------------------------------------------------------
def test_rules_or_published_tables_that_are_others_have_another_version() -> None:
    known, now = versions.known(), versions.fingerprints()
    for what, fingerprint in now.items():
        assert known[what][-1] == fingerprint, (
            f"the {what} are others: python -m tests.versions gives their next number"
        )
    numbers = (str(len(known["rules"])), str(len(known["schema"])))
    assert numbers == (RULES_VERSION, SCHEMA_VERSION)
    assert versions.LINE.findall(versions.RULES.read_text(encoding="utf-8")) == [RULES_VERSION]


def test_the_study_says_how_it_counts_and_by_which_versions(sample: StudyFolder) -> None:
    told = sample.ask(
        "SELECT name, timezone, anchor, weeks, grace_days, estimate, truncation, dates, as_of::TEXT FROM study"
    )
    assert told == [
        (
            "Sample: six people after ketamine infusions",
            "America/New_York",
            "until_next",
            4,
            7,
            "scale",
            "prorate",
            "iso",
            "2026-03-23",
        )
    ]
    found = sample.ask("SELECT rules_version, code_version, schema_version FROM study")
    assert found == [(RULES_VERSION, CODE_VERSION, SCHEMA_VERSION)]
