"""Nights on encrypted databases, in the environment with DuckDB's crypto module: what tests/test_encryption.py asks.

`python -m tests.encrypted FOLDER` prints what it saw as JSON. The key is in a file, and never printed.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import sys
from contextlib import redirect_stderr, redirect_stdout
from datetime import UTC, datetime
from pathlib import Path

import duckdb

from flows.cli import main
from models.store.connect import connect, is_plain
from models.store.store import open_store
from tests.studies import StudyFolder, garmin_day

WHO = "Zebra-4711"
OTHER_KEY = "another key altogether, and a long one"


def study_in(folder: Path, settings: str = "") -> StudyFolder:
    study = StudyFolder(folder, participants=[f"{WHO},,,", "P2,,,"], infusions=[f"I1,{WHO},2026-03-02,,"])
    study.goals = [f"G1,,{WHO},,1,1,daily_mean,steps,5000,,,2026-03-02,,,"]
    study.settings = settings
    study.write()
    for day in ("2026-03-03", "2026-03-04"):
        study.put(f"{WHO}/{day}.fit", garmin_day(day))
    study.put("P2/2026-03-04.fit", garmin_day("2026-03-04", steps=3000))
    return study


def command(*words: str) -> tuple[int, str]:
    """A command in this process: its exit code, and all that it said."""
    said = io.StringIO()
    with redirect_stdout(said), redirect_stderr(said):
        code = main(list(words))
    return code, said.getvalue()


def databases(warehouse: Path) -> list[Path]:
    return [p for p in warehouse.iterdir() if ".duckdb" in p.name and not p.is_symlink()]


def in_plain(warehouse: Path) -> list[str]:
    """Names of files that tell anything: of a person, a relation, a source."""
    words = (WHO.encode(), b"daily_activity", b"garmin", b"participant_id")
    return [p.name for p in databases(warehouse) if any(word in p.read_bytes() for word in words) or is_plain(p)]


def spilled(warehouse: Path) -> dict:
    """What a question that does not fit into memory leaves on the disk while it runs."""
    con = connect(warehouse / "store.duckdb")
    con.execute("SET memory_limit = '100MB'; SET threads = 2")
    con.execute(f"CREATE TEMP TABLE big AS SELECT '{WHO}-' || i AS who, random() AS r FROM range(3000000) t(i)")
    files = [path for path in (warehouse / "spill").rglob("*") if path.is_file()]
    told = {
        "bytes": sum(path.stat().st_size for path in files),
        "plain": sum(path.read_bytes().count(WHO.encode()) for path in files),
        "mode": oct((warehouse / "spill").stat().st_mode & 0o777),
    }
    con.close()
    return told | {"left": len([path for path in (warehouse / "spill").rglob("*") if path.is_file()])}


def see(folder: Path) -> dict:
    told: dict = {"duckdb": duckdb.__version__}
    key_file, key = folder / "key", "a key of these tests, long enough"
    key_file.write_text(key + "\n")
    key_file.chmod(0o600)
    study = study_in(folder / "study", f'[warehouse]\nkey_file = "{key_file}"\n')
    at, warehouse = ["--study", str(study.folder)], study.folder / "warehouse"
    says = [command("nightly", "--no-engine", *at), command("nightly", "--no-engine", *at)]
    told["verdict"] = study.ask("SELECT participant_id, status, valid_days FROM goal_week")
    told["moment"] = moment = datetime.now(UTC).isoformat()
    says += [
        command("query", "SELECT count(*) FROM daily_activity", *at),
        command("query", *at),
        command("status", *at),
        command("goals", "--as-of", "2026-03-05", *at),
        command("day", WHO, "2026-03-03", *at),
        command("backfill", "--known-by", moment, *at),
        command("backfill", "--rebuild", "--no-engine", *at),
        command("share", str(folder / "out"), "--k", "2", *at),
    ]
    told["plain after rebuild"] = in_plain(warehouse)
    told["databases"] = sorted(p.name.split("-")[0] for p in databases(warehouse))
    told["spilled"] = spilled(warehouse)
    open_store(warehouse).close()
    says += [command("forget", WHO, "--yes", *at)]
    told["codes"] = [code for code, _ in says]
    told["forgotten"] = "found      nothing" in says[-1][1]
    told["how to open"] = "ENCRYPTION_KEY" in says[3][1]
    told["refused"] = {}
    for name, given in {"no key": None, "wrong key": OTHER_KEY}.items():
        (study.folder / "study.toml").write_text(f'name = "Test"\ntimezone = "America/New_York"\n{study.settings}')
        if given is None:
            (study.folder / "study.toml").write_text('name = "Test"\ntimezone = "America/New_York"\n')
        else:
            os.environ["STEPWINDOW_KEY"] = given
        for words in (("nightly", "--no-engine"), ("query", "SELECT 1"), ("status",)):
            told["refused"][f"{name}: {words[0]}"] = command(*words, *at)
        os.environ.pop("STEPWINDOW_KEY", None)
    told["key was said"] = any(key in text or OTHER_KEY in text for _, text in [*says, *told["refused"].values()])
    plain = study_in(folder / "plain")
    plain_at, home = ["--study", str(plain.folder)], plain.folder / "warehouse"
    command("nightly", "--no-engine", *plain_at)
    shutil.copy(home / "store.duckdb", home / "store.before-rebuild.duckdb")
    before, history = in_plain(home), plain.ask("SELECT evaluation_id FROM goal_week_history ORDER BY ALL")
    os.environ["STEPWINDOW_KEY_FILE"] = str(key_file)
    told["converted"] = [command("nightly", "--no-engine", *plain_at)[0], len(before), in_plain(home)]
    told["history kept"] = plain.ask("SELECT evaluation_id FROM goal_week_history ORDER BY ALL") == history
    return told


if __name__ == "__main__":
    print(json.dumps(see(Path(sys.argv[1])), default=str))
