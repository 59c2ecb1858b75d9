"""`stepwindow serve` with a Prefect server that it brings: schedules, a form, overlap, death, catching up."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from zoneinfo import ZoneInfo

import duckdb
import pytest
import yaml

from flows.cli import main
from flows.engine.served import alone, tell
from tests import dying
from tests.dying import PATIENCE
from tests.studies import StudyFolder, garmin_day

ROOT = Path(__file__).parents[1]
NIGHT, BACKFILL = "flows.nightly.nightly", "flows.nightly.backfill"
WHO = "ZQ7X"  # a participant
ENDED = ("COMPLETED", "FAILED", "CANCELLED", "CRASHED")


class Server:
    """What the tests ask of a Prefect server's API."""

    def __init__(self, port: int) -> None:
        self.port, self.api = port, f"http://127.0.0.1:{port}/api"

    def ask(self, path: str, body: dict | None = None) -> list | dict:
        """GET, or POST where there is a body; again while the server says that it is busy (503)."""
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self.api}/{path}", data, {"Content-Type": "application/json"})
        for pause in (1, 3, 9, 27, 0):
            try:
                with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                    return json.loads(answer.read() or b"null")
            except urllib.error.HTTPError as busy:
                if busy.code != 503 or not pause:
                    raise
            time.sleep(pause)
        raise AssertionError("never reached")

    def deployment(self, study: StudyFolder, entrypoint: str) -> dict:
        """What was registered for a study."""
        name = study.folder.name
        (found,) = [d for d in self.ask("deployments/filter", {}) if (d["name"], d["entrypoint"]) == (name, entrypoint)]
        return found

    def order(self, study: StudyFolder, entrypoint: str, **parameters: object) -> str:
        """Order a run, as its form does."""
        path = f"deployments/{self.deployment(study, entrypoint)['id']}/create_flow_run"
        return self.ask(path, {"parameters": parameters})["id"]

    def state(self, run: str) -> str:
        return self.ask(f"flow_runs/{run}")["state_type"]

    def end_of(self, run: str) -> dict:
        """The run, once it has ended."""
        until(lambda: self.state(run) in ENDED)
        return self.ask(f"flow_runs/{run}")

    def runs(self, study: StudyFolder, entrypoint: str = NIGHT) -> list[dict]:
        """Those that are not in the future, oldest first."""
        of = {"deployments": {"id": {"any_": [self.deployment(study, entrypoint)["id"]]}}}
        found = self.ask("flow_runs/filter", of | {"sort": "EXPECTED_START_TIME_ASC"})
        return [run for run in found if datetime.fromisoformat(run["expected_start_time"]) < datetime.now(UTC)]


until = partial(dying.until, pause=0.5)  # between two requests


@contextmanager
def served(study: StudyFolder, **environment: str) -> Iterator[subprocess.Popen]:
    """`stepwindow serve`, until it is ready; killed at the end, however busy the machine."""
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")} | {
        "PREFECT_RUNNER_POLL_FREQUENCY": "2"
    }
    words = ["serve", "--study", str(study.folder), "--port", environment.pop("port", "4200")]
    process = subprocess.Popen(
        [sys.executable, "-m", "flows.cli", *words], cwd=ROOT, env=clean | environment, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True, start_new_session=True,
    )  # fmt: skip
    try:
        said = [process.stdout.readline(), process.stdout.readline()]
        assert "forms" in said[1], (said, process.communicate(timeout=PATIENCE))
        yield process
    finally:
        for family in family_of(process.pid):  # a server and runs are in sessions of their own
            with suppress(ProcessLookupError):
                os.kill(family, signal.SIGKILL)
        process.wait(timeout=PATIENCE)
        process.stdout.close()
        process.stderr.close()


def family_of(pid: int) -> list[int]:
    """A process and everything it started."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout.split()
    parents = dict(zip(map(int, listed[::2]), map(int, listed[1::2]), strict=True))
    family = [pid]
    for one in family:
        family += [child for child, parent in parents.items() if parent == one]
    return family


def running(process: subprocess.Popen) -> int:
    """The process of the run that is under way."""
    (found,) = [
        pid
        for pid in family_of(process.pid)
        if "prefect.engine" in Path(f"/proc/{pid}/cmdline").read_text("utf-8").replace("\0", " ")
    ]
    return found


@pytest.fixture(scope="module")
def study_at(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], StudyFolder]:
    """Gives a study, by its name, that had a night so many days ago."""
    begun = StudyFolder(tmp_path_factory.mktemp("begun") / "study", [f"{WHO},,,"])
    begun.infusions, begun.goals = ([row.replace("P1", WHO) for row in rows] for rows in (begun.infusions, begun.goals))
    begun.write().put(f"{WHO}/jane.doe-first.fit", garmin_day("2026-03-03", 6789))
    begun.night()

    def named(name: str, days_ago: int) -> StudyFolder:
        study = begun.copied(tmp_path_factory.mktemp("served") / name)
        toml = study.folder / "study.toml"
        toml.write_text(toml.read_text("utf-8").replace('"Test"', f'"{name}"'))
        with duckdb.connect(str((study.folder / "warehouse" / "analytics.duckdb").resolve())) as published:
            published.execute(f"UPDATE run SET started_at = started_at - INTERVAL {days_ago} DAY")
        return study

    return named


@pytest.fixture(scope="module")
def here(study_at) -> Iterator[tuple[StudyFolder, Server, subprocess.Popen]]:
    """A study that was left alone for two days, served with a server of its own since a moment ago."""
    study = study_at("riverside", days_ago=2)
    study.put(f"{WHO}/jane.doe-missed.fit", garmin_day("2026-03-04"))
    with socket.socket() as kept:  # as long as it is bound, the system gives its port to nobody else
        kept.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does
        kept.bind(("127.0.0.1", 0))
        port = kept.getsockname()[1]
        with served(study, port=str(port)) as process:
            yield study, Server(port), process


def test_the_night_is_scheduled_in_the_zone_of_the_study_and_the_backfill_has_a_typed_form(here) -> None:
    study, server, _ = here
    night, backfill = server.deployment(study, NIGHT), server.deployment(study, BACKFILL)
    (schedule,) = night["schedules"]
    assert schedule["active"]
    assert (schedule["schedule"]["cron"], schedule["schedule"]["timezone"]) == ("30 2 * * *", "America/New_York")
    assert night["parameter_openapi_schema"]["properties"] == {}
    assert backfill["schedules"] == []
    for deployment in (night, backfill):
        assert deployment["global_concurrency_limit"]["limit"] == 1
        assert deployment["concurrency_options"]["collision_strategy"] == "CANCEL_NEW"
    form = backfill["parameter_openapi_schema"]["definitions"]
    fields = form["Part"]["properties"]
    assert set(fields) == {"since", "until", "connectors", "as_of", "reload", "rebuild", "plan"}
    assert fields["since"]["anyOf"][0] == {"type": "string", "format": "date"}
    assert fields["rebuild"]["type"] == "boolean"
    assert "garmin_fit_monitoring" in form["Connector"]["enum"]
    (watch,) = server.ask("automations/filter", {})
    assert watch["enabled"]
    assert watch["trigger"]["after"] == ["prefect.flow-run.heartbeat"]
    assert watch["actions"][0]["state"] == "CRASHED"


@pytest.mark.parametrize(
    ("change", "days"),
    [
        ("2027-03-14", ["2027-03-13", "2027-03-14", "2027-03-15"]),
        ("2027-11-07", ["2027-11-06", "2027-11-07", "2027-11-08"]),
    ],
)
def test_the_server_plans_one_night_per_date_when_the_clocks_change(here, change: str, days: list[str]) -> None:
    study, server, _ = here
    night = server.deployment(study, NIGHT)["id"]
    zone = ZoneInfo("America/New_York")
    begin = datetime.fromisoformat(days[0]).replace(tzinfo=zone)
    # from the day before, and again from hours within the night of the change: nothing may come twice
    for start in (begin, *(begin + timedelta(hours=h) for h in (25, 26, 27, 28))):
        window = {"start_time": start.isoformat(), "end_time": (begin + timedelta(hours=71)).isoformat()}
        server.ask(f"deployments/{night}/schedule", window | {"min_runs": 1, "max_runs": 9})
    of = {"deployments": {"id": {"any_": [night]}}, "sort": "EXPECTED_START_TIME_ASC"}
    times = {"expected_start_time": {"after_": begin.isoformat(), "before_": (begin + timedelta(hours=71)).isoformat()}}
    planned = [
        datetime.fromisoformat(run["expected_start_time"]).astimezone(zone)
        for run in server.ask("flow_runs/filter", of | {"flow_runs": times})
    ]
    assert [str(night.date()) for night in planned] == days
    told = {str(night.date()): f"{night:%H:%M}" for night in planned}
    assert {told.pop(change)} <= (
        {"02:30"} if change > "2027-11" else {"01:30", "03:30"}
    )  # 02:30 is not there in March
    assert set(told.values()) == {"02:30"}


@pytest.fixture(scope="module")
def nights(here) -> dict[str, dict]:
    """How its nights ended: the one caught up, one ordered while another ran, that other, which died, and the next."""
    study, server, process = here
    until(lambda: [run for run in server.runs(study) if run["state_type"] in ENDED])
    (caught_up,) = server.runs(study)
    killed = server.order(study, NIGHT)
    until(lambda: server.state(killed) == "RUNNING")
    os.kill(running(process), signal.SIGSTOP)
    second = server.end_of(server.order(study, NIGHT))
    os.kill(running(process), signal.SIGKILL)
    dead = server.end_of(killed)
    study.put(f"{WHO}/jane.doe-bad.fit", garmin_day("2026-03-05")[:-9])
    study.put(f"{WHO}/jane.doe-good.fit", garmin_day("2026-03-06"))
    with (study.folder / "infusions.csv").open("a") as infusions:
        infusions.write("I77,ZQ7Y,2026-03-02,,\n")
    return {"caught up": caught_up, "second": second, "killed": dead, "next": server.end_of(server.order(study, NIGHT))}


def test_a_missed_night_is_caught_up_once(here, nights) -> None:
    assert nights["caught up"]["state_type"] == "COMPLETED"
    assert "1 loaded" in nights["caught up"]["state"]["message"]
    assert here[0].day("2026-03-04", WHO)["steps"] == 6000


def test_no_second_night_while_one_runs_and_the_death_of_one_does_not_stop_the_next(nights) -> None:
    assert nights["second"]["state_type"] == "CANCELLED"
    assert nights["killed"]["state_type"] == "CRASHED"
    assert (nights["next"]["state_type"], nights["next"]["state_name"]) == ("COMPLETED", "Rejections")
    assert "1 loaded, 1 rejected" in nights["next"]["state"]["message"]
    assert "2 not used: `stepwindow status` names each" in nights["next"]["state"]["message"]


def test_runs_leave_artifacts_in_counts(here, nights) -> None:
    _, server, _ = here
    found = {a["key"]: a["data"] for a in server.ask("artifacts/latest/filter", {})}
    assert {key for key in found if key.startswith("riverside")} == {
        "riverside-loaded", "riverside-not-used", "riverside-verdict-changes",
    }  # fmt: skip
    assert json.loads(found["riverside-loaded"]) == [{"reader": "garmin_fit_monitoring", "files": 1}]
    rejected = json.loads(found["riverside-not-used"])
    assert [row["how many"] for row in rejected] == [1, 1]
    assert rejected[0]["where"].startswith("an export: ")
    assert "infusions.csv line 3" in rejected[1]["where"]
    assert all(row["what to do"] for row in rejected)
    assert json.loads(found["riverside-verdict-changes"]) == [
        {"from": "insufficient_data", "to": "insufficient_data", "goal-weeks": 1}
    ]


def test_a_server_that_is_given_is_used_and_what_died_with_the_last_serve_is_buried(here, study_at) -> None:
    _, server, _ = here
    study = study_at("hillside", days_ago=0)
    flow = server.ask("flows/", {"name": "stepwindow-backfill"})["id"]
    server.ask("deployments/", {"name": "hillside", "flow_id": flow, "entrypoint": BACKFILL})
    silent = server.order(study, BACKFILL)
    server.ask(f"flow_runs/{silent}/set_state", {"state": {"type": "RUNNING"}, "force": True})  # as power leaves it
    with served(study, PREFECT_API_URL=server.api):
        assert server.state(silent) == "CRASHED"
        assert server.runs(study) == []  # nothing is caught up that was not missed
        assert main(["serve", "--study", str(study.folder)]) == 2  # served already


@pytest.fixture(scope="module")
def by_hand(here, tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, list, str, dict]:
    """Of another study, in the server: three nights by hand (all well, one file broken, a fault of our own) and what a
    backfill says that only plans."""
    _, server, _ = here
    study = StudyFolder(tmp_path_factory.mktemp("hand") / "lakeside").write()
    study.put("P1/jane.doe.fit", garmin_day("2026-03-03"))
    bad = study.folder / "inbox" / "P1" / "jane.doe-bad.fit"
    clean = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT")}
    clean["STEPWINDOW_STUDY"] = str(study.folder)
    words = [sys.executable, "-c", BY_HAND, str(bad), garmin_day("2026-03-04")[:-9].hex()]
    with alone(study.folder / "warehouse") as lock:  # its `serve` has brought that server
        tell(lock, server.api)
        ended = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, cwd=ROOT, env=clean, check=True)
    assert ended.stderr == ""
    return study, *json.loads(ended.stdout)


BY_HAND = """
import fcntl, io, json, logging, os, sys
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from flows.night import steps
from flows.cli import main
from flows.engine.served import alone, tell

def night():
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as err:
        code = main(["nightly", "--json"])
    return code, out.getvalue(), err.getvalue()

def fail(run):
    raise ValueError("jane of Lakeview walked")

told = [night()]
Path(sys.argv[1]).write_bytes(bytes.fromhex(sys.argv[2]))
told.append(night())
load_exports, steps.STEPS[1] = steps.STEPS[1], fail
told.append(night())
from flows import nightly as flows
from flows.engine import opening
from prefect.exceptions import FailedRun
from prefect.flow_engine import run_flow
planned = flows.backfill(flows.Part(plan=True, reload=True), return_state=True).message

# As a parent of the flow sees it: another run has the store when it begins, and lets go of it then; one file is bad.
steps.STEPS[1] = load_exports
study = Path(os.environ["STEPWINDOW_STUDY"])
(study / "inbox/P1/jane.doe-worse.fit").write_bytes(bytes.fromhex(sys.argv[2])[:-1])
os.environ["STEPWINDOW_WAIT"] = "0"
opening.PAUSES[:] = [0.1, 0.1]
held, begin, begun = open(study / "warehouse/store.lock"), flows.begin, []
fcntl.flock(held, fcntl.LOCK_EX)

def once_held(*arguments, **more):
    begun.append(more["is_last"])
    try:
        return begin(*arguments, **more)
    finally:
        held.close()

flows.begin = once_held
seen = {"result": flows.nightly(), "attempts": len(begun)}
(study / "goals.csv").write_text("jane")
said = io.StringIO()
prefect = logging.getLogger("prefect")
prefect.setLevel("ERROR")
prefect.propagate = False
prefect.addHandler(logging.StreamHandler(said))
try:
    run_flow(flows.nightly, error_logger=logging.getLogger("prefect.flow_runs"))
except FailedRun as fault:
    seen |= {"fault": str(fault), "journal": said.getvalue()}
print(json.dumps([told, planned, seen]))
"""


def test_nights_by_hand_show_in_a_server_by_how_they_ended_with_counts_and_nothing_personal(here, by_hand) -> None:
    _, server, _ = here
    study, ((green, _, _), (red, said, _), (broken, _, fault)), planned, _ = by_hand
    assert (green, red, broken) == (0, 1, 2)
    assert "P1/jane.doe-bad.fit" in json.loads(said)["faults"][0], "who ran it is told which file"
    runs = [run for run in server.ask("flow_runs/filter", {}) if run["deployment_id"] is None]
    runs.sort(key=lambda run: run["start_time"])
    *runs, waited, last = runs
    assert (waited["state_name"], last["state_name"]) == ("Rejections", "Failed")
    assert runs[3]["state"]["message"] == planned
    assert planned.startswith("would read 2 files")
    assert runs.pop()["parameters"]["part"]["plan"]
    assert [run["state_name"] for run in runs] == ["Completed", "Rejections", "Failed"]
    assert [run["state_type"] for run in runs] == ["COMPLETED", "COMPLETED", "FAILED"]
    assert "1 rejected" in runs[1]["state"]["message"]
    assert all(run["parameters"] == {} for run in runs)
    of = {"flow_runs": {"id": {"any_": [runs[0]["id"]]}}}
    steps = {"read control files", "load exports", "resolve days", "judge weeks", "publish", "write report"}
    # A server writes the steps of a run down in batches, some time after the run has ended.
    until(lambda: {task["name"].rsplit("-", 1)[0] for task in server.ask("task_runs/filter", of)} == steps)
    all_of_them = {"flow_runs": {"id": {"any_": [run["id"] for run in runs]}}}
    kept = [server.ask(f"{what}/filter", all_of_them) for what in ("task_runs", "artifacts", "logs")]
    told = json.dumps([runs, *kept])
    for personal in ("jane", "Lakeview", "P1", str(study.folder)):
        assert personal not in told
    assert {a["key"] for a in kept[1]} == {"test-loaded", "test-not-used", "test-verdict-changes"}
    (line,) = fault.splitlines()
    assert line.startswith("stepwindow: a fault of stepwindow itself (ValueError, flows/")
    assert "a fault of stepwindow itself (ValueError, flows/" in runs[2]["state"]["message"]
    assert "jane" not in line


def test_the_document_has_an_automation_that_a_server_takes(here) -> None:
    (example,) = re.findall(r"```yaml\n(.*?)```", (ROOT / "docs" / "monitoring.md").read_text("utf-8"), re.DOTALL)
    made = here[1].ask("automations/", {**yaml.safe_load(example), "enabled": False})
    assert made["trigger"]["match_related"]["prefect.resource.id"] == "prefect.tag.stepwindow"
    assert {f"prefect.flow-run.{name}" for name in ("Rejections", "Failed", "Crashed")} == set(
        made["trigger"]["expect"]
    )


def test_a_night_waits_for_the_store_tells_its_parent_of_rejections_and_fails_in_one_line(by_hand) -> None:
    study, _, _, seen = by_hand
    assert (seen["result"], seen["attempts"]) == (1, 2)
    log = (study.folder / "warehouse/logs/stepwindow.log").read_text("utf-8")
    assert log.count("nightly waits and tries again: store.duckdb: another run is using the store") == 1
    assert seen["fault"].startswith("goals.csv line 1: no column goal_id")
    health = json.loads((study.folder / "warehouse/health.json").read_text("utf-8"))
    assert health["last_attempt"]["failed"]["step"] == "begin", "a monitor sees it too"
    assert seen["journal"] == f"{seen['fault']}\n"


@pytest.mark.last
def test_serve_takes_its_schedules_back_and_leaves_nothing_personal_anywhere_in_the_server(here, nights) -> None:
    study, server, process = here
    said = [server.ask(f"{what}/filter", {}) for what in ("flow_runs", "task_runs", "artifacts", "logs", "deployments")]
    assert "load exports: 4 files found" in json.dumps(said), "the run's own log is to be seen in the UI"
    without_pids = re.sub(r'"infrastructure_pid": "[^"]*"|process \d+', "", json.dumps(said))
    assert not re.search(r"(?<![\w.-])6789(?![\w-])", without_pids), "a value"
    process.send_signal(signal.SIGTERM)
    assert process.wait(timeout=PATIENCE) == 0
    assert family_of(process.pid) == [process.pid]
    with pytest.raises(OSError, match="refused"):
        server.ask("health")
    kept = [path for path in (study.folder / "warehouse" / "server").rglob("*") if path.is_file()]
    kept += list((study.folder / "warehouse" / "logs").iterdir())
    assert any(path.name.startswith("prefect.db") for path in kept)
    for path in kept:
        content = path.read_bytes()
        assert oct(path.stat().st_mode & 0o777) == "0o600", path
        for personal in (b"jane.doe", WHO.encode(), b"ZQ7Y", b"I77"):
            assert personal not in content, (path.name, personal)
    with sqlite3.connect(study.folder / "warehouse" / "server" / "prefect.db") as database:
        assert database.execute("SELECT paused FROM deployment WHERE name = 'riverside'").fetchall() == [(1,), (1,)]
    database.close()
