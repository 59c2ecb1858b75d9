"""A word that no vendor writes, put wherever a file of the samples says something: `python -m tests.poison [NAME...]`.

What is published of a file holds words of ours and of the vendor; the word must be in none of it.
"""

from __future__ import annotations

import ast
import re
import sqlite3
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from xml.parsers import expat

from connectors import Ignored
from connectors.testing.damage import table, written
from models.activity import Extract
from models.fault import Fault
from tests.fuzzing import read
from tests.goldens import samples

WORD = "zzmarker"
NUMBER = "31612345678"  # that of a telephone, where a figure belongs
_ROOT = Path(__file__).parents[1]
_SPOKEN = re.compile(r"[A-Za-z][A-Za-z0-9_ .-]{2,60}")


def poisoned(name: str, content: bytes) -> Iterator[tuple[str, bytes]]:
    """A file with the word in one place after the other: (where, what it is then)."""
    if content.startswith(b"SQLite format 3"):
        yield from _database(content)
    elif b"\0" not in content[:1000]:
        if parts := table(content, name):
            yield from _table(*parts)
        for said in sorted(set(_SPOKEN.findall(content.decode()))):
            for new in (WORD, f"{said} of {WORD}", f"{WORD} {said}"):
                yield f"{said} -> {new}", content.replace(said.encode(), new.encode())
        if content[:1] in b"[{":
            for found in re.finditer(rb"(?<=:)\s*-?[\d.]+(?=[,\s}\]])", content):
                for new in (f'"{WORD}"', NUMBER):
                    changed = content[: found.start()] + new.encode() + content[found.end() :]
                    yield f"figure at {found.start()} -> {new}", changed


def _table(top: list[str], rows: list[list[str]], separator: str) -> Iterator[tuple[str, bytes]]:
    header = rows[0]
    both = [[*header, WORD, WORD], *([*row, "1", "2"] for row in rows[1:])]
    yield "two columns of that name", written(top, both, separator)
    for at, column in enumerate(header):
        for new in (WORD, f"{column} of {WORD}", f"{WORD} ({column})", f"{column} ({WORD})"):
            names = [new if n == at else other for n, other in enumerate(header)]
            yield f"column {column} -> {new}", written(top, [names, *rows[1:]], separator)
        twice = [[*header, f"{column} ({WORD})"], *([*r[: len(header)], "1"] for r in rows[1:])]
        yield f"a second column {column}", written(top, twice, separator)
        for row in range(1, min(len(rows), 4)):
            if at < len(rows[row]):
                for new in (WORD, NUMBER):
                    cells = [*rows[row][:at], new, *rows[row][at + 1 :]]
                    changed = [cells if n == row else other for n, other in enumerate(rows)]
                    yield f"row {row}, cell of {column} -> {new}", written(top, changed, separator)


def _database(content: bytes) -> Iterator[tuple[str, bytes]]:
    con = sqlite3.connect(":memory:")
    con.deserialize(content)
    names = [row[0] for row in con.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    told = [f'ALTER TABLE "{name}" RENAME TO {WORD}' for name in names]
    for name in names:
        for column in [row[1] for row in con.execute(f'PRAGMA table_info("{name}")')]:
            told += [f'ALTER TABLE "{name}" RENAME COLUMN "{column}" TO {WORD}']
            told += [f'UPDATE "{name}" SET "{column}" = \'{WORD}\'', f'UPDATE "{name}" SET "{column}" = {NUMBER}']
    con.close()
    for change in told:
        con = sqlite3.connect(":memory:")
        con.deserialize(content)
        try:
            con.execute(change)
            con.commit()
        except sqlite3.Error:
            continue
        yield change, con.serialize()
        con.close()


@cache
def vocabulary() -> frozenset[str]:
    """Every word that the product itself writes: those of all texts in its code."""
    words = {word for code in range(1, 45) for word in _words(expat.ErrorString(code) or "")}
    for path in (_ROOT / "connectors").rglob("*.toml"):
        words.update(_words(path.read_text("utf-8")))
    for path in [
        *(_ROOT / "connectors").rglob("*.py"),
        *(_ROOT / "models").rglob("*.py"),
        _ROOT / "flows/night/reading.py",
    ]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))) if path.parent.name != "testing" else ():
            if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
                text = node.value if isinstance(node.value, str) else node.value.decode(errors="replace")
                words.update(_words(text))
    return frozenset(words)


def _words(text: str) -> list[str]:
    return re.findall(r"[^\W\d_]+", text.casefold())


def published(result: Extract | Fault | Ignored) -> list[str]:
    """Every text of what came of a file that is published, but the vendor's word for a kind of activity."""
    if isinstance(result, Fault):
        return [result.place, result.found, result.expected, result.remedy]
    if isinstance(result, Ignored):
        return [result.why]
    frames = (frame.drop("vendor_activity", strict=False) for frame in result.frames().values())
    return [value for frame in frames for row in frame.rows() for value in row if isinstance(value, str)]


def betrayed(result: Extract | Fault | Ignored) -> list[str]:
    """What is published of a file and is not in words of ours: the word, the number, or any other word."""
    told = published(result)
    wrong = [text for text in told if WORD in text.casefold() or NUMBER[:9] in text]
    if isinstance(result, Fault):
        wrong += [text for text in told if set(_words(text)) - vocabulary()]
    return wrong


def main(arguments: list[str]) -> int:
    """The command line."""
    failed = 0
    for kind, make in samples().items():
        for name, content in make().items() if not arguments or kind in arguments else ():
            for where, changed in poisoned(name, content):
                if wrong := betrayed(read(name, changed)):
                    failed += 1
                    print(f"{kind}, {name}, {where}: {wrong}")
    return bool(failed)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
