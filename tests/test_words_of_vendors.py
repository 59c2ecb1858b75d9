"""The words of connectors/words: each means one thing, a thing that we count, and is what the readers go by."""

from __future__ import annotations

import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from connectors import connectors
from connectors.kit import apple, words
from connectors.kit.words import activity_of, by_language, column_of, columns, listed, meanings, plain
from models.activity import Extract
from models.taxonomy import ACTIVITIES
from tests.fuzzing import read

FOLDER = Path(__file__).parents[1] / "connectors" / "words"
FILES = sorted(FOLDER.glob("*.toml"))
VENDORS = sorted({path.name.split(".")[0] for path in FILES})
KINDS = ("activities",)  # tables of kinds of activity: ours, and the vendor's names for it
TABLES = {"columns", "months", "sports", "sub_sports", "no_movement", "not_worn", *KINDS}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_a_file_says_what_it_is_and_has_only_tables_that_are_read(path: Path) -> None:
    text = path.read_text("utf-8")
    assert text.startswith("# "), f"{path.name}: the first line is a comment that says what it is"
    assert {name for name, value in tomllib.loads(text).items() if isinstance(value, dict)} <= TABLES


@pytest.mark.parametrize("vendor", VENDORS)
def test_every_kind_of_activity_is_one_of_ours(vendor: str) -> None:
    kinds = {kind for language in by_language(vendor).values() for table in KINDS for kind in language.get(table, {})}
    assert kinds <= set(ACTIVITIES)


@pytest.mark.parametrize("vendor", VENDORS)
@pytest.mark.parametrize("table", [*KINDS, "months", "columns"])
def test_no_name_has_two_meanings(vendor: str, table: str) -> None:
    meant: dict[str, set[str]] = {}
    for language in by_language(vendor).values():
        for meaning, names in language.get(table, {}).items():
            assert len({str(name) for name in names}) == len(names), f"{meaning}: a name twice"
            for name in names:
                meant.setdefault(plain(str(name)), set()).add(meaning)
    assert not {name: kinds for name, kinds in meant.items() if not name or len(kinds) > 1}


@pytest.mark.parametrize("vendor", VENDORS)
def test_what_a_file_says_is_what_a_reader_is_given(vendor: str) -> None:
    for language in by_language(vendor).values():
        for activity, names in language.get("activities", {}).items():
            assert {activity_of(vendor, name) for name in names} == {activity}
            if vendor == "apple":
                assert {apple.activity_of(str(name)) for name in names} == {activity}
        for column, spellings in language.get("columns", {}).items():
            assert set(spellings) <= set(columns(vendor)[column])
            assert {column_of(vendor)[spelling.casefold()] for spelling in spellings} == {column}


@pytest.mark.parametrize("vendor", VENDORS)
def test_the_words_of_a_vendor_are_asked_for_by_a_reader(vendor: str) -> None:
    readers = [Path(str(module.__file__)).read_text("utf-8") for module in connectors().values()]
    readers.append(Path(apple.__file__).read_text("utf-8"))
    assert any(f'"{vendor}"' in text for text in readers)


def test_a_name_is_known_in_any_spelling_and_one_that_is_not_known_is_other() -> None:
    assert {activity_of("oura", name) for name in ("Strength Training", "strength_training", "strength-training")} == {
        "strength"
    }
    assert activity_of("garmin", "Course a pied") == activity_of("garmin", "Course à pied") == "running"
    assert activity_of("zepp", 999, 6) == "walking"
    assert {activity_of("whoop", name) for name in (None, "", "?", "Underwater chess")} == {"other"}


def test_all_languages_of_a_vendor_are_one_with_english_first() -> None:
    assert next(iter(by_language("garmin"))) == "en"
    assert {"Distanz", "Distance", "Distancia"} <= set(listed("garmin", "unused"))
    assert meanings("strava", "months")["marz"] == meanings("strava", "months")["marzo"] == "3"
    assert columns("strava")["date"][:2] == ["Activity Date", "date"]  # what a rejection calls it


POLISH = """# Garmin Connect's list of activities in Polish.
unused = ["Dystans"]
[columns]
type = ["Typ aktywności"]
date = ["Data"]
favorite = ["Ulubiona"]
title = ["Tytuł"]
calories = ["Kalorie"]
timer = ["Czas"]
steps = ["Kroki"]
[activities]
walking = ["chód"]
"""


@pytest.fixture
def added(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The folder of words, copied, to which a file may be added."""
    caches = (by_language, meanings, columns, column_of, listed)
    shutil.copytree(FOLDER, tmp_path / "words")
    monkeypatch.setattr(words, "files", lambda package: tmp_path)
    for cached in caches:
        cached.cache_clear()
    yield tmp_path / "words"
    for cached in caches:
        cached.cache_clear()


def test_a_language_is_added_by_adding_a_file(added: Path) -> None:
    (added / "garmin.pl.toml").write_text(POLISH, "utf-8")
    header = "Typ aktywności,Data,Ulubiona,Tytuł,Dystans,Kalorie,Czas,Kroki"
    result = read("Activities.csv", f"{header}\nChód,2026-03-02 07:30:00,false,x,1,2,00:30:00,99\n".encode())
    assert isinstance(result, Extract)
    assert result.notes == []
    assert result.sessions.select("activity", "vendor_activity", "timer_ms", "steps").rows() == [
        ("walking", "Chód", 30 * 60_000, 99)
    ]


def test_every_list_is_asked_for_by_name() -> None:
    readers = "".join(path.read_text("utf-8") for path in (FOLDER.parent).rglob("*.py"))
    lists = {
        name for path in FILES for name, value in tomllib.loads(path.read_text("utf-8")).items() if type(value) is list
    }
    assert {
        name for name in lists if f'"{name}"' not in readers and f'f"{name.partition("_")[0]}_' not in readers
    } == set()


def test_a_number_with_a_sign_or_a_point_is_no_other_number() -> None:
    assert [activity_of("zepp", code) for code in (1, "1", -1, "-1", 1.0, "1.0", "6", "-6")] == [
        "running", "running", "other", "other", "other", "other", "walking", "other",
    ]  # fmt: skip
