"""Files made to cost memory or time, and what each costs: `python -m tests.hostile [--large] [NAME...]` prints a table.

A file is a name and the function that writes it to a path; the name says which reader takes it. `LARGE` ones are too
big for the suite. Each is read as a night reads it, in a process of its own that has loaded its code before. Against
another checkout: `PYTHONPATH=/path/to/it python tests/hostile.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import connectors
from connectors import Context, Export, Ignored
from models.clock import ZoneLog
from models.fault import Fault, Rejected
from models.system.children import context

sys.path.append(str(Path(__file__).parent))  # not as a part of `tests`: that may be another checkout's
from hostile_files import FILES, LARGE

CONTEXT = Context(ZoneLog("participant_home", "America/New_York"), date(2026, 12, 31), b"a secret of the tests")
MOST_MEMORY, MOST_CPU = 400, 20  # MB and seconds of one file; a night gives each 1000 and 60, for larger ones
_STOP_MEMORY, _STOP_CPU = 10_000_000_000, 120  # where a measurement gives up

Write = Callable[[Path], None]


def outcomes(path: Path) -> list[str]:
    """What becomes of a file and of everything packed in it, in a word or a sentence each."""
    export = Export(path.name, path.stat().st_size, lambda: path.open("rb"))
    try:
        inside = connectors.members(export)
        if inside is None:
            return [_outcome(export)]
        seen: set[str] = set()
        told = []
        for member in inside:
            if isinstance(member, Fault):
                told.append(f"refused: {member}")
            elif (content := _content(member)) not in seen:
                seen.add(content)
                told.append(_outcome(member))
        return told or ["nothing in it"]
    except Rejected as why:
        return [f"refused: {why}"]


def _content(export: Export) -> str:
    try:
        return export.sha256
    except Rejected as why:
        return str(why)


def _outcome(export: Export) -> str:
    try:
        kind = connectors.identify(export)
        if isinstance(kind, Ignored):
            return f"ignored: {kind.why}"
        return f"read: {connectors.extract(kind, export, CONTEXT).rows} rows"
    except Rejected as why:
        return f"refused: {why}"


def read(path: Path, send: Any) -> None:
    """Read a file in this process and send what came of it, the peak of its memory in MB, and its CPU seconds."""
    resource.setrlimit(resource.RLIMIT_AS, (_STOP_MEMORY, _STOP_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_STOP_CPU, _STOP_CPU + 5))
    begin = time.process_time()
    try:
        told = outcomes(path)
    except BaseException as error:
        told = [f"fails: {type(error).__name__}"]
    used = resource.getrusage(resource.RUSAGE_SELF)
    send.send((told, used.ru_maxrss // 1024, time.process_time() - begin))


def measured(path: Path) -> tuple[list[str], int, float]:
    """As `read`, of a process of its own."""
    processes = context()
    receive, send = processes.Pipe(duplex=False)
    process = processes.Process(target=read, args=(path, send))
    process.start()
    send.close()
    try:
        return receive.recv()
    except EOFError:
        return ["dies"], _STOP_MEMORY // 10**6, _STOP_CPU
    finally:
        process.join()


def main(arguments: list[str]) -> None:
    """The command line."""
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("--large", action="store_true", help="also the large ones")
    asked.add_argument("name", nargs="*", help="these alone")
    options = asked.parse_args(arguments)
    files = FILES | LARGE if options.large or options.name else FILES
    os.environ.setdefault("POLARS_MAX_THREADS", "1")
    loaded = [f"connectors.{name}" for name in connectors.connectors()]
    context().set_forkserver_preload(loaded)  # in the suite: tests/dying.py
    os.chdir("/")  # or the processes begun here would take the code of this folder
    print(f"{'file':<34} {'MB':>7} {'peak MB':>8} {'CPU s':>7}  what came of it", flush=True)
    for name, write in files.items():
        if options.name and name not in options.name:
            continue
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / name
            write(path)
            told, peak, seconds = measured(path)
            size = path.stat().st_size / 1e6
        more = f" (and {len(told) - 1} more)" if len(told) > 1 else ""
        first = json.dumps(told[0][:150], ensure_ascii=False)
        print(f"{name:<34} {size:7.2f} {peak:8} {seconds:7.1f}  {first}{more}", flush=True)


if __name__ == "__main__":
    main(sys.argv[1:])
