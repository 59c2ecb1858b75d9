"""What a person can type or set wrong is answered with one line that says what to do."""

from __future__ import annotations

import io
import os
import resource
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from flows.cli import main
from tests.dying import PATIENCE
from tests.studies import StudyFolder, garmin_day

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def known(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A study deep down in the file system, after a night, and two questions, whose streams were closed."""
    deep = "/".join(["a folder with a long name"] * 8)
    study = StudyFolder(tmp_path_factory.mktemp("wrong") / deep / "study").write()
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    at = ["--study", str(study.folder)]
    commands = [["nightly", "--no-engine", *at], ["status", *at], ["query", "SELECT 1", *at]]
    program = f"from flows.cli import main; raise SystemExit(any([main(words) for words in {commands}]))"
    words = ["sh", "-c", 'exec "$@" 0<&- 1>&- 2>&-', "sh", sys.executable, "-c", program]
    subprocess.run(words, env={**os.environ, "PYTHONPATH": str(ROOT)}, timeout=PATIENCE, check=True)
    return study


def test_closed_streams_stop_nothing_nor_does_a_path_as_long_as_the_system_allows(known) -> None:
    assert len(str(known.folder)) > 240
    assert known.day("2026-03-03")["steps"] == 6000


def said_by(capsys: pytest.CaptureFixture, *argv: str) -> str:
    """The one line that a command refuses with."""
    try:
        code = main(list(argv))
    except SystemExit as end:
        code = end.code
    said = capsys.readouterr().err.strip()
    assert code == 2
    assert said.startswith("stepwindow: ")
    assert len(said.splitlines()) == 1
    assert "a fault of stepwindow itself" not in said
    return said


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("STEPWINDOW_WAIT", "abc", "not a number of seconds"),
        ("STEPWINDOW_WAIT", "-1", "not a number of seconds"),
        ("STEPWINDOW_WAIT", "nan", "not a number of seconds"),
        ("STEPWINDOW_LOG", "LOUD", "no level of a log"),
        ("STEPWINDOW_KEY_FILE", "/nowhere/key", "the key cannot be read"),
        ("STEPWINDOW_KEY_FILE", "/", "the key cannot be read"),
        ("STEPWINDOW_KEY", "short", "fewer than 16 characters"),
    ],
)
@pytest.mark.parametrize("command", [["nightly", "--no-engine"], ["query", "SELECT 1"], ["report"]], ids=lambda c: c[0])
def test_a_variable_that_is_set_wrong_is_named(known, capsys, monkeypatch, command, name, value, words) -> None:
    monkeypatch.setenv(name, value)
    said = said_by(capsys, *command, "--study", str(known.folder))
    assert name in said
    assert words in said


@pytest.mark.parametrize("study", ["/nowhere", "", "{file}", "x" * 5000, os.fsdecode(b"/tmp/\xff")])
@pytest.mark.parametrize("command", [["status"], ["nightly", "--no-engine"], ["query", "SELECT 1"]], ids=lambda c: c[0])
def test_a_study_that_is_none_is_named(known, capsys, tmp_path, monkeypatch, command, study) -> None:
    monkeypatch.chdir(tmp_path)
    said_by(capsys, *command, "--study", study.format(file=known.folder / "study.toml"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("address", ["garbage", "tcp://", "tcp://host:abc", "::::", "http://[", "a b:1", "tcp://x:1@y"])
def test_an_address_that_is_none_is_not_waited_for(known, capsys, address) -> None:
    said = said_by(capsys, "nightly", "--no-engine", "--dask", address, "--study", str(known.folder))
    assert "not an address such as" in said


@pytest.mark.parametrize(
    "argv",
    [
        ["goals", "--why", "G1", "²"],
        ["goals", "--why", "G1", "-1"],
        ["goals", "--why", "G1", "9" * 30],
        ["goals", "--participant", os.fsdecode(b"\xff")],
        ["query", os.fsdecode(b"SELECT '\xff'")],
        ["query", "SELECT \0"],
        ["forget", os.fsdecode(b"\xff"), "--yes"],
        ["forget", "", "--yes"],
        ["day", "P1", "0001-01-01"],
        ["day", "P1", "9999-12-31"],
        ["day", "P1", "10000-01-01"],
        ["share", "OUT", "--k", "-1"],
        ["share", "OUT", "--k", "1.5"],
        ["share", "/dev/null"],
        ["share", "/dev/null/x"],
        ["share", "x" * 300],
        ["export", "--format", "csv", "/dev/null"],
        ["export", "--format", "csv", "/dev/null/x"],
        ["export", "--format", "csv", "/proc/x"],
        ["export", "--format", "csv", "x" * 300],
        ["serve", "--at", "25:00"],
        ["serve", "--port", "0"],
        ["serve", "--port", "99999"],
        ["backfill", "--known-by", "0001-01-01T00:00+14:00"],
        ["backfill", "--known-by", "9999-12-31T23:59-14:00"],
        ["backfill", "--as-of", "2026-02-30"],
    ],
    ids=lambda argv: " ".join(argv)[:40].encode("ascii", "replace").decode(),
)
def test_a_word_that_is_wrong_is_answered_in_a_line(known, capsys, tmp_path, monkeypatch, argv) -> None:
    monkeypatch.chdir(tmp_path)
    said_by(capsys, *(str(tmp_path / "out") if word == "OUT" else word for word in argv), "--study", str(known.folder))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize(
    ("command", "options"),
    [("goals", ["--as-of"]), ("backfill", ["--known-by", "--as-of"]), ("backfill", ["--from", "--to"])],
    ids=str,
)
def test_the_first_and_the_last_day_of_the_calendar_are_days(known, capsys, command, options, day) -> None:
    words = [word for option in options for word in (option, day)]
    assert (
        main([command, *words, *(["--no-engine"] if command == "backfill" else []), "--study", str(known.folder)]) == 0
    )


def typed(*argv: str, **given: object) -> subprocess.CompletedProcess:
    """The command in a process as the shell starts it."""
    command = [sys.executable, "-m", "flows.cli", *argv]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **given.pop("env", {})}  # type: ignore[dict-item]
    return subprocess.run(command, env=environment, capture_output="stdout" not in given, timeout=PATIENCE, **given)  # type: ignore[call-overload]


@pytest.mark.parametrize("size", [200_000_000, 400_000_000, 800_000_000])
def test_too_little_memory_is_told_before_anything_is_done(known, size) -> None:
    done = typed(
        "nightly", "--no-engine", "--study", str(known.folder),
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (size, size)),
    )  # fmt: skip
    assert done.returncode == 2
    assert b"raise the limit" in done.stderr
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize("words", [["--version"], ["goals", "--help"]], ids=" ".join)
def test_a_full_disk_behind_the_output_is_told_once(words: list[str]) -> None:
    with open("/dev/full", "w") as full:
        done = typed(*words, stdout=full, stderr=subprocess.PIPE)
    assert done.returncode == 2
    assert done.stderr.decode() == f"{FULL}\n"


FULL = "stepwindow: No space left on device; check the disk and the permissions"


@pytest.mark.parametrize("words", ["help files", "status", "query 'FROM goal_week'", "goals --json"])
def test_whoever_reads_no_more_gets_no_more_and_that_is_no_fault(known, monkeypatch, capsys, words) -> None:
    read, write = os.pipe()
    os.close(read)
    with open(write, "w") as nobody:
        monkeypatch.setattr(sys, "stdout", nobody)
        assert main([*shlex.split(words), *([] if "help" in words else ["--study", str(known.folder)])]) == 0
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize("command", [["status"], ["query", "FROM goal_week"]], ids=" ".join)
def test_a_full_disk_behind_an_answer_is_told_once(known, capsys, monkeypatch, command) -> None:
    with open("/dev/full", "w") as full:  # closing it would complain of what is still held
        monkeypatch.setattr(sys, "stdout", full)
        assert said_by(capsys, *command, "--study", str(known.folder)) == FULL


def test_letters_that_a_terminal_does_not_have_are_shown_by_their_numbers(known, monkeypatch) -> None:
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert main(["query", "SELECT 'é日' AS x", "--study", str(known.folder)]) == 0
    assert b"\\xe9\\u65e5" in ascii_only.buffer.getvalue()


def test_a_current_folder_that_was_removed_is_told(known, tmp_path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    shell = 'cd "$1" && rmdir "$1" && shift && exec "$@"'
    words = ["sh", "-c", shell, "sh", gone, sys.executable, "-m", "flows.cli", "status", "--study", known.folder]
    done = subprocess.run(words, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True, timeout=PATIENCE)
    assert done.returncode == 2
    assert b"the current folder is not there any more" in done.stderr


def test_a_question_is_answered_also_where_the_temporary_folder_has_a_long_name(known, tmp_path) -> None:
    far = tmp_path / "a long name, with 'quotes'" / ("ü" * 60)
    far.mkdir(parents=True)
    words = ["query", "SELECT 6 * 7 AS x", "--format", "csv", "--study", str(known.folder)]
    done = typed(*words, env={"TMPDIR": str(far)})
    assert (done.returncode, done.stdout, done.stderr) == (0, b"x\n42\n", b"")


@pytest.mark.parametrize("columns", ["abc", "0", "-5", "1"])
def test_a_terminal_of_a_strange_width_stops_nothing(known, capsys, monkeypatch, columns) -> None:
    monkeypatch.setenv("COLUMNS", columns)
    assert main(["goals", "--study", str(known.folder)]) == 0
    with pytest.raises(SystemExit, match="0"):
        main(["goals", "--help"])
