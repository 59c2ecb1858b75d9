"""What a site gives of what it published: all of it, or the de-identified rows, which are made at the site."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from flows.answers.worklist import count_silent
from flows.handover.share_readme import readme
from flows.programme.job import Job
from flows.version import CODE_VERSION
from models.lake.part import Contribution, Part
from models.store.contribution import Write, contribute, taken_out
from models.store.share import Terms, share
from models.study.study import Study


def give(study: Study, site: str, form: str, known: Mapping[str, Mapping[str, Part]], write: Write) -> Contribution:
    """Write what is not `known` of what a study published, in the form that is sent (all, share)."""
    withdrawn = len(taken_out(study.warehouse))  # before anything is read: who is forgotten from here on counts later
    asked = (study.warehouse, site, withdrawn, known, write)
    if form == "all":
        return replace(contribute(*asked), silent=count_silent(study.warehouse))
    terms = Terms(same_keys=True, only_rows=True)  # the same person has the same key every night
    with tempfile.TemporaryDirectory(prefix="stepwindow-") as folder:
        share(study, Path(folder) / "copy", terms, readme(terms), CODE_VERSION)
        return contribute(*asked, Path(folder) / "copy" / "rows.duckdb")


def differs(job: Job, given: Contribution) -> bool:
    """Whether the lake had other files of the site."""
    had = {relation: set(parts) for relation, parts in job.known.items() if parts}
    return had != {relation: {part.path for part in parts} for relation, parts in given.parts.items() if parts}
