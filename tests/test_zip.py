"""What is taken out of a zip, and what is refused."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile

import pytest

from connectors.kit import archive as _archive
from connectors.kit import limits as _limits
from connectors.kit.archive import members
from connectors.kit.export import Export
from connectors.kit.zip import is_zip
from models.fault import Fault, Rejected


def packed(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", method) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


def walk(content: bytes, limit: int = _limits.MOST_EXPANDED) -> tuple[dict[str, Export], dict[str, Fault]]:
    items = list(members(Export("drop.zip", len(content), lambda: io.BytesIO(content)), limit))
    exports = {item.name: item for item in items if isinstance(item, Export)}
    return exports, {item.file: item for item in items if isinstance(item, Fault)}


def test_members_are_read_in_place_as_often_as_wanted():
    exports, refused = walk(packed({"Takeout/Fitbit/steps.csv": b"timestamp,steps\n", "Takeout/empty/": b"", "b": b""}))
    assert refused == {}
    assert list(exports) == ["drop.zip/Takeout/Fitbit/steps.csv", "drop.zip/b"]
    export = exports["drop.zip/Takeout/Fitbit/steps.csv"]
    assert export.size == 16
    assert export.head == export.read() == export.open().read() == b"timestamp,steps\n"
    assert export.basename == "steps.csv"


def test_the_same_content_has_the_same_hash_in_any_zip():
    inside, _ = walk(packed({"a": b"x" * 100_000}))
    nested, _ = walk(packed({"in.zip": packed({"b": b"x" * 100_000}, zipfile.ZIP_STORED)}))
    assert inside["drop.zip/a"].sha256 == nested["drop.zip/in.zip/b"].sha256


def test_a_zip_on_disk_is_read_by_a_stream_and_left_as_it_was(tmp_path):
    path = tmp_path / "drop.zip"
    path.write_bytes(packed({"a": b"x" * 10}))
    before = path.stat().st_mtime_ns
    (export,) = members(Export("drop.zip", path.stat().st_size, lambda: path.open("rb")))
    assert isinstance(export, Export)
    assert export.read() == b"x" * 10
    assert path.stat().st_mtime_ns == before
    assert [p.name for p in tmp_path.iterdir()] == ["drop.zip"]


def nest(depth: int) -> bytes:
    content = packed({"steps.csv": b"timestamp,steps\n"})
    for _ in range(depth):
        content = packed({"in.zip": content})
    return content


def test_zips_inside_zips_are_followed_four_deep_and_no_deeper():
    exports, refused = walk(nest(4))
    assert list(exports) == ["drop.zip" + "/in.zip" * 4 + "/steps.csv"]
    assert refused == {}
    exports, refused = walk(nest(5))
    assert exports == {}
    assert [(name.count("in.zip"), why.found) for name, why in refused.items()] == [
        (5, "more than 4 archives inside each other")
    ]


def test_a_nested_zip_too_big_for_memory_goes_through_a_temporary_file(monkeypatch):
    monkeypatch.setattr(_limits, "IN_MEMORY", 10)
    exports, _ = walk(nest(2))
    assert [export.read() for export in exports.values()] == [b"timestamp,steps\n"]


def test_an_encrypted_zip_is_refused_once_with_what_to_do():
    content = bytearray(packed({"a.csv": b"1", "b.csv": b"2"}))
    for signature, flags in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = -1
        while (at := content.find(signature, at + 1)) >= 0:
            content[at + flags] |= 1
    exports, refused = walk(bytes(content))
    assert exports == {}
    assert list(refused) == ["drop.zip"]
    assert refused["drop.zip"].found == "an encrypted zip"
    assert "unpack it with the password" in refused["drop.zip"].remedy


@pytest.mark.parametrize(
    "name", ["../evil.csv", "a/../../evil.csv", "/etc/passwd", "C:\\evil.csv", "..\\evil.csv", "\\evil.csv"]
)
def test_names_that_lead_outside_are_refused_and_the_rest_is_read(name):
    exports, refused = walk(packed({name: b"evil", "good.csv": b"good"}))
    assert list(exports) == ["drop.zip/good.csv"]
    (why,) = refused.values()
    assert (why.place, why.found) == ("member 1", "a name that leads out of the folder")


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR])
def test_links_and_special_files_are_refused(kind):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        info = zipfile.ZipInfo("steps.csv")
        info.create_system = 3
        info.external_attr = (kind | 0o644) << 16
        archive.writestr(info, "/etc/passwd")
    exports, refused = walk(buffer.getvalue())
    assert exports == {}
    assert refused["drop.zip/steps.csv"].found == "a link or special file"


def test_a_bomb_is_refused_before_it_goes_off():
    bomb = packed({"steps.csv": bytes(101_000_000)})
    assert len(bomb) < 200_000
    exports, refused = walk(bomb)
    assert exports == {}
    assert refused["drop.zip/steps.csv"].found == "a member that expands over 200 times and over 100 MB"


def test_what_expands_a_lot_but_stays_small_is_read():
    exports, refused = walk(packed({"steps.csv": bytes(1_000_000)}))
    assert (len(exports), refused) == (1, {})


@pytest.mark.parametrize(("field", "factor"), [(20, 10), (24, 0.01)], ids=["more packed bytes", "less content"])
def test_a_bomb_that_lies_about_its_sizes_gives_no_bytes_to_load(monkeypatch, field, factor):
    monkeypatch.setattr(_limits, "ALWAYS_ALLOWED", 3_000_000)
    content = bytearray(packed({"steps.csv": bytes(5_000_000)}))
    at = content.find(b"PK\x01\x02") + field
    struct.pack_into("<I", content, at, int(struct.unpack_from("<I", content, at)[0] * factor))
    exports, refused = walk(bytes(content))
    for export in exports.values():
        with pytest.raises(Rejected):
            export.read()
    assert len(exports) + len(refused) == 1


def test_bytes_are_counted_as_they_come_and_not_as_announced(monkeypatch):
    exports, _ = walk(packed({"steps.csv": bytes(5_000_000)}))
    monkeypatch.setattr(_limits, "ALWAYS_ALLOWED", 3_000_000)
    with pytest.raises(Rejected, match="expands over 200 times"):
        exports["drop.zip/steps.csv"].read()


def test_an_archive_over_its_limit_is_refused_as_a_whole():
    exports, refused = walk(packed({"a": b"x" * 600, "b": b"x" * 600}), limit=1000)
    assert exports == {}
    assert refused["drop.zip"].found == "more data than an archive may expand to"


def test_the_limit_holds_over_all_zips_inside_and_reading_twice_costs_nothing():
    inner = packed({"c": b"y" * 600}, zipfile.ZIP_STORED)
    content = packed({"a": b"x" * 600, "in.zip": inner}, zipfile.ZIP_STORED)
    exports, refused = walk(content, limit=600 + 2 * len(inner))
    assert refused == {}
    for _ in range(3):
        assert {len(export.read()) for export in exports.values()} == {600}
    _, refused = walk(content, limit=1000 + len(inner))
    assert list(refused) == ["drop.zip/in.zip"]


def test_a_damaged_zip_is_refused_and_a_damaged_member_is_too():
    content = packed({"a": b"x" * 1000})
    for broken in (content[:-30], content[:40], b"PK\x03\x04 and nothing more"):
        exports, refused = walk(broken)
        assert exports == {}
        assert refused["drop.zip"].found == "a damaged or cut-off zip"
    flipped = bytearray(packed({"a": bytes(range(256)) * 4, "b": b"good"}, zipfile.ZIP_STORED))
    flipped[100] ^= 0xFF
    exports, refused = walk(bytes(flipped))
    assert list(exports) == ["drop.zip/b"]
    assert refused["drop.zip/a"].found == "a damaged member"


def test_damage_beyond_the_first_bytes_is_found_by_whoever_reads_them():
    content = bytearray(packed({"a": b"x" * 900_000}, zipfile.ZIP_STORED))
    content[800_000] ^= 0xFF
    exports, _ = walk(bytes(content))
    with pytest.raises(Rejected, match="a damaged member"):
        exports["drop.zip/a"].read()


def test_compressions_that_cannot_be_read_in_bounded_memory_are_refused():
    _, refused = walk(packed({"a": bytes(10_000_000)}, zipfile.ZIP_BZIP2))
    assert refused["drop.zip/a"].found == "an unusual compression"


def test_a_refusal_holds_no_name():
    _, refused = walk(packed({"../ann.miller@example.com.csv": b"", "x": b""}))
    (why,) = refused.values()
    assert "miller" not in f"{why.place}, {why.reason}, {why.remedy}"


def test_a_zip_is_known_by_its_content_and_an_office_document_is_none():
    content = packed({"a": b""})
    assert is_zip(Export("whatever.bin", len(content), lambda: io.BytesIO(content)))
    assert not is_zip(Export("table.xlsx", len(content), lambda: io.BytesIO(content)))
    assert not is_zip(Export("steps.zip", 5, lambda: io.BytesIO(b"hello")))


def test_of_members_with_one_name_the_last_is_the_file():
    buffer = io.BytesIO()
    with warnings.catch_warnings(), zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, content in (("a.csv", b"first"), ("b.csv", b"other"), ("a.csv", b"last")):
            archive.writestr(name, content)
    exports, refused = walk(buffer.getvalue())
    assert {name: export.read() for name, export in exports.items()} == {
        "drop.zip/a.csv": b"last",
        "drop.zip/b.csv": b"other",
    }
    assert refused == {}


def test_a_zip_whose_members_lie_over_each_other_is_refused_as_a_whole():
    content = packed({"a.csv": b"x" * 100, "b.csv": b"x" * 100}, zipfile.ZIP_STORED)
    second = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02") + 1)
    both = bytearray(content)
    struct.pack_into("<I", both, second + 42, 0)  # the second entry points to where the first lies
    exports, refused = walk(bytes(both))
    assert exports == {}
    assert refused["drop.zip"].found == "members that lie over each other"


def test_a_zip_behind_other_bytes_is_read_and_is_not_taken_for_one_that_overlaps():
    exports, refused = walk(b"PK\x03\x04" + bytes(500) + packed({"a.csv": b"x" * 100, "b.csv": b""}))
    assert sorted(exports) == ["drop.zip/a.csv", "drop.zip/b.csv"]
    assert refused == {}


def test_a_small_zip_of_many_small_bombs_is_refused_as_a_whole(monkeypatch):
    monkeypatch.setattr(_archive, "MOST_FROM_LITTLE", 3_000_000)
    bombs = packed({f"{n}.csv": bytes(1_000_000) for n in range(4)})
    exports, refused = walk(bombs)
    assert exports == {}
    assert refused["drop.zip"].found == "more data than an archive may expand to"
