from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from datetime import date
from functools import cache, partial
from importlib import metadata
from pathlib import Path
from random import Random
from types import SimpleNamespace

import duckdb
import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from connectors import Context
from flows.answers import doctor
from models.clock import ZoneLog
from models.store import file, store
from models.store.key import key_of
from models.system import locks
from tests import dying  # noqa: F401 - what the processes of the tests have loaded
from tests.studies import StudyFolder, sample_after_two_nights

# Many tests start commands: they meet the same, whatever the environment asks for of who runs the tests.
for _name in [*os.environ]:
    if _name.startswith(("STEPWINDOW_", "PREFECT_")) or _name in (
        "COLUMNS", "FORCE_COLOR", "LINES", "NO_COLOR", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED", "TERM",
    ):  # fmt: skip
        del os.environ[_name]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shuffled", type=int, metavar="SEED", help="modules, and tests in them, in an order of chance")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    modules = list(dict.fromkeys(item.path for item in items))
    if (seed := config.getoption("--shuffled")) is not None:
        chance = Random(seed)
        chance.shuffle(modules)
        chance.shuffle(items)
    items.sort(key=lambda item: (modules.index(item.path), item.get_closest_marker("last") is not None))


@pytest.fixture(scope="session")
def begun(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Callable[[StudyFolder], object]], StudyFolder]:
    """Gives the study after a night over what a function put into it. Each is made once, to be copied."""

    @cache
    def made(put: Callable[[StudyFolder], object]) -> StudyFolder:
        study = StudyFolder(tmp_path_factory.mktemp("begun") / "study").write()
        put(study)
        study.night()
        return study

    return made


@pytest.fixture
def study(request: pytest.FixtureRequest, tmp_path: Path) -> StudyFolder:
    """A study folder with two participants, one infusion and one goal, and an empty inbox.

    For a test with the mark `after_a_night(over=put)` a night has been over what `put` puts into it, or over nothing.
    """
    if mark := request.node.get_closest_marker("after_a_night"):
        return request.getfixturevalue("begun")(mark.kwargs.get("over", StudyFolder.write)).copied(tmp_path / "study")
    return StudyFolder(tmp_path / "study").write()


@pytest.fixture
def context() -> Context:
    """A person in New York; nothing later than the end of 2026."""
    zones = ZoneLog("participant_home", "America/New_York")
    return Context(zones, date(2026, 12, 31), b"a secret of these tests")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The sample study after two nights; whoever takes it only reads. Made once for all processes of the suite."""
    mine = tmp_path_factory.getbasetemp()
    everybodys = mine.parent if "PYTEST_XDIST_WORKER" in os.environ else mine
    lock = locks.opened(everybodys / "sample.lock")
    try:
        locks.wait_for(lock)
        if not (everybodys / "sample").exists():
            sample_after_two_nights(everybodys / "sample-to-be").folder.rename(everybodys / "sample")
    finally:
        os.close(lock)
    return StudyFolder(everybodys / "sample").copied(mine / "sample-study")


@pytest.fixture(scope="session", autouse=True)
def small_nights_cheaply(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Hundreds of nights over a handful of rows: to start DuckDB's threads, and to make an empty store by all the
    migrations, costs more than the night's own work. So one thread is enough, and an empty store is a copy of one
    was made so. The nights of other processes (the commands, the engine) are as at home."""
    empty = tmp_path_factory.mktemp("empty") / "store.duckdb"
    in_full = store.make

    def copied(path: Path) -> duckdb.DuckDBPyConnection:
        if path.exists() or key_of(path.parent):
            return in_full(path)
        if not empty.exists():
            in_full(empty).close()
        shutil.copyfile(empty, path)
        return file.connect(path)  # as a test may have changed it

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(duckdb, "connect", partial(duckdb.connect, config={"threads": 1}))
        patch.setattr(store, "make", copied)
        yield


@pytest.fixture
def as_tested(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """For the doctor every package of requirements.lock is installed in that version, whatever is installed here."""
    lines = (Path(__file__).parents[1] / "requirements.lock").read_text("utf-8").splitlines()
    pins = [Requirement(line.rstrip(" \\")) for line in lines if line[:1].isalnum()]
    found = {canonicalize_name(pin.name): next(iter(pin.specifier)).version
             for pin in pins if pin.marker is None or pin.marker.evaluate({"extra": ""})}  # fmt: skip

    def version(name: str) -> str:
        if canonicalize_name(name) not in found:
            raise metadata.PackageNotFoundError(name)
        return found[canonicalize_name(name)]

    names = SimpleNamespace(
        requires=metadata.requires, version=version, PackageNotFoundError=metadata.PackageNotFoundError
    )
    monkeypatch.setattr(doctor, "metadata", names)
    return found
