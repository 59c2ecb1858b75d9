from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from connectors import Context
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
