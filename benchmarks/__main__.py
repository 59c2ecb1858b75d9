"""All figures: `make bench`, or `python -m benchmarks [NAME ...] [--quick] [--write] [--check]`

Runs each benchmark that has figures (benchmarks/figure.py) in a process of its own, prints what it found, and names
what fell since the figures that are kept (benchmarks/kept.py). --write keeps what was found, and makes the table of
docs/costs.md of it. --check ends with 1 where a figure fell. --quick takes those alone that end within seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from pathlib import Path

from benchmarks import kept
from benchmarks.figure import Figure, Row, tell

QUICK = ("fit", "startup")
_FIGURES = "figures of "  # begins the line by which a benchmark's process hands them over


def names() -> list[str]:
    """Every benchmark that has figures."""
    modules = sorted(Path(__file__).parent.glob("*.py"))
    return [module.stem for module in modules if "\ndef figures(" in module.read_text(encoding="utf-8")]


def measured(name: str) -> list[Row]:
    """The figures of a benchmark, printed as they come. CalledProcessError where it fails."""
    program = f"from benchmarks.{name} import figures; from benchmarks.__main__ import hand_over; hand_over(figures())"
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        rows = []
        for line in process.stdout:
            if line.startswith(_FIGURES):
                rows.append(Row(*json.loads(line.removeprefix(_FIGURES))))
            else:
                print(f"  {line}", end="", flush=True)
    if process.returncode:
        raise subprocess.CalledProcessError(process.returncode, name)
    return rows


def hand_over(figures: object) -> None:
    """In the process of a benchmark: print figures, for people and for who started it."""
    for figure in figures:  # type: ignore[attr-defined]
        assert isinstance(figure, Figure)
        tell([figure])
        print(_FIGURES + json.dumps(figure.row), flush=True)


def main() -> int:
    parser = argparse.ArgumentParser(description="All figures of docs/costs.md.")
    parser.add_argument("name", nargs="*", help=f"only these: {', '.join(names())}")
    parser.add_argument("--quick", action="store_true", help="only those that end within seconds")
    parser.add_argument("--write", action="store_true", help="keep the figures, and make docs/costs.md of them")
    parser.add_argument("--check", action="store_true", help="end with 1 where a figure fell")
    arguments = parser.parse_args()
    if unknown := set(arguments.name) - set(names()):
        parser.error(f"no benchmark with figures: {', '.join(sorted(unknown))}")
    runs, fell, failed = kept.read(kept.KEPT.read_text(encoding="utf-8")), [], []
    for name in arguments.name or names():
        if arguments.quick and name not in QUICK:
            continue
        print(f"{name}:", flush=True)
        try:
            run = kept.this_run(measured(name))
        except subprocess.CalledProcessError as error:
            failed.append(f"{name} ended with exit code {error.returncode}")
            continue
        fell += [f"{name}: {line}" for line in kept.fallen(runs[name].figures if name in runs else [], run.figures)]
        runs[name] = run
        if arguments.write:
            kept.keep(runs)
    taken = kept.this_run([])
    print(f"{taken.date}, {taken.machine}; {taken.versions}")
    print("\n".join([*(f"fell: {line}" for line in fell), *failed]) or "no figure fell by more than a fifth")
    return 1 if failed or (fell and arguments.check) else 0


if __name__ == "__main__":
    sys.exit(main())
