"""Every command once, over a copy of the sample study: `python -m tests.each_system DIR` on Linux, macOS and Windows.

Says what each ended with, and at the end a fingerprint of what the night published: the same on every system.
"""

from __future__ import annotations

import shutil
import sys
from hashlib import sha256
from pathlib import Path

from flows.cli import main
from tests.studies import StudyFolder
from tests.test_night import content_of

SAMPLE = Path(__file__).parents[1] / "sample_data" / "study"


def commands(study: Path, out: Path, who: str, goal: str, day: str, file: str) -> list[list[str]]:
    """Every command but those of Prefect and of a programme, the forgetting of `who` at the end. `file`: one of theirs,
    below the inbox."""
    given = str(study / "inbox" / file)
    asked = [
        *(["query", "FROM goal_week"], ["query"], ["status"], ["goals"], ["goals", "--why", goal, "1"], ["changes"]),
        *(["control"], ["day", who, day], ["report"], ["letter", "--all"], ["share", str(out / "share")], ["doctor"]),
        *(["export", "--format", form, str(out / form)] for form in ("csv", "parquet", "fhir", "csv")),
        *(["backfill", "--rebuild", "--no-engine"], ["unload", who, file]),
        *(["backfill", "--known-by", "2100-01-01T00:00"], ["forget", who, "--yes"], ["nightly", "--no-engine"]),
    ]
    of = ["--study", str(study)]
    return [["identify", given], ["compare", given], ["init", str(out / "new")], *([*words, *of] for words in asked)]


def run(folder: Path) -> int:
    """The night, its fingerprint, and everything else: how many ended otherwise than they should."""
    study = StudyFolder(folder / "study")
    shutil.copytree(SAMPLE, study.folder, ignore=shutil.ignore_patterns("warehouse"))
    wrong = [["nightly"]] if main(["nightly", "--no-engine", "--study", str(study.folder)]) else []
    print(f"published: {sha256(repr(content_of(study)).encode()).hexdigest()}", flush=True)
    file = "P05/garmin/" + sorted(path.name for path in (study.folder / "inbox/P05/garmin").glob("*.fit"))[0]
    for words in commands(study.folder, folder / "out", "P05", "P05-active", "2026-03-05", file):
        code = main(words)
        print(f"{code}  {' '.join(words[:2])}", flush=True)
        if code not in ((0, 1) if words[0] == "doctor" else (0,)):  # it looks at the machine, too
            wrong.append(words[:2])
    for words in wrong:
        print("not as it should:", *words, file=sys.stderr)
    return len(wrong)


if __name__ == "__main__":
    sys.exit(run(Path(sys.argv[1])))
