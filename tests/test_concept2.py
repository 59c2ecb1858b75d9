"""What is read from the logbook of a Concept2 machine."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, extract, identify
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Rejected
from tests.mutating import export, survives
from tests.writers import concept2 as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
COLLECTED = Path(__file__).parents[2] / "shared/data/exports2/concept2/concept2-season-2027.csv"


def read(content: bytes) -> Extract:
    assert identify(export(content, "season.csv")) == "concept2"
    return extract("concept2", export(content, "season.csv"), CONTEXT)


def test_work_is_the_timer_and_rest_is_only_in_the_span() -> None:
    (session,) = read(writer.logbook([("2026-03-09 07:00:00", 1200.5, 480, "RowErg")])).sessions.to_dicts()
    assert session["start_time"] == datetime(2026, 3, 9, 11, tzinfo=UTC)
    assert (session["activity"], session["timer_ms"]) == ("aerobics", 1_200_500)
    assert session["end_time"] - session["start_time"] == timedelta(seconds=1680.5)
    assert "Anna" not in str(session)


def test_the_bike_is_cycling_and_an_older_logbook_has_another_first_column() -> None:
    content = writer.logbook([("2026-03-09 07:00:00", 600, "", "BikeErg")]).replace(b'"Log ID"', b'"ID"')
    result = read(content)
    assert (result.sessions["activity"].to_list(), result.notes) == (["cycling"], [])


@pytest.mark.parametrize(
    ("row", "place"),
    [
        (("9 March", 600, "", "RowErg"), "line 2, column Date"),
        (("2026-03-09 07:00:00", "10:00", "", "RowErg"), "line 2, column Work Time (Seconds)"),
        (("2026-03-09 07:00:00", 600, "long", "RowErg"), "line 2, column Rest Time (Seconds)"),
    ],
)
def test_bad_input_is_rejected_naming_line_and_column(row: tuple, place: str) -> None:
    with pytest.raises(Rejected) as caught:
        read(writer.logbook([row]))
    assert caught.value.fault.place == place


def test_damage_is_refused_cleanly_or_read() -> None:
    ((name, content),) = writer.sample().items()
    survives(content, name, CONTEXT, lambda result: result.sessions.rows())


@pytest.mark.skipif(not COLLECTED.exists(), reason="the collected exports are not beside this checkout")
def test_the_collected_logbook_is_read() -> None:
    result = read(COLLECTED.read_bytes())
    assert [row["timer_ms"] for row in result.sessions.to_dicts()] == [1_271_300, 1_200_000, 1_800_000]
    assert result.notes == []
