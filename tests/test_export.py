"""Hand-over: whole or not there, the same bytes for the same database, and nothing more than is known."""

from __future__ import annotations

import csv
import json
import os
import re
from datetime import date, datetime
from pathlib import Path

import polars as pl
import pyarrow.types as types
import pytest
from pyarrow import parquet

from flows.cli import main
from flows.handover.codebook import HEADER
from models import hand_over
from models.codes import JOINED, codes_of
from models.store.analytics import relations
from tests.studies import StudyFolder


def handed_over(study: StudyFolder, form: str, out: Path) -> int:
    return main(["export", "--study", str(study.folder), "--format", form, str(out)])


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def given(sample: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with both hand-overs of the sample study, to be read."""
    folder = tmp_path_factory.mktemp("given")
    assert handed_over(sample, "parquet", folder / "parquet") == 0
    assert handed_over(sample, "csv", folder / "csv") == 0
    return folder


def rows_of(path: Path) -> list[dict[str, str]]:
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("form", ["parquet", "csv", "fhir"])
def test_a_second_hand_over_takes_the_place_of_the_first_with_the_same_bytes(
    sample: StudyFolder, tmp_path: Path, form: str
) -> None:
    out = tmp_path / "for the lab" / "out"
    assert handed_over(sample, form, out) == 0
    first = content(out)
    assert handed_over(sample, form, out) == 0
    assert content(out) == first
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert {oct(path.stat().st_mode & 0o777) for path in out.iterdir()} == {"0o600"}
    assert oct(out.stat().st_mode & 0o777) == "0o700"


def test_every_relation_is_there_whole_and_says_what_it_is(sample: StudyFolder, given: Path) -> None:
    published = relations(sample.folder / "warehouse")
    assert {"person_day", "verdict_evidence", "code"} < {relation.name for relation in published}
    package = json.loads((given / "csv/datapackage.json").read_text("utf-8"))
    assert [one["title"] for one in package["resources"]] == [relation.name for relation in published]
    for relation, described in zip(published, package["resources"], strict=True):
        rows = sample.ask(f"FROM {relation.name} ORDER BY ALL")
        frame = pl.read_parquet(given / f"parquet/{relation.name}.parquet")
        assert frame.columns == [column.name for column in relation.columns]
        assert [str(row) for row in frame.select(frame.columns[0]).rows()] == [str(row[:1]) for row in rows]
        with (given / f"csv/{relation.name}.csv").open(newline="") as file:
            read = list(csv.reader(file))
        assert read[0] == [field["name"] for field in described["schema"]["fields"]] == frame.columns
        # NULL is an empty cell, and only NULL is
        assert [[cell == "" for cell in row] for row in read[1:]] == [[cell is None for cell in row] for row in rows]
        for column in relation.columns:
            assert column.meaning in (given / "csv/README.md").read_text("utf-8")
    days = pl.read_parquet(given / "parquet/daily_activity.parquet")
    assert days.schema["local_date"] == pl.Date
    assert days.schema["walking_minutes"] == pl.Float64
    assert days.schema["is_partial"] == pl.Boolean
    assert pl.read_parquet(given / "parquet/session.parquet").schema["start_time"] == pl.Datetime("us", "UTC")


def test_what_is_a_decimal_in_the_database_is_a_double_and_exact_when_it_is_rounded(
    sample: StudyFolder, given: Path
) -> None:
    for relation in relations(sample.folder / "warehouse"):
        schema = parquet.read_schema(given / f"parquet/{relation.name}.parquet")
        assert not [field for field in schema if types.is_decimal(field.type)]
    for name, column in (("daily_activity", "walking_minutes"), ("goal_week", "value"), ("baseline", "steps_mean")):
        [exact] = zip(*sample.ask(f"SELECT {column}::DOUBLE FROM (FROM {name} ORDER BY ALL)"), strict=True)
        read = parquet.read_table(given / f"parquet/{name}.parquet").column(column).to_pylist()
        as_text = [row[column] for row in rows_of(given / f"csv/{name}.csv")]
        assert read == [float(cell) if cell else None for cell in as_text] == list(exact)
        decimals = sample.ask(f"SELECT count(DISTINCT {column}), bool_and({column}::DOUBLE::DECIMAL(24, 6) = {column})"
                              f" FROM {name}")  # fmt: skip
        assert decimals[0][0] > 3
        assert decimals[0][1]
    assert "DECIMAL(" not in (given / "csv/README.md").read_text("utf-8")


def test_a_column_of_codes_is_a_dictionary_of_all_its_codes_in_their_order(sample: StudyFolder, given: Path) -> None:
    found = 0
    for path in (given / "parquet").glob("*.parquet"):
        table = parquet.read_table(path)
        for name in table.column_names:
            codes = codes_of(full := f"{path.stem}.{name}")
            is_dictionary = types.is_dictionary(table.schema.field(name).type)
            assert is_dictionary == bool(codes and full not in JOINED), full
            if is_dictionary:
                assert not table.schema.field(name).type.ordered, "R would take the codes for a scale"
            if is_dictionary and len(table):
                assert table.column(name).chunk(0).dictionary.to_pylist() == list(codes), full
                found += 1
    assert found > 20


def test_a_parquet_file_that_the_disk_has_no_room_for_is_a_sentence(
    sample: StudyFolder, tmp_path: Path, capsys, monkeypatch
) -> None:
    writes = pl.DataFrame.write_parquet
    monkeypatch.setattr(pl.DataFrame, "write_parquet", lambda frame, _, **how: writes(frame, "/dev/full", **how))
    assert handed_over(sample, "parquet", tmp_path / "out") == 2
    [said] = capsys.readouterr().err.splitlines()
    assert ".parquet: cannot be written (" in said
    assert "No space left on device" in said
    assert list(tmp_path.iterdir()) == []


def test_the_data_package_says_what_is_true_of_every_row(given: Path) -> None:
    """Valid to Frictionless's own validator, too, which is not among our dependencies."""
    package = json.loads((given / "csv/datapackage.json").read_text("utf-8"))
    rows = {one["name"]: rows_of(given / "csv" / one["path"]) for one in package["resources"]}
    read = {
        "integer": int, "number": float, "date": date.fromisoformat, "boolean": {"true": 1, "false": 0}.__getitem__,
        "string": str, "array": json.loads, "datetime": lambda cell: datetime.strptime(cell, "%Y-%m-%dT%H:%M:%S.%fZ"),
    }  # fmt: skip
    references = set()
    for one in package["resources"]:
        for field in one["schema"]["fields"]:
            cells = {row[field["name"]] for row in rows[one["name"]]}
            limits, where = field.get("constraints", {}), (one["name"], field["name"])
            assert not (limits.get("required") and "" in cells), where
            for cell in cells - {""}:
                read[field["type"]](cell)
            assert cells - {""} <= set(limits.get("enum", cells)), where
            assert all(re.fullmatch(limits.get("pattern", ".*"), cell) for cell in cells - {""}), where
        if key := one["schema"].get("primaryKey"):
            keys = [tuple(row[name] for name in key) for row in rows[one["name"]]]
            assert len(set(keys)) == len(keys), one["name"]
        for foreign in one["schema"].get("foreignKeys", []):
            to = foreign["reference"]
            there = {tuple(row[name] for name in to["fields"]) for row in rows[to["resource"]]}
            here = {tuple(row[name] for name in foreign["fields"]) for row in rows[one["name"]]}
            assert {key for key in here if all(key)} <= there, (one["name"], to["resource"])
            references.add((one["name"], to["resource"]))
    assert {("goal-week", "goal"), ("weekly-activity", "infusion"), ("person-day", "participant"),
            ("verdict-evidence", "goal-week"), ("infusion", "participant")} <= references  # fmt: skip
    # their rows may outlive what they are about
    assert not {name for name, _ in references} & {"goal-week-history", "source-file", "rejection"}
    assert not {("goal", "infusion"), ("goal-week", "infusion")} & references


def test_the_codebook_has_the_columns_of_redcap_and_every_column_with_its_codes(
    sample: StudyFolder, given: Path
) -> None:
    text = (given / "csv/codebook.csv").read_text(encoding="utf-8")
    assert text == (given / "parquet/codebook.csv").read_text(encoding="utf-8")
    rows = rows_of(given / "csv/codebook.csv")
    assert tuple(rows[0]) == HEADER
    assert len(HEADER) == 18
    columns = [(r.name, column) for r in relations(sample.folder / "warehouse") for column in r.columns]
    assert [(row["Form Name"], row["Variable / Field Name"]) for row in rows] == [(r, c.name) for r, c in columns]
    for row, (relation, column) in zip(rows, columns, strict=True):
        codes = codes_of(f"{relation}.{column.name}")
        choices = row["Choices, Calculations, OR Slider Labels"]
        assert [choice.partition(", ")[0] for choice in choices.split(" | ") if choice] == list(codes)
        assert (row["Field Type"] in ("dropdown", "checkbox")) == bool(codes)
        assert (row["Required Field?"] == "y") == (not column.is_nullable)
        assert row["Field Label"].strip("'") == column.meaning
    by_name = {(row["Form Name"], row["Variable / Field Name"]): row for row in rows}
    checked = "Text Validation Type OR Show Slider Number"
    assert by_name["person_day", "local_date"][checked] == "date_ymd"
    assert by_name["person_day", "walking_minutes"][checked] == "number"
    assert by_name["daily_activity", "flags"]["Field Type"] == "checkbox"


def test_a_csv_has_no_byte_order_mark_and_no_text_that_a_spreadsheet_would_run(given: Path) -> None:
    for path in (given / "csv").glob("*.csv"):
        assert not path.read_bytes().startswith(b"\xef\xbb\xbf")
        texts = [cell for row in rows_of(path) for cell in row.values() if not re.fullmatch(r"-?[\d.e-]+", cell)]
        assert not [text for text in texts if text[:1] in ("=", "+", "-", "@")], path.name


def test_what_is_there_and_no_hand_over_is_left_alone(sample: StudyFolder, tmp_path: Path, capsys) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/README.md").write_text("mine")
    inbox = sample.folder / "inbox/P01/out"
    for out in (tmp_path / "thesis", inbox, sample.folder / "warehouse/out", sample.folder):
        assert handed_over(sample, "csv", out) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert content(tmp_path / "thesis") == {"README.md": b"mine"}
    assert not inbox.exists()


def test_a_hand_over_that_fails_leaves_the_one_before(sample: StudyFolder, tmp_path: Path, monkeypatch, capsys) -> None:
    out = tmp_path / "out"
    assert handed_over(sample, "csv", out) == 0
    first = content(out)

    def full(*anything: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.hand_over.to_disk", full)
    assert handed_over(sample, "csv", out) == 2
    assert "No space left" in capsys.readouterr().err
    monkeypatch.undo()
    assert content(out) == first
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    # killed between putting the old one aside and the new one in its place
    os.replace(out, hand_over.before(out))
    assert handed_over(sample, "csv", out) == 0
    assert content(out) == first
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_names_of_files_are_never_handed_over(study: StudyFolder, tmp_path: Path) -> None:
    study.put("P1/jane.doe@example.com.csv", "no,such\nexport,here\n")
    study.night()
    assert study.ask_store("SELECT path FROM rejection") == [("P1/jane.doe@example.com.csv",)]
    for form in ("parquet", "csv", "fhir"):
        assert handed_over(study, form, tmp_path / form) == 0
        written = content(tmp_path / form)
        assert ("export", f"everything published, as {form}", 2) in study.ask_store(
            "SELECT command, what, people FROM audit"
        )
        assert not [name for name, text in written.items() if b"jane" in text or b"@example" in text]
