"""A withdrawal reaches every programme that the site gave to: its lake, its database, every older version of both."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from flows.night import log
from flows.programme import membership, sending
from flows.programme.giving import give
from flows.programme.job import CONTRIBUTED, Result
from flows.programme.run import known_of, open_lake, put_together
from models.fault import can_pass
from models.programme import read_programme
from models.store.lock import held
from models.store.search import Place, search_objects
from models.store.withdraw import Traces
from models.study.study import Study


def reach(study: Study, traces: Traces) -> Iterator[Place]:
    """Give every programme what is published now, delete what it had, and search all that is there.

    What cannot be reached is a place where something is left.
    """
    for folder, site in membership.entered(study.warehouse).items():
        try:
            if "://" in folder:
                yield from sending.withdraw(study, folder, site, traces)
            else:
                yield from _withdraw(Path(folder), site, study, traces)
        except Exception as fault:  # whatever it is: somebody must know that something is left there
            why = f"it cannot be reached: {log.in_a_line(fault)}"
            if can_pass(fault):
                why += ". What is withdrawn before the nights of a run are over that run takes out, else the next one"
            yield Place(f"programme {folder}", 0, 0, (why,))


def _withdraw(folder: Path, site: str, study: Study, traces: Traces) -> Iterator[Place]:
    """From one programme. A site that left it since gives nothing any more: all of its rows go."""
    programme, here = read_programme(folder), study.folder.resolve()
    with held(folder, "forget"):
        lake = open_lake(programme)
        known = known_of(lake)
        results: list[Result] = []
        ours = {one.id: one for one in programme.sites if programme.folder_of(one).resolve() == here}
        if site in ours:
            given = give(study, site, programme.send, known.get(site, {}), lake.write)
            results = [Result(site, CONTRIBUTED, given=given)]
        put_together(programme, lake, known, results, has_less=True)
        # who is called so at another site is somebody else
        others = tuple(f"/site={one.id}/" for one in programme.sites if one.id not in {site, *ours})
        mine = ((name, content) for name, content in lake.objects() if not any(other in name for other in others))
        for place in search_objects(mine, traces):
            yield replace(place, name=f"{programme.name}: lake/{place.name}")
