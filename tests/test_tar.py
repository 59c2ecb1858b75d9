"""A .tgz is looked into like a zip: in one pass, within the same limits."""

from __future__ import annotations

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from connectors.kit import limits as _limits
from connectors.kit.archive import members
from connectors.kit.export import Export
from flows.answers.identify import look
from models.fault import Fault

CSV = b"timestamp,steps\n"


def tar(files: dict[str, bytes], mode: str = "w:gz", links: tuple[str, ...] = ()) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:  # type: ignore[call-overload]
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name in links:
            info = tarfile.TarInfo(name)
            info.type, info.linkname = tarfile.SYMTYPE, "/etc/passwd"
            archive.addfile(info)
    return out.getvalue()


def export(content: bytes, name: str = "takeout.tgz") -> Export:
    return Export(name, len(content), lambda: io.BytesIO(content))


def walk(content: bytes, limit: int = _limits.MOST_EXPANDED) -> tuple[dict[str, bytes], dict[str, Fault]]:
    items = list(members(export(content), limit))
    read = {item.name: item.read() for item in items if isinstance(item, Export)}
    return read, {item.file: item for item in items if isinstance(item, Fault)}


@pytest.mark.parametrize("mode", ["w:gz", "w"])
def test_every_file_of_a_tar_is_an_export_that_can_be_read_again(mode: str) -> None:
    content = tar({"Takeout/a.csv": CSV, "Takeout/b.csv": CSV * 2}, mode)
    items = [item for item in members(export(content)) if isinstance(item, Export)]
    assert [item.name for item in items] == ["takeout.tgz/Takeout/a.csv", "takeout.tgz/Takeout/b.csv"]
    with items[1].open() as one, items[1].open() as other:
        assert (one.read(5), other.read(3), one.read(), other.read()) == (
            CSV[:5],
            CSV[:3],
            (CSV * 2)[5:],
            (CSV * 2)[3:],
        )
    assert [item.read() for item in items] == [CSV, CSV * 2]


def test_a_zip_in_a_tar_and_a_tar_in_a_zip_are_followed() -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("deep.tgz", tar({"steps.csv": CSV}))
    found, refused = walk(tar({"x/inner.zip": inner.getvalue()}))
    assert found == {"takeout.tgz/x/inner.zip/deep.tgz/steps.csv": CSV}
    assert not refused


def test_links_and_names_that_lead_out_are_refused_and_the_rest_is_read() -> None:
    found, refused = walk(tar({"../out.csv": CSV, "/abs.csv": CSV, "in.csv": CSV}, links=("link.csv",)))
    assert list(found) == ["takeout.tgz/in.csv"]
    assert [why.found for why in refused.values()] == [
        "a name that leads out of the folder",
        "a name that leads out of the folder",
        "a link or special file",
    ]


def test_a_tar_that_is_cut_off_is_refused_by_place_after_what_was_whole() -> None:
    content = tar({f"{n}.csv": CSV * 3000 for n in range(20)}, "w")
    found, refused = walk(content[: len(content) // 2])
    assert 0 < len(found) < 20
    assert refused["takeout.tgz"].place.startswith("after member")


def test_a_tar_that_expands_beyond_reason_or_over_its_limit_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    found, refused = walk(tar({"a.csv": b"x" * 600, "b.csv": b"x" * 60_000}), limit=30_000)
    assert "takeout.tgz/b.csv" not in found
    assert "more data" in refused["takeout.tgz"].found
    monkeypatch.setattr(_limits, "ALWAYS_ALLOWED", 3_000_000)
    found, refused = walk(tar({"bomb.csv": bytes(30_000_000)}))
    assert not found
    assert "expands over 200 times" in refused["takeout.tgz"].found


def test_a_drop_that_is_a_tar_is_not_called_a_zip(tmp_path: Path) -> None:
    drop = tmp_path / "takeout.tgz"
    drop.write_bytes(tar({"readme.txt": b"nothing"}))
    assert [found["connector"] for found in look(drop, "UTC")] == [None, "tar"]


def test_of_members_with_one_name_the_last_is_the_file() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as archive:
        for name, content in (("a.csv", b"first"), ("b.csv", CSV), ("a.csv", b"last")):
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    assert walk(out.getvalue()) == ({"takeout.tgz/b.csv": CSV, "takeout.tgz/a.csv": b"last"}, {})


def test_a_header_of_a_megabyte_refuses_the_archive_before_it_is_read() -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.PAX_FORMAT) as archive:
        archive.addfile(tarfile.TarInfo("a" * 1_000_000))
    read, refused = walk(out.getvalue())
    assert read == {}
    assert refused["takeout.tgz"].found == "a member with a header that no app writes"


def test_folders_count_as_members(monkeypatch) -> None:
    monkeypatch.setattr(_limits, "MOST_MEMBERS", 5)
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for n in range(6):
            info = tarfile.TarInfo(f"folder{n}")
            info.type = tarfile.DIRTYPE
            archive.addfile(info)
    assert "members" in walk(out.getvalue())[1]["takeout.tgz"].found
