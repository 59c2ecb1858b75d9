"""Damage of every kind, done to files on purpose: what each damage is, and what must come of it.

Whatever is done, a file is read or refused in a sentence. Where what was done cannot matter, it reads the same.
"""

from __future__ import annotations

import csv
import io
import json
import random
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path

from connectors import Ignored
from connectors.testing.reading import figures, read
from models.activity import Extract
from models.fault import Fault

ANY, SAME, REFUSED = "any", "same", "same numbers, or refused"
NEVER_A_NUMBER = [
    "nan",
    "inf",
    "-inf",
    "1e308",
    "1e999",
    "١٢",
    "１２",
    "0x1F",
    "1_000",
    "9" * 400,
    "--5",
    "1e-400x",
    "𝟙𝟚",
]
HOSTILE = [
    *NEVER_A_NUMBER, "", "-1", "-0", "0", "1e9", "2147483648", "9223372036854775808", "1.5", "25:61", "null",
    "true", "2026-02-30", "9999-12-31", "0001-01-01", "2026-03-09T24:00:00Z", "2026-03-09T10:00:00+99:00", "1/2/2026",
    "[1", "[]", "{}", '"', "\x00", "ä", "\u202e", "=1+1", "a,b", "a;b", "\ud7ff", "1,234", "1.234", "1.234,5",
]  # fmt: skip
ODD: list[object] = [
    None,
    [],
    {},
    "",
    "x",
    True,
    -1,
    0,
    1.5,
    10**30,
    -(10**30),
    1e308,
    [[]],
    [None],
    {"a": None},
    "nan",
    "١٢",
    "-1",
]

Mutation = tuple[str, bytes, str]  # what was done, the file, what must come of it


def of_bytes(content: bytes, rng: random.Random) -> Iterator[Mutation]:
    """Bits, ends and encodings, whatever the file is."""
    flipped = bytearray(content)
    for _ in range(rng.choice([1, 1, 2, 8, 64])):
        flipped[rng.randrange(len(flipped))] = rng.randrange(256)
    yield "bytes flipped", bytes(flipped), ANY
    yield "cut off", content[: rng.randrange(len(content))], ANY
    at, to = sorted(rng.randrange(len(content)) for _ in range(2))
    yield "a piece twice", content[:to] + content[at:], ANY
    yield "a piece out", content[:at] + content[to:], ANY
    yield "zeros at the end", content + bytes(rng.choice([1, 512, 4096])), ANY


def of_text(content: bytes, rng: random.Random) -> Iterator[Mutation]:
    """Encodings, line ends and lines of a text."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return
    yield "byte order mark", text.encode("utf-8-sig"), SAME
    yield "windows line ends", re.sub("\r?\n", "\r\n", text).encode(), SAME
    yield "empty lines at the end", content.rstrip() + b"\n\n\n", SAME
    yield "UTF-16", text.encode("utf-16"), REFUSED
    yield "old line ends", re.sub("\r?\n", "\r", text).encode(), REFUSED
    yield "latin-1", text.encode("latin-1", "replace"), REFUSED if text.isascii() else ANY
    lines = content.split(b"\n")
    i, j = rng.randrange(len(lines)), rng.randrange(len(lines))
    yield "a line out", b"\n".join(lines[:i] + lines[i + 1 :]), ANY
    yield "a line twice", b"\n".join(lines[: i + 1] + lines[i:]), ANY
    lines[i], lines[j] = lines[j], lines[i]
    yield "two lines swapped", b"\n".join(lines), ANY


def table(content: bytes, name: str) -> tuple[list[str], list[list[str]], str] | None:
    """The lines above a table, its rows with the header, and what parts them; None where it is no plain table."""
    try:
        lines = content.decode("utf-8-sig").splitlines()
    except UnicodeDecodeError:
        return None
    if not name.lower().endswith(".csv") or not lines:
        return None
    separator = max(",;\t", key=re.sub(r'"[^"]*"', "", lines[0] if len(lines) < 3 else lines[-2]).count)
    try:
        widths = [len(next(csv.reader([line], delimiter=separator), [])) for line in lines]
    except csv.Error:
        return None
    top = next((n for n, width in enumerate(widths) if width > 1 and width >= widths[-1] - 1), 0)
    rows = list(csv.reader(lines[top:], delimiter=separator))
    lengths = {len(row) for row in rows[1:]}
    if len(lengths) != 1 or not lengths <= {len(rows[0]), len(rows[0]) + 1}:
        return None
    return lines[:top], rows, separator


def written(top: list[str], rows: list[list[str]], separator: str = ",") -> bytes:
    """A table as text again."""
    out = io.StringIO()
    csv.writer(out, delimiter=separator, lineterminator="\n").writerows(rows)
    return ("".join(line + "\n" for line in top) + out.getvalue()).encode("utf-8", "surrogatepass")


def of_table(content: bytes, name: str, rng: random.Random) -> Iterator[Mutation]:
    """Rows, columns and cells of a table."""
    found = table(content, name)
    if not found:
        return
    top, rows, separator = found
    header, body = rows[0], rows[1:]
    if written(top, rows, separator).rstrip() != content.removeprefix(b"\xef\xbb\xbf").replace(b"\r", b"").rstrip():
        return
    shuffled = rng.sample(body, len(body))
    in_order = ANY if "DataTable" in name else REFUSED  # its rows have no times: their order is the time
    yield "rows in another order", written(top, [header, *shuffled], separator), in_order
    i = rng.randrange(len(body)) if body else 0
    once = ANY if "diary" in name or "DataTable" in name else REFUSED  # two entries without a start may be two walks
    yield "a row twice", written(top, [*rows, *body[i : i + 1]], separator), once
    if len(header) == len(body[0] if body else header):
        order = rng.sample(range(len(header)), len(header))
        if len(set(header)) == len(header):
            turned = [[row[n] for n in order] for row in rows]
            yield "columns in another order", written(top, turned, separator), REFUSED
        yield "a new column", written(top, [[*header, "mood"], *([*row, "7"] for row in body)], separator), SAME
    a, b = rng.randrange(len(header)), rng.randrange(len(header))
    names = list(header)
    names[a], names[b] = names[b], names[a]
    yield f"names of columns {header[a]}, {header[b]} swapped", written(top, [names, *body], separator), ANY
    names = list(header)
    names[a] = rng.choice(["", "x", header[b], header[a] + " new", "\x00", "9"])
    yield f"column {header[a]} named {names[a]!r}", written(top, [names, *body], separator), ANY
    cut = [[cell for n, cell in enumerate(row) if n != a] for row in rows]
    yield f"column {header[a]} out", written(top, cut, separator), ANY
    if body:
        column = rng.randrange(len(header))
        value = rng.choice(HOSTILE)
        where = range(len(body)) if rng.random() < 0.2 else [i]
        changed = [[*row[:column], value, *row[column + 1 :]] if n in where else row for n, row in enumerate(body)]
        expected = REFUSED if value in NEVER_A_NUMBER else ANY
        yield f"{value!r} in {header[column]}", written(top, [header, *changed], separator), expected
        row = [*body[i], ""] if rng.random() < 0.5 else body[i][:-1]
        yield "a row of another width", written(top, [header, *body[:i], row, *body[i + 1 :]], separator), ANY


def _places(value: object) -> list[tuple]:
    if isinstance(value, dict):
        return [(key, *rest) for key, inner in value.items() for rest in [(), *_places(inner)]]
    if isinstance(value, list):
        return [(n, *rest) for n, inner in enumerate(value) for rest in [(), *_places(inner)]]
    return []


def of_json(content: bytes, rng: random.Random) -> Iterator[Mutation]:
    """Keys and values of JSON."""
    try:
        text = content.decode("utf-8-sig")
        whole = json.loads(text)
    except ValueError:
        return
    places = _places(whole)
    if not places:
        return
    yield "written anew", json.dumps(whole).encode(), SAME
    yield "in a list more", json.dumps([whole]).encode(), ANY
    yield "deep", b"[" * 100_000 + content, ANY
    for what in ("replaced", "out", "renamed", "deep inside", "twice"):
        changed = json.loads(text)
        *path, last = rng.choice(places)
        at = changed
        for step in path:
            at = at[step]
        was = at[last]
        if what == "replaced":
            value = rng.choice(ODD)
            at[last] = value
            yield f"{last} = {value!r}"[:80], json.dumps(changed).encode(), ANY
        elif what == "out":
            del at[last]
            yield f"{last} out", json.dumps(changed).encode(), ANY
        elif what == "renamed" and isinstance(at, dict):
            at[f"{last}New"] = at.pop(last)
            yield f"{last} renamed", json.dumps(changed).encode(), ANY
        elif what == "deep inside":
            at[last] = "@@"
            deep = json.dumps(changed).replace('"@@"', "[" * 5000 + "]" * 5000)
            yield f"{last} deep", deep.encode(), ANY
        elif what == "twice" and isinstance(at, list):
            at.append(was)
            yield "an entry twice", json.dumps(changed).encode(), REFUSED
    yield "a number that is none", re.sub(r": ?(\d+)", ": NaN", text, count=1).encode(), ANY
    yield "a huge number", re.sub(r": ?(\d+)", ": " + "9" * 5000, text, count=1).encode(), ANY


def of_xml(content: bytes, rng: random.Random) -> Iterator[Mutation]:
    """Attributes and elements of XML."""
    if b"<HealthData" not in content and b"<TrainingCenter" not in content:
        return
    attributes = list(re.finditer(rb'(\w+)="([^"]*)"', content))
    for value in rng.sample(HOSTILE, 3):
        found = rng.choice(attributes)
        cell = value.replace("&", "&amp;").replace('"', "&quot;").replace("<", "&lt;").encode()
        changed = content[: found.start(2)] + cell + content[found.end(2) :]
        yield f"{value!r} in {found[1].decode()}", changed, ANY
    found = rng.choice(attributes)
    yield f"attribute {found[1].decode()} out", content[: found.start()] + content[found.end() :], ANY
    deep = content.replace(b"</HealthData>", b"<a>" * 5000 + b"</HealthData>")
    yield "deep", deep, ANY
    bomb = b'<!DOCTYPE HealthData [<!ENTITY a "' + b"x" * 1000 + b'"><!ENTITY b "' + b"&a;" * 1000 + b'">]>'
    bombed = content.replace(b"<HealthData", bomb + b"<HealthData")
    yield "entities", bombed.replace(b"</HealthData>", b"&b;</HealthData>"), ANY


def of_database(content: bytes, rng: random.Random) -> Iterator[Mutation]:
    """Cells, columns and tables of an SQLite database."""
    if not content.startswith(b"SQLite format 3"):
        return
    with tempfile.TemporaryDirectory() as folder:
        for _ in range(3):
            path = Path(folder) / "x.db"
            path.write_bytes(content)
            database = sqlite3.connect(path)
            tables = [row[0] for row in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            chosen = rng.choice(tables)
            column = rng.choice([row[1] for row in database.execute(f'PRAGMA table_info("{chosen}")')])
            value = rng.choice([None, -1, 0, "x", "", b"\xff", 1.5, 2**62, -(2**62), 1e308, float("inf"), "12"])
            what = rng.choice(["cell", "column", "table", "drop"])
            try:
                if what == "cell":
                    database.execute(f'UPDATE "{chosen}" SET "{column}" = ?', (value,))
                elif what == "column":
                    database.execute(f'ALTER TABLE "{chosen}" RENAME COLUMN "{column}" TO "{column}_new"')
                elif what == "table":
                    database.execute(f'ALTER TABLE "{chosen}" RENAME TO "{chosen}_new"')
                else:
                    database.execute(f'DROP TABLE "{chosen}"')
                database.commit()
            except (sqlite3.Error, OverflowError):
                continue
            finally:
                database.close()
            yield f"{what} {chosen}.{column} {value!r}", path.read_bytes(), ANY


def mutations(name: str, content: bytes, rng: random.Random) -> Iterator[Mutation]:
    """One of each kind of damage that suits the file."""
    yield from of_bytes(content, rng)
    if content.startswith(b"SQLite"):
        yield from of_database(content, rng)
    elif not name.endswith(".fit"):
        yield from of_text(content, rng)
        yield from of_table(content, name, rng)
        yield from of_json(content, rng)
        yield from of_xml(content, rng)


def wrong(name: str, before: Extract | Fault | Ignored, mutation: Mutation) -> str | None:
    """What is wrong with what comes of a damaged file; None where nothing is."""
    _, content, expected = mutation
    if not content:
        return None
    try:
        result = read(name, content)
    except Exception as error:
        return f"{type(error).__name__}: {str(error)[:300]}"
    if expected == ANY or not isinstance(before, Extract):
        return None
    if isinstance(result, Extract):
        return None if figures(result) == figures(before) else "other numbers than before"
    return f"not read: {result}" if expected == SAME else None
