"""What vendors call things, as data: the TOML files of connectors/words, and of the folder `words` of a plug-in.

`<vendor>.toml` holds what is the same in every language, `<vendor>.<language>.toml` one language: a translation is a
new file and nothing else. Each file is read once in a process, when its vendor is first asked for.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
from typing import Any

from connectors.kit.plugins import words_folders


@cache
def by_language(vendor: str) -> dict[str, dict[str, Any]]:
    """Each file of a vendor by its language ("" where it has none), English before the others."""
    found = _in_folder(files("connectors").joinpath("words"), vendor)
    for folder in words_folders() if not found else ():
        found |= _in_folder(folder, vendor)
    return dict(sorted(found.items(), key=lambda item: (item[0] not in ("", "en"), item[0])))


def _in_folder(folder: Traversable, vendor: str) -> dict[str, dict[str, Any]]:
    found = {}
    for file in folder.iterdir():
        name, _, language = file.name.removesuffix(".toml").partition(".")
        if name == vendor and file.name.endswith(".toml"):
            found[language] = tomllib.loads(file.read_text("utf-8"))
    return found


def plain(name: str) -> str:
    """Letters and digits alone, without accents or capitals: "Tai Chi", "tai_chi" and "TaiChi" are the same.

    A number stays as it is: -1 is no 1.
    """
    if re.fullmatch(r"[-+]?[\d.,]+", name):
        return name
    apart = unicodedata.normalize("NFKD", name.casefold())
    return re.sub(r"[\W_]+", "", "".join(c for c in apart if not unicodedata.combining(c)))


@cache
def meanings(vendor: str, table: str = "activities") -> dict[str, str]:
    """What each name or number of a table means, in all languages; the names as `plain` makes them."""
    languages = by_language(vendor).values()
    entries = [entry for words in languages for entry in words.get(table, {}).items()]
    return {plain(str(name)): meaning for meaning, names in entries for name in names}


def activity_of(vendor: str, *names: str | int | None) -> str:
    """Our word for the first of these names (or numbers) that is known; "other" where none is."""
    known = meanings(vendor)
    return next((known[word] for name in names if (word := plain(str(name))) in known), "other")


def is_known(vendor: str, name: str) -> bool:
    """Whether a vendor's word for a kind of activity is one that we know."""
    return plain(name) in meanings(vendor)


@cache
def columns(vendor: str) -> dict[str, list[str]]:
    """How each column that is read is spelled, in all languages, English first."""
    spelled: dict[str, list[str]] = {}
    for words in by_language(vendor).values():
        for column, spellings in words.get("columns", {}).items():
            spelled.setdefault(column, []).extend(spellings)
    return spelled


@cache
def column_of(vendor: str) -> dict[str, str]:
    """The column that each spelling, in small letters, stands for."""
    return {spelling.casefold(): column for column, spellings in columns(vendor).items() for spelling in spellings}


@cache
def listed(vendor: str, name: str) -> tuple[str, ...]:
    """A list of all languages, such as that of the columns that are not used."""
    return tuple(entry for words in by_language(vendor).values() for entry in words.get(name, ()))
