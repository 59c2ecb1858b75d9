"""docs/scheduling.md: what stands there can be typed."""

from __future__ import annotations

import plistlib
import re
import shlex
import shutil
import subprocess
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace

import pytest
import yaml

from flows.cli import parser
from flows.engine import own_server
from flows.night.run import Scope
from models.fault import StoreError

DOC = (Path(__file__).parents[1] / "docs" / "scheduling.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", DOC, flags=re.M | re.S)


def commands() -> list[str]:
    """Every `stepwindow ...` of the page, also inside crontabs and units."""
    code = "\n".join(re.findall(r"```.*?```", DOC, re.S))
    return sorted(set(re.findall(r"(?:^|[/\s])stepwindow ((?:nightly|backfill|serve|status)\b[^\n]*)", code)))


@pytest.mark.parametrize("words", commands())
def test_every_command_of_the_page_is_one(words: str) -> None:
    arguments = parser().parse_args(shlex.split(words))
    assert str(arguments.study) == "/srv/study"


def test_the_page_has_a_command_for_each_way() -> None:
    said = "\n".join(commands())
    assert "nightly --no-engine" in said
    assert "serve --study /srv/study --at 02:30" in said


def test_the_tasks_of_windows_and_macos_run_a_night() -> None:
    (task,), (agent,) = blocks("powershell"), blocks("xml")
    words = re.findall(r"-Argument '([^']*)'", task)
    assert [parser().parse_args(one.split()).study for one in words] == [Path("C:\\Users\\study\\riverside")]
    read = plistlib.loads(agent.encode())
    assert str(parser().parse_args(read["ProgramArguments"][1:]).study) == "/srv/study"
    assert read["Umask"] == 0o077


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="no systemd-analyze on this machine (Debian: systemd)")
def test_the_units_are_sound(tmp_path: Path) -> None:
    once, always = blocks("systemd-service")
    (timer,) = blocks("systemd-timer")
    for name, text in (("stepwindow.service", once), ("stepwindow.timer", timer), ("stepwindow-serve.service", always)):
        text = text.replace("/opt/stepwindow/bin/stepwindow", "/bin/true")
        (tmp_path / name).write_text(text)
    units = [str(path) for path in sorted(tmp_path.iterdir())]
    found = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
    ours = [line for line in found.stderr.splitlines() if "stepwindow" in line]
    assert ours == []
    when = re.search(r"OnCalendar=(.*)", timer)
    assert when
    said = subprocess.run(["systemd-analyze", "calendar", when[1]], capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stderr


def test_the_deployments_of_the_work_pool_are_those_of_serve() -> None:
    (text,) = blocks("yaml")
    told = yaml.safe_load(text)
    assert told["prefect-version"] == own_server.KNOWN
    assert [d["entrypoint"] for d in told["deployments"]] == ["flows.nightly:nightly", "flows.nightly:backfill"]
    for deployment in told["deployments"]:
        module, _, name = deployment["entrypoint"].partition(":")
        assert getattr(import_module(module), name).name == f"stepwindow-{name}"
        assert deployment["concurrency_limit"] == {"limit": 1, "collision_strategy": "CANCEL_NEW"}
        assert "STEPWINDOW_STUDY" in deployment["work_pool"]["job_variables"]["env"]


def test_a_run_whose_server_is_away_says_so_and_what_to_do(monkeypatch) -> None:
    def fail(return_state: bool) -> None:
        raise RuntimeError("Failed to reach API at http://jane@prefect.example")

    engine = import_module("flows.engine.tasks")
    monkeypatch.setattr(engine, "flow", lambda **_: lambda steps: fail)
    run = SimpleNamespace(scope=Scope("nightly"), as_of=None, published=None)
    with pytest.raises(StoreError, match=r"did not run the steps \(no server answers\); .* --no-engine$"):
        engine.run_on_engine(run)
