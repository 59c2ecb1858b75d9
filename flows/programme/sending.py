"""A site that has its own nights elsewhere: it sends what it published to an address, and the programme takes it up."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO

import polars as pl

from flows.programme import membership
from flows.programme.giving import differs, give
from flows.programme.job import CONTRIBUTED, UNCHANGED, Job, Result
from models.fault import StudyError
from models.lake.lake import Lake
from models.lake.outbox import Form, Outbox, Sent
from models.lake.part import Columns, Part
from models.store.lock import held
from models.store.search import Place, search_objects
from models.store.withdraw import Traces
from models.study.study import Study


def send(study: Study, address: str, site: str, form: Form) -> Sent:
    """Lay at an address what a study has published, as `form` says (all, share). What lies there stays.

    StudyError where another site, or another form, lies there; StoreError where it cannot be reached.
    """
    with held(study.warehouse, "programme send"):
        outbox = Outbox(address)
        if (was := outbox.sent()) and (was.given.site, was.send) != (site, form):
            what = f"{address} holds what was sent as {was.given.site}, {was.send}"
            raise StudyError(what, "name another address, or delete what lies there")
        membership.enter(study.warehouse, address, site)
        known = {relation: {part.path: part for part in parts} for relation, parts in _parts(was).items()}
        sent = Sent(form, replace(give(study, site, form, known, outbox.write), written=0))
        outbox.lay(sent)
        return sent


def take_up(job: Job) -> Result:
    """What came of a site that sends: the lake gets what is new of it. StudyError where it cannot be taken."""
    outbox, site = Outbox(job.site.study), job.site.id
    sent = outbox.sent()
    if sent is None:
        raise StudyError("nothing was sent by it yet", "run `stepwindow programme send` at the site")
    if (sent.given.site, sent.send) != (site, job.send):
        what = f"at its address lies what was sent as {sent.given.site}, {sent.send}"
        raise StudyError(what, f"send it as {site}, {job.send}, or correct programme.toml")
    stamp = hashlib.sha256(repr(sent).encode()).hexdigest()
    if stamp == job.stamp and job.known:
        return Result(site, UNCHANGED, stamp=stamp, was_needless=True)
    lake = Lake(job.lake)
    for relation, parts in sent.given.parts.items():
        for part in parts:
            if part.path not in job.known.get(relation, {}):
                content = outbox.read(relation, part)
                if not _is_whole(content, part, sent.given.columns.get(relation, ())):
                    what = f"a file of {relation} at its address is not as it was sent"
                    raise StudyError(what, "delete what lies there, and run `stepwindow programme send` at the site")
                lake.write(relation, part.path, content)
    outcome = CONTRIBUTED if differs(job, sent.given) else UNCHANGED
    return Result(site, outcome, given=sent.given, stamp=stamp)


def withdraw(study: Study, address: str, site: str, traces: Traces) -> Iterator[Place]:
    """Send what is published now instead of what was, and search all that lies there."""
    if sent := Outbox(address).sent():
        send(study, address, site, sent.send)
    for place in search_objects(Outbox(address).objects(), traces):
        yield replace(place, name=f"{address}: {place.name}")


def _parts(sent: Sent | None) -> dict[str, list[Part]]:
    return sent.given.parts if sent else {}


def _is_whole(content: bytes, part: Part, columns: Columns) -> bool:
    try:
        rows = pl.scan_parquet(BytesIO(content))
        return (
            len(content) == part.bytes
            and rows.collect_schema().names() == [name for name, _ in columns]
            and rows.select(pl.len()).collect().item() == part.rows
        )
    except pl.exceptions.PolarsError:
        return False
