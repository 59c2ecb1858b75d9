"""The night on Prefect: without a server, against a server, and what of it anybody there can read."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from tests.studies import StudyFolder, garmin_day

ROOT = Path(__file__).parents[1]


def night_on_engine(study: StudyFolder, **environment: str) -> subprocess.CompletedProcess:
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")}
    command = [sys.executable, "-m", "flows.cli", "nightly", "--json", "--study", str(study.folder)]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=300, cwd=ROOT, env={**clean, **environment}, umask=0
    )


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory):
    """A Prefect server of our own on the loopback, with nothing to tell anybody."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")}
    environment |= {
        "PREFECT_HOME": str(tmp_path_factory.mktemp("prefect")), "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false", "PREFECT_SERVER_LOGGING_LEVEL": "ERROR",
    }  # fmt: skip
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env=environment, start_new_session=True, **silent)
    api = f"http://127.0.0.1:{port}/api"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{api}/health", timeout=2)
                break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail("the Prefect server did not come up within two minutes")
        yield api
    finally:
        os.killpg(process.pid, signal.SIGKILL)  # a busy machine takes its time over a polite end
        process.wait(timeout=60)


def read(api: str, what: str) -> list[dict]:
    request = urllib.request.Request(
        f"{api}/{what}/filter", data=b"{}", headers={"Content-Type": "application/json"}, method="POST"
    )
    return json.load(urllib.request.urlopen(request, timeout=10))


def test_the_night_runs_on_the_engine_without_a_server_and_without_noise(study: StudyFolder) -> None:
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    ended = night_on_engine(study)
    assert ended.returncode == 0, ended.stderr
    assert json.loads(ended.stdout)["loaded"] == 1
    assert ended.stderr == ""
    assert study.day("2026-03-03")["steps"] == 6000
    made = [study.folder / "warehouse/prefect", *(study.folder / "warehouse/prefect").rglob("*")]
    assert {str(path): oct(path.stat().st_mode) for path in made if path.stat().st_mode & 0o077} == {}


def test_the_night_shows_in_a_server_green_then_red_with_counts_and_nothing_personal(
    study: StudyFolder, server: str
) -> None:
    study.put("P1/jane.doe.fit", garmin_day("2026-03-03"))
    assert night_on_engine(study, PREFECT_API_URL=server).returncode == 0
    study.put("P1/bad-jane.doe.fit", garmin_day("2026-03-04")[:-9])
    ended = night_on_engine(study, PREFECT_API_URL=server)
    assert ended.returncode == 1
    assert "not used: P1/bad-jane.doe.fit" in json.dumps(json.loads(ended.stdout)) or "bad-jane.doe" in ended.stdout
    runs = sorted(read(server, "flow_runs"), key=lambda run: run["start_time"])
    assert [run["state_type"] for run in runs] == ["COMPLETED", "FAILED"]
    assert "1 rejected" in runs[1]["state"]["message"]
    assert all(run["parameters"] == {} for run in runs)
    tasks = read(server, "task_runs")
    assert {task["name"].rsplit("-", 1)[0] for task in tasks} == {
        "read control files", "load exports", "resolve days", "judge weeks", "publish", "write report",
    }  # fmt: skip
    told = json.dumps([runs, tasks, read(server, "logs"), read(server, "artifacts")])
    assert "jane" not in told
    assert str(study.folder) not in told
    assert "P1" not in told
    assert {a["key"] for a in read(server, "artifacts")} == {"test-loaded", "test-not-used", "test-verdict-changes"}


def test_an_unexpected_fault_is_red_in_the_server_without_its_text_and_one_line_for_who_ran_it(
    study: StudyFolder, server: str
) -> None:
    broken = "import sys, flows.road as road\nfrom flows.cli import main\n"
    broken += (
        "def walk(run): raise ValueError('jane walked 6789 steps')\nroad.STEPS[1] = walk\nsys.exit(main(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", broken, "nightly", "--study", str(study.folder)]
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")} | {"PREFECT_API_URL": server}
    ended = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=ROOT, env=clean, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("stepwindow: an unexpected ValueError in <string>, line 3")
    assert len(ended.stderr.splitlines()) == 1
    red = max(read(server, "flow_runs"), key=lambda run: run["start_time"])
    assert red["state_type"] == "FAILED"
    assert "unexpected ValueError" in red["state"]["message"]
    assert "jane" not in json.dumps([red, read(server, "task_runs"), read(server, "logs")])
