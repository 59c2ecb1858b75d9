from __future__ import annotations

from datetime import date
from importlib import metadata
from pathlib import Path
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from connectors import Context
from flows.answers import doctor
from models.clock import ZoneLog
from tests.studies import StudyFolder, sample_after_two_nights


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """A study folder with two participants, one infusion and one goal, and an empty inbox."""
    return StudyFolder(tmp_path / "study").write()


@pytest.fixture
def context() -> Context:
    """A person in New York; nothing later than the end of 2026."""
    zones = ZoneLog("participant_home", "America/New_York")
    return Context(zones, date(2026, 12, 31), b"a secret of these tests")


@pytest.fixture(scope="session")
def sample(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The sample study after two nights; whoever takes it only reads."""
    return sample_after_two_nights(tmp_path_factory.mktemp("sample") / "study")


@pytest.fixture
def as_tested(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """For the doctor every package of requirements.lock is installed in that version, whatever is installed here."""
    lines = (Path(__file__).parents[1] / "requirements.lock").read_text().splitlines()
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
