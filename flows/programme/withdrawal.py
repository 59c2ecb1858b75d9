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
            yield Place(f"programme {folder}", 0, 0, (f"it cannot be reached: {log.in_a_line(fault)}",))


def _withdraw(folder: Path, site: str, study: Study, traces: Traces) -> Iterator[Place]:
    programme = read_programme(folder)
    with held(folder, "forget"):
        lake = open_lake(programme)
        known = known_of(lake)
        given = give(study, programme.site(site).id, programme.send, known.get(site, {}), lake.write)
        put_together(programme, lake, known, [Result(site, CONTRIBUTED, given=given)])
        others = tuple(
            f"/site={one.id}/" for one in programme.sites if one.id != site
        )  # who is called so there is another
        mine = ((name, content) for name, content in lake.objects() if not any(other in name for other in others))
        for place in search_objects(mine, traces):
            yield replace(place, name=f"{programme.name}: lake/{place.name}")
