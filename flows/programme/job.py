"""The night of one site: what it is asked for, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from models.lake.part import Contribution, Part
from models.programme import Site

CONTRIBUTED, UNCHANGED, FAILED, SKIPPED = "contributed", "unchanged", "failed", "skipped"


@dataclass(frozen=True)
class Job:
    """What a site's night is told. It may travel to another machine."""

    site: Site
    folder: Path  # the study
    programme: Path
    lake: str
    send: str
    known: dict[str, dict[str, Part]] = field(default_factory=dict)  # what the lake has of it, by relation and path
    stamp: str = ""  # what its last night rested on; "": it is to have one
    withdrawn: int = 0  # people who were forgotten there, when it last gave


@dataclass(frozen=True)
class Result:
    """What came of a site's night. Its words name no person, no file of theirs and no value."""

    site: str
    outcome: str
    reason: str = ""  # why it failed, and what to do; or what is to be looked at there
    given: Contribution | None = None  # None: what it gave before
    stamp: str = ""
    can_pass: bool = False  # it makes sense to try again after a while
    was_needless: bool = False  # nothing was other than after the night before, so there was none
