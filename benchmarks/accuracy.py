"""How often a day is the one that the vendor says: `python -m benchmarks.accuracy DIR [--write]`

For the collected files in DIR (a folder of exports each, named in CASES), `stepwindow compare` is asked, and its rows
become the table of docs/accuracy.md (`--write`), or are printed. The same on files of one's own:

    stepwindow compare --timezone Europe/Berlin FILES... [--totals TABLE]
"""

from __future__ import annotations

import argparse
import csv
import re
import tempfile
from pathlib import Path
from typing import NamedTuple

from flows.answers.compare import Comparison, compare

DOC = Path(__file__).parents[1] / "docs" / "accuracy.md"
MARKS = "<!-- accuracy: made by `python -m benchmarks.accuracy` -->", "<!-- /accuracy -->"


class Case(NamedTuple):
    """Files of one person, and what their days are held against."""

    what: str
    against: str
    files: str  # a pattern below DIR
    truth: str = ""  # a table below DIR; empty: the totals are among the files
    columns: tuple[tuple[str, str], ...] = (("steps", "steps"),)  # of the truth: ours, theirs
    where: tuple[str, str] | None = None  # rows of the truth: column, value
    zone: str = "UTC"


CASES = (
    Case(
        "Garmin: vivosmart HR, vivosmart 3, vivoactive 3 (FIT monitoring files, four months of one person) [1]",
        "two other FIT readers, one of them fitdecode",
        "fit_days/*.zip", "fit_days/truth.csv",
        tuple((name, name) for name in ("steps", "moderate_minutes", "vigorous_minutes")),
        zone="Europe/Copenhagen",
    ),
    Case(
        "Mi Fitness (the CSV files of an account, five days of one person) [2]", "the daily reports among its files",
        "exports2/mi_fitness/resaved_utf7/*.csv",
    ),
)  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description="The table of docs/accuracy.md.")
    parser.add_argument("folder", type=Path, metavar="DIR", help="the collected files")
    parser.add_argument("--write", action="store_true", help="into docs/accuracy.md")
    arguments = parser.parse_args()
    lines = ["| files | held against | figure | days | equal | within 1 % | largest difference | days in part |",
             "|---|---|---|---|---|---|---|---|"]  # fmt: skip
    values, files, differences = 0, 0, 0
    for case in CASES:
        found = compared(case, arguments.folder)
        lines += rows(case, found)
        values, files = values + found.fit_values, files + found.fit_files
        differences += len(found.fit_differences)
    lines += [
        "",
        f"{values:,} values of {files:,} FIT files were decoded by fitparse as well: {differences} files differ.",
    ]
    table = "\n".join(lines)
    if arguments.write:
        before, after = (re.escape(mark) for mark in MARKS)
        text = DOC.read_text(encoding="utf-8")
        made = re.sub(f"(?s){before}.*{after}", lambda _: f"{MARKS[0]}\n{table}\n{MARKS[1]}", text)
        DOC.write_text(made, encoding="utf-8")
    else:
        print(table)
    return 0


def compared(case: Case, folder: Path) -> Comparison:
    """What `stepwindow compare` says of a case."""
    with tempfile.TemporaryDirectory() as scratch:
        tables = [table(case, folder, Path(scratch))] if case.truth else []
        return compare(sorted(folder.glob(case.files)), tables, case.zone)


def table(case: Case, folder: Path, scratch: Path) -> Path:
    """The truth as a table that `compare` reads."""
    with (folder / case.truth).open(encoding="utf-8") as lines:
        truth = [row for row in csv.DictReader(lines) if not case.where or row[case.where[0]] == case.where[1]]
    names = ["date", *(ours for ours, _ in case.columns)]
    with (path := scratch / "truth.csv").open("w", newline="", encoding="utf-8") as out:
        writer = csv.writer(out)
        writer.writerow(names)
        writer.writerows([row["date"], *(row[theirs] for _, theirs in case.columns)] for row in truth)
    return path


def rows(case: Case, found: Comparison) -> list[str]:
    """The lines of a case."""
    return [
        f"| {case.what} | {case.against} | {pair['metric'].replace('_', ' ')} | {pair['days']} "
        f"| {share(pair['equal'], pair['days'])} | {share(pair['near'], pair['days'])} "
        f"| {pair['largest_difference'] if pair['days'] else ''} "
        f"| {in_part(pair['partial_days'], pair['partial_equal'])} |"
        for pair in found.pairs()
    ]


def in_part(days: int, equal: int) -> str:
    return f"{days}, of them equal {equal}" if days else ""


def share(part: int, of: int) -> str:
    return f"{100 * part / of:.1f} %" if of else ""


if __name__ == "__main__":
    raise SystemExit(main())
