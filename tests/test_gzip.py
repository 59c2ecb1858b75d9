"""A file packed alone by gzip counts as the file in it."""

from __future__ import annotations

import gzip
import io

import pytest

from connectors.kit.archive import archive_kind, members
from connectors.kit.bundle import bundle_of
from connectors.kit.export import Export
from models.fault import Fault
from tests.studies import StudyFolder, fitbit_day

CSV = b"timestamp,steps\n"


def export(content: bytes, name: str = "steps.csv.gz") -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def inside(content: bytes, name: str = "steps.csv.gz") -> list[Export | Fault]:
    assert archive_kind(export(content, name)) == "gzip"
    return list(members(export(content, name)))


@pytest.mark.parametrize(("name", "inner"), [("a.csv.gz", "a.csv"), ("A.FIT.GZ", "A.FIT"), ("a.fit", "a.fit")])
def test_it_has_the_name_without_gz_and_can_be_read_again(name: str, inner: str) -> None:
    (file,) = inside(gzip.compress(CSV), name)
    assert isinstance(file, Export)
    assert (file.name, file.size, file.read(), file.read()) == (f"{name}/{inner}", len(CSV), CSV, CSV)


def test_one_in_one_is_unpacked_and_five_are_too_many() -> None:
    content = gzip.compress(gzip.compress(CSV))
    (file,) = inside(content, "a.csv.gz.gz")
    assert isinstance(file, Export)
    assert (file.name, file.read()) == ("a.csv.gz.gz/a.csv.gz/a.csv", CSV)
    for _ in range(4):
        content = gzip.compress(content)
    (why,) = inside(content, "a.gz")
    assert isinstance(why, Fault)
    assert "archives inside each other" in str(why)


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (gzip.compress(CSV)[:-9], "cut-off"),
        (gzip.compress(CSV)[:-6] + b"\0\0\0\0\0\0", "cut-off"),
        (gzip.compress(bytes(300_000_000)), "expands over 200 times"),
    ],
    ids=["cut off", "wrong checksum", "bomb"],
)
def test_a_damaged_or_absurd_one_is_refused_by_its_name(content: bytes, found: str) -> None:
    (why,) = inside(content)
    assert isinstance(why, Fault)
    assert why.file == "steps.csv.gz"
    assert found in str(why)


def test_it_lies_where_its_gz_lies_and_a_packed_tar_is_an_archive() -> None:
    assert bundle_of("P1/steps.csv.gz!/steps.csv", "sha") is None
    assert bundle_of("P1/Takeout/Fit/a.tcx.gz!/a.tcx", "sha") == bundle_of("P1/Takeout/Fit/a.tcx")
    assert bundle_of("P1/x.tar.gz!/a.tcx", "sha") == "sha/"


def test_packed_and_unpacked_are_one_content_and_count_once(study: StudyFolder) -> None:
    for name, content in fitbit_day("2026-03-04").items():
        study.put(f"P1/{name}.gz", gzip.compress(content))
    study.night()
    packed = study.day("2026-03-04")
    assert (packed["steps"], packed["day_state"]) == (6000, "valid")
    for name, content in fitbit_day("2026-03-04").items():
        study.put(f"P1/{name}", content)
    study.night()
    assert study.day("2026-03-04") == packed
