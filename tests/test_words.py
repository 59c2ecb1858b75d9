"""What a file says itself is for the person who mends it: nothing that is published repeats it (tests/poison.py)."""

from __future__ import annotations

import ast
import json
import random
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.answers.status import look
from flows.cli import main
from flows.night import outcome
from flows.night.run import Run
from models.fault import Fault
from models.shown import kind_of_activity
from models.study.folder import read_study
from tests.fuzzing import read
from tests.goldens import samples
from tests.poison import NUMBER, WORD, betrayed, poisoned
from tests.studies import StudyFolder, fitbit_day, garmin_day
from tests.test_zip import packed

ROOT = Path(__file__).parents[1]
# What a sentence about a file may be put together of: counts, places, and words of tables of ours. Whoever adds to
# this has seen that a file's own words cannot be among them; those go into `words`.
COUNTED = """begins | size | end | end + 2 | export.size | first + int(good.arg_min() or 0) | least | most | line | n |
number | len(cells) | len(data) | len(names) | len(record) | len(starts) | len(summaries) | len(counts) |
len(seconds) | columns | longest.days | preamble.lines + 1 | read | some | start | start + damage.at | total |
at + 1 | twice.sum() | layout.most_rows | self._workout['at'] | len(entries) | width | epoch | workout['at'] | kind"""
OURS = """', '.join(ACTIVITIES) | '; '.join(self.wrong) | ', '.join(takers) | character |
 column | damage.how | error.args[0] | error.name | error.strerror | example | expat.ErrorString(error.code) | field |
 key | missing | name | name.capitalize() | near[0] | place | self.end | self.name |
 self.package | self.place | self.start | table | type(error).__name__ | what | who | word | words"""
SENTENCES = {
    "Rejected",
    "Fault",
    "_refused",
    "Impossible",
    "fault",
    "bad",
    "wrong_cell",
    "_broken",
    "_impossible",
    "_damaged",
    "bomb",
    "too_big",
}
PARTS = {"place", "found", "expected", "remedy", "where", "what", "why"}


def everywhere(first: int, last: int) -> Iterator[tuple[str, tuple[str, str, bytes]]]:
    """Some poisoned files of each kind of export: kind, (name, where, content); `python -m tests.poison` tries all."""
    for kind, make in samples().items():
        tried = [(name, *poison) for name, content in make().items() for poison in poisoned(name, content)]
        random.Random(kind).shuffle(tried)
        yield from ((kind, one) for one in tried[first:last])


def test_nothing_that_a_file_says_is_in_its_rejection_or_its_rows() -> None:
    for kind, (name, where, content) in everywhere(0, 10):
        assert not betrayed(read(name, content)), (kind, name, where)


def test_a_sentence_about_a_file_is_put_together_of_counts_and_words_of_ours() -> None:
    allowed = {part.strip() for part in f"{COUNTED} | {OURS}".replace("\n", " ").split(" | ")}
    modules = [
        *(path for path in (ROOT / "connectors").rglob("*.py") if path.parent.name != "testing"),
        ROOT / "models/activity.py",
        ROOT / "models/set_aside.py",
        *(ROOT / "flows/night").glob("*inbox.py"),
    ]
    found = {said: path.name for path in modules for said in _put_in(path)}
    assert "len(cells)" in found
    assert not {f"{found[said]}: {said}" for said in found if not re.fullmatch(r"_?[A-Z_]+( // \d+)?", said)} - {
        f"{found[said]}: {said}" for said in allowed & found.keys()
    }


def _put_in(path: Path) -> Iterator[str]:
    """Every expression that is put into a text which becomes part of a rejection."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        texts: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SENTENCES:
            texts = [*node.args, *(word.value for word in node.keywords if word.arg != "words")]
            if node.func.id == "bad":
                texts = texts[:3]
        elif isinstance(node, ast.Assign):
            names = {name.id for target in node.targets for name in ast.walk(target) if isinstance(name, ast.Name)}
            texts = [node.value] if names & PARTS else []
        for text in texts:
            for inner in ast.walk(text):
                if isinstance(inner, ast.FormattedValue):
                    yield ast.unparse(inner.value)


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, Run]:
    """A night, with report, over files that say the word in every place that makes a rejection of its own."""
    study = StudyFolder(tmp_path_factory.mktemp("words") / "study", reports=True).write()
    for n, (kind, (name, _, content)) in enumerate(everywhere(10, 16)):
        study.put(f"P1/{WORD} {kind} {n}/{name}", content)
    header = f"date,activity,minutes of {WORD} {WORD}@example.org {NUMBER}\n2026-03-03,yoga,10\n"
    study.put("P1/diary.csv", header)
    study.put(f"P1/{WORD}.zip", packed({f"{WORD}/diary.csv": header.replace("yoga", "dance").encode(), "../x": b"1"}))
    study.put(f"{WORD}.csv", header)
    study.put(f"{WORD}/diary.csv", header)
    for name, content in fitbit_day("2026-03-04").items():
        study.put(f"P2/{name}", content)
    study.put("P2/a.fit", garmin_day("2026-03-03"))
    return study, study.night()


def test_the_word_is_in_nothing_that_is_published(night, tmp_path: Path) -> None:
    study, run = night
    assert study.ask("SELECT count(*) > 50 FROM rejection") == [(True,)]
    relations = [row[0] for row in study.ask("SELECT table_name FROM duckdb_tables()")]
    told = {
        name: [row for row in study.ask(f"FROM {name}") if WORD in str(row) or NUMBER in str(row)] for name in relations
    }
    sessions = {row[0] for row in study.ask(f"SELECT session_id FROM session WHERE vendor_activity LIKE '%{WORD}%'")}
    told["session"] = [row for row in told["session"] if row[1] not in sessions]  # the vendor's own word, kept as it is
    assert not {name: rows for name, rows in told.items() if rows}
    warehouse = study.folder / "warehouse"
    pages = [path for path in warehouse.rglob("*") if path.suffix in (".html", ".json", ".log", ".js")]
    assert len(pages) > 4
    told_by_run = json.dumps([outcome.not_used(run.new_faults), outcome.loaded(run)])
    for text in [told_by_run, *(path.read_text("utf-8") for path in pages)]:
        assert WORD not in text
        assert NUMBER not in text


def test_the_word_is_in_no_hand_over_and_in_no_copy(night, tmp_path: Path) -> None:
    study, _ = night
    for form in ("csv", "parquet", "fhir"):
        assert main(["export", "--study", str(study.folder), "--format", form, str(tmp_path / form)]) == 0
    assert main(["share", "--study", str(study.folder), str(tmp_path / "share")]) == 0
    for path in tmp_path.rglob("*"):
        if path.is_file() and not path.name.startswith("session."):
            assert WORD.encode() not in path.read_bytes(), path
            assert NUMBER.encode() not in path.read_bytes(), path


def test_the_person_who_mends_a_file_is_told_what_it_says(night) -> None:
    study, run = night
    told = [finding.what for finding in look(read_study(study.folder)).findings if finding.kind == "rejected_file"]
    assert [what for what in told if "P1/diary.csv" in what and f"the file says 'minutes of {WORD}" in what]
    assert any(f"one like 'minutes', expected a column 'minutes' (the file says 'minutes of {WORD}" in str(fault)
               for fault in run.new_faults)  # fmt: skip
    assert all(len(what) < 700 and what.isprintable() for what in told)


def test_who_is_mailed_what_a_night_says_reads_no_word_of_a_file(study: StudyFolder, capsys) -> None:
    study.put("P1/diary.csv", f"date,activity,minutes of {WORD}\n2026-03-03,yoga,10\n")
    assert main(["nightly", "--no-engine", "--study", str(study.folder)]) == 1
    said = capsys.readouterr()
    assert WORD not in said.out + said.err
    assert "column minutes: expected a column 'minutes'" in said.err


def test_a_header_of_a_hundred_thousand_letters_is_told_in_a_line() -> None:
    result = read("diary.csv", f"date,activity,minutes{'s' * 60_000}\n2026-03-03,yoga,10\n".encode())
    assert isinstance(result, Fault)
    assert len(str(result)) < 400


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("Underwater Hockey", "Underwater Hockey"),
        ("exercise type 79", "exercise type 79"),
        ("  a\tb\n c ", "a b c"),
        ("\x1b[31mOdd\u202e", "\\x1b[31mOdd\\u202e"),
        ("walk with n.nescio@example.org", None),
        ("https://example.org/me", None),
        ("call 0612345678", None),
        ("", None),
    ],
)
def test_a_kind_of_activity_is_kept_as_the_vendor_calls_it_unless_it_is_an_address(said: str, kept: str | None) -> None:
    assert kind_of_activity(said) == kept
