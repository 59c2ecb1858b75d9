"""The tests that every reader of stepwindow passes, of the package as it is installed."""

from pathlib import Path

import pytest

from stepwindow.testing import checks_of


@pytest.mark.parametrize("check", checks_of("acme_ring", Path(__file__).parent / "samples"), ids=str)
def test_the_reader(check) -> None:
    """One check after the other."""
    assert not check.complaints()
