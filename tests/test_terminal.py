"""Tables on a terminal: folded as long as they can be read, else a block for each row."""

from __future__ import annotations

import re
from datetime import date

import pytest
from rich.cells import cell_len

from flows.terminal import show

COLUMNS = ["participant_id", "goal_id", "week", "week_start", "status", "reason", "value", "is_truncated"]
ROW = ("P01", "P01-steps", 2, date(2026, 3, 9), "insufficient_data", "awaiting_data", None, False)
LONG = "[b]" + "a word and " * 30


at_widths = pytest.mark.parametrize("width", [40, 80])


def shown(capsys: pytest.CaptureFixture, width: int, columns: list[str], rows: list[tuple]) -> list[str]:
    """The lines on a terminal of that width."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("COLUMNS", str(width))
        patch.setenv("TERM", "dumb")  # which says nothing of its width
        patch.setattr("sys.stdout.isatty", lambda: True, raising=False)
        show(columns, rows, False)
    plain = re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)
    return [line.rstrip() for line in plain.splitlines()]


@at_widths
def test_a_table_that_fits_is_a_table_also_with_one_long_column(width: int, capsys) -> None:
    lines = shown(capsys, width, ["week", "n"], [(1, 20), (2, 30)])
    assert lines == ["week  n", "1     20", "2     30"]
    lines = shown(capsys, width, ["week", "words"], [(1, LONG)])
    assert lines[0].split() == ["week", "words"]
    assert max(map(len, lines)) <= width
    assert "".join(line[6:] for line in lines[1:]).replace(" ", "") == LONG.replace(" ", "")


@at_widths
def test_one_that_does_not_is_a_block_for_each_row_in_which_no_word_is_broken(width: int, capsys) -> None:
    lines = shown(capsys, width, COLUMNS, [ROW, (*ROW[:2], 3, *ROW[3:])])
    assert len(lines) == 2 * (1 + len(COLUMNS))
    assert lines[0].startswith("-[ 1 ]---")
    assert dict(line.split(None, 1) for line in lines[1:9] if " " in line) == {
        "participant_id": "P01", "goal_id": "P01-steps", "week": "2", "week_start": "2026-03-09",
        "status": "insufficient_data", "reason": "awaiting_data", "is_truncated": "False",
    }  # fmt: skip
    assert lines[7] == "value"
    assert max(map(len, lines)) <= width


@at_widths
def test_blocks_are_bounded_and_long_names_and_values_are_folded(width: int, capsys) -> None:
    lines = shown(capsys, width, [f"{n}{'name' * 20}" for n in range(4)], [(LONG, "漢字" * 40, "\x1b[31m", None)] * 501)
    assert "... and 1 row more, too wide for a table here" in " ".join(lines[-4:])
    assert sum(line.startswith("-[ ") for line in lines) == 500
    assert max(map(cell_len, lines)) <= width
    assert not any("\x1b" in line for line in lines)
