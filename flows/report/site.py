"""The files of the report: written completely or not at all, rewritten only when what stands on them changed.

A page carries a fingerprint of its numbers and of the code that made it. There is no other record: a run that was
killed, a page that was deleted, numbers that changed and changed back, all end right with the next run.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import suppress
from datetime import date
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemBytecodeCache, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket

from flows.report import cells, words
from models.shown import shown_lines
from models.store.sql import sql_files
from models.system.files import private

HERE = Path(__file__).parent
SCRIPTS = HERE / "scripts"  # made by `python -m tests.charts`; the notices of what is in them stand beside
AS_OF = "as-of.css"  # the file that says as of when the pages are, and what they rest on
READERS = HERE.parents[1] / "connectors"  # a page says what their exports are called and cannot tell
_SHARED = re.compile(
    r"(vega|report)-[\w.]+\.js|(people|cohort|programme)\.js|(report|participant|programme|as-of)\.css|\..+\.part"
)
_PRINT = re.compile(rb'<meta name="fingerprint" content="([0-9a-f]{64})">')


@cache
def code() -> str:
    """A fingerprint of everything that makes a page: modules, templates, questions and what readers declare."""
    parts = [path.name.encode() + path.read_bytes() for path in sorted(HERE.iterdir()) if path.is_file()]
    answers = [HERE.parent / "answers" / f"{name}.py" for name in ("untold", "export_label")]
    answers += sorted((HERE.parent / "answers").glob("worklist*.py"))
    answers.append(HERE.parent / "letter" / "ways.toml")
    parts += [path.read_bytes() for path in (*answers, *sorted(READERS.glob("*.py")))]
    rooms = ("report/sections", "report/cohort", "worklist")
    parts += [text.encode() for room in rooms for _, text in sql_files(room)]
    made_with = "".join((version("jinja2"), *scripts()))
    return sha256(b"\0".join(parts) + made_with.encode()).hexdigest()


@cache
def scripts() -> dict[str, bytes]:
    """The scripts of a page by name, in their order: the charts' library, and what draws with it.

    Another content has another name: pages of an older version keep theirs until they are written again.
    """
    library = (SCRIPTS / "vega.js").read_bytes()
    drawing = (SCRIPTS / "charts.js").read_bytes() + (HERE / "report.js").read_bytes()
    parts = {"vega": library, "report": drawing}
    return {f"{name}-{sha256(text).hexdigest()[:12]}.js": text for name, text in parts.items()}


def fingerprint(*parts: str) -> str:
    """Of what stands on a page, and of the code."""
    return sha256("\0".join((code(), *parts)).encode()).hexdigest()


def fingerprint_of(page: Path) -> str | None:
    """The fingerprint that a page carries. None: there is no such page, or it is not one of ours."""
    try:
        with page.open("rb") as file:
            found = _PRINT.search(file.read(1024))
    except FileNotFoundError:
        return None
    return found[1].decode() if found else None


def put(path: Path, text: str | bytes) -> bool:
    """A file, in one step; only its owner may read it. False: it says so already, and is left alone."""
    content = text.encode() if isinstance(text, str) else text
    if path.exists() and path.stat().st_size == len(content) and path.read_bytes() == content:
        return False
    draft = path.with_name(f".{path.name}.part")
    draft.unlink(missing_ok=True)
    with open(draft, "xb", opener=private) as file:
        file.write(content)
    os.replace(draft, path)
    return True


def dated(as_of: date, rests_on: str = "") -> str:
    """The style that writes the date onto every page, with what the numbers rest on where no night left them."""
    written = words.day(as_of, year=True) + (f" ({rests_on})" if rests_on else "")
    on_paper = f'@page {{ @top-right {{ content: "As of {written}"; }} }}'
    return f'.as-of::after {{ content: "{written}"; }}\n{on_paper}\n'


def folder(path: Path) -> Path:
    """A folder that only its owner may read."""
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    return path


def keep_only(place: Path, names: set[str]) -> int:
    """Remove pages of people who left, and drafts of a run that was killed. Returns how many.

    What somebody else put there is left alone.
    """
    old = [path for path in place.iterdir() if path.name not in names and path.is_file() and _is_ours(path)]
    for path in old:
        path.unlink()
    return len(old)


def is_free(root: Path) -> bool:
    """Whether a report can be written to a folder: there is none yet, or nothing in it but an earlier report."""
    if not root.exists():
        return True
    folders = {root / "participant", root / "assets"}
    if not root.is_dir():
        return False
    found = {path for place in (root, *folders) if place.is_dir() for path in place.iterdir()}
    return all(path.is_file() and _is_ours(path) for path in found - folders) and not any(map(Path.is_file, folders))


def _shown(value: Any) -> Any:
    """What a page says: control characters in a text are escaped; markup is our own."""
    return shown_lines(value) if type(value) is str else value


def remove(root: Path) -> int:
    """Remove every page and what belongs to them. Returns how many files that were."""
    folders = [root / "participant", root / "assets", root]
    return sum(keep_only(folder, set()) for folder in folders if folder.is_dir() and not folder.is_symlink())


def _is_ours(path: Path) -> bool:
    """A page says so itself, the files that pages share and drafts by their names."""
    return not path.is_symlink() and (bool(_SHARED.fullmatch(path.name)) or fingerprint_of(path) is not None)


def template(name: str) -> Any:
    """A template beside its module. Everything given to it is escaped; what it does not know is an error."""
    return _templates().get_template(name)


@cache
def _templates() -> Environment:
    """All of them together: what several pages are made of is compiled once."""
    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True,
        finalize=_shown, bytecode_cache=Compiled(str(HERE / "__pycache__"), "%s.template"),
    )  # fmt: skip
    made.policies["json.dumps_kwargs"] = {"default": _plain, "sort_keys": True, "separators": (",", ":")}
    made.globals.update(words=words, signs=words.SIGNS, mark=cells.mark, scripts=list(scripts()))
    made.filters.update(num=cells.num, mean=cells.mean, date=cells.date, rows=cells.rows)
    return made


class Compiled(FileSystemBytecodeCache):
    """Compiled templates, kept as Python keeps compiled modules: beside them, and only where it may write there."""

    def get_source_checksum(self, source: str) -> str:
        """Changes with what a template is compiled for, too."""
        return fingerprint(source)

    def load_bytecode(self, bucket: Bucket) -> None:
        """What is damaged is made again."""
        try:
            super().load_bytecode(bucket)
        except Exception:  # whatever its bytes are taken for
            bucket.reset()

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Nothing rests on it: a folder of somebody else, or a full disk, is no fault."""
        if not sys.dont_write_bytecode:
            with suppress(OSError):
                super().dump_bytecode(bucket)


def _plain(value: Any) -> Any:
    return value.isoformat() if hasattr(value, "isoformat") else float(value)
