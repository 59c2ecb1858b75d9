"""What is printed, logged, put on a page or into a table can do nothing but be read."""

from __future__ import annotations

import ast
import csv
import io
import re
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import duckdb
import pytest

from flows.cli import main
from models.fault import StudyError
from models.shown import IN_A_SPREADSHEET, in_a_spreadsheet, shown_lines
from models.store.connect import quoted
from tests.studies import StudyFolder, fitbit_day
from tests.test_zip import packed

ROOT = Path(__file__).parents[1]
HOSTILE = "\x1b]0;owned\x07\x9b31m\u202e\u2066\u200b\u2028\u2029\r\x08x"
CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]")
COLOURS = re.compile(r"\x1b\[[\d;]*m")  # what rich itself writes on a terminal
FORMULA = "=HYPERLINK(1)"


@pytest.fixture(scope="module")
def first_night(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, str]:
    """A study in which names of files, of members, headers, cells and control files hold control characters.

    A night has been over it, and printed this. Whoever takes it only reads.
    """
    study = spoilt(StudyFolder(tmp_path_factory.mktemp("hostile") / "study", reports=True))
    with redirect_stdout(io.StringIO()) as printed, redirect_stderr(printed):
        assert run(study, "nightly", "--no-engine") == 1
    return study, printed.getvalue()


@pytest.fixture
def hostile(first_night: tuple[StudyFolder, str]) -> StudyFolder:
    return first_night[0]


@pytest.fixture(scope="module")
def handed_over(first_night: tuple[StudyFolder, str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hand-overs of it, each in a folder that is called as its form."""
    folder = tmp_path_factory.mktemp("handed_over")
    for form in ("csv", "fhir", "parquet"):
        assert run(first_night[0], "export", "--format", form, str(folder / form)) == 0
    return folder


def spoilt(study: StudyFolder) -> StudyFolder:
    study.goals.append(f"[red]{FORMULA}[/red],,P1,,1,1,daily_mean,steps,6000,,,2026-03-02,,,")
    study.goals.append(f"{FORMULA},,P1,,1,1,daily_mean,steps,7000,,,2026-03-02,,,")
    study.goals.append(f"G{HOSTILE},,P1,,1,1,daily_mean,steps,6000,,,2026-03-02,,,")
    study.infusions.append(f"-I{FORMULA},P2,2026-03-02,,")
    study.write()
    folder = HOSTILE.replace("\r", "")
    header = f"timestamp,steps,{folder}\n2026-03-01T10:00:00Z,10,1\n"
    study.put(f"P1/{folder}/odd{folder}.csv", "a,b\n1,2\n")
    study.put("P1/steps_2026-03-01.csv", header)
    study.put("P1/diary.csv", f"date,activity,minutes{folder}\n2026-03-03,yoga,10\n")
    study.put(f"P1/{folder}.zip", packed({f"{folder}/x.csv": b"a,b\n1,2\n"}))
    study.put(f"{folder}/a.csv", "a")
    study.put(f"{folder}.csv", "a")
    for n, kind in enumerate((f"{folder}Odd", f"[red]{FORMULA}[/red]", FORMULA), 1):
        rows = "Activity ID,Activity Date,Activity Name,Activity Type,Elapsed Time\n"
        rows += f'{n},"Mar {n + 2}, 2026, 8:00:00 AM",{folder},"{kind}",600\n'
        study.put(f"P1/{n}/activities.csv", rows)
    for name, content in fitbit_day("2026-03-04").items():
        study.put(f"P2/{name}", content)
    return study


def run(study: StudyFolder, *words: str) -> int:
    return main([*words, "--study", str(study.folder)])


COMMANDS = [
    ("status", "--all"), ("doctor",), ("goals",),
    ("goals", "--why", f"[red]{FORMULA}[/red]", "1"),
    ("day", "P1", "2026-03-03"), ("query", "SELECT vendor_activity, count(*) FROM session GROUP BY ALL"),
    ("query", "FROM rejection"), ("query", "FROM session", "--format", "csv"), ("query", f"SELECT '{HOSTILE}' AS a"),
]  # fmt: skip


@pytest.mark.parametrize("coloured", [False, True])
def test_no_command_prints_a_control_character(hostile: StudyFolder, capsys, monkeypatch, coloured: bool) -> None:
    if coloured:
        monkeypatch.setenv("FORCE_COLOR", "1")
    for words in COMMANDS:
        run(hostile, *words)
        printed = capsys.readouterr()
        for said in (printed.out, printed.err):
            plain = COLOURS.sub("", said) if coloured else said
            assert not CONTROL.search(plain), (words, CONTROL.search(plain))
    main(["identify", *map(str, sorted((hostile.folder / "inbox").rglob("*.csv")))])
    printed = capsys.readouterr()
    assert not CONTROL.search(COLOURS.sub("", printed.out + printed.err))
    assert "\\x1b]0;owned\\x07" in printed.out


def test_no_night_prints_a_control_character(first_night: tuple[StudyFolder, str]) -> None:
    _, printed = first_night
    assert "\\x1b]0;owned\\x07" in printed
    assert not CONTROL.search(printed)


def test_no_night_on_a_terminal_prints_a_control_character(hostile: StudyFolder, tmp_path, capsys, monkeypatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setattr("sys.stderr.isatty", lambda: True)
    study = hostile.copied(tmp_path / "study")
    study.put(f"P1/new{HOSTILE}.csv", f"date,activity,minutes{HOSTILE[:-3]}\n2026-03-03,yoga,10\n")
    assert run(study, "nightly", "--no-engine") == 1
    printed = capsys.readouterr()
    assert not CONTROL.search(COLOURS.sub("", printed.out))
    progress = re.compile(r"\x1b\[[?\d;]*[A-Za-z]|\r")  # a bar that is drawn again and again, in words of ours
    assert printed.err != progress.sub("", printed.err)
    assert not CONTROL.search(progress.sub("", printed.err))


def test_no_page_log_or_hand_over_holds_a_control_character(hostile: StudyFolder, handed_over: Path) -> None:
    warehouse = hostile.folder / "warehouse"
    told = [*warehouse.rglob("*.html"), *warehouse.rglob("*.log*"), warehouse / "health.json"]
    told += [*(handed_over / "csv").iterdir(), *(handed_over / "fhir").iterdir()]
    assert len(told) > 20
    for path in told:
        if path.is_file():
            assert not CONTROL.search(path.read_text("utf-8")), path
    kinds = hostile.ask("SELECT vendor_activity FROM session")
    assert [kind for (kind,) in kinds if "\\x1b]0;owned" in kind]


def test_brackets_in_an_id_are_no_colours(hostile: StudyFolder, capsys) -> None:
    for words in (
        ("goals",),
        ("query", "SELECT goal_id FROM goal"),
        ("query", "SELECT vendor_activity FROM session"),
    ):
        capsys.readouterr()
        run(hostile, *words)
        assert "[red]" in capsys.readouterr().out.replace("\n", ""), words


def test_what_a_command_cannot_understand_is_repeated_in_one_printable_line(capsys) -> None:
    assert str(StudyError(f"a{HOSTILE}b")).isprintable()
    for words in ([f"nig{HOSTILE}"], ["goals", f"--all{HOSTILE}"], ["goals", "--as-of", HOSTILE]):
        with pytest.raises(SystemExit):
            main(words)
        assert capsys.readouterr().err.removesuffix("\n").isprintable(), words
    assert main(["goals", "--study", HOSTILE]) == 2
    assert capsys.readouterr().err.removesuffix("\n").isprintable()


def test_nothing_is_printed_but_by_say_by_the_tables_and_as_json() -> None:
    for path in sorted((ROOT / "flows").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and ast.unparse(node.func) in ("print", "sys.stdout.write", "Console")):
                continue
            is_json = bool(node.args) and ast.unparse(node.args[0]).startswith("json.dumps(")
            # bars of progress are in words of ours; `query` prints some, and where the published file lies; a start is
            # run by whoever it was handed to
            here = ("output.py", "terminal.py", "database.py", "query.py", "bundles.py", "progress.py", "start.py")
            assert is_json or path.name in here, f"{path.name} line {node.lineno}"


CELLS = [
    ("=1+1", True), ("+1", True), ("-1", True), ("@SUM(A1)", True), (" =1", True), ("'=1", True), ('"=1', True),
    ("\uff1d1", True), ("\uff0b1", True), ("\uff0d1", True), ("\uff20a", True), ("walking", False), ("a=1", False),
    ("", False), ("P01-move", False), ("\t=1", False), ("\r=1", False), ("\n=1", False), ("2026-03-09", False),
]  # fmt: skip


@pytest.mark.parametrize(("text", "is_formula"), CELLS)
def test_what_a_spreadsheet_would_run_is_made_harmless_in_python_and_in_sql_alike(text: str, is_formula: bool) -> None:
    sql = f"SELECT {IN_A_SPREADSHEET.replace('CELL', 'cell')} FROM (SELECT ? AS cell)"
    (in_sql,) = duckdb.execute(sql, [text]).fetchall()[0]
    for safe in (in_a_spreadsheet(text), in_sql):
        assert safe.startswith("'") == is_formula
        assert safe[:1] not in ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")
        assert safe.removeprefix("'") == text or not text.isprintable()


def test_a_table_for_a_spreadsheet_holds_no_formula_and_its_numbers_and_dates_are_as_they_are(hostile, capsys) -> None:
    sql = "SELECT -3 AS n, -0.5 AS d, DATE '2026-03-09' AS day, TRUE AS yes, NULL AS none, '=1+1' AS \"=a\", 'x' AS b"
    assert run(hostile, "query", sql, "--format", "csv") == 0
    assert capsys.readouterr().out == "n,d,day,yes,none,'=a,b\n-3,-0.5,2026-03-09,true,,'=1+1,x\n"
    assert run(hostile, "query", sql, "--json") == 0
    assert '"=a": "=1+1"' in capsys.readouterr().out


def test_a_hand_over_as_csv_holds_no_formula_and_one_as_parquet_is_exact(handed_over: Path) -> None:
    cells = 0
    for path in (handed_over / "csv").glob("*.csv"):
        for row in csv.reader(io.StringIO(path.read_text("utf-8"))):
            cells += len(row)
            assert not [cell for cell in row if cell[:1] in "=+@" and cell[:1]], path
            assert not [cell for cell in row if cell.startswith("-") and not re.fullmatch(r"-[\d.]+", cell)], path
    assert cells > 200
    ids = f"SELECT count(*) FROM '{quoted(handed_over)}/parquet/goal.parquet' WHERE goal_id = '{FORMULA}'"
    assert duckdb.execute(ids).fetchall() == [(1,)]
    assert f"'{FORMULA}," in (handed_over / "csv/goal.csv").read_text("utf-8")
    numbers = f"SELECT count(*) FROM '{quoted(handed_over)}/csv/daily_activity.csv' WHERE steps > 0"
    assert duckdb.execute(numbers).fetchall()[0][0] > 0


def test_a_text_of_several_lines_keeps_them() -> None:
    assert shown_lines("a\nb\x1b") == "a\nb\\x1b"
