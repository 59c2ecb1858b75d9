"""The night on Prefect without a server; tests/test_serve.py has a server."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from contextlib import closing
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from threading import Thread

import pytest

from flows.engine import database, own_server, served
from models.store.store import StoreError
from tests.dying import PATIENCE
from tests.studies import StudyFolder, garmin_day
from tests.writers.locked_zip import PASSWORD, locked

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, subprocess.CompletedProcess]:
    """A first night on an engine that nobody told of a server, where files are open to all if nobody minds; it is asked
    to log all it can, and has the password of a zip."""
    study = StudyFolder(tmp_path_factory.mktemp("engine") / "study").write()
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.put("P2/drop.zip", locked({"b.fit": garmin_day("2026-03-04")}))
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")} | {"STEPWINDOW_LOG": "DEBUG"}
    command = [sys.executable, "-m", "flows.cli", "nightly", "--json", "--zip-password", "--study", str(study.folder)]
    return study, subprocess.run(
        command,
        umask=0,
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        cwd=ROOT,
        env=clean,
        check=False,
        input=f"{PASSWORD}\n",
    )


def test_the_night_runs_on_the_engine_without_a_server_and_without_noise(night) -> None:
    study, ended = night
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["loaded"] == 2
    assert ended.stderr == ""
    assert study.day("2026-03-03")["steps"] == 6000
    made = [study.folder / "warehouse/prefect", *(study.folder / "warehouse/prefect").rglob("*")]
    assert {str(path): oct(path.stat().st_mode) for path in made if path.stat().st_mode & 0o077} == {}


def test_everything_in_a_warehouse_also_of_the_engine_is_for_its_owner_alone_whatever_the_umask(night) -> None:
    warehouse = night[0].folder / "warehouse"
    found = [warehouse, *(path for path in warehouse.rglob("*") if not path.is_symlink())]
    open_to_others = {str(path): oct(path.stat().st_mode) for path in found if path.stat().st_mode & 0o077}
    assert open_to_others == {}
    assert (warehouse / "prefect" / "prefect.db") in found


def test_no_file_of_the_study_and_nothing_that_was_printed_holds_the_password_of_a_zip(night) -> None:
    study, ended = night
    assert study.day("2026-03-04", "P2")["steps"] == 6000
    assert PASSWORD not in ended.stdout + ended.stderr
    holds = [path for path in study.folder.rglob("*") if path.is_file() and PASSWORD.encode() in path.read_bytes()]
    assert (study.folder / "warehouse/prefect").exists()
    assert not holds


def test_the_engine_keeps_the_run_and_how_each_of_its_steps_ended(night) -> None:
    with closing(sqlite3.connect(night[0].folder / "warehouse/prefect/prefect.db")) as kept:
        runs = kept.execute("SELECT name, state_name FROM flow_run").fetchall()
        steps = kept.execute("SELECT name, state_name FROM task_run ORDER BY start_time").fetchall()
        artifacts = {key for (key,) in kept.execute("SELECT key FROM artifact")}
    assert [state for _, state in runs] == ["Completed"]
    assert [(name.rsplit("-", 1)[0], state) for name, state in steps] == [
        (step, "Completed")
        for step in ("read control files", "load exports", "resolve days", "judge weeks", "publish", "write report")
    ]
    assert artifacts == {"test-loaded", "test-not-used", "test-verdict-changes"}


def test_the_server_of_our_own_is_for_the_prefect_of_the_lock_and_with_another_it_is_left_to_prefect(
    monkeypatch,
) -> None:
    lock = (ROOT / "requirements.lock").read_text("utf-8")
    assert re.search(rf"^prefect=={own_server.KNOWN} ", lock, re.MULTILINE)
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with monkeypatch.context() as another:
        another.setattr(own_server, "version", lambda _: "3.9.0.post1")
        with own_server.running():
            assert "PREFECT_API_URL" not in os.environ
    monkeypatch.setenv("PREFECT_SERVER_API_AUTH_STRING", "admin:secret")
    with own_server.running():
        assert "PREFECT_API_URL" not in os.environ, "Prefect's own asks for it"


def test_a_server_that_a_profile_of_the_user_names_is_the_one_to_use(monkeypatch) -> None:
    from prefect.settings import PREFECT_API_URL, temporary_settings

    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    with temporary_settings({PREFECT_API_URL: "http://127.0.0.1:9/api"}), own_server.running():
        assert "PREFECT_API_URL" not in os.environ


def test_the_server_of_our_own_has_a_client_ask_again_where_the_database_was_busy() -> None:
    from sqlalchemy.exc import OperationalError
    from starlette.testclient import TestClient

    api = own_server._app([]).routes[-1].app
    busy = sqlite3.OperationalError("database is locked")
    busy.sqlite_errorname = "SQLITE_BUSY"

    @api.get("/busy")
    async def fail() -> None:
        raise OperationalError("COMMIT", None, busy)

    assert TestClient(api, raise_server_exceptions=False).get("/busy").status_code == 503


def test_what_the_database_of_the_engine_said_is_named(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path / "study").write()
    home = study.folder / "warehouse/prefect"
    home.mkdir(parents=True)
    (home / "prefect.db").write_bytes(b"no database at all" * 1000)
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")}
    command = [sys.executable, "-m", "flows.cli", "nightly", "--study", str(study.folder)]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, env=clean, check=False)
    assert ended.returncode == 2
    assert "does not come up (DatabaseError: file is not a database); look at" in ended.stderr
    assert len(ended.stderr.splitlines()) == 1


def test_a_home_that_cannot_be_made_is_named_once(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path / "study").write()
    (tmp_path / "file").touch()
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")}
    command = [sys.executable, "-m", "flows.cli", "nightly", "--study", str(study.folder)]
    away = clean | {"PREFECT_HOME": str(tmp_path / "file/home")}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, env=away, check=False)
    assert ended.returncode == 2
    assert ended.stderr.count("home directory") == 1
    assert "unable to open database file" in ended.stderr.splitlines()[-1]


@pytest.mark.skipif(version("prefect") != own_server.KNOWN, reason="this Prefect makes its database itself")
def test_the_database_that_we_make_is_where_the_migrations_of_the_prefect_installed_end(tmp_path: Path) -> None:
    prefect = Path(find_spec("prefect").origin).parent
    folder = prefect / "server/database/_migrations/versions/sqlite"
    every = "\n".join(path.read_text("utf-8") for path in folder.glob("*.py"))
    made, left_behind = (set(re.findall(rf'^{name} = "(\w+)"', every, re.M)) for name in ("revision", "down_revision"))
    (tmp_path / "prefect.db.new").write_text("of a start that was killed")
    database.make(tmp_path)
    with closing(sqlite3.connect(tmp_path / "prefect.db")) as ours:
        assert set(ours.execute("SELECT version_num FROM alembic_version")) == {(end,) for end in made - left_behind}
        ours.execute("INSERT INTO flow (name) VALUES ('kept')")
        ours.commit()
    database.make(tmp_path)
    with closing(sqlite3.connect(tmp_path / "prefect.db")) as ours:
        assert ours.execute("SELECT name FROM flow").fetchall() == [("kept",)]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["prefect.db", "prefect.db.lock"]


def test_studies_that_share_a_home_make_its_database_one_after_the_other(tmp_path: Path) -> None:
    made = []

    def make() -> None:
        database.make(tmp_path)
        made.append((tmp_path / "prefect.db").stat().st_ino)

    with database.alone(tmp_path):
        (other := Thread(target=make)).start()
        other.join(timeout=0.2)
        assert [path.name for path in tmp_path.iterdir()] == ["prefect.db.lock"], "it waits"
        (tmp_path / "prefect.db").write_bytes(b"")
    other.join()
    assert made, "it ended"
    assert (tmp_path / "prefect.db").read_bytes() == b"", "what the first one made is taken as it is"


def test_with_another_prefect_its_database_is_left_to_prefect(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(database, "version", lambda _: "3.9.0")
    database.make(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_night_by_hand_finds_the_server_of_the_serve_that_has_its_study_and_no_other(tmp_path: Path) -> None:
    class Api(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(b'"3.9.1"')

        def log_message(self, *_: object) -> None:
            pass

    assert served.where(tmp_path) is None, "never served"
    with HTTPServer(("127.0.0.1", 0), Api) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        api = f"http://127.0.0.1:{server.server_port}"
        with served.alone(tmp_path) as lock:
            assert served.where(tmp_path) is None, "its server is not there yet"
            served.tell(lock, api)
            assert served.where(tmp_path) == api
            with pytest.raises(StoreError, match="served already"), served.alone(tmp_path):
                pass
        assert served.where(tmp_path) is None, "its serve has ended, whatever listens there"
        server.shutdown()
    with served.alone(tmp_path) as lock:
        served.tell(lock, api)
        assert served.where(tmp_path) is None, "its server does not answer"
