"""What a programme remembers between its runs. Losing it costs nights, and nothing else.

.programme.json     {"riverside": ["<stamp>", 2]}
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


@dataclass(frozen=True)
class State:
    """Of all sites."""

    sites: dict[str, OfSite] = field(default_factory=dict)

    def of(self, site: str) -> OfSite:
        """Of one of them."""
        return self.sites.get(site, OfSite())


def read(programme: Programme) -> State:
    """What was kept last."""
    with suppress(OSError, ValueError, TypeError, AttributeError, KeyError):
        kept = json.loads((programme.folder / NAME).read_bytes())
        return State({site: OfSite(str(stamp), int(withdrawn)) for site, (stamp, withdrawn) in kept.items()})
    return State()


def keep(programme: Programme, state: State) -> None:
    """Replace it, in one step."""
    made = programme.folder / f".draft-{NAME}"
    with open(made, "w", encoding="utf-8", opener=private) as out:
        json.dump(state.sites, out)
    os.replace(made, programme.folder / NAME)
