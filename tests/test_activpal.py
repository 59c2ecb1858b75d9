"""What is read from the events of an activPAL."""

from __future__ import annotations

import io
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from connectors import Context, extract, identify
from connectors.kit.export import Export
from models.clock import ZoneLog
from models.fault import Rejected
from tests.writers import activpal as writer
from tests.writers.activpal import CYCLE, SIT, STAND, STRIDE, UNWORN

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "activpal"
NOON = datetime(2016, 9, 20, 12, 0)


def export(content: bytes, name: str = "S01 Events.csv") -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes):
    assert identify(export(content)) == "activpal"
    return extract("activpal", export(content), CONTEXT)


def minutes(content: bytes) -> list[int]:
    return read(content).minutes["value"].to_list()


def test_a_stride_is_two_steps_and_every_whole_minute_of_the_recording_is_told():
    content = writer.events(NOON, [(SIT, 60), *[(STRIDE, 1.0)] * 90, (STAND, 90), (SIT, 30)])
    result = read(content)
    assert result.minutes["value"].to_list() == [0, 120, 60, 0]
    assert result.minutes["start_time"][0] == datetime(2016, 9, 20, 16, 0, tzinfo=UTC)
    assert result.minutes["local_date"].unique().to_list() == [date(2016, 9, 20)]
    assert result.minutes.select("source", "device", "metric").unique().rows() == [("activpal", None, "steps")]


def test_a_minute_that_is_not_whole_or_in_which_the_device_was_not_worn_is_not_known():
    start = NOON + timedelta(seconds=30)
    content = writer.events(start, [(SIT, 90), (UNWORN, 70), (STAND, 110), (SIT, 20)])
    assert read(content).minutes["start_time"].dt.minute().to_list() == [1, 4]


def test_a_step_in_a_minute_that_is_not_whole_is_still_a_step():
    content = writer.events(NOON + timedelta(seconds=50), [(STRIDE, 1), (SIT, 69), (STRIDE, 1)])
    assert minutes(content) == [2, 0, 2]


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_first_line_that_names_the_separator_is_passed_over(separator):
    content = writer.events(NOON, [(SIT, 60), *[(STRIDE, 1.0)] * 60]).decode()
    head, rest = content.split("\n", 1)
    head = separator.join(f'"{name}"' for name in head.strip('"\r').split('","'))
    named = f"sep={separator}\n{head}\n" + rest.replace(",", separator)
    assert minutes(named.encode()) == minutes(content.encode()) == [0, 120]


def test_cycling_strides_are_no_steps():
    assert minutes(writer.events(NOON, [(CYCLE, 60), (STRIDE, 60)])) == [0, 2]


def test_stepping_time_is_the_walking_of_whole_days():
    day = [(SIT, 43_200), *[(STRIDE, 1.5)] * 40, (SIT, 43_140)]
    result = read(writer.events(datetime(2016, 9, 19, 12), [(SIT, 43_200), *day, (SIT, 600)]))
    (total,) = result.daily_totals.to_dicts()
    assert (total["local_date"], total["steps"], total["walking_ms"]) == (date(2016, 9, 20), 80, 60_000)
    assert (total["moderate_ms"], total["mvpa_ms"]) == (None, None)


def test_the_devices_clock_runs_on_when_the_clocks_change():
    result = read(writer.events(datetime(2016, 3, 13, 1, 59), [(SIT, 60), (STAND, 60), (SIT, 60)]))
    first = datetime(2016, 3, 13, 6, 59, tzinfo=UTC)
    assert result.minutes["start_time"].to_list() == [first + timedelta(minutes=n) for n in range(3)]


def test_other_spellings_of_the_same_file_are_read_alike():
    rows = [(SIT, 60.5), (STRIDE, 0.9), (STRIDE, 1.4), (STAND, 117.2)]
    plain = writer.events(NOON, rows)
    expected = read(plain).minutes
    renamed = plain.replace(b"Interval (s)", b"Duration (s)").replace(b"CumulativeStepCount", b"Cumulative Step Count")
    for content in (writer.events(NOON, rows, wrapped=True), writer.with_commas(plain), renamed):
        assert read(content).minutes.equals(expected)


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        (b",60,0,0,", b",60,7,0,", "an unknown code"),
        (b",60,0,0,", b",-60,0,0,", "seconds like"),
        (b",1,2,1,", b",1,2,9,", "another running count"),
        (b",1,2,1,", b",99,2,1,", "an event before the end"),
        (b"Interval (s)", b"Length", "no such column"),
        (b"42633.5", b"noon", "days since 1900"),
        (b"42633.5", b"72633.5", "tomorrow"),
    ],
)
def test_bad_input_is_rejected(before, after, expected):
    content = writer.events(NOON, [(SIT, 60), (STRIDE, 1), (STRIDE, 1), (SIT, 90)])
    assert before in content
    changed = content.replace(before, after, 1) if b"42633" not in before else content.replace(b"42633.", after[:6], 9)
    with pytest.raises(Rejected, match=expected):
        read(changed)


def test_rows_out_of_order_are_noticed():
    lines = writer.events(NOON, [(SIT, 60), (STAND, 60), (SIT, 60)]).split(b"\r\n")
    with pytest.raises(Rejected, match="an event before the end"):
        read(b"\r\n".join([lines[0], lines[2], lines[1], lines[3]]))


def test_a_missing_row_leaves_its_minutes_unknown():
    lines = writer.events(NOON, [(SIT, 120), (STAND, 120), (SIT, 120)]).split(b"\r\n")
    result = read(b"\r\n".join([lines[0], lines[1], lines[3]]))
    assert result.minutes["start_time"].dt.minute().to_list() == [0, 1, 4, 5]


def test_a_damaged_file_is_rejected_or_read_right_and_never_breaks_the_reader():
    content = writer.events(NOON, [(SIT, 61.3), *[(STRIDE, 1.1)] * 12, (UNWORN, 100), (CYCLE, 40), (SIT, 300)])
    whole = read(content).rows
    for at in range(0, len(content), 11):
        for damaged in (content[:at], content[:at] + b"\xfe" + content[at + 1 :], content[:at] + content[at + 4 :]):
            with suppress(Rejected):
                if identify(export(damaged)) == "activpal":
                    assert extract("activpal", export(damaged), CONTEXT).rows <= 20 * whole


@pytest.mark.skipif(not SHARED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_layout_seen_in_the_wild_is_read():
    (path,) = SHARED.glob("*.csv")
    result = read(path.read_bytes())
    assert result.minutes["value"].sum() == 4
    assert result.minutes["local_date"].unique().to_list() == [date(2016, 9, 20)]
