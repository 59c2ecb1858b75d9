"""The two forms of a page: HTML that needs nothing else, and a PDF of one A4 page. Same page, same bytes."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime, time
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import typst
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from flows.letter.page import Page

HERE = Path(__file__).parent


def fingerprint(page: Page) -> str:
    """Of all that makes both forms: what stands on the page, the templates, the typesetter."""
    parts = [(HERE / name).read_bytes() for name in ("letter.html", "letter.css", "letter.typ")]
    return sha256(b"\0".join([_data(page).encode(), version("typst").encode(), *parts])).hexdigest()


def html(page: Page) -> str:
    """The page for a browser; everything given to the template is escaped."""
    return _template().render(
        asdict(page), style=(HERE / "letter.css").read_text("utf-8"), fingerprint=fingerprint(page)
    )


def pdf(page: Page) -> bytes:
    """The page for paper, readable aloud (PDF/UA) where the fonts have every sign of it."""
    try:
        return _typeset(page, "ua-1")
    except typst.TypstError:  # a sign that the fonts lack, in the name of a study say: shown as an empty box
        return _typeset(page, None)


def compiler(page: Page) -> typst.Compiler:
    """The template reads no file and no network, and what is on the page reaches it as data, not as its language."""
    source = (HERE / "letter.typ").read_bytes()
    return typst.Compiler(source, ignore_system_fonts=True, sys_inputs={"page": _data(page)})


def _typeset(page: Page, standard: Any) -> bytes:
    made = datetime.combine(page.dated, time(), UTC)
    done = compiler(page).compile(format="pdf", timestamp=made, pdf_standards=standard or [])
    assert isinstance(done, bytes)
    return done


def _data(page: Page) -> str:
    return json.dumps(asdict(page), default=str, ensure_ascii=False, sort_keys=True)


@cache
def _template() -> Any:
    made = Environment(
        loader=FileSystemLoader(HERE), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return made.get_template("letter.html")
