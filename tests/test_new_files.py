"""Which files of the inbox are looked into: all but those of which the ledger would say the same again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime
from typing import Any

import polars as pl
import pytest

from models.store import scan as scan_module
from models.store.ledger import Now, compare, known_files, new_files
from models.store.scan import Scan
from models.store.store import Store, open_store

NOW = Now(date(2026, 3, 5), {"P1": "here", "P2": "there"}, "iso", ["fitbit", "garmin"], "1.0", retry=False)
GOOD: dict[str, Any] = {
    "file_id": 1, "participant_id": "P1", "path": "P1/a.csv", "size_bytes": 9, "modified_ns": 5, "sha256": "a",
    "status": "loaded", "connector": "garmin", "code_version": "0.9", "zones": "here",
    "first_seen_at": datetime(2026, 3, 1),
}  # fmt: skip
TEXT = dict.fromkeys(("sha256", "export"), pl.String)  # also where it is not known


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    with closing(open_store(tmp_path_factory.mktemp("store"))) as opened:
        yield opened


def looked_into(store: Store, *ledger: dict[str, Any], path: str = "P1/a.csv", now: Now = NOW) -> bool:
    """Whether a file is, that lies there with 9 bytes of the time 5. `ledger`: what its rows have other than GOOD."""
    store.con.execute("DELETE FROM source_file")
    for number, row in enumerate(ledger):
        known = GOOD | {"file_id": number, "path": path} | row
        store.insert("source_file", pl.DataFrame([known], schema_overrides=TEXT))
    scan = Scan()
    scan.path.append(path)
    scan.size.append(9)
    scan.modified_ns.append(5)
    return new_files(store, scan, now) == [0]


def test_a_file_is_read_when_nothing_or_something_else_is_known_of_it(store: Store) -> None:
    assert not looked_into(store, {})
    assert looked_into(store)
    assert looked_into(store, {"path": "P1/b.csv"})
    assert looked_into(store, {"size_bytes": 8})
    assert looked_into(store, {"modified_ns": 6})
    assert looked_into(store, {"status": "withdrawn"})
    assert looked_into(store, {"status": "rejected", "sha256": None, "code_version": "1.0"})  # it could not be read


def test_what_lay_there_before_decides_nothing(store: Store) -> None:
    assert not looked_into(store, {"size_bytes": 8, "holds_until": date(2026, 3, 1)}, {"sha256": "b"})
    assert not looked_into(store, {"modified_ns": -1, "status": "rejected", "sha256": "b"}, {})


def test_what_was_put_back_takes_its_place_in_an_export_again(store: Store) -> None:
    written_over, later = {"export": None}, {"size_bytes": 8, "sha256": "b", "export": "/Takeout"}
    assert looked_into(store, written_over, later)
    known = known_files(store, [("P1", 9)], NOW.installed, NOW.today)
    assert known == {"P1": {}}  # the content was read, but is another now that what lay there last is gone
    assert not looked_into(store, {"export": "/Takeout"}, later | {"export": None})
    assert not looked_into(store, written_over, later | {"status": "withdrawn"})


def test_other_zones_or_settings_have_it_read_again(store: Store) -> None:
    assert looked_into(store, {"zones": "there"})
    assert looked_into(store, {"zones": "here mdy"})
    assert not looked_into(store, {"zones": "here iso"})
    assert not looked_into(store, {"participant_id": "P2", "zones": "there"}, path="P2/a.csv")


def test_what_does_not_hold_by_todays_clock_is_read_again(store: Store) -> None:
    assert looked_into(store, {"holds_until": date(2026, 3, 5)})
    assert looked_into(store, {"holds_since": date(2026, 3, 6)})
    assert not looked_into(store, {"holds_since": date(2026, 3, 5), "holds_until": date(2026, 3, 6)})


def test_what_was_refused_is_tried_again_by_other_readers_or_with_a_password(store: Store) -> None:
    tried = {"code_version": "1.0"}
    password = Now(NOW.today, NOW.zones, NOW.settings, NOW.installed, NOW.readers, retry=True)
    for status in ("rejected", "unknown"):
        assert looked_into(store, {"status": status})
        assert not looked_into(store, {"status": status} | tried)
        assert looked_into(store, {"status": status} | tried, now=password)
    assert not looked_into(store, {}, now=password)


def test_an_archive_is_looked_into_again_for_what_is_packed_in_it(store: Store) -> None:
    archive = {"status": "ignored", "connector": "zip"}
    inside = {"path": "P1/a.zip!/b.csv", "sha256": "b"}
    assert not looked_into(store, archive, inside, path="P1/a.zip")
    assert looked_into(store, archive, inside | {"holds_until": date(2026, 3, 5)}, path="P1/a.zip")
    assert looked_into(store, archive, inside | {"status": "rejected"}, path="P1/a.zip")
    assert not looked_into(store, archive | {"code_version": "1.0"}, inside | {"status": "rejected"}, path="P1/a.zip")


def test_what_counts_though_its_reader_is_gone_is_left_as_it_is(store: Store) -> None:
    gone = {"connector": "plugged", "zones": "there", "holds_until": date(2026, 3, 5)}
    assert not looked_into(store, gone)
    assert looked_into(store, gone | {"modified_ns": 6})
    assert looked_into(store, gone | {"status": "duplicate"})


def test_of_what_is_known_only_what_can_be_the_same_or_packed_in_it_is_told(store: Store) -> None:
    ledger = [
        {"path": "P1/same.csv"}, {"path": "P1/other.csv", "size_bytes": 8},
        {"path": "P1/of_no_reader.csv", "size_bytes": 8, "connector": "plugged"},
        {"path": "P1/a.zip", "size_bytes": 8, "connector": "zip", "status": "ignored"},
        {"path": "P1/a.zip!/b.csv", "size_bytes": 7}, {"path": "P2/same.csv", "participant_id": "P2"},
        {"path": "P1/withdrawn.csv", "status": "withdrawn"},
    ]  # fmt: skip
    looked_into(store, *ledger)
    known = known_files(store, [("P1", 9), ("P3", 9)], NOW.installed, NOW.today)
    told = {"P1/same.csv", "P1/of_no_reader.csv", "P1/a.zip", "P1/a.zip!/b.csv"}
    assert {who: set(files) for who, files in known.items()} == {"P1": told, "P3": set()}


def test_a_large_inbox_is_compared_in_parts_of_whole_people(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scan_module, "FILES_AT_A_TIME", 2)
    monkeypatch.setattr(scan_module, "_PACKED", 3)
    scan = Scan()
    for path in ("P1/a", "P1/b", "P1/c", "P1-x/a", "P3/a", "P3/b", "P4/a"):
        scan.path.append(path)
        scan.size.append(9)
        scan.modified_ns.append(5)
    known = ["P0/a", "P1/a", "P1/c", "P2/a", "P3/a", "P3/c", "P4/a", "P5/a"]
    store.con.execute("DELETE FROM source_file")
    for number, path in enumerate(known):
        who = {"participant_id": path.partition("/")[0], "file_id": number, "path": path}
        store.insert("source_file", pl.DataFrame([GOOD | who]))
    everybody = Now(NOW.today, dict.fromkeys((f"P{n}" for n in range(6)), "here"), "iso", ["garmin"], "1.0")
    parts = [(part["since"], part["until"], store.rows("FROM lying")) for part in scan.lying(store)]
    assert [(since, until, len(files)) for since, until, files in parts] == [
        ("", "P1-x", 3), ("P1-x", "P4", 3), ("P4", None, 1)
    ]  # fmt: skip
    assert [number for *_, files in parts for number, *_ in files] == list(range(7))
    assert list(scan.path)[2:6] == scan.path[2:6] == ["P1/c", "P1-x/a", "P3/a", "P3/b"]
    assert new_files(store, scan, everybody) == [1, 3, 5]
    compare(store, scan)
    gone = store.rows("SELECT path, is_gone FROM absent JOIN source_file USING (file_id) ORDER BY path")
    assert gone == [(path, True) for path in ("P0/a", "P2/a", "P3/c", "P5/a")]
