"""Write letters into a folder: both forms of each, in one step, and only where something on it changed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flows.letter import forms
from flows.letter.facts import Facts, facts
from flows.letter.page import page
from flows.report import site
from models.fault import StudyError
from models.store.letters import files_of
from models.store.read import published

Row = dict[str, Any]


@dataclass
class Letters:
    """Whose letters were written, whose were so already, and why others, of whom a week ended, have none."""

    written: list[str] = field(default_factory=list)
    unchanged: list[str] = field(default_factory=list)
    without: dict[str, str] = field(default_factory=dict)


def write_letters(warehouse: Path, study: str, out: Path, who: str | None) -> Letters:
    """The letter to one person, else to all of whom a week ended in the last seven days.

    StudyError where that person gets none, StoreError where nothing is published.
    """
    with published(warehouse) as opened:
        ask = opened.ask
        as_of = ask("SELECT as_of FROM run ORDER BY run_number DESC LIMIT 1")[0]["as_of"]
        everyone = [row["participant_id"] for row in ask("SELECT participant_id FROM participant ORDER BY 1")]
        found = facts(ask, [one for one in everyone if who in (None, one)], as_of)
    if who:
        refusal = found[0].refusal if found else "nothing is published of them; run `stepwindow nightly` first"
        if refusal:
            raise StudyError(f"{who}: no letter: {refusal}")
    return _write(found if who else [one for one in found if one.is_due], study, out)


def _write(found: Iterable[Facts], study: str, out: Path) -> Letters:
    letters = Letters()
    site.folder(out)
    for one in found:
        who = one.person["participant_id"]
        if one.refusal:
            letters.without[who] = one.refusal
            continue
        made = page(one, study)
        html, pdf = files_of(out, who)
        if not _is_ours(html, pdf):
            raise StudyError(f"{out}: holds another file called {html.name} or {pdf.name}; choose another folder")
        if pdf.exists() and site.fingerprint_of(html) == forms.fingerprint(made):
            letters.unchanged.append(who)
            continue
        site.put(pdf, forms.pdf(made))
        site.put(html, forms.html(made))  # last: it bears the fingerprint of both
        letters.written.append(who)
    return letters


def _is_ours(html: Path, pdf: Path) -> bool:
    """Whether a letter may be written here: what has its names is a letter, complete or half, or there is nothing."""
    if html.exists():
        return site.fingerprint_of(html) is not None
    return not pdf.exists() or b"Typst" in pdf.read_bytes()  # a run that was killed had made the PDF
