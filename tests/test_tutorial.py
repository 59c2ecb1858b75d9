"""docs/tutorial.md: every block is typed as it stands, one after the other, and says what is printed below it."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import zipfile
from datetime import date, timedelta
from pathlib import Path

from tests.studies import garmin_day

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(sh|text)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
NIGHTS_WITHOUT_ENGINE = (
    'stepwindow() { if [ "$1" = nightly ]; then set -- "$@" --no-engine; fi; "$PYTHON" -m flows.cli "$@"; }'
)


def test_from_nothing_to_a_verdict_by_what_is_written(tmp_path: Path) -> None:
    (tmp_path / "Downloads").mkdir()
    with zipfile.ZipFile(tmp_path / "Downloads/export.zip", "w") as export:
        for day in (date(2026, 3, 1) + timedelta(n) for n in range(11)):
            export.writestr(f"{day}.fit", garmin_day(f"{day}", 4000 + 300 * (day.day - 1)))
    blocks = BLOCK.findall((ROOT / "docs/tutorial.md").read_text("utf-8"))
    typed = [f"{text}echo ---{n}---" for n, (kind, text) in enumerate(blocks) if kind == "sh"]
    ended = subprocess.run(
        ["bash", "-euc", "\n".join([NIGHTS_WITHOUT_ENGINE, *typed])],
        capture_output=True, text=True, check=False, cwd=tmp_path,
        env={**os.environ, "HOME": str(tmp_path), "PYTHONPATH": str(ROOT), "PYTHON": sys.executable},
    )  # fmt: skip
    assert ended.returncode == 0, ended.stderr
    said = dict(re.findall(r"(.*?)---(\d+)---\n", ended.stdout, re.DOTALL))
    printed = {n: [line.strip() for line in text.splitlines()] for text, n in said.items()}
    shown = {str(n - 1): text.splitlines() for n, (kind, text) in enumerate(blocks) if kind == "text"}
    assert len(shown) > 5
    assert [line for n, lines in shown.items() for line in lines if line not in printed[n]] == []
