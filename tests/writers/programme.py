"""Makes a small programme of three sites, each the sample study from another seed.

python -m tests.writers.programme FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from tests.writers import study

SITES = {"north": 2026, "river": 2027, "south": 2028}


def write(folder: Path) -> None:
    """programme.toml, and the studies below `sites`. A folder that is there already is completed."""
    for site, seed in SITES.items():
        if not (folder / "sites" / site).exists():
            study.write(folder / "sites" / site, seed)
    blocks = "".join(f'\n[[site]]\nid = "{site}"\nstudy = "sites/{site}"\n' for site in SITES)
    (folder / "programme.toml").write_text(f'name = "Sample: three sites"\n{blocks}')


if __name__ == "__main__":
    write(Path(sys.argv[1]))
