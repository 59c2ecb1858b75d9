"""Hand-over: whole or not there, the same bytes for the same database, and nothing more than is known."""

from __future__ import annotations

import csv
import json
import os
from pathlib import Path

import polars as pl
import pytest

from flows.cli import main
from models import hand_over
from models.store.analytics import relations
from tests.studies import StudyFolder


def handed_over(study: StudyFolder, form: str, out: Path) -> int:
    return main(["export", "--study", str(study.folder), "--format", form, str(out)])


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


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


def test_every_relation_is_there_whole_and_says_what_it_is(sample: StudyFolder, tmp_path: Path) -> None:
    assert handed_over(sample, "parquet", tmp_path / "parquet") == 0
    assert handed_over(sample, "csv", tmp_path / "csv") == 0
    published = relations(sample.folder / "warehouse")
    package = json.loads((tmp_path / "csv/datapackage.json").read_text())
    assert [one["title"] for one in package["resources"]] == [relation.name for relation in published]
    for relation, described in zip(published, package["resources"], strict=True):
        rows = sample.ask(f"FROM {relation.name} ORDER BY ALL")
        frame = pl.read_parquet(tmp_path / f"parquet/{relation.name}.parquet")
        assert frame.columns == [column.name for column in relation.columns]
        assert [str(row) for row in frame.select(frame.columns[0]).rows()] == [str(row[:1]) for row in rows]
        with (tmp_path / f"csv/{relation.name}.csv").open(newline="") as file:
            read = list(csv.reader(file))
        assert read[0] == [field["name"] for field in described["schema"]["fields"]] == frame.columns
        # NULL is an empty cell, and only NULL is
        assert [[cell == "" for cell in row] for row in read[1:]] == [[cell is None for cell in row] for row in rows]
        for column in relation.columns:
            assert column.meaning in (tmp_path / "csv/README.md").read_text()
    days = pl.read_parquet(tmp_path / "parquet/daily_activity.parquet")
    assert days.schema["local_date"] == pl.Date
    assert days.schema["walking_minutes"] == pl.Decimal(18, 3)
    assert pl.read_parquet(tmp_path / "parquet/session.parquet").schema["start_time"] == pl.Datetime("us", "UTC")


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
