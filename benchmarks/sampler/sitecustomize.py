"""Where the processor time of a process goes, by stage: a Python that is started with this folder on its PYTHONPATH and
a folder named in STAGES keeps there, while it runs, the seconds of each stage (benchmarks/stages.py adds them up).

Every millisecond of processor time a signal looks at the stack of the main thread: what was used since the last look
belongs to the first of RULES that holds for a frame of it. A long call of a library is one look, at its end, from where
it was called. Threads count for what the main thread is at. What no rule names is "other".
"""

from __future__ import annotations

import atexit
import mmap
import os
import re
import signal
import time
from types import CodeType, FrameType

# stage, path of the code, name of the function. Deeper work first: a check while decoding is a check.
RULES = tuple(
    (stage, re.compile(path), re.compile(function))
    for stage, path, function in (
        ("start", r"<frozen (importlib|zipimport)", r""),
        ("hash and read", r"connectors/kit/export\.py$|flows/night/", r"sha256|hash|digest|contents?$|^_?read_bytes"),
        ("check", r"models/(activity|ranges|set_aside)\.py$", r"check|aside|range|shorten"),
        ("identify", r"connectors/(__init__|kit/(signs|refusals))\.py$", r"identify|candidat|sign|shown|asked|refus"),
        ("decode", r"/connectors/", r""),
        ("pack", r"flows/night/parcel\.py$|pickle\.py$", r""),
        ("report", r"/flows/(report|letter)/", r""),
        ("publish", r"models/store/(publish|form|changes|bring)\.py$", r""),
        ("judge", r"models/store/judge\.py$", r""),
        ("resolve", r"models/store/resolve\.py$", r""),
        *((step, r"/flows/night/steps\.py$", rf"^{step}_|^{step}$") for step in ("publish", "judge", "resolve")),
        ("load", r"models/store/(load|rows|batch|book|file_result|moves|ledger)\w*\.py$", r""),
        ("loop over files", r"/flows/night/(read|inbox|remote|chunk|new_|one_|bulk|folder|process)\w*\.py$", r""),
        ("loop over files", r"/flows/night/steps\.py$", r"load_exports|_settle"),
    )
)  # fmt: skip
STAGES = (*dict.fromkeys(stage for stage, _, _ in RULES), "other")
_OTHER = len(RULES)


def _keep(folder: str) -> None:
    path = os.path.join(folder, f"{os.getpid()}.stages")
    with open(path, "w+b") as file:
        file.truncate(8 * len(STAGES))
        seconds = memoryview(mmap.mmap(file.fileno(), 0)).cast("d")
    place = [STAGES.index(stage) for stage, _, _ in RULES] + [STAGES.index("other")]
    known: dict[CodeType, int] = {}
    last = 0.0  # what came before the first look was the start of Python

    def rule_of(code: CodeType) -> int:
        for number, (_, path, function) in enumerate(RULES):
            if path.search(code.co_filename) and function.search(code.co_name):
                return number
        return _OTHER

    def look(_: int, frame: FrameType | None) -> None:
        nonlocal last
        best = _OTHER
        while frame is not None:
            code = frame.f_code
            number = known.get(code)
            if number is None:
                number = known[code] = rule_of(code)
            best = min(best, number)
            frame = frame.f_back
        now = time.process_time()
        seconds[place[best]] += now - last
        last = now

    signal.signal(signal.SIGVTALRM, look)
    signal.siginterrupt(signal.SIGVTALRM, False)
    signal.setitimer(signal.ITIMER_VIRTUAL, 0.001, 0.001)
    atexit.register(signal.setitimer, signal.ITIMER_VIRTUAL, 0)  # at its end Python lets go of the signal


if _folder := os.environ.get("STAGES"):
    _keep(_folder)
