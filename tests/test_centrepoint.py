"""What is read from an epoch data file of CentrePoint."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from models.activity import Extract
from models.fault import Fault
from tests.fuzzing import read
from tests.writers.actigraph import epochs_of_cloud

NOON = int(datetime(2026, 3, 9, 12, tzinfo=UTC).timestamp())


def test_minutes_are_utc_and_short_epochs_are_summed_to_whole_ones():
    result = read("epochs.csv", epochs_of_cloud(NOON, [10] * 13, seconds=10))
    assert isinstance(result, Extract)
    assert result.minutes.select("start_time", "value").rows() == [
        (datetime(2026, 3, 9, 12, tzinfo=UTC), 60),
        (datetime(2026, 3, 9, 12, 1, tzinfo=UTC), 60),
    ]
    assert "TAS1D48140206" not in str(result.minutes.rows())


@pytest.mark.parametrize(
    ("content", "place"),
    [
        (epochs_of_cloud(NOON, ["Not Supported"] * 3), "line 2, column Steps"),
        (epochs_of_cloud(NOON, [1, 2], seconds=90), "column Timestamp"),
        (epochs_of_cloud(NOON, [1, 2], seconds=0), "column Timestamp"),
        (
            epochs_of_cloud(NOON, [1]) + epochs_of_cloud(NOON + 60, [1], serial="X").split(b"\n")[1],
            "column Device Serial",
        ),
        (epochs_of_cloud(0, [1]), "line 2, column Timestamp"),
    ],
    ids=["no steps", "odd epochs", "one time twice", "two devices", "1970"],
)
def test_what_is_not_certain_is_refused_naming_the_place(content, place):
    result = read("epochs.csv", content)
    assert isinstance(result, Fault)
    assert result.place == place
