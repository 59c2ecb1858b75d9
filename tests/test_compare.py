"""`stepwindow compare`: days beside the vendor's own totals, FIT files beside fitparse."""

from __future__ import annotations

import csv
import json
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from connectors.kit import fit_by_fitparse
from connectors.kit.rows import totals
from connectors.testing import reading
from flows.cli import main
from models.activity import Extract
from models.clock import ZoneLog
from models.store.file_result import FileResult
from models.store.two_sides import day_by_day
from tests.hostile_files import zipped
from tests.studies import at, garmin_day
from tests.writers import fit, garmin_account

FIRST = date(2026, 3, 2)
DAYS = [FIRST + timedelta(days=n) for n in range(5)]
ARCHIVE = Path(__file__).parents[1].parent / "shared" / "data" / "fit_days"


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five days of a watch, 6,000 steps each, as an archive."""
    path = tmp_path_factory.mktemp("watch") / "watch.zip"
    path.write_bytes(zipped(*((f"{day}.fit", garmin_day(str(day))) for day in DAYS)))
    return path


def compare(capsys, *words: object) -> tuple[int, dict[str, Any]]:
    code = main(["compare", "--json", "--timezone", "America/New_York", *map(str, words)])
    return code, json.loads(capsys.readouterr().out)


def steps(found: dict[str, Any]) -> dict[str, Any]:
    (pair,) = [pair for pair in found["pairs"] if pair["metric"] == "steps"]
    return pair


def test_a_day_is_compared_with_the_total_of_the_same_maker(watch: Path, tmp_path: Path, capsys) -> None:
    account = tmp_path / "UDSFile_2026-03-02_2026-03-06.json"
    counted = [6000, 6000, 6059, 6600, 6000]
    account.write_bytes(garmin_account.days(garmin_account.day(d, n, 0, 0) for d, n in zip(DAYS, counted, strict=True)))
    code, found = compare(capsys, watch, account)
    assert code == 0
    pair = steps(found)
    assert (pair["source"], pair["totals_of"]) == ("garmin", "garmin_account")
    assert (pair["days"], pair["equal"], pair["near"], pair["largest_difference"]) == (5, 3, 4, 600)
    assert found["refused"] == []
    assert main(["compare", "--timezone", "America/New_York", str(watch), str(account)]) == 0
    printed = capsys.readouterr().out
    assert "60.0 %" in printed
    assert "2026-03-05" in printed, "a day that differs is named"


def test_a_table_of_ones_own_is_held_against_every_source(watch: Path, tmp_path: Path, capsys) -> None:
    table = tmp_path / "typed.csv"
    table.write_text("date,steps,from_where\n2026-03-02,6000,app\n2026-03-03,,app\n2026-03-04,5999,app\n")
    code, found = compare(capsys, watch, "--totals", table)
    assert (code, steps(found)["days"], steps(found)["equal"]) == (0, 2, 1)
    assert [day["local_date"] for day in found["days"] if day["metric"] == "steps"] == ["2026-03-02", "2026-03-04"]


def test_a_day_that_is_there_in_part_is_counted_and_not_compared(tmp_path: Path, capsys) -> None:
    half, table = tmp_path / "half.fit", tmp_path / "typed.csv"
    walks = fit.counters([(at("2026-03-02 10:00"), timedelta(minutes=10), 900)])
    half.write_bytes(fit.monitoring(at("2026-03-02 00:00"), at("2026-03-02 12:00"), counters=walks))
    table.write_text("date,steps\n2026-03-02,6000\n")
    _, found = compare(capsys, half, "--totals", table)
    assert (steps(found)["days"], steps(found)["partial_days"], steps(found)["partial_equal"]) == (0, 1, 0)
    assert steps(found)["largest_difference"] is None


def test_totals_of_another_maker_are_another_device_and_not_compared(watch: Path, tmp_path: Path, capsys) -> None:
    fitbit = tmp_path / "dailySteps_merged.csv"
    fitbit.write_text("Id,ActivityDay,StepTotal\n1503960366,3/2/2026,6000\n1503960366,3/3/2026,6000\n")
    code, found = compare(capsys, watch, fitbit)
    assert (code, found["pairs"], found["refused"]) == (0, [], [])
    assert main(["compare", str(watch)]) == 0
    assert "No day is told twice" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("table", "sentence"),
    [
        ("date,steps\n2026-03-02,6000\n2026-03-02,6001\n", "line 3, column date: found a date that stands twice"),
        ("date,steps\n2026-03-02,many\n", "line 2, column steps: found text"),
        ("steps\n6000\n", "column date"),
        ("date;steps\n2026-03-02;6.000\n", "line 2, column steps: found another figure"),  # six thousand, or six
        ("date,stpes\n2026-03-02,6000\n", "line 1: found no column of totals, expected any of steps"),
        (None, "no such file"),
    ],
)
def test_a_table_that_cannot_be_is_refused_with_its_line(
    watch: Path, tmp_path: Path, capsys, table: str | None, sentence: str
) -> None:
    path = tmp_path / "typed.csv"
    if table is not None:
        path.write_text(table)
    code, found = compare(capsys, watch, "--totals", path)
    assert code == 1
    (refused,) = found["refused"]
    assert "typed.csv" in refused
    assert sentence in refused


def test_each_of_several_tables_is_compared_by_itself(watch: Path, tmp_path: Path, capsys) -> None:
    for name, steps in (("a.csv", 6000), ("b.csv", 1000)):
        (tmp_path / name).write_text(f"Date,Steps\n{DAYS[0]},{steps}\n")
    _, found = compare(capsys, watch, "--totals", tmp_path / "a.csv", "--totals", tmp_path / "b.csv")
    assert [(row["totals_of"], row["days"], row["equal"]) for row in found["pairs"]] == [
        ("given_1", 1, 1), ("given_2", 1, 0),
    ]  # fmt: skip


def test_of_two_apps_whose_labels_begin_alike_none_is_the_maker_of_the_other() -> None:
    day = reading.read("a.fit", garmin_day(str(DAYS[0])))
    total = pl.DataFrame({"local_date": [DAYS[0]], "steps": [6000]})

    def pairs(measured: str, of: str) -> list[tuple]:
        made = {name: frame.with_columns(source=pl.lit(measured)) for name, frame in day.frames().items()}
        sides = [Extract(minutes=made["minutes"], readings=made["readings"]), Extract(daily_totals=totals(total, of))]
        files = [
            FileResult("", f"{n}", 1, 1, f"{n}", "", "x", 1, {measured: "wrist", of: "wrist"}, side)
            for n, side in enumerate(sides)
        ]
        found = day_by_day(files, ZoneLog("assumed", "America/New_York"))
        return [(row["source"], row["totals_of"]) for row in found]

    assert pairs("health_connect", "health_sync") == []
    assert pairs("health_connect", "health_connect_by_hand") == [("health_connect", "health_connect_by_hand")]
    assert pairs("garmin", "garmin_account") == [("garmin", "garmin_account")]


@pytest.mark.parametrize("command", ["compare", "identify"])
def test_a_time_zone_that_is_none_is_no_fault_of_the_files(watch: Path, capsys, command: str) -> None:
    with pytest.raises(SystemExit):
        main([command, "--timezone", "Europe/Berln", str(watch)])
    assert "did you mean Europe/Berlin?" in capsys.readouterr().err


def test_every_fit_file_is_decoded_by_fitparse_too(watch: Path, capsys) -> None:
    _, found = compare(capsys, watch)
    assert found["fit"]["files"] == len(DAYS)
    assert found["fit"]["values"] > 100 * len(DAYS)
    assert found["fit"]["differences"] == found["fit"]["unread"] == []


def test_the_first_value_that_fitparse_reads_otherwise_is_named(watch: Path, capsys, monkeypatch) -> None:
    real = fit_by_fitparse.by_fitparse

    def another(data: bytes, wanted: fit_by_fitparse.Wanted) -> list:
        messages = real(data, wanted)
        at = next(n for n, (_, fields) in enumerate(messages) if 3 in fields)
        messages[at][1][3] += 1
        return messages

    monkeypatch.setattr(fit_by_fitparse, "by_fitparse", another)
    code, found = compare(capsys, watch)
    assert code == 1
    assert len(found["fit"]["differences"]) == len(DAYS)
    assert "(number 55), field 3: " in found["fit"]["differences"][0]


@pytest.mark.parametrize("more", [0, 2])
def test_a_message_that_only_one_of_the_two_has_is_a_difference(watch: Path, capsys, monkeypatch, more: int) -> None:
    real = fit_by_fitparse.by_fitparse
    changed = {0: lambda found: found[:-1], 2: lambda found: [*found, (55, {3: 1})]}[more]
    monkeypatch.setattr(fit_by_fitparse, "by_fitparse", lambda data, wanted: changed(real(data, wanted)))
    code, found = compare(capsys, watch)
    assert code == 1
    assert ("none by fitparse" if not more else "none here") in found["fit"]["differences"][0]


def test_a_file_that_fitparse_gives_up_is_said_and_its_days_are_compared(watch: Path, capsys, monkeypatch) -> None:
    def fails(data: bytes, wanted: fit_by_fitparse.Wanted) -> list:
        raise ValueError("of somebody's run")

    monkeypatch.setattr(fit_by_fitparse, "by_fitparse", fails)
    code, found = compare(capsys, watch)
    assert (code, found["fit"]["files"], len(found["fit"]["unread"])) == (0, 0, len(DAYS))
    assert "somebody" not in str(found)


def test_nothing_is_left_behind(watch: Path, tmp_path: Path, capsys, monkeypatch) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "drafts"))
    (tmp_path / "drafts").mkdir()
    assert compare(capsys, watch)[0] == 0
    assert list((tmp_path / "drafts").iterdir()) == []


@pytest.mark.skipif(not ARCHIVE.is_dir(), reason="the collected days of a watch are not beside this checkout")
def test_a_month_of_a_real_watch_equals_what_two_other_programs_read(capsys) -> None:
    month, truth = ARCHIVE / "garmin_2016-07.zip", ARCHIVE / "truth.csv"
    code, found = compare(capsys, month, "--totals", truth, "--timezone", "Europe/Copenhagen")
    known = [row["date"] for row in csv.DictReader(truth.open()) if row["date"] < "2017" and row["steps"]]
    assert code == 0
    assert {day["local_date"] for day in found["days"]} == set(known)
    for pair in found["pairs"]:
        assert pair["equal"] + pair["partial_equal"] == pair["days"] + pair["partial_days"] == len(known), pair
    assert [pair["metric"] for pair in found["pairs"]] == ["moderate_minutes", "steps", "vigorous_minutes"]
    assert (found["fit"]["files"], found["fit"]["differences"], found["fit"]["unread"]) == (233, [], [])
