"""The SQL of the product: models/sql. A statement of more than two lines is a file there, unless Python makes up its
columns or tables.

A folder is a step (day, week), whose files are run in order, or somebody who asks (ask/status, report/sections), whose
files are questions. The first comment of a question names its parameters.
"""

from __future__ import annotations

from functools import cache
from importlib import resources


@cache
def sql_files(folder: str) -> list[tuple[str, str]]:
    """The SQL files of one folder as (name, text), in order."""
    found = [f for f in resources.files("models").joinpath("sql", folder).iterdir() if f.name.endswith(".sql")]
    return [(f.name, f.read_text("utf-8")) for f in sorted(found, key=lambda f: f.name)]


def queries(folder: str) -> dict[str, str]:
    """The questions of one folder by name, in order: a number before the name is for the order alone."""
    return {name.removesuffix(".sql").lstrip("0123456789_"): text for name, text in sql_files(folder)}


@cache
def statement(name: str) -> str:
    """One statement, by folder and name: `statement("store/absent")`."""
    return resources.files("models").joinpath("sql", f"{name}.sql").read_text("utf-8")
