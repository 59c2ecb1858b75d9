"""How a CSV is read: what is forgiven, and what is named by line and column."""

from __future__ import annotations

import io
import tracemalloc
from datetime import UTC, date, datetime

import polars as pl
import pytest

from connectors.kit import csv as _csv
from connectors.kit import pieces as _pieces
from connectors.kit.csv import Layout, day, header, instant, integer, number, read, text
from connectors.kit.export import Export
from models.fault import Fault, Rejected

TODAY = date(2026, 10, 7)
LAYOUT = Layout({"timestamp": instant(TODAY), "steps": integer(0, 500_000)}, {"data source": text()}, ("calories*",))


def export(content: str | bytes, name: str = "steps.csv") -> Export:
    content = content.encode() if isinstance(content, str) else content
    return Export(name, len(content), lambda: io.BytesIO(content))


def rejection(content: str | bytes, layout: Layout = LAYOUT) -> Fault:
    with pytest.raises(Rejected) as caught:
        read(export(content), layout)
    return caught.value.fault


PLAIN = "timestamp,steps\n2026-03-09T07:30:00Z,12\n2026-03-09T07:31:00.552356Z,9.0\n"
EXPECTED = [
    (2, datetime(2026, 3, 9, 7, 30, tzinfo=UTC), 12, None),
    (3, datetime(2026, 3, 9, 7, 31, 0, 552000, tzinfo=UTC), 9, None),
]


@pytest.mark.parametrize(
    "content",
    [
        PLAIN.encode(),
        PLAIN.encode("utf-8-sig"),
        PLAIN.replace("\n", "\r\n").encode(),
        PLAIN.replace(",", ";").encode(),
        PLAIN.replace(",", "\t").encode(),
        PLAIN.replace("timestamp,steps", '"Timestamp","STEPS"').encode(),
        PLAIN.replace("12", '"12"').encode(),
        PLAIN.rstrip("\n").encode(),
    ],
    ids=["plain", "bom", "crlf", "semicolon", "tab", "quoted header", "quoted cell", "no last line end"],
)
def test_what_spreadsheets_do_to_a_file_is_forgiven(content):
    frame, notes = read(export(content), LAYOUT)
    assert frame.rows() == EXPECTED
    assert notes == []


def test_blank_lines_and_rows_of_separators_are_passed_over_and_still_counted():
    frame, _ = read(export("\n\ntimestamp,steps\n\n2026-03-09T07:30:00Z,12\n,\n\n2026-03-09T07:31:00Z,9\n,\n"), LAYOUT)
    assert frame["line"].to_list() == [5, 8]
    assert rejection("timestamp,steps\n\n2026-03-09T07:30:00Z,12\n\n2026-03-09T07:31:00Z,-9\n").place.startswith(
        "line 5"
    )


def test_a_missing_column_is_named_with_the_one_that_looks_like_it():
    renamed = rejection("timestamp,step count\n2026-03-09T07:30:00Z,12\n")
    assert renamed.place == "line 1, column steps"
    assert (renamed.found, renamed.words) == ("no such column, but one like 'steps'", "step count")
    assert rejection("timestamp,light\n2026-03-09T07:30:00Z,12\n").found == "no such column"


def test_an_optional_column_that_was_renamed_is_named_and_one_that_is_absent_is_not():
    renamed = rejection("timestamp,steps,source\n2026-03-09T07:30:00Z,12,Watch\n")
    assert renamed.place == "line 1, column data source"
    assert (renamed.found, renamed.words) == ("no such column, but one like 'data source'", "source")
    assert rejection("timestamp,steps,data_source\n2026-03-09T07:30:00Z,12,Watch\n").place == renamed.place
    frame, notes = read(export("timestamp,steps,steps per hour\n2026-03-09T07:30:00Z,12,7\n"), LAYOUT)
    assert (frame.height, notes) == (1, ["new column 'steps per hour': not read"])


def test_a_column_never_seen_before_is_remarked_on_and_a_known_useless_one_is_not():
    frame, notes = read(export("steps,calories burned,mood,timestamp\n12,5,low,2026-03-09T07:30:00Z\n"), LAYOUT)
    assert notes == ["new column 'mood': not read"]
    assert frame.columns == ["line", "timestamp", "steps", "data source"]


def test_two_columns_of_one_name_are_not_guessed_between():
    assert "two columns" in rejection("timestamp,steps,Steps\n2026-03-09T07:30:00Z,12,13\n").found


@pytest.mark.parametrize(
    ("row", "column", "found"),
    [
        ("2026-03-09T07:30:00Z,-3", "steps", "'-3'"),
        ("2026-03-09T07:30:00Z,1000000000", "steps", "'1000000000'"),
        ("2026-03-09T07:30:00Z,twelve", "steps", "text"),
        ("2026-03-09T07:30:00Z,1.5", "steps", "'1.5'"),
        ("2026-03-09T07:30:00Z,", "steps", "nothing"),
        ("2026-03-09T25:61:00Z,12", "timestamp", "'2026-03-09T25:61:00Z'"),
        ("2026-02-30T07:30:00Z,12", "timestamp", "'2026-02-30T07:30:00Z'"),
        ("2026-03-09T07:30:00,12", "timestamp", "'2026-03-09T07:30:00'"),
        ("1989-12-31T07:30:00Z,12", "timestamp", "'1989-12-31T07:30:00Z'"),
        ("2027-03-09T07:30:00Z,12", "timestamp", "'2027-03-09T07:30:00Z'"),
    ],
)
@pytest.mark.parametrize("quoted", [False, True])
def test_a_cell_that_cannot_be_is_named_by_line_and_column(row, column, found, quoted):
    good = '"2026-03-09T07:29:00Z",1\n' if quoted else "2026-03-09T07:29:00Z,1\n"
    why = rejection(f"timestamp,steps\n{good}{good}{row}\n{good}")
    assert why.place == f"line 4, column {column}"
    figure = found.strip("'") if "'" in found else None  # it is no part of what is published
    assert (why.found, why.words) == ("another figure or time" if figure else found, figure)


def test_what_a_person_wrote_is_not_repeated_in_a_rejection():
    assert "Ann" not in str(rejection("timestamp,steps\n2026-03-09T07:30:00Z,Ann Miller\n"))


def test_the_first_wrong_line_is_named_whichever_column_it_is_in():
    why = rejection("timestamp,steps\n2026-03-09T07:29:00Z,1\nx,1\n2026-03-09T07:29:00Z,-1\n")
    assert why.place == "line 3, column timestamp"


@pytest.mark.parametrize(
    ("row", "found"), [("2026-03-09T07:30:00Z", "1 fields"), ("2026-03-09T07:30:00Z,1,2", "3 fields")]
)
def test_a_row_with_a_field_too_few_or_too_many_is_named(row, found):
    why = rejection(f"timestamp,steps\n2026-03-09T07:29:00Z,1\n{row}\n")
    assert (why.place, why.found) == ("line 3", found)


def test_one_row_too_long_and_one_too_short_do_not_make_up_for_each_other():
    why = rejection("timestamp,steps\n2026-03-09T07:29:00Z,1,2\n2026-03-09T07:29:00Z\n")
    assert (why.place, why.found) == ("line 2", "3 fields")


def test_other_encodings_are_named():
    assert "UTF-16" in rejection(PLAIN.encode("utf-16")).found
    assert header(export(PLAIN.encode("utf-16"))) == ["timestamp", "steps"]  # known, so that it can be rejected by name
    latin = rejection("timestamp,steps,note\n2026-03-09T07:29:00Z,1,né\n".encode("latin-1"))
    assert (latin.place, latin.found) == ("line 2", "text in an older encoding (such as Windows-1252)")


def test_a_quoted_cell_may_hold_separators_and_lines():
    quoted = 'timestamp,steps,calories\n2026-03-09T07:30:00Z,12,"a,b\nc ""d"""\n'
    frame, _ = read(export(quoted), LAYOUT)
    assert frame["steps"].to_list() == [12]
    assert rejection(quoted + "2026-03-09T07:31:00Z,x,\n").place == "line 4, column steps"
    assert "quotes" in rejection('timestamp,steps\n2026-03-09T07:30:00Z,"12\n').found


def test_a_header_alone_is_a_file_without_rows():
    frame, _ = read(export("timestamp,steps"), LAYOUT)
    assert frame.height == 0
    assert frame.schema == read(export(PLAIN), LAYOUT)[0].schema


def test_dates_are_iso_and_numbers_are_finite():
    layout = Layout({"date": day(TODAY), "value": number(0, 100, empty=True)})
    frame, _ = read(export("date,value\n2026-03-09,1.5\n2026-03-10,\n"), layout)
    assert frame.select("date", "value").rows() == [(date(2026, 3, 9), 1.5), (date(2026, 3, 10), None)]
    for cell in ("2026-3-9,1", "09.03.2026,1", "2026-03-09,nan", "2026-03-09,inf", "2026-03-09,101"):
        assert rejection(f"date,value\n{cell}\n", layout).place.startswith("line 2")


def test_pieces_are_cut_between_records_and_lines_go_on_counting(monkeypatch):
    rows = [f'2026-03-09T07:{n % 60:02d}:00Z,{n},"free\ntext, {n}"' for n in range(200)]
    content = "timestamp,steps,calories\n" + "\n".join(rows) + "\n2026-03-09T07:30:00Z,-1,\n"
    monkeypatch.setattr(_pieces, "PIECE", 100)
    assert rejection(content).place == "line 402, column steps"
    frame, _ = read(export(content.replace(",-1,", ",1,")), LAYOUT)
    assert frame["steps"].to_list() == [*range(200), 1]
    assert frame["line"].to_list()[:3] == [2, 4, 6]


def test_a_long_file_is_reduced_as_it_is_read_and_does_not_fill_the_memory():
    row = b"2026-03-09T07:30:00Z,12\n"
    million = b"timestamp,steps\n" + row * 2_000_000

    def one(piece: pl.DataFrame) -> pl.DataFrame:
        return piece.group_by("timestamp").agg(pl.col("steps").sum())

    tracemalloc.start()
    frame, _ = read(export(million), LAYOUT, one)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert frame["steps"].sum() == 24_000_000
    assert peak < len(million)


def test_a_quotation_mark_without_its_other_half_is_named_by_its_line() -> None:
    content = 'timestamp,steps\n2026-03-09T07:30:00Z,1\n2026-03-09T07:31:00Z,"' + "1\n" * 5_000_000
    found = rejection(content)
    assert found.place == "line 3"
    assert "quotation mark" in found.found


@pytest.mark.parametrize("before", [b"", b'"', b'a,"b\n'])
def test_the_last_record_of_a_block_is_found_wherever_its_quotes_are(before: bytes) -> None:
    for rest in (b'1,2\n"x\ny",3\n"open\n', b"\n", b'"', b'"\n"\n"', b"1,2", b'""\n"'):
        whole = before + rest
        ends = [n + 1 for n in range(len(whole)) if whole[n] == 10 and whole.count(b'"', 0, n) % 2 == 0]
        assert _pieces._last_end(whole, is_quoted=False) == (max(ends, default=0), whole.count(b'"') % 2 == 1)


def test_a_table_of_more_than_a_person_has_is_refused_before_all_of_it_is_read(monkeypatch) -> None:
    content = "timestamp,steps\n" + "2026-03-09T07:30:00Z,12\n" * 1000
    monkeypatch.setattr(_csv, "_MOST_BYTES", 10_000)
    assert rejection(content).found.startswith("rows of over")
    layout = Layout({"timestamp": text(), "steps": text()}, most_rows=999)
    monkeypatch.undo()
    assert rejection(content, layout).found == "more than 999 rows"
    assert "2,001 columns" in rejection("timestamp,steps" + ",a" * 1999 + "\n").found
