"""What spares a small night its fixed costs, and where that ends."""

from __future__ import annotations

import os
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment

from flows.report import site
from models.clock import ZoneLog


def pages(folder: Path) -> list[bytes]:
    """Render a page with compiled templates kept in a folder; what is kept there then."""
    kept = site.Compiled(str(folder), "%s.template")
    made = Environment(loader=DictLoader({"page": "{{ 1 + n }}"}), bytecode_cache=kept)
    assert made.get_template("page").render(n=1) == "2"
    return [path.read_bytes() for path in folder.iterdir()] if folder.exists() else []


def test_a_compiled_template_is_kept_and_used_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (first,) = pages(tmp_path)
    (kept,) = tmp_path.iterdir()
    os.utime(kept, (1, 1))
    assert pages(tmp_path) == [first]
    assert kept.stat().st_mtime == 1
    monkeypatch.setattr(site, "code", lambda: "another code")
    assert pages(tmp_path) != [first]


def test_a_damaged_compiled_template_is_made_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    (first,) = pages(tmp_path)
    (kept,) = tmp_path.iterdir()
    other_bytes = [first[:n] + b"\xff" + first[n + 1 :] for n in range(100)]
    for damaged in (*(first[:size] for size in (0, 20, len(first) - 20)), *other_bytes[:20], other_bytes[40]):
        kept.write_bytes(damaged)
        assert pages(tmp_path) == [first]


def test_compiled_templates_are_kept_only_where_python_keeps_modules(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "dont_write_bytecode", False)
    assert pages(tmp_path / "no folder") == []
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    assert pages(tmp_path) == []


def test_a_midnight_is_the_same_whichever_date_asks_for_it() -> None:
    move = (date(2026, 3, 5), "Asia/Tokyo")
    for n in range(-3, 4):
        day, next_day = (move[0] + timedelta(days=k) for k in (n, n + 1))
        there = ZoneLog("home", "America/New_York", (move,))
        assert there.day_bounds(day)[1] == there.day_bounds(next_day)[0]
        fresh = ZoneLog("home", "America/New_York", (move,))
        assert fresh.day_bounds(next_day)[0] == there.day_bounds(day)[1]
    assert there.day_bounds(date(2026, 3, 9))[0] == datetime(2026, 3, 8, 15, tzinfo=UTC)
