"""Which programmes a site gave to: written at the site, so that what is withdrawn there is withdrawn from them, too.

warehouse/programmes.json     {"/srv/network": "riverside"}: the programme's folder, or the address that the site sends
                              to, and the site's id
"""

from __future__ import annotations

import json
import os
from contextlib import suppress
from pathlib import Path

NAME = "programmes.json"


def enter(warehouse: Path, programme: str, site: str) -> None:
    """Write a programme down, before anything is given to it."""
    known = entered(warehouse)
    if known.get(programme) != site:
        made = warehouse / f".draft-{NAME}"
        made.write_text(json.dumps(known | {programme: site}))
        made.chmod(0o600)
        os.replace(made, warehouse / NAME)


def entered(warehouse: Path) -> dict[str, str]:
    """The programmes by their folders and addresses, and what the site is called in each."""
    with suppress(OSError, ValueError, AttributeError):
        return {str(folder): str(site) for folder, site in json.loads((warehouse / NAME).read_bytes()).items()}
    return {}
