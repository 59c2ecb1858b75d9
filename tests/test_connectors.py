"""What every connector must have, found by being in the folder."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from connectors import Context, built_in, connectors, extract, identify
from connectors.kit.declaration import mistakes
from connectors.kit.export import Export

DATA = Path(__file__).parents[1].parent / "shared" / "data"
EVERY = sorted(built_in())


def test_a_module_in_the_folder_is_a_connector_without_registration() -> None:
    folder = Path(__file__).parents[1] / "connectors"
    assert sorted(path.stem for path in folder.glob("[!_]*.py")) == EVERY


@pytest.mark.parametrize("name", EVERY)
def test_a_connector_says_what_it_reads_and_what_it_cannot_tell(name: str) -> None:
    assert not list(mistakes(connectors()[name])), f"connectors/{name}.py"


def test_every_file_of_the_collected_exports_is_taken_ignored_or_refused_with_a_reason(context: Context) -> None:
    if not DATA.exists():
        pytest.skip("the collected exports are not here: nothing to try the readers on")
    from connectors import Ignored
    from models.fault import Rejected

    taken, refused = 0, []
    for path in sorted(p for p in DATA.rglob("*") if p.is_file()):
        content = path.read_bytes()
        export = Export(str(path.relative_to(DATA)), len(content), lambda content=content: io.BytesIO(content))
        try:
            kind = identify(export)
            if isinstance(kind, Ignored):
                assert kind.why
                continue
            extract(kind, export, context)
            taken += 1
        except Rejected as rejected:
            refused.append(rejected.fault)
    assert taken > 100
    assert all(fault.place and fault.found and fault.expected and fault.remedy for fault in refused)
