"""What is read from the DataTable CSV of an ActiGraph."""

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
from tests.writers import actigraph as writer

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 10, 7), b"secret")
SHARED = Path(__file__).parents[1].parent / "shared" / "data" / "exports" / "actigraph"
START = datetime(2024, 1, 31, 23, 58)


def export(content: bytes, name: str = "S01 60sec DataTable.csv") -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def read(content: bytes):
    assert identify(export(content)) == "actigraph"
    return extract("actigraph", export(content), CONTEXT)


def values(result, metric: str) -> list[int]:
    return result.minutes.filter(result.minutes["metric"] == metric)["value"].to_list()


@pytest.mark.parametrize("form", [writer.MONTH_FIRST, writer.DAY_FIRST])
def test_steps_are_local_minutes_and_the_first_line_decides_the_order_of_a_date(form):
    result = read(writer.table(datetime(2024, 2, 1, 23, 58), [(0, 96), (0, 0), (0, 112)], form=form))
    assert result.minutes.select("start_time", "local_date", "value").rows() == [
        (datetime(2024, 2, 2, 4, 58, tzinfo=UTC), date(2024, 2, 1), 96),
        (datetime(2024, 2, 2, 4, 59, tzinfo=UTC), date(2024, 2, 1), 0),
        (datetime(2024, 2, 2, 5, 0, tzinfo=UTC), date(2024, 2, 2), 112),
    ]
    assert result.notes == []


def test_counts_tell_light_moderate_and_vigorous_minutes():
    result = read(writer.table(START, [(n, 0) for n in (0, 99, 100, 1951, 1952, 5724, 5725)]))
    assert values(result, "active_minutes") == [0, 0, 1, 1, 2]


def test_short_epochs_are_summed_and_a_minute_that_is_not_whole_is_left_out():
    result = read(writer.table(START, [(400, 10)] * 6 + [(20, 1)] * 5, 10))
    assert (values(result, "steps"), values(result, "active_minutes")) == ([60], [1])


def test_a_table_without_dates_or_without_any_header_is_the_same_table():
    epochs = [(2000, 90), (10, 3)]
    whole = read(writer.table(START, epochs))
    bare_ways = ({"dated": False}, {"header": False}, {"header": False, "dated": False})
    for bare in [writer.table(START, epochs, **how) for how in bare_ways] + [writer.database(START, epochs)]:
        assert read(bare).minutes.equals(whole.minutes)
    assert read(writer.table(START, epochs, separator=";")).minutes.equals(whole.minutes)


@pytest.mark.parametrize(
    "changes",
    [
        {b"Data File Created By ActiGraph GT3X+": b"Data Table File Created By ActiGraph GT3XPlus"},
        {b"Data File Created By ActiGraph": b"Data Table File Created By Actigraph Link"},
        {b"date format M/d/yyyy": b"date format m/d/yyyy"},
        {b"date format M/d/yyyy": b"date format MM/dd/yyyy", b"1/31/2024": b"01/31/2024"},
        {b"date format M/d/yyyy": b"date format yyyy.mm.dd", b"1/31/2024": b"2024.01.31"},
        {b"Axis1,Axis2,Axis3": b"Activity,Activity (Horizontal),3rd Axis"},
        {b"Date, Time, Axis1,": b"Date,Epoch,Activity,"},
        {b"Inclinometer ": b"Inclinometer.", b"Vector Magnitude": b"Vector.Magnitude"},
        {b"Epoch Period (hh:mm:ss) 00:01:00": b"Epoch Length (hh:mm:ss) 00:00:60"},
        {b"-----------\r\n": b"-----------,,,,\r\n", b"2024\r\n": b"2024,,,,\r\n", b":00\r\n": b":00,,,,\r\n"},
    ],
    ids=lambda changes: next(iter(changes.values())).decode().strip(),
)
def test_the_ways_in_which_versions_of_actilife_write_a_table_are_one_table(changes):
    whole = content = writer.table(START, [(2000, 90), (10, 3)])
    for before, after in changes.items():
        assert before in content
        content = content.replace(before, after)
    result = read(content)
    assert result.minutes.equals(read(whole).minutes)
    assert result.notes == []


def test_a_lower_case_date_format_decides_the_order_too():
    content = writer.table(datetime(2024, 2, 3), [(0, 96)], form=writer.DAY_FIRST)
    result = read(content.replace(b"date format d/M/yyyy", b"date format dd/mm/yyyy"))
    assert result.minutes["local_date"].to_list() == [date(2024, 2, 3)]


def test_scores_of_days_are_refused_with_what_to_hand_over_instead():
    content = (
        b"Subject,Date,Axis 1 Counts,Axis 1 CPM,Steps Counts,Number of Epochs,Calendar Days\nS01,1/1/2024,9,9,9,9,1\n"
    )
    with pytest.raises(Rejected, match=r"ActiLife's scores of days or hours.*hand over the DataTable"):
        read(content)


def test_a_table_without_a_header_whose_columns_the_mode_does_not_tell_is_refused():
    with pytest.raises(Rejected) as caught:
        read(writer.table(START, [(1, 2)], header=False, columns="Axis1,Steps"))
    assert caught.value.fault.place == "line 11"


def test_a_table_without_steps_tells_how_vigorous_the_minutes_were_and_nothing_else():
    result = read(writer.table(START, [(2000, 0)], columns="Axis1,Axis2"))
    assert (values(result, "steps"), values(result, "active_minutes")) == ([], [1])
    assert result.notes == ["no column of steps: only how vigorous the minutes were is read"]


def test_the_devices_clock_runs_on_when_the_clocks_change():
    spring = datetime(2024, 3, 10, 1, 59)
    minutes = read(writer.table(spring, [(0, 5), (0, 6), (0, 7)])).minutes
    assert minutes["start_time"].to_list() == [
        datetime(2024, 3, 10, 6, 59, tzinfo=UTC) + timedelta(minutes=n) for n in range(3)
    ]


def test_a_device_is_a_pseudonym_and_another_filter_is_remarked_on():
    result = read(writer.table(START, [(0, 5)], filter_name="LowFrequencyExtension"))
    (device,) = result.minutes["device"].unique().to_list()
    assert device == CONTEXT.pseudonym("actigraph", "NEO1F09000001")
    assert "NEO1" not in str(result.minutes.to_dicts())
    assert result.notes == ["another filter than the normal one: it counts more steps and movement"]


@pytest.mark.parametrize(("seconds", "found"), [(0, "raw acceleration"), (90, "epochs of 00:01:30"), (45, "00:00:45")])
def test_raw_data_and_epochs_that_do_not_make_minutes_are_refused(seconds, found):
    with pytest.raises(Rejected, match=found):
        read(writer.table(START, [(0, 5)], seconds))


@pytest.mark.parametrize(
    ("before", "after", "place"),
    [
        (b"1/31/2024,23:59:00", b"1/31/2024,23:58:30", "line 13, column Time"),
        (b"1/31/2024,23:59:00", b"31/1/2024,23:59:00", "line 13, column Time"),
        (b",2000,", b",-3,", "line 12, column Axis1"),
        (b",96,", b",1000000000,", "line 12, column Steps"),
        (b"Axis1,", b"Axis,", "line 11, column Axis1"),
        (b"date format M/d/yyyy", b"date format of old", "date format"),
        (b"Start Date 1/31/2024", b"Start Date 31/31/2024", "Start Date"),
        (b"-" * 50, b"+" * 50, "line 10"),
    ],
)
def test_bad_input_is_rejected_naming_the_place(before, after, place):
    content = writer.table(START, [(2000, 96), (5, 1)])
    assert before in content
    with pytest.raises(Rejected) as caught:
        read(content.replace(before, after))
    assert caught.value.fault.place == place


def test_a_row_that_is_missing_or_out_of_order_is_noticed():
    lines = writer.table(START, [(0, n) for n in range(5)]).split(b"\r\n")
    for broken in (lines[:12] + lines[13:], [*lines[:12], lines[13], lines[12], *lines[14:]]):
        with pytest.raises(Rejected, match="line 13, column Time"):
            read(b"\r\n".join(broken))


@pytest.mark.parametrize(("name", "content"), writer.sample().items())
def test_a_damaged_file_is_rejected_or_read_right_and_never_breaks_the_reader(name, content):
    whole = extract("actigraph", export(content), CONTEXT).rows
    for at in range(60, len(content), 23):
        for damaged in (content[:at], content[:at] + b"\xfe" + content[at + 1 :], content[:at] + content[at + 4 :]):
            with suppress(Rejected):
                assert extract("actigraph", export(damaged), CONTEXT).rows <= whole + 2


@pytest.mark.skipif(not SHARED.is_dir(), reason="the layout samples are not beside this checkout")
def test_the_layout_seen_in_the_wild_is_read():
    (path,) = SHARED.glob("*.csv")
    result = read(path.read_bytes())
    assert (values(result, "steps"), values(result, "active_minutes")) == ([96, 112], [0, 1])
    assert result.minutes["start_time"].min() == datetime(2024, 1, 1, 17, 0, tzinfo=UTC)


def test_a_database_in_which_one_device_recorded_two_people_is_refused() -> None:
    first, second = writer.database(START, [(0, 10)] * 9), writer.database(START + timedelta(days=9), [(0, 20)] * 9)
    two = first + second.replace(b"S01.agd", b"S02.agd").split(b"\n", 1)[1]
    with pytest.raises(Rejected, match="several recordings"):
        read(two)
