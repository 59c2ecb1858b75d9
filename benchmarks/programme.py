"""What a programme costs, run: `python -m benchmarks.programme [--sites 10 100] [--people 100] [--days 365]`

Makes programmes of so many sites, each a study of so many people with a year of days, all from one seed, and measures
the run in which everything is new, one with nothing new on the same day, one on the next day with a new day of
everybody, and one on the day after with nothing new. Told are, for each: processor time of all processes a site, the
centre's own share of it (all but the processes in which sites have their nights), the time that passes, the megabytes
that were written to the lake, and the memory of the largest process. At the end everything is counted: in the
programme's database there is what the sites' own databases have together.

Each person hands over one file of a year's days (Oura's), then one of a day. The nights leave the reports away.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from datetime import date, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.cost import Cost, of_command
from tests.writers import oura

LAST = date(2026, 3, 22)
RUNS = "all is new", "nothing new, same day", "a new day of everybody", "nothing new, next day"


class Told(NamedTuple):
    """What a run cost: all of it, the centre's own processor seconds, megabytes that the lake grew by."""

    cost: Cost
    centre: float
    written: float


def make(folder: Path, sites: int, people: int, days: int) -> None:
    """A programme whose sites had no night yet."""
    folder.mkdir(parents=True)
    blocks = "".join(f'[[site]]\nid = "S{n:04}"\nstudy = "sites/S{n:04}"\n' for n in range(sites))
    (folder / "programme.toml").write_text(f'name = "Of a benchmark"\n{blocks}')
    for n in range(sites):
        _site(folder / "sites" / f"S{n:04}", Random(n), people, days)
    as_of(folder, 1)


def as_of(folder: Path, later: int) -> None:
    """Let the sites' today be so many days after the last of the year."""
    for site in (folder / "sites").iterdir():
        (site / "study.toml").write_text(
            f'name = "{site.name}"\ntimezone = "Europe/Berlin"\n[report]\nnightly = false\n[publish]\nhourly = false\n'
            f"[goals]\nas_of = {LAST + timedelta(days=later)}\n"
        )


def _site(site: Path, chance: Random, people: int, days: int) -> None:
    everybody = [f"P{n:03}" for n in range(people)]
    infusions, goals = ["infusion_id,participant_id,infused_on"], ["goal_id,participant_id,kind,metric,target,set_on"]
    for who in everybody:
        first = LAST - timedelta(days=chance.randrange(7, days))
        infusions += [f"{who}-1,{who},{first}"]
        goals += [f"{who}-steps,{who},daily_mean,steps,{chance.randrange(3, 9)}000,{first - timedelta(days=1)}"]
        year = [_day(LAST - timedelta(days=back), chance) for back in reversed(range(days))]
        (site / "inbox" / who).mkdir(parents=True)
        (site / "inbox" / who / "dailyactivity.csv").write_bytes(oura.daily_activity(year))
    for name, lines in {
        "participants": ["participant_id", *everybody], "infusions": infusions, "goals": goals,
    }.items():  # fmt: skip
        (site / f"{name}.csv").write_text("\n".join(lines) + "\n")


def _day(day: date, chance: Random) -> oura.Day:
    return oura.Day(day, chance.randrange(500, 14_000), chance.randrange(3_600), chance.randrange(1_800))


def a_new_day(folder: Path) -> None:
    """A file of one more day from everybody."""
    day = LAST + timedelta(days=1)
    for n, site in enumerate(sorted((folder / "sites").iterdir())):
        chance = Random(1_000_000 + n)
        for who in sorted((site / "inbox").iterdir()):
            (who / f"{day}.csv").write_bytes(oura.daily_activity([_day(day, chance)]))


def measured(folder: Path, processors: int) -> Told:
    """One run of the programme."""
    lake, kept = folder / "lake", folder / "centre.txt"
    before = _bytes(lake)
    words = [sys.executable, "-m", "benchmarks.programme", "run", folder, kept]
    cost = of_command(words, processors=processors)
    return Told(cost, float(kept.read_text("utf-8")), (_bytes(lake) - before) / 1e6)


def run_and_tell(folder: Path, kept: Path) -> None:
    """A run without the engine, in this process; its own processor seconds are kept in a file."""
    from flows.programme.run import run
    from models.programme import read_programme

    before = time.process_time()
    found = run(read_programme(folder))
    assert found.is_clean, found.results
    kept.write_text(str(time.process_time() - before))


def _bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def counts(folder: Path) -> tuple[dict[str, int], dict[str, int]]:
    """Rows of each relation: in the programme's database, and in those of its sites together."""
    import duckdb

    with duckdb.connect(str(folder / "programme.duckdb"), read_only=True) as con:
        names = [name for (name,) in con.execute("SELECT view_name FROM duckdb_views() WHERE NOT internal").fetchall()]
        ours = {name: con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0] for name in names}
    theirs = dict.fromkeys(names, 0)
    for site in (folder / "sites").iterdir():
        with duckdb.connect(str(site / "warehouse" / "analytics.duckdb"), read_only=True) as con:
            for name in names:
                theirs[name] += con.execute(f"SELECT count(*) FROM {name}").fetchall()[0][0]
    return ours, theirs


def all_runs(folder: Path, processors: int) -> list[Told]:
    """The four runs, and that everything is there at the end."""
    told = [measured(folder, processors), measured(folder, processors)]
    a_new_day(folder)
    as_of(folder, 2)
    told.append(measured(folder, processors))
    as_of(folder, 3)
    told.append(measured(folder, processors))
    ours, theirs = counts(folder)
    assert ours == theirs, {name: (n, theirs[name]) for name, n in ours.items() if n != theirs[name]}
    return told


def main() -> int:
    """All sizes, one after the other."""
    if sys.argv[1:2] == ["run"]:
        run_and_tell(Path(sys.argv[2]), Path(sys.argv[3]))
        return 0
    parser = argparse.ArgumentParser(description="What a programme costs.")
    parser.add_argument("--sites", type=int, nargs="+", default=[10, 100])
    parser.add_argument("--people", type=int, default=100)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--processors", type=int, default=2)
    parser.add_argument("--in", dest="place", type=Path, help="a folder for them, instead of a temporary one")
    parser.add_argument("--keep", type=Path, help="a JSON file of what was measured")
    arguments = parser.parse_args()
    kept = []
    print(
        "| sites | run | processor s a site | centre | elapsed s | MB to the lake | largest MB |\n" + "|---" * 7 + "|"
    )
    for sites in arguments.sites:
        with tempfile.TemporaryDirectory(prefix="stepwindow-benchmark-", dir=arguments.place) as scratch:
            folder = Path(scratch) / "programme"
            make(folder, sites, arguments.people, arguments.days)
            for name, told in zip(RUNS, all_runs(folder, arguments.processors), strict=True):
                cost, centre = told.cost, told.centre / told.cost.cpu
                print(f"| {sites:,} | {name} | {cost.cpu / sites:.3f} | {centre:.1%} | {cost.passed:.0f} "
                      f"| {told.written:.1f} | {cost.peak:.0f} |", flush=True)  # fmt: skip
                kept.append({"sites": sites, "run": name, **told._asdict() | {"cost": cost._asdict()}})
            shutil.rmtree(folder)
    if arguments.keep:
        arguments.keep.write_text(json.dumps(kept, indent=2))
    return 0


if __name__ == "__main__":
    sys.exit(main())
