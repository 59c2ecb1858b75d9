"""Each hostile file is read or refused with a sentence, in bounded memory and time, in a process of its own."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import hostile

READ = {  # what is no more than unusual
    "diary_quoted_cells.csv", "steps_blank_lines.csv", "diary_nothing_but_commas.csv",
    "exercise-nul.json", "steps-half_letter.json", "exercise-long_name.json", "UDSFile_wide.json",
    "health_connect_rows.db",
    "developer_fields.fit", "rows.fit", "one_byte_messages.fit", "same_name_twice.zip", "one_content.zip",
    "same_name_twice.tgz",
}  # fmt: skip


@pytest.mark.parametrize("name", hostile.FILES)
def test_a_hostile_file_is_read_or_refused_in_bounded_memory_and_time(name: str, tmp_path: Path) -> None:
    hostile.FILES[name](tmp_path / name)
    told, peak, seconds = hostile.measured(tmp_path / name)
    for line in told:
        assert line.startswith(("read: ", "refused: "))
        assert "\n" not in line
        assert len(line) < 1500
    assert all(line.startswith("read: ") for line in told) == (name in READ), told
    assert peak < hostile.MOST_MEMORY
    assert seconds < hostile.MOST_CPU


def test_what_is_measured_is_the_memory_and_time_of_the_process_that_reads(tmp_path: Path) -> None:
    hostile.FILES["diary_days_in_one.csv"](tmp_path / "diary_days_in_one.csv")
    told, peak, seconds = hostile.measured(tmp_path / "diary_days_in_one.csv")
    assert told[0].startswith(
        "refused: line 3, column minutes: found entries of one date that up to here make more minutes than a day"
    )
    assert 30 < peak < 300
    assert 0 < seconds < 5
