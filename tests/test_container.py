"""docs/container: what its files name exists, and its containers may write nowhere but where they must."""

from __future__ import annotations

import json
import re
import shlex
from importlib import import_module
from pathlib import Path

import yaml

from flows.cli import main, parser
from flows.engine import own_server
from tests.studies import StudyFolder
from tests.test_scheduling_doc import blocks

FOLDER = Path(__file__).parents[1] / "docs" / "container"
DOCKERFILE = (FOLDER / "Dockerfile").read_text("utf-8")


def told(word: str) -> list[list[str]]:
    """What an instruction of the Dockerfile says, as the list of words that it is."""
    return [json.loads(words) for words in re.findall(rf"^{word}.*?(\[.*\])$", DOCKERFILE, re.MULTILINE)]


def test_what_the_image_runs_are_commands(sample: StudyFolder, capsys) -> None:
    [entry] = told("ENTRYPOINT")
    [night] = told("CMD")
    assert entry == ["stepwindow"]
    parser().parse_args(night)
    [(command, *check)] = told("HEALTHCHECK")
    assert command == "stepwindow"
    assert main([*check, "--study", str(sample.folder)]) == 0
    assert main([*check, "--study", str(sample.folder / "nowhere")]) == 2
    capsys.readouterr()


def test_it_runs_as_nobody_in_particular() -> None:
    assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["10001:10001"]
    assert "VOLUME /study" in DOCKERFILE.splitlines()


def test_the_services_write_to_their_volumes_alone() -> None:
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))["services"]
    assert set(services) == {"server", "worker", "schedule"}
    for name, service in services.items():
        assert service["read_only"], name
        assert service["cap_drop"] == ["ALL"], name
        assert all(port.startswith("127.0.0.1:") for port in service.get("ports", [])), name
    assert [name for name in services if "/study" in str(services[name].get("volumes"))] == ["worker"]


def test_the_server_shows_its_pages_where_its_own_folder_cannot_be_written() -> None:
    server = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))["services"]["server"]
    static = server["environment"]["PREFECT_SERVER_UI_STATIC_DIRECTORY"]
    assert [mount for mount in server["tmpfs"] if static.startswith(mount.partition(":")[0] + "/")]
    assert any(volume.endswith(f":{server['environment']['PREFECT_HOME']}") for volume in server["volumes"])


def test_the_schedule_is_that_of_the_page_about_schedules_for_this_prefect() -> None:
    schedule = yaml.safe_load((FOLDER / "prefect.yaml").read_text("utf-8"))
    [page] = map(yaml.safe_load, blocks("yaml"))
    assert schedule["prefect-version"] == own_server.KNOWN
    for ours, theirs in zip(schedule["deployments"], page["deployments"], strict=True):
        module, _, name = ours["entrypoint"].partition(":")
        assert getattr(import_module(module), name).name == f"stepwindow-{name}"
        assert ours["work_pool"]["job_variables"]["env"] == {"STEPWINDOW_STUDY": "/study"}
        assert {**ours, "name": "", "work_pool": ""} == {**theirs, "name": "", "work_pool": ""}
    pool = schedule["deployments"][0]["work_pool"]["name"]
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text("utf-8"))["services"]
    assert f"work-pool create {pool} " in services["schedule"]["command"][0]
    assert shlex.join(services["worker"]["command"]) == f"worker start --pool {pool}"
