"""Every check of a reader against its samples: what tests/ asks of each of ours, and a plug-in's tests of theirs."""

from __future__ import annotations

import json
import random
import re
import tomllib
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from types import ModuleType

from connectors import candidates, connectors, extract, identify, installed_plug_ins
from connectors.kit.declaration import mistakes
from connectors.kit.export import Export
from connectors.kit.signs import signs
from connectors.testing import damage, drift, many, privacy
from connectors.testing.reading import CONTEXT, export_of, golden_of, read
from models.fault import Rejected

GOLDEN, ALLOWED = "golden.json", "allowed.toml"
_FRAMES = ("minutes", "readings", "sessions", "daily_totals", "attestations")


@dataclass(frozen=True)
class Trial:
    """A reader and its samples.

    `optional`: columns and fields that some layouts of the export do not have; without one less is known.
    `marks`: fields by which the file is known at all. `telling`: damage that a person may well have meant.
    `secrets`: words that only names, notes and devices of the samples have.
    """

    name: str
    files: dict[str, bytes]
    golden: dict[str, dict] | None = None
    optional: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    telling: tuple[str, ...] = ()
    secrets: re.Pattern[str] | None = None

    @property
    def reader(self) -> ModuleType:
        """The module. LookupError where it is not used, with why."""
        if self.name not in connectors():
            why = [str(one.fault) for one in installed_plug_ins() if one.name == self.name]
            raise LookupError("; ".join(why) or f"no reader called {self.name} is installed")
        return connectors()[self.name]

    @cached_property
    def exports(self) -> dict[str, Export]:
        """The samples as they are handed over."""
        return {name: export_of(name, content) for name, content in self.files.items()}


def trial(reader: str, folder: Path) -> Trial:
    """A reader and the samples in a folder, with golden.json and, where it is needed, allowed.toml."""
    files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}
    golden, allowed = (files.pop(name, None) for name in (GOLDEN, ALLOWED))
    words = tomllib.loads((allowed or b"").decode())
    secrets = words.pop("secrets", [])
    lists = {name: tuple(entries) for name, entries in words.items()}
    pattern = re.compile("|".join(map(re.escape, secrets)), re.IGNORECASE) if secrets else None
    return Trial(reader, files, json.loads(golden) if golden else None, **lists, secrets=pattern)


def declaration(trial: Trial) -> Iterator[str]:
    """It declares what a reader must."""
    yield from mistakes(trial.reader)


def one_taker(trial: Trial) -> Iterator[str]:
    """Each sample is taken by it and by no other reader."""
    for name, export in trial.exports.items():
        takers = [other for other, reader in connectors().items() if reader.identify(export)]
        if takers != [trial.name]:
            yield f"{name}: taken by {', '.join(takers) or 'nobody'}"
        elif identify(export) != trial.name:
            yield f"{name}: nobody is asked"


def signs_shown(trial: Trial) -> Iterator[str]:
    """Each sample shows something that it looks for."""
    for name, export in trial.exports.items():
        if trial.reader.identify(export) and trial.name not in candidates(export):
            yield f"LOOKS_FOR {trial.reader.LOOKS_FOR}: none of it is a sign of {name}: {sorted(signs(export))}"


def asked_about_changes(trial: Trial) -> Iterator[str]:
    """It is asked about whatever it would answer for, also when columns have new names or the file is damaged."""
    for name, content in trial.files.items():
        for variant in changed(name, content):
            export = export_of(name, variant)
            if _answers(trial.reader, export) and trial.name not in candidates(export):
                yield f"{name}: not asked about {variant[:80]!r}"


def _answers(reader: ModuleType, export: Export) -> bool:
    try:
        return bool(reader.identify(export) or (hasattr(reader, "companion") and reader.companion(export)))
    except Rejected:
        return True


def changed(name: str, content: bytes) -> Iterator[bytes]:
    """A sample with each of its columns or fields renamed in turn, and damaged."""
    yield content
    if found := damage.table(content, name):
        top, rows, separator = found
        for at in range(len(rows[0])):
            header = [drift.NEW if n == at else other for n, other in enumerate(rows[0])]
            yield damage.written(top, [header, *rows[1:]], separator)
    if content[:1] in (b"[", b"{"):
        value = json.loads(content)
        yield from (json.dumps(drift.renamed(value, key)).encode() for key in sorted(set(drift.fields(value))))
    yield from (damaged for _, damaged, _ in damage.mutations(name, content, random.Random(name)) if damaged)


def golden_rows(trial: Trial) -> Iterator[str]:
    """The samples give exactly what their golden says."""
    if trial.golden is None:
        yield f"{GOLDEN} is missing: --write makes it, for you to read row by row"
        return
    now = golden_of(trial.files)
    for name in sorted(now.keys() | trial.golden.keys()):
        was = trial.golden.get(name, {})
        for part in sorted(now.get(name, {}).keys() | was.keys()):
            if now.get(name, {}).get(part) != was.get(part):
                yield f"{name}: other {part} than the golden has"


def rows_of_each(trial: Trial) -> Iterator[str]:
    """The samples are small, and each of them gives rows."""
    if sum(map(len, trial.files.values())) >= 200_000:
        yield "a sample is for reading: all of them together are under 200,000 bytes"
    if not trial.files:
        yield "there is no sample"
    for name, row in (trial.golden or {}).items():
        if not any(row.get(frame) for frame in _FRAMES):
            yield f"{name}: gives no row"


def one_history(trial: Trial) -> Iterator[str]:
    """It calls no file a whole history that is a part of one."""
    kinds = {tuple(frame for frame in _FRAMES if file.get(frame)) for file in (trial.golden or {}).values()}
    if trial.reader.EXPORT == "history" and any(not set(a) & set(b) for a in kinds for b in kinds):
        yield "samples hold different kinds of rows, and each would take out what the other has: EXPORT is archive"


def known_words(trial: Trial) -> Iterator[str]:
    """Of sessions in the samples at least one is of a known kind."""
    sessions = [row for file in (trial.golden or {}).values() for row in file.get("sessions", ())]
    if sessions and not {row["activity"] for row in sessions} - {"other"}:
        words = " or ".join(f"words/{label}.toml, words/{label}.LANGUAGE.toml" for label in trial.reader.SOURCES)
        yield f"all sessions are `other`: see {words}"


def renamed_columns(trial: Trial) -> Iterator[str]:
    """A renamed column or field is named, or was not needed."""
    for name, content in trial.files.items():
        yield from drift.of_columns(name, content, trial.optional)
        yield from drift.of_fields(name, content, trial.optional, trial.marks)


def new_columns(trial: Trial) -> Iterator[str]:
    """A file with a new column is read as before, with a remark."""
    for name, content in trial.files.items():
        yield from drift.of_a_new_column(name, content)


def damaged_files(trial: Trial) -> Iterator[str]:
    """A damaged file is read right, or refused in a sentence."""
    for name, content in trial.files.items():
        before = read(name, content)
        for mutation in damage.mutations(name, content, random.Random(name)):
            if mutation[0] not in trial.telling and (fault := damage.wrong(name, before, mutation)):
                yield f"{name}, {mutation[0]}: {fault}"


def read_at_once(trial: Trial) -> Iterator[str]:
    """Many files read at once, some of them damaged, give what each of them gives alone."""
    if hasattr(trial.reader, "extract_all"):
        files = dict(trial.files)
        for name, content in trial.files.items():
            damaged = damage.mutations(name, content, random.Random(name))
            files |= {f"{number} {name}": variant for number, (_, variant, _) in enumerate(damaged) if variant}
        yield from many.otherwise(trial.name, files)


def private_rows(trial: Trial) -> Iterator[str]:
    """No row gives away whose it is."""
    for name, export in trial.exports.items():
        wrong = privacy.betrays(extract(trial.name, export, CONTEXT), trial.secrets)
        yield from (f"{name}: {what}" for what in wrong)
    rows = [row for file in (trial.golden or {}).values() for part in file.values() for row in part or ()]
    if privacy.E_MAIL.search(json.dumps(rows)):
        yield f"{GOLDEN}: an e-mail address"


def private_rejections(trial: Trial) -> Iterator[str]:
    """A rejection repeats nothing that stands in a cell of a file."""
    for name, content in trial.files.items():
        yield from privacy.repeated(name, content)


CHECKS: tuple[Callable[[Trial], Iterator[str]], ...] = (
    declaration, one_taker, signs_shown, asked_about_changes, golden_rows, rows_of_each, one_history, known_words,
    renamed_columns, new_columns, damaged_files, read_at_once, private_rows, private_rejections,
)  # fmt: skip


@dataclass(frozen=True)
class Check:
    """One check of one reader, for pytest: `@pytest.mark.parametrize("check", checks_of(NAME, FOLDER), ids=str)`."""

    ask: Callable[[Trial], Iterator[str]]
    trial: Trial

    def __str__(self) -> str:
        return (self.ask.__doc__ or "").rstrip(".")

    def complaints(self) -> list[str]:
        """What is wrong, a line each. LookupError where the reader is not used."""
        assert self.trial.reader
        try:
            return list(self.ask(self.trial))
        except AssertionError as error:
            return [str(error)]
        except Rejected as why:
            return [f"a sample is refused: {why}"]
        except Exception as error:  # of the reader: whoever writes it wants to know where
            at = traceback.extract_tb(error.__traceback__)[-1]
            return [f"{type(error).__name__}: {error} ({at.filename}, line {at.lineno})"]


def checks_of(reader: str, folder: Path) -> list[Check]:
    """Every check of a reader against the samples in a folder."""
    tried = trial(reader, folder)
    return [Check(ask, tried) for ask in CHECKS]
