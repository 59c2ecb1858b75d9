"""The binary FIT format: what is read, what is refused, and that nothing else can happen."""

import gzip
import io
import struct
import tracemalloc
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import fitparse.records
import polars as pl
import pytest
from fastcrc import crc16
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors import Context, Ignored, extract, identify, members
from connectors.kit import fit as _fit
from connectors.kit.export import Export
from connectors.kit.fit_by_fitparse import by_fitparse, in_order, second_opinion
from connectors.kit.fit_types import types
from models.activity import Extract
from models.clock import ZoneLog
from models.fault import Fault, Rejected
from tests.writers import fit

NINE = datetime(2026, 3, 2, 9, tzinfo=UTC)
HALF_AN_HOUR = timedelta(minutes=30)
WALK = fit.Session(NINE, HALF_AN_HOUR, cycles=1500)
WANTED = {18: (253, 2, 5, 6, 7, 8, 10), 21: (253, 0, 1), 34: (253, 5), 55: range(60), 103: (253, 0)}


def an_export(data: bytes, name: str = "anything.fit") -> Export:
    return Export(name, len(data), lambda: io.BytesIO(data))


def someone_in(zone: str = "UTC") -> Context:
    return Context(ZoneLog("participant_home", zone), date(2026, 12, 31), b"secret")


def taken(data: bytes, zone: str = "UTC") -> Extract:
    """What the connector that takes the file makes of it, checked as in production."""
    export = an_export(data)
    name = identify(export)
    assert isinstance(name, str)
    return extract(name, export, someone_in(zone))


def refusal(data: bytes) -> Fault:
    with pytest.raises(Rejected) as caught:
        taken(data)
    return caught.value.fault


@pytest.fixture
def public_files() -> list[Path]:
    """Real FIT files, beside the project where it is developed; they are not part of it."""
    folder = Path(__file__).parents[1].parent / "shared" / "data" / "fit"
    if not folder.is_dir():
        pytest.skip("the collection of real FIT files is not here")
    return sorted(folder.rglob("*.fit"))


def test_values_are_raw_and_by_field_number() -> None:
    (part,) = _fit.read(an_export(fit.activity([WALK])), {18: (2, 8, 10)})
    assert part.of(18) == [(18, {2: fit.seconds(NINE), 8: 1_800_000, 10: 1500})]
    assert part.file_id.integer(0) == 4


def test_big_endian_files_read_like_little_endian_ones() -> None:
    little, big = (_fit.read(an_export(fit.activity([WALK], big_endian=b)), WANTED) for b in (False, True))
    assert little == big


def test_invalid_values_are_absent() -> None:
    (part,) = _fit.read(an_export(fit.activity([fit.Session(NINE, HALF_AN_HOUR, sport=None)])), WANTED)
    assert {5, 10}.isdisjoint(part.of(18)[0].fields)


def test_compressed_timestamps_are_counted_on_over_messages_nobody_wants() -> None:
    pause = [(NINE + timedelta(minutes=10, seconds=7), timedelta(seconds=95))]
    plain, packed = (
        _fit.read(an_export(fit.activity([fit.Session(NINE, HALF_AN_HOUR, pauses=pause)], compressed=c)), WANTED)
        for c in (False, True)
    )
    assert [event.integer(253) for event in packed[0].of(21)] == [event.integer(253) for event in plain[0].of(21)]


def test_a_developer_field_never_takes_the_place_of_a_native_one() -> None:
    (part,) = _fit.read(an_export(fit.activity([WALK], developer={8: 77})), WANTED)
    assert part.of(18)[0].integer(8) == 1_800_000


def test_nothing_is_remembered_from_one_file_to_the_next() -> None:
    undeclared = fit.Records()
    undeclared.put(0, {0: 4, 1: 1})
    undeclared.put(18, {2: 1_000_000_000, 8: 5000}, developer={3: 9})
    fitparse.records.DEV_TYPES.clear()
    alone = _fit.read(an_export(undeclared.file()), WANTED)
    _fit.read(an_export(fit.activity([WALK], developer={3: 1})), WANTED)
    assert _fit.read(an_export(undeclared.file()), WANTED) == alone


def test_a_header_without_a_checksum_of_its_own_is_sound() -> None:
    assert taken(fit.activity([WALK], header_crc=False)).sessions.height == 1


def test_each_file_of_a_chain_has_its_own_file_id() -> None:
    parts = _fit.read(an_export(fit.activity([WALK], serial=11) + fit.activity([WALK], serial=22)), WANTED)
    assert [part.file_id.integer(3) for part in parts] == [11, 22]


def test_a_field_of_a_size_its_type_cannot_have_does_not_lose_the_file() -> None:
    records = fit.Records()
    records.put(0, {0: 4, 1: 294})
    good = bytes(records._body)
    body = good + bytes([0x40, 0, 0, 18, 0, 2, 8, 4, 0x86, 99, 1, 0x86]) + bytes([0]) + struct.pack("<IB", 5000, 7)
    records._body[:] = body
    (part,) = _fit.read(an_export(records.file()), {18: (8, 99)})
    assert part.of(18) == [(18, {8: 5000, 99: 7})]


def test_bits_of_a_header_that_say_nothing_change_nothing_whatever_was_defined_before() -> None:
    records = fit.Records()
    records.put(0, {0: 4, 1: 294})
    short, long = (bytes([0x41, 0, 0, 18, 0, n, 8, 4, 0x86, *rest]) for n, rest in ((1, []), (2, [99, 1, 2])))
    records._body += short + struct.pack("<BIBI", 0x31, 5000, 0x11, 6000)
    records._body += long + struct.pack("<BIB", 0x31, 7000, 7)
    (part,) = _fit.read(an_export(records.file()), {18: (8, 99)})
    assert [message.fields for message in part.of(18)] == [{8: 5000}, {8: 6000}, {8: 7000, 99: 7}]


@pytest.mark.parametrize("missing", [1, 2, 3, 40, 100])
def test_a_file_that_is_cut_off_is_refused_whole(missing: int) -> None:
    assert "cut off" in refusal(fit.activity([WALK])[:-missing]).found


@pytest.mark.parametrize("length", [1, 11, 13])
def test_a_file_cut_off_inside_its_header_is_refused(length: int) -> None:
    assert "FIT header" in refusal(fit.activity([WALK])[:length]).place


def test_a_wrong_checksum_is_refused_with_its_place() -> None:
    data = bytearray(fit.activity([WALK]))
    data[60] ^= 1
    assert refusal(bytes(data)).place == f"FIT checksum (byte {len(data) - 2})"


def test_a_wrong_checksum_of_the_header_is_refused() -> None:
    data = bytearray(fit.activity([WALK]))
    data[2] ^= 1
    assert "checksum of the header" in refusal(bytes(data)).found


def test_a_fit_file_without_its_mark_is_refused_as_a_fit_file() -> None:
    data = fit.activity([WALK])
    assert refusal(data[:8] + b".FUT" + data[12:]).place == "FIT header (byte 0)"


@pytest.mark.parametrize("junk", [b"\0", b"\r\n", b"\xff" * 510, b"<html>" * 40])
def test_a_file_that_is_whole_is_read_whatever_stands_behind_it(junk: bytes) -> None:
    result = taken(fit.activity([WALK]) + junk)
    assert result.sessions.equals(taken(fit.activity([WALK])).sessions)
    assert result.notes == ["bytes behind the end of the FIT file: not read"]


DAY = fit.monitoring_day(NINE, counters=fit.counters([(NINE, HALF_AN_HOUR, 3000)]))


@pytest.mark.parametrize(
    "data",
    [fit.activity([WALK]), DAY, fit.activity([WALK]) * 2, DAY + fit.activity([WALK])],
    ids=["an activity", "a day of monitoring", "a chain", "a day with an activity behind it"],
)
@pytest.mark.parametrize("packed", [False, True], ids=["plain", "gzip"])
def test_bytes_behind_the_end_change_nothing_for_any_kind_of_file_packed_or_not(data: bytes, packed: bool) -> None:
    def read(content: bytes) -> Extract:
        export = an_export(gzip.compress(content), "a.fit.gz") if packed else an_export(content)
        (export,) = (member for member in members(export) or [export] if isinstance(member, Export))
        name = identify(export)
        assert isinstance(name, str)
        return extract(name, export, someone_in())

    alone, among = read(data), read(data + b"\xff" * 510)
    assert all(frame.equals(among.frames()[name]) for name, frame in alone.frames().items())
    assert alone.rows > 0
    assert among.notes == ["bytes behind the end of the FIT file: not read", *alone.notes]


@pytest.mark.parametrize("harm", [lambda data: data[:-40], lambda data: data[:-20] + b"?" + data[-19:]])
def test_bytes_behind_the_end_are_no_excuse_for_a_damaged_inside_or_a_chained_file_cut_off(harm) -> None:
    refusal(harm(fit.activity([WALK])) + b"\0" * 100)
    refusal(fit.activity([WALK]) + harm(fit.activity([WALK])))


def test_a_file_of_more_messages_than_any_recording_has_is_refused_in_little_memory(monkeypatch) -> None:
    monkeypatch.setattr(_fit, "MOST_VALUES", 1_000_000)
    records = b"\x40\0\0" + struct.pack("<HB", 55, 0) + b"\x80" * 100_001  # a byte each: a short time, no fields
    data = b"\x0c\x20" + struct.pack("<HI4s", 2194, len(records), b".FIT") + records
    data += struct.pack("<H", crc16.arc(data))
    tracemalloc.start()
    try:
        with pytest.raises(Rejected, match="more messages than any recording has"):
            _fit.read(an_export(data), WANTED)
        assert tracemalloc.get_traced_memory()[1] < 20 * 100_000  # as a list of numbers they would be 40 bytes each
    finally:
        tracemalloc.stop()


def test_fields_of_many_numbers_count_as_many(monkeypatch) -> None:
    monkeypatch.setattr(_fit, "MOST_VALUES", 10_000)
    field, *_ = WANTED[55]
    records = b"\x40\0\0" + struct.pack("<HB3B", 55, 1, field, 240, 0x02) + (b"\0" + bytes(240)) * 21
    for chained in (1, 2):  # two files of a chain share what may be held
        part = records + (b"\0" + bytes(240)) * (21 if chained == 1 else 0)
        data = b"\x0c\x20" + struct.pack("<HI4s", 2194, len(part), b".FIT") + part
        data += struct.pack("<H", crc16.arc(data))
        with pytest.raises(Rejected, match="more messages than any recording has"):
            _fit.read(an_export(data * chained), WANTED)
    assert len(_fit.read(an_export(data), WANTED)[0].of(55)) == 21


def test_a_damaged_file_of_settings_is_refused_and_not_ignored() -> None:
    data = bytearray(fit.other(2))
    data[-1] ^= 1
    assert "checksum" in refusal(bytes(data)).found


def test_records_that_do_not_fit_their_definitions_are_refused_with_the_byte() -> None:
    records = fit.Records()
    records.put(0, {0: 4})
    records._body += b"\x07"
    assert refusal(records.file()).place == f"byte {14 + len(records._body) - 1}"


def test_a_message_that_runs_over_the_end_is_refused() -> None:
    records = fit.Records()
    records.put(18, {8: 1})
    del records._body[-1]
    assert "damaged FIT records" in refusal(records.file()).found


def test_a_time_since_switching_on_is_no_date() -> None:
    records = fit.Records()
    records.put(0, {0: 4})
    records.put(18, {253: 5000, 2: 4000, 8: 1000})
    assert "switched on" in refusal(records.file()).found


def test_text_where_a_number_belongs_is_refused() -> None:
    records = fit.Records()
    records.put(0, {0: 4})
    records.put(18, {2: 1_000_000_000, 8: 1000})
    data = records.file().replace(bytes([8, 4, 0x86]), bytes([8, 4, 0x07]))
    data = data[:-2] + struct.pack("<H", fit.crc(data[:-2]))
    assert refusal(data).found == "a value that cannot be"


def test_a_chain_without_end_is_refused_soon() -> None:
    assert "more than 1000" in refusal(fit.Records().file() * 50_000).found


def test_only_fit_files_are_claimed() -> None:
    for data in (b"PK\x03\x04", b"<?xml", b"\x0e", b"date,steps\n"):
        assert types(an_export(data, "export.csv")) == ()


def test_the_kind_of_a_chain_longer_than_its_head_is_known() -> None:
    long = fit.activity([fit.Session(NINE, timedelta(hours=60))], compressed=True)
    long = long + long * (70_000 // len(long) + 1)
    assert types(an_export(fit.other(2) + long + fit.other(5)))[-1] == 5


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_whatever_happens_to_a_file_it_is_taken_ignored_or_refused(data: st.DataObject) -> None:
    good = bytearray(fit.activity([WALK], developer={8: 1}) + fit.monitoring_day(NINE.replace(hour=0), heart=[NINE]))
    for _ in range(data.draw(st.integers(1, 6))):
        good[data.draw(st.integers(0, len(good) - 1))] = data.draw(st.integers(0, 255))
    broken = bytes(good[: data.draw(st.integers(1, len(good)))])
    if data.draw(st.booleans()) and len(broken) > 20:  # with checksums that agree, the records themselves are tried
        size = len(broken) - 16
        broken = struct.pack("<BBHI4sH", 14, 0x20, 2194, size, b".FIT", 0) + broken[14:-2]
        broken += struct.pack("<H", fit.crc(broken))
    export = an_export(broken)
    with suppress(Rejected):
        name = identify(export)
        assert isinstance(name, Ignored) or extract(name, export, someone_in())


# Base types: number in the file, bytes of one value.
BASES = {
    0x00: 1, 0x01: 1, 0x02: 1, 0x0A: 1, 0x0D: 1, 0x07: 1, 0x83: 2, 0x84: 2, 0x8B: 2, 0x85: 4, 0x86: 4, 0x8C: 4,
    0x88: 4, 0x89: 8, 0x8E: 8, 0x8F: 8, 0x90: 8,
}  # fmt: skip
EDGES = [b"\0", b"\xff", b"\x7f\xff", b"\xff\x7f", b"\x7f" + b"\xff" * 7, b"\xff" * 7 + b"\x7f", b"\x01"]


@st.composite
def any_records(draw: st.DrawFn) -> bytes:
    """Records of any layout in any order: definitions that replace each other, short times, invalid values."""
    body, layouts = bytearray(), dict[int, list[tuple[int, int, int]]]()
    for _ in range(draw(st.integers(1, 25))):
        local = draw(st.sampled_from([0, 0, 1, 3, 9, 15]))
        if local not in layouts or draw(st.integers(0, 3)) == 0:
            fields = st.tuples(st.integers(0, 9), st.sampled_from(sorted(BASES)), st.integers(1, 3))
            layouts[local] = draw(st.lists(fields, max_size=5, unique_by=lambda field: field[0]))
            if draw(st.booleans()):
                layouts[local].append((253, 0x86, 1))
            is_big, number = draw(st.booleans()), draw(st.sampled_from([0xFF00, 0xFF01, 0xFF02]))
            body += bytes([0x40 | local, 0, is_big]) + struct.pack(
                ">HB" if is_big else "<HB", number, len(layouts[local])
            )
            for field, base, count in layouts[local]:
                body += bytes([field, BASES[base] * count, base])
        for _ in range(draw(st.integers(0, 3))):
            is_short = local < 4 and draw(st.booleans())
            body.append(0x80 | local << 5 | draw(st.integers(0, 31)) if is_short else local)
            for _, base, count in layouts[local]:
                size = BASES[base] * count
                body += draw(
                    st.sampled_from([(edge * 24)[:size] for edge in EDGES]) | st.binary(min_size=size, max_size=size)
                )
    return bytes(body)


@given(any_records())
@settings(max_examples=150, deadline=None)
def test_whatever_the_layout_every_value_is_the_one_fitparse_reads(body: bytes) -> None:
    records = fit.Records()
    records.put(0, {0: 4, 1: 1})
    records._body += body
    wanted = dict.fromkeys((0xFF00, 0xFF01), (*range(8), 253))  # not 0xff02, and not fields 8 and 9
    (part,) = _fit.read(an_export(records.file()), wanted)
    ours, theirs = (
        [(n, sorted(values.items())) for n, values in found]
        for found in (in_order(part), by_fitparse(records.file(), wanted))
    )
    assert repr(ours) == repr(theirs)  # as text: 1 is not 1.0
    assert second_opinion(an_export(records.file()), wanted) == (sum(len(values) for _, values in ours), None, None)


def test_sixteen_layouts_may_be_in_force_at_a_time_and_replace_each_other() -> None:
    said = []
    for local_numbers in (1, 3, 16):
        records = fit.Records(local_numbers=local_numbers)
        records.put(0, {0: 4, 1: 1})
        for n in range(40):
            records.put(18, {field: 100 * n + field for field in (2, 8, 10)[: 1 + n % 3]})
            records.put(20, {253: n})
        (part,) = _fit.read(an_export(records.file()), {18: (2, 8, 10)})
        said.append([message.fields for message in part.of(18)])
    assert said[0] == said[1] == said[2]
    assert said[0][4] == {2: 402, 8: 408}


def test_a_definition_that_lies_about_its_fields_costs_no_more_than_the_file() -> None:
    records = fit.Records()
    records.put(0, {0: 4, 1: 1})
    records._body += bytes([0x40, 0, 0, 18, 0, 255]) + bytes([8, 255, 0x86])
    assert "damaged FIT records" in refusal(records.file()).found


def test_every_real_file_is_taken_ignored_or_refused(public_files: list[Path]) -> None:
    for path in public_files:
        export = an_export(path.read_bytes(), path.name)
        with suppress(Rejected):
            name = identify(export)
            assert isinstance(name, Ignored) or extract(name, export, someone_in())


def test_every_value_is_the_one_fitparse_reads(public_files: list[Path]) -> None:
    compared = 0
    for path in (path for path in public_files if path.stat().st_size < 25_000):
        try:
            found = second_opinion(an_export(path.read_bytes()), WANTED)
        except Rejected:  # then fitparse refuses it, too, or finds nothing in it
            with suppress(ValueError, TypeError):
                assert not by_fitparse(path.read_bytes(), WANTED), path.name
            continue
        assert found.difference is None, path.name
        compared += found.values
    assert compared > 3000


def test_session_minutes_of_real_files_are_those_of_an_independent_reading(public_files: list[Path]) -> None:
    files = 0
    for path in (path for path in public_files if path.stat().st_size < 300_000):
        data = path.read_bytes()
        export = an_export(data, path.name)
        try:
            name = identify(export)
            got = extract(name, export, someone_in()) if name == "garmin_fit_activity" else Extract()
        except Rejected:
            continue
        if got.sessions.height:
            assert got.sessions["timer_ms"].to_list() == _timers(data), path.name
            files += 1
            parts = got.sessions.explode("parts").unnest("parts", separator="_")
            laid = (pl.col("parts_end_time") - pl.col("parts_start_time")).sum().dt.total_milliseconds()
            by_session = parts.group_by("start_time", "timer_ms", maintain_order=True).agg(laid=laid)
            assert by_session["laid"].to_list() == by_session["timer_ms"].to_list(), path.name
    assert files > 60


def _timers(data: bytes) -> list[int]:
    """total_timer_time of every session that is no transition and ran at all, by the plainest walk there is."""
    timers, at = [], 0
    while data[at + 8 : at + 12] == b".FIT":  # what stands behind the last part is not FIT
        end = at + data[at] + int.from_bytes(data[at + 4 : at + 8], "little")
        at += data[at]
        layouts: dict[int, tuple] = {}
        while at < end:
            head = data[at]
            if head & 0xC0 == 0x40:
                order = "big" if data[at + 2] else "little"
                number, count = int.from_bytes(data[at + 3 : at + 5], order), data[at + 5]  # type: ignore[arg-type]
                fields = [tuple(data[at + 6 + 3 * i : at + 9 + 3 * i]) for i in range(count)]
                at += 6 + 3 * count
                apps = 0
                if head & 0x20:
                    apps = sum(data[at + 2 + 3 * i] for i in range(data[at]))
                    at += 1 + 3 * data[at]
                layouts[head & 15] = (number, order, fields, apps)
                continue
            number, order, fields, apps = layouts[head >> 5 & 3 if head & 0x80 else head & 15]
            at += 1
            values = {}
            for field, width, _ in fields:
                values[field] = int.from_bytes(data[at : at + width], order)
                at += width
            at += apps
            if number == 18 and values[5] != 3 and values[8]:
                timers.append(values[8])
        at = end + 2
    return timers
