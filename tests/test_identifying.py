"""Which connectors are asked about a file: each that would take it, or say why it is none, however it was changed."""

from __future__ import annotations

import random

import pytest

from connectors import candidates, connectors, identify
from connectors.kit.export import Export
from connectors.testing.checks import changed, signs_shown
from models.fault import Rejected
from tests.goldens import export_of, samples, trial_of

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


@pytest.mark.parametrize("kind", sorted(samples()))
def test_every_sample_shows_what_its_connector_looks_for(kind: str) -> None:
    if wrong := list(signs_shown(trial_of(kind))):
        pytest.fail(f"connectors/{kind}.py {wrong[0]}", pytrace=False)


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
