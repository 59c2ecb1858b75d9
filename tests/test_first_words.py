"""What meets somebody who types `stepwindow` for the first time: what is next, what files and codes are, TAB."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import flows
from flows.cli import command_names, main, parser
from flows.guide import exit_codes, place_of, places
from tests.studies import StudyFolder, a_walk, garmin_day

ROOT = Path(__file__).parents[1]


def next_in(folder: Path, monkeypatch, capsys) -> str:
    monkeypatch.chdir(folder)
    assert main([]) == 2, "nothing was run"
    said = capsys.readouterr()
    assert said.out == ""
    assert "all commands: stepwindow --help" in said.err
    return said.err


def test_alone_it_says_how_to_begin_where_no_study_is_and_where_there_is_one_above(
    tmp_path, monkeypatch, capsys
) -> None:
    assert "stepwindow init my-study" in next_in(tmp_path, monkeypatch, capsys)
    study = StudyFolder(tmp_path / "study").write()
    assert "one below: cd study\n" in next_in(tmp_path, monkeypatch, capsys)
    assert f"cd {study.folder}" in next_in(study.folder / "inbox", monkeypatch, capsys)
    (tmp_path / "programme.toml").touch()
    assert "stepwindow programme run" in next_in(tmp_path, monkeypatch, capsys)


def test_alone_it_says_what_a_study_lacks_then_the_night_then_what_needs_somebody(
    tmp_path, monkeypatch, capsys
) -> None:
    study = StudyFolder(tmp_path / "study", participants=[], infusions=[], goals=[]).write()
    for name, rows, said in (
        ("participants", ["P1,,,"], "participants.csv has no usable line yet"),
        ("infusions", ["I1,P1,2026-03-02,,"], "put exports into inbox/<participant_id>/, for example inbox/P1/"),
    ):
        assert said in next_in(study.folder, monkeypatch, capsys)
        setattr(study, name, rows)
        study.write()
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    assert "goals.csv has no usable line yet" in next_in(study.folder, monkeypatch, capsys)
    study.goals = ["G1,,P1,,1,1,daily_mean,steps,5000,,,2026-03-02,,,"]
    study.write()
    assert "there was no night yet. Next:\n  stepwindow nightly" in next_in(study.folder, monkeypatch, capsys)
    study.night()
    study.put("P1/b.fit", garmin_day("2026-03-04"))
    said = next_in(study.folder, monkeypatch, capsys)
    assert re.search(r"last night as of 2026-03-23\. Next:\n  stepwindow nightly +1 file not loaded yet", said)
    assert "stepwindow status" in said


def test_a_study_that_cannot_be_read_is_the_one_line_that_it_always_is(tmp_path: Path, monkeypatch, capsys) -> None:
    (tmp_path / "study.toml").write_text("name = ")
    monkeypatch.chdir(tmp_path)
    assert main([]) == 2
    assert re.fullmatch(r"stepwindow: study\.toml.*\n", capsys.readouterr().err)


@pytest.mark.after_a_night(over=a_walk)
def test_every_file_that_a_study_has_after_its_commands_has_its_place(study: StudyFolder, capsys) -> None:
    where = ["--study", str(study.folder)]
    for words in (["nightly", "--no-engine"], ["report"], ["letter", "P1"]):
        assert main([*words, *where]) == 0, words
    paths = [path.relative_to(study.folder).as_posix() for path in study.folder.rglob("*") if path.is_file()]
    assert [path for path in paths if not place_of(path)] == []
    used = {place_of(path) for path in paths}
    rare = [
        "before-", "forgotten", "newest", "notebook", "prefect", "shard-", "spill", "zones", "holds", "attendance",
        "outcomes",
    ]  # fmt: skip
    assert {
        place.path for place in places() if place not in used and not any(word in place.path for word in rare)
    } == set()


def test_help_explains_exit_codes_files_and_commands(capsys) -> None:
    for words, part in (
        ([], "exit-codes"), (["exit-codes"], "could not run"), (["files"], "warehouse/device.key"),
    ):  # fmt: skip
        assert main(["help", *words]) == 0
        said = capsys.readouterr().out
        assert part in said
        assert max(map(len, said.splitlines())) <= 100
    with pytest.raises(SystemExit) as ended:
        main(["help", "day"])
    assert ended.value.code == 0
    assert "usage: stepwindow day" in capsys.readouterr().out
    with pytest.raises(SystemExit) as ended:
        main(["help", "nigthly"])
    assert ended.value.code == 2
    assert "is nightly meant?" in capsys.readouterr().err
    assert {code for code, _ in exit_codes()} - {"0", "1", "2", "130, 143", "137, or -9"} < set(command_names())


def test_a_shell_that_took_the_script_completes_commands_and_their_options(tmp_path: Path, capsys) -> None:
    for shell in ("zsh", "fish", "tcsh"):
        assert main(["completion", shell]) == 0
        assert "backfill" in capsys.readouterr().out
    assert main(["completion", "bash"]) == 0
    script = capsys.readouterr().out
    asked = 'COMP_WORDS=({words}); COMP_CWORD={last}; _shtab_stepwindow; echo "${{COMPREPLY[@]}}"\n'
    (tmp_path / "export.zip").touch()
    (tmp_path / "exports").mkdir()
    typed = {
        "nig": "nightly", "goals --inf": "--infusion", "identify ex": "export.zip exports",
        "status --study ex": "exports",
    }  # fmt: skip
    lines = [asked.format(words=f"stepwindow {words}", last=len(words.split())) for words in typed]
    (tmp_path / "typed.sh").write_text(script + "".join(lines))
    ended = subprocess.run(["bash", "typed.sh"], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert [" ".join(sorted(line.split())) for line in ended.stdout.splitlines()] == list(typed.values())


def test_an_older_python_reads_the_first_module_and_is_told_in_a_line(monkeypatch) -> None:
    source = Path(flows.__file__).read_text("utf-8")
    ast.parse(source, feature_version=(3, 4))
    monkeypatch.setattr(sys, "version_info", (3, 9, 2))
    with pytest.raises(SystemExit, match=r"stepwindow: needs Python 3\.11 or later, and this is "):
        exec(compile(source, "flows", "exec"), {})


def test_make_says_in_a_line_what_a_python_lacks_and_any_python_can_read_that(tmp_path: Path) -> None:
    script = ROOT / ".ci/python.py"
    ast.parse(script.read_text("utf-8"), feature_version=(3, 4))
    (tmp_path / "ensurepip.py").write_text("raise ImportError")  # as on a Debian without the package for it
    said = {}
    for here in (ROOT, tmp_path):
        words, environment = [sys.executable, script, "python3"], {**os.environ, "PYTHONPATH": str(here)}
        said[here] = subprocess.run(words, env=environment, capture_output=True, text=True).stderr
    assert said[ROOT] == ""
    assert re.fullmatch(
        r"needed: the module ensurepip, which python3 lacks\..* apt install python3.*\n", said[tmp_path]
    )


@pytest.mark.after_a_night(over=a_walk)
def test_no_colour_is_shown_to_whoever_wants_none_and_a_narrow_terminal_gets_lines_that_fit(study: StudyFolder) -> None:
    """A terminal is simulated: `script` would not be everywhere."""
    typed = "import sys, pty; pty.spawn([sys.executable, '-m', 'flows.cli', *sys.argv[1:]])"
    said = {}
    for colour in ({"NO_COLOR": "1"}, {}):
        ended = subprocess.run(
            [sys.executable, "-c", typed, "status", "--study", str(study.folder)], capture_output=True, check=True,
            env={**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm-256color", "COLUMNS": "44", **colour},
        )  # fmt: skip
        said[len(colour)] = ended.stdout.decode().replace("\r", "")
    colours = re.compile(r"\x1b\[([\d;]*)m")
    assert {code for codes in colours.findall(said[1]) for code in codes.split(";")} <= {"", "0", "1", "2"}  # bold, dim
    assert colours.sub("", said[0]) == colours.sub("", said[1])
    assert max(map(len, colours.sub("", said[0]).splitlines())) <= 44


def test_help_fits_a_narrow_terminal(monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for command in command_names():
        usage = parser(command).format_usage()
        assert max(map(len, usage.splitlines())) <= 60, command
