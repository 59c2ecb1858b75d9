"""What a programme remembers between its runs. Losing it costs nights, and nothing else.

.programme.json     {"lake": ["/srv/network/lake", "<id>", 12], "sites": {"riverside": ["<stamp>", 2]}}
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from dataclasses import dataclass, field
from typing import NamedTuple

from models.programme import Programme
from models.system.files import private

NAME = ".programme.json"


class OfSite(NamedTuple):
    """What its last night rested on (flows/programme/night.py), and how many had withdrawn there by then."""

    stamp: str = ""
    withdrawn: int = 0


class OfLake(NamedTuple):
    """Which lake it was, and its version then."""

    address: str = ""
    id: str = ""
    version: int = 0


@dataclass(frozen=True)
class State:
    """Of all sites, and of the lake that they gave to."""

    sites: dict[str, OfSite] = field(default_factory=dict)
    lake: OfLake = field(default_factory=OfLake)

    def on(self, lake: OfLake) -> State:
        """What of it holds for the lake as it is: nothing, where it is another, or an earlier state of it came back."""
        return self if lake.id == self.lake.id and lake.version >= self.lake.version else State(lake=self.lake)

    def of(self, site: str) -> OfSite:
        """Of one of them."""
        return self.sites.get(site, OfSite())


def read(programme: Programme) -> State:
    """What was kept last."""
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
        kept = json.loads((programme.folder / NAME).read_bytes())
        address, table, version = kept["lake"]
        sites = {site: OfSite(str(stamp), int(withdrawn)) for site, (stamp, withdrawn) in kept["sites"].items()}
        return State(sites, OfLake(str(address), str(table), int(version)))
    return State()


def keep(programme: Programme, state: State) -> None:
    """Replace it, in one step."""
    made = programme.folder / f".draft-{NAME}"
    with open(made, "w", encoding="utf-8", opener=private) as out:
        json.dump({"lake": state.lake, "sites": state.sites}, out)
    os.replace(made, programme.folder / NAME)
