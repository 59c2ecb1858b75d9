"""Which connectors are asked about a file: each that would take it, or say why it is none, however it was changed."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator

import pytest

from connectors import candidates, connectors, identify
from connectors.kit.export import Export
from connectors.kit.signs import signs
from models.fault import Rejected
from tests.goldens import export_of, samples
from tests.mutations import mutations, table, written
from tests.test_drift import NEW, fields, renamed

COMPANIONS = (
    "apple_health_export/electrocardiograms/ecg_1.csv", "x/clinical-records/a.json", "Takeout/Fitbit/floors_1.csv",
    "DI_CONNECT/DI-Connect-Wellness/1_sleepData.json", "Takeout/Fit/a.tcx", "HealthMetrics-2026.csv",
    "Motion path detail data & description/a.json", "App Data/ring.csv", "sleep_result_1.json", "jsons/com.samsung.x",
    "activities/1.gpx", "export_1/logins.csv", "data_ANN_1775000000/raw_bed.csv", "SLEEP_MINUTE_1780000000.csv",
)  # fmt: skip
SCRAPS = (
    b"[]", b"{}", b"[1]", b"<gpx", b"timestamp,floors\n", b"id,x\n", b"start,finish,y\n", b"date,value\n", b"Sleep\n",
    b",Actual,Goal\n", b"Steps\n,Actual,Goal\n", b"sep=;\ndate;activity;minutes\n", b"\xef\xbb\xbf\n\nsteps\n", b"\0\0",
    "sep=;\ndate;activity;minutes\n".encode("utf-16"), b'{"exportVersion": 1}', b"[x", b"{timestamp,steps\n1,2\n",
)  # fmt: skip


def answering(export: Export) -> set[str]:
    """The connectors that would take an export, or say why it is none: those of all that are asked one by one."""
    every = connectors().items()
    return {name for name, c in every if c.identify(export) or (hasattr(c, "companion") and c.companion(export))}


def changed(name: str, content: bytes) -> Iterator[bytes]:
    """A sample with each of its columns or fields renamed in turn, and damaged."""
    yield content
    if found := table(content, name):
        top, rows, separator = found
        for at in range(len(rows[0])):
            header = [NEW if n == at else other for n, other in enumerate(rows[0])]
            yield written(top, [header, *rows[1:]], separator)
    if content[:1] in b"[{":
        said = json.loads(content)
        yield from (json.dumps(renamed(said, key)).encode() for key in sorted(set(fields(said))))
    yield from (damaged for _, damaged, _ in mutations(name, content, random.Random(name)) if damaged)


@pytest.mark.parametrize("kind", sorted(samples()))
def test_every_sample_shows_what_its_connector_looks_for(kind: str) -> None:
    for name, content in samples()[kind]().items():
        export = export_of(name, content)
        if connectors()[kind].identify(export) and kind not in candidates(export):
            looked_for, shown = connectors()[kind].LOOKS_FOR, sorted(signs(export))
            pytest.fail(f"connectors/{kind}.py LOOKS_FOR {looked_for}: none of it is a sign of {name}: {shown}", False)


@pytest.mark.parametrize("kind", sorted(samples()))
def test_who_would_answer_for_a_changed_file_is_asked(kind: str) -> None:
    rng = random.Random(kind)
    for name, content in samples()[kind]().items():
        for variant in changed(name, content):
            for other in (name, name.rsplit("/")[-1], rng.choice(COMPANIONS)):
                export = export_of(other, variant)
                assert answering(export) <= set(candidates(export)), (other, variant[:80])


@pytest.mark.parametrize("content", SCRAPS)
def test_who_would_answer_for_a_scrap_is_asked_whatever_it_is_called(content: bytes) -> None:
    for name in (*COMPANIONS, *(name for make in samples().values() for name in make())):
        export = export_of(name, content)
        assert answering(export) <= set(candidates(export)), name


def test_few_are_asked() -> None:
    asked = [len(candidates(export_of(*file))) for make in samples().values() for file in make().items()]
    assert sum(asked) / len(asked) < len(connectors()) / 3


def test_two_that_take_a_file_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connectors()["garmin_fit_activity"], "identify", lambda _: True)
    ((name, content),) = list(samples()["garmin_fit_monitoring"]().items())[:1]
    with pytest.raises(Rejected, match=r"two readers for it \(garmin_fit_activity, garmin_fit_monitoring\)"):
        identify(export_of(name, content))
