"""One person poisoned, night after night: `python -m tests.poisoned_nights STUDIES [SEED]`.

Three people hand over ordinary files. A fourth hands over whatever may be thought of: canonical frames at their
extremes, frames that no reader should give, damaged samples of every kind of export, hostile files. The others'
published rows must be those of a night without the fourth. Each healthy study is made once for some poisoned nights.
"""

from __future__ import annotations

import itertools
import random
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl

from connectors.testing.damage import mutations
from flows.night import processes as reader
from flows.night.begin import begin
from flows.night.run import Run, Scope
from flows.night.steps import run_steps
from models.activity import SCHEMAS, Extract
from models.store.batch import Batch
from models.store.file_result import FileResult
from tests import extremes
from tests.fuzzing import corpus
from tests.studies import StudyFolder, fitbit_day, garmin_day, rows_of
from tests.writers import diary

HEALTHY = ("P1", "P2", "P4")
NIGHTS_A_STUDY = 10
Rows = dict[str, list[tuple]]
Files = dict[str, bytes]


# What is handed over ------------------------------------------------------------------------------------------------
def healthy(rng: random.Random) -> tuple[Files, Files]:
    """Ordinary files of ordinary people: of the first night, and what comes for the second."""
    first, second = {}, {}
    for who in HEALTHY:
        for day in sorted(rng.sample(range(3, 16), 4)):
            made = {f"{day}.fit": garmin_day(f"2026-03-{day:02}", rng.randrange(500, 20_000, 100))}
            if rng.random() < 0.3:
                made = fitbit_day(f"2026-03-{day:02}", rng.randrange(500, 9_000, 100))
            target = second if rng.random() < 0.25 else first
            target |= {f"{who}/{name}": content for name, content in made.items()}
        entries = [(date(2026, 3, rng.randint(3, 15)), rng.choice(("yoga", "dance", "massage")), rng.randint(5, 60))]
        first[f"{who}/diary.csv"] = as_bytes(diary.diary(entries))
    return first, second


def as_bytes(content: bytes | str) -> bytes:
    return content.encode() if isinstance(content, str) else content


def frames_at_their_extremes(rng: random.Random) -> list[Extract]:
    """What `check` admits."""
    return extremes.at_random(rng)


def frames_of_a_faulty_reader(rng: random.Random) -> list[Extract]:
    """What no check would let through: any value of the type in any column, nulls, dates of any year, odd words."""
    made = []
    for _ in range(rng.randint(1, 3)):
        frames = {}
        for name in rng.sample(list(SCHEMAS), rng.randint(1, 4)):
            schema, height = SCHEMAS[name], rng.choice((1, 2, 30))
            columns = {column: [any_value(kind, rng) for _ in range(height)] for column, kind in schema.items()}
            frames[name] = pl.DataFrame(columns, schema=schema, strict=False)
        made.append(Extract(**frames))
    return made


def any_value(kind: Any, rng: random.Random) -> Any:
    """A value of a type, an ordinary one or not."""
    if rng.random() < 0.15:
        return None
    if isinstance(kind, pl.Enum):
        return rng.choice(kind.categories.to_list())
    if isinstance(kind, pl.List):
        return [
            {field.name: any_value(field.dtype, rng) for field in extremes.SESSIONS["parts"].inner.fields}
            for _ in range(rng.choice((0, 1, 3)))
        ]
    if kind == pl.String:
        return rng.choice(
            ("garmin", "garmin", "diary", "x" * 10_000, "'; DROP TABLE day; --", "\0", "\x1b[2J", "ð", "")
        )
    day = date(2026, 3, rng.randint(1, 20))
    if kind == pl.Date:
        return rng.choice((day, day, day, date.min, date.max, date(1970, 1, 1), date(2262, 4, 12)))
    if isinstance(kind, pl.Datetime):
        instant = datetime(day.year, day.month, day.day, rng.randrange(24), rng.randrange(60), tzinfo=UTC)
        return rng.choice((instant, instant, instant + timedelta(days=1), datetime(1, 1, 2, tzinfo=UTC),
                           datetime(9999, 12, 30, tzinfo=UTC)))  # fmt: skip
    most = {pl.Int16: 2**15, pl.Int32: 2**31, pl.Int64: 2**63}[kind if isinstance(kind, type) else type(kind)]
    return rng.choice((0, 1, 6, 36_000, 500_000, most - 1, -most, -1, most // 60_000))


def results_of(who: str, rng: random.Random, extracts: list[Extract]) -> list[FileResult]:
    """Files of a poisoned person, as a reading process would have told of them."""
    end = rng.choice(("", "", "", "\n"))
    named = {n: (f"{who}/{n}{end}.bin", f"{rng.getrandbits(250):064x}") for n in range(len(extracts))}
    return [
        FileResult(who, path, 1, n, sha256, "zones", "made", 1, extremes.SOURCES, extracts[n])
        for n, (path, sha256) in named.items()
    ]


_CORPUS: Files = {}


def damaged_samples(rng: random.Random) -> Files:
    """Samples of some kinds of export, damaged."""
    if not _CORPUS:
        _CORPUS.update({name: content for name, content in corpus([]).items() if len(content) < 100_000})
    files = {}
    for name in rng.sample(sorted(_CORPUS), 4):
        found = [content for _, content, _ in itertools.islice(mutations(name, _CORPUS[name], rng), 12)]
        files[name] = rng.choice([*found, _CORPUS[name]])
    return files


def hostile(rng: random.Random) -> Files:
    """Bytes that are no export of anybody: of the ways to break a reader, the quick ones."""
    import io
    import zipfile

    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for n in range(rng.randint(1, 40)):
            archive.writestr(f"{n}/steps.csv", rng.choice((b"\0" * 100_000, b"date,steps\n2026-03-05,1\n" * 10, b"")))
    day, number = rng.randint(3, 15), rng.choice((0, 10**9, 10**30, -5, 1440, 1441))
    every = {
        "diary-a.csv": f"date,activity,minutes\n2026-03-{day:02},yoga,{number}\n".encode() * rng.choice((1, 200)),
        "diary-b.csv": b"date,activity,minutes\n"
        + f"2026-03-{day:02},dance,1\n".encode() * rng.choice((3, 1440, 5000)),
        "steps-2026-03-05.json": b'[{"dateTime": "03/05/26 10:00:00", "value": "\\ud800", "\\udfff": 1}]',
        "deep.json": b"[" * rng.choice((10, 100_000)),
        "noise.bin": rng.randbytes(rng.choice((1, 500, 70_000))),
        "many.zip": packed.getvalue(),
        "\udcff\x1b[31m.csv": b"date,activity,minutes\n2026-03-05,yoga,20\n",
        "cut.fit": garmin_day("2026-03-05")[: rng.randrange(12, 400)],
        "Fitbit/steps_2026-03-05.csv": b'timestamp,steps,data source\n"2026-03-05T10:00:00Z,12,x\n' * 500,
    }
    return {name: every[name] for name in rng.sample(sorted(every), rng.randint(1, 5))}


# The nights ---------------------------------------------------------------------------------------------------------
def a_study(folder: Path, people: tuple[str, ...], files: Files) -> StudyFolder:
    study = StudyFolder(
        folder,
        participants=[f"{who},,," for who in people],
        infusions=[f"{who}-I{n},{who},{day},," for who in people for n, day in enumerate(("2026-03-02", "2026-03-12"))],
        goals=[
            f"{who}-{metric},1,{who},,1,3,{kind},{metric},{target},{per_day},,2026-03-01,,,"
            for who in people
            for kind, metric, target, per_day in (
                ("daily_mean", "steps", 5000, ""), ("weekly_total", "movement_minutes", 90, ""),
                ("days_with", "yoga_minutes", 1, 10), ("streak", "walking_minutes", 2, 20),
            )
        ],
    ).write()  # fmt: skip
    put(study, files)
    return study


def put(study: StudyFolder, files: Files) -> None:
    for path, content in files.items():
        study.put(path, content)


def without_poison(folder: Path, files: tuple[Files, Files]) -> list[Rows]:
    """What is published of the healthy after each of two nights of their own."""
    study = a_study(folder, HEALTHY, files[0])
    night(study, [])
    first = rows_of(study, *HEALTHY)
    put(study, files[1])
    night(study, [])
    return [first, rows_of(study, *HEALTHY)]


def night(study: StudyFolder, poison: list[FileResult]) -> Run:
    """A night in which also these results come from the readers."""
    run = begin(study.folder, Scope())
    if poison:
        run.read_chunks = lambda chunks: itertools.chain(reader.read_chunks(chunks, 1), [[Batch.of(poison)]])
    return run_steps(run)


def first_night(
    folder: Path, files: Files, expected: Rows, poisons: Mapping[str, Any], rng: random.Random
) -> tuple[StudyFolder, Run]:
    """A night with what some people hand over besides; AssertionError where the others' rows differ."""
    study = a_study(folder, (*poisons, *HEALTHY), files)
    results: list[FileResult] = []
    for who, made in poisons.items():
        if isinstance(made, dict):
            put(study, {f"{who}/{name}": content for name, content in made.items()})
        else:
            results += results_of(who, rng, made)
    run = night(study, results)
    assert_same(rows_of(study, *HEALTHY), expected, "the first night")
    return study, run


def second_night(study: StudyFolder, files: Files, expected: Rows) -> Run:
    """The night after it, in which only the healthy hand in more."""
    put(study, files)
    run = night(study, [])
    assert_same(rows_of(study, *HEALTHY), expected, "the second night")
    return run


def assert_same(found: Rows, expected: Rows, when: str) -> None:
    other = [table for table in expected if found.get(table) != expected[table]]
    assert not other, f"other rows of people who are not poisoned in {when}: {', '.join(other)}"


KINDS: dict[str, Callable[[random.Random], Any]] = {
    "extremes": frames_at_their_extremes,
    "faulty reader": frames_of_a_faulty_reader,
    "damaged": damaged_samples,
    "hostile": hostile,
}


def nights(number: int, seed: int = 1) -> Iterator[tuple[int, str, Run | None, str]]:
    """So many poisoned studies, two nights each: seed, kind of poison, last run, what is wrong (empty: nothing)."""
    for start in range(seed, seed + number, NIGHTS_A_STUDY):
        with tempfile.TemporaryDirectory() as folder:
            files = healthy(random.Random(start))
            expected = without_poison(Path(folder) / "without", files)
            for one in range(start, min(start + NIGHTS_A_STUDY, seed + number)):
                rng = random.Random(one)
                kind = rng.choice(list(KINDS))
                try:
                    poison = {"P3": KINDS[kind](rng)}
                    study, _ = first_night(Path(folder) / str(one), files[0], expected[0], poison, rng)
                    yield one, kind, second_night(study, files[1], expected[1]), ""
                except Exception:
                    yield one, kind, None, traceback.format_exc()


def main(number: int = 100, seed: int = 1) -> int:
    """So many studies; returns how many went wrong."""
    found, kinds, held, began = 0, Counter[str](), 0, time.monotonic()
    with suppress(KeyboardInterrupt):  # what was tried until then is told
        for one, kind, run, wrong in nights(number, seed):
            kinds[kind] += 1
            held += bool(run and run.held)
            if wrong:
                found += 1
                print(f"seed {one}:\n{wrong}", flush=True)
    told = ", ".join(f"{n} {kind}" for kind, n in sorted(kinds.items()))
    seconds = time.monotonic() - began
    print(f"2 nights each of {kinds.total()} studies ({told}): {held} held somebody, {found} wrong, {seconds:.0f} s")
    return found


if __name__ == "__main__":
    sys.exit(bool(main(*map(int, sys.argv[1:]))))
