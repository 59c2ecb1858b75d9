"""Windows and macOS, as far as Linux can show them: docs/systems.md says what that leaves."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
import pytest

from models.store import pointer
from models.store.pointer import NEWEST, is_left_behind, newest, point_to
from models.store.shards import databases
from models.system import locks
from models.system.files import private
from tests import each_system
from tests.dying import PATIENCE
from tests.studies import StudyFolder, a_walk, garmin_day
from tests.test_night import content_of
from tests.test_shards import TWO, study_of

WINDOWS = Path(__file__).with_name("windows")
COMMANDS = """
import json, sys
from flows.cli import main
if __name__ == "__main__":
    for words in json.loads(sys.argv[1]):
        print(words, file=sys.stderr)
        print(main(words), file=sys.stderr)
"""
# Of an inbox: what is found there, and refused, where folders called `there` are junctions.
LOOK = """
import os, stat, sys
from pathlib import Path
from flows.night.inbox import scan
said = os.lstat
def lstat(path):
    found = said(path)
    if path.endswith("there"):
        found.st_reparse_tag = stat.IO_REPARSE_TAG_MOUNT_POINT
    return found
os.lstat = lstat
found = scan(Path(sys.argv[1]), {"P1"})
print(list(found.path), *[(fault.file, fault.found) for fault in found.refused])
"""


def on_windows(commands: list[list[object]], script: Path) -> subprocess.CompletedProcess:
    """Commands in one process as Windows would run them (tests/windows); each is followed by its exit code."""
    script.write_text(COMMANDS)
    return played(script, json.dumps(commands, default=str))


def played(script: Path, *given: object) -> subprocess.CompletedProcess:
    paths = os.pathsep.join([str(WINDOWS), str(WINDOWS.parents[1]), *filter(None, sys.path)])
    return subprocess.run(
        [sys.executable, script, *map(str, given)],
        env={**os.environ, "PYTHONPATH": paths, "STEPWINDOW_WAIT": "0"}, capture_output=True, text=True,
        timeout=PATIENCE,
    )  # fmt: skip


def codes(ended: subprocess.CompletedProcess) -> list[int]:
    assert ended.returncode == 0, ended.stderr[-3000:]
    return [int(line) for line in ended.stderr.splitlines() if line.isdigit()]


@contextmanager
def a_reader(file: Path) -> Iterator[None]:
    """Somebody's program that has a database open meanwhile."""
    script = "import duckdb, sys; con = duckdb.connect(sys.argv[1], read_only=True); print(1, flush=True); input()"
    reader = subprocess.Popen([sys.executable, "-c", script, file], stdin=-1, stdout=-1)
    assert reader.stdout is not None
    assert reader.stdout.readline()
    try:
        yield
    finally:
        reader.kill()
        reader.wait()


def test_a_night_of_the_sample_on_windows_publishes_what_every_other_night_of_it_does(sample, tmp_path) -> None:
    study = StudyFolder(tmp_path / "study")
    shutil.copytree(sample.folder, study.folder, ignore=shutil.ignore_patterns("warehouse"))
    ended = on_windows([["nightly", "--no-engine", "--study", study.folder]], tmp_path / "night.py")
    assert codes(ended) == [0], ended.stderr
    assert not (study.folder / "warehouse" / "analytics.duckdb").is_symlink(), "nobody may make one there"
    assert content_of(study) == content_of(sample)


@pytest.mark.after_a_night(over=a_walk)
def test_every_command_runs_on_windows(study, tmp_path) -> None:
    words = each_system.commands(study.folder, tmp_path / "out", "P1", "G1", "2026-03-03", "P1/a.fit")
    ended = on_windows(words, tmp_path / "all.py")
    found = dict(zip([" ".join(map(str, one[:3])) for one in words], codes(ended), strict=True))
    assert found.pop(f"doctor --study {study.folder}") < 2, ended.stderr  # it looks at this machine, too
    assert {words: code for words, code in found.items() if code} == {}, ended.stderr
    assert not [*tmp_path.glob(".stepwindow-draft-*"), *study.folder.glob("warehouse/replay-*")]


def test_a_study_of_two_stores_has_its_nights_on_windows_and_forgets_there(tmp_path) -> None:
    study, of = study_of(tmp_path / "two", TWO), ["--study", tmp_path / "two"]
    ended = on_windows([["nightly", "--no-engine", *of], ["forget", "P2", "--yes", *of]], tmp_path / "night.py")
    assert codes(ended) == [1, 0], ended.stderr  # somebody's folder is nobody's
    assert study.ask("SELECT DISTINCT participant_id FROM goal_week ORDER BY ALL") == [("P1",), ("P3",)]
    assert [path.name for path in databases(study.folder / "warehouse")].count("store.duckdb") == 3


def test_a_programme_has_the_nights_of_its_sites_on_windows(tmp_path) -> None:
    study_of(tmp_path / "north")
    (tmp_path / "programme.toml").write_text('name = "Network"\n[[site]]\nid = "north"\nstudy = "north"\n')
    of = ["--programme", tmp_path]
    asked = ["programme", "query", "SELECT count(DISTINCT participant_id) AS people FROM goal_week", "--format", "csv"]
    ended = on_windows([["programme", "run", "--no-engine", *of], [*asked, *of]], tmp_path / "night.py")
    assert codes(ended)[1:] == [0], ended.stderr
    assert "people\n3\n" in ended.stdout


def test_a_junction_is_a_folder_of_elsewhere_and_named(tmp_path) -> None:
    (tmp_path / "inbox/P1/there").mkdir(parents=True)
    (tmp_path / "inbox/P1/there/a.fit").write_bytes(b"x")
    (tmp_path / "inbox/P1/b.fit").write_bytes(b"x")
    script = tmp_path / "look.py"
    script.write_text(LOOK)
    told = played(script, tmp_path / "inbox")
    why = "an unreadable folder (a link or a junction, which leads elsewhere)"
    assert told.stdout == f"['P1/b.fit'] {('P1/there', why)}\n", told.stderr


@pytest.mark.after_a_night(over=a_walk)
def test_a_reader_on_windows_keeps_its_file_and_everybody_else_has_the_newest(study, tmp_path) -> None:
    warehouse = study.folder / "warehouse"
    night = ["nightly", "--no-engine", "--study", study.folder]
    assert codes(on_windows([night], tmp_path / "night.py")) == [0]
    study.put("P1/2026-03-06.fit", garmin_day("2026-03-06"))
    asked = ["query", "SELECT count(*) AS runs FROM run", "--format", "csv", "--study", study.folder]
    with a_reader(warehouse / "analytics.duckdb"):
        ended = on_windows([night, asked, ["doctor", "--study", study.folder]], tmp_path / "night.py")
        assert codes(ended) == [0, 0, 1]
        assert "runs\n3\n" in ended.stdout
        assert "a program had it open" in ended.stdout
        assert is_left_behind(warehouse)
        assert newest(warehouse).name == (warehouse / NEWEST).read_text("utf-8")
    assert codes(on_windows([night], tmp_path / "night.py")) == [0]
    assert not is_left_behind(warehouse)
    with duckdb.connect(str(warehouse / "analytics.duckdb"), read_only=True) as con:
        assert con.execute("SELECT count(*) FROM run").fetchall() == [(4,)]
    assert len(list(warehouse.glob("analytics-*.duckdb"))) == 2


def test_where_nobody_may_make_a_link_one_killed_anywhere_leaves_the_file_before_or_the_new_one(
    tmp_path, monkeypatch
) -> None:
    def no_right(*_: object) -> None:
        raise OSError(errno.EINVAL, "a required privilege is not held by the client")

    monkeypatch.setattr(os, "symlink", no_right)
    one, other = tmp_path / "analytics-1.duckdb", tmp_path / "analytics-2.duckdb"
    for instant in range(9):
        for left in tmp_path.iterdir():
            left.unlink()
        for number, file in enumerate((one, other)):
            file.write_text("a file" + "!" * number)
        point_to(one)
        with monkeypatch.context() as patch, suppress(KeyboardInterrupt):
            dies_at(patch, instant)
            point_to(other)
        assert newest(tmp_path).read_text("utf-8") in ("a file", "a file!")
        (tmp_path / ".draft-analytics.duckdb").unlink(missing_ok=True)
        assert point_to(other)
        assert newest(tmp_path).read_text("utf-8") == (tmp_path / "analytics.duckdb").read_text("utf-8") == "a file!"


def dies_at(patch: pytest.MonkeyPatch, instant: int) -> None:
    """The step of `point_to` of that number, of those that change a file, does not come back or does not begin."""
    passed = iter(range(100))

    def axed(do):
        def done(*given, **more):
            if next(passed) == instant:
                raise KeyboardInterrupt
            found = do(*given, **more)
            if next(passed) == instant:
                raise KeyboardInterrupt
            return found

        return done

    for of, name in ((os, "replace"), (pointer, "second_name"), (pointer, "private")):
        patch.setattr(of, name, axed(getattr(of, name)))


def test_a_lock_says_who_has_it_and_two_threads_do_not_have_it_at_once(tmp_path) -> None:
    one, other = locks.opened(tmp_path / "a.lock"), locks.opened(tmp_path / "a.lock")
    try:
        assert locks.take(one)
        locks.write(one, "process 1: a long line of it")
        assert not locks.take(other)
        assert not locks.take(other, shared=True)
        assert locks.text_of(other) == "process 1: a long line of it"
        locks.write(one, "short")
        assert locks.text_of(other) == "short"
    finally:
        os.close(one)
    assert locks.take(other, shared=True)
    os.close(other)


def test_a_private_file_is_its_owners_alone_whatever_the_mask_is(tmp_path) -> None:
    mask = os.umask(0)
    try:
        with open(tmp_path / "x", "w", opener=private) as file:
            file.write("x")
    finally:
        os.umask(mask)
    assert (tmp_path / "x").stat().st_mode & 0o777 == 0o600
