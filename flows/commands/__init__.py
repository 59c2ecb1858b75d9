"""The commands of `stepwindow`, one module each; being in this folder is enough.

A command's docstring begins with its help text. `arguments(parser)` declares its options; `call(arguments)` calls the
room that does it, prints, and returns the exit code. All that takes long to load is imported inside `call`: `--help`
loads every command, and a command only what it needs.
"""

from __future__ import annotations

import argparse
import os
from datetime import date, datetime
from pathlib import Path
from typing import TypeVar
from zoneinfo import ZoneInfo

Moment = TypeVar("Moment", date, datetime)
CLEAN, REJECTED, CANNOT = 0, 1, 2  # all well; finished, something was rejected; could not run


def with_study(parser: argparse.ArgumentParser) -> None:
    """`--study` and `--json`."""
    of_study(parser)
    with_json(parser)


def of_study(parser: argparse.ArgumentParser) -> None:
    """`--study`."""
    here = os.environ.get("STEPWINDOW_STUDY", ".")
    parser.add_argument(
        "--study", type=Path, default=Path(here), metavar="DIR", help="the study folder (default: %(default)s)"
    )


def with_json(parser: argparse.ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="print for machines")


def with_zip_password(parser: argparse.ArgumentParser) -> None:
    """`--zip-password`, which takes no value: what is typed in a command others can see."""
    parser.add_argument(
        "--zip-password", action="store_true",
        help="ask for the password of zips, for this run alone (or $STEPWINDOW_ZIP_PASSWORD, or a line of the input)",
    )  # fmt: skip


def a_date(text: str) -> date:
    """2026-03-09, or an error that argparse shows."""
    return _parsed(text, date, "a date such as 2026-03-09")


def a_moment(text: str) -> datetime:
    """2026-03-09T02:00, or an error that argparse shows."""
    return _parsed(text, datetime, "a time such as 2026-03-09T02:00")


def with_timezone(parser: argparse.ArgumentParser) -> None:
    """`--timezone`, where no study says where a person was."""
    parser.add_argument(
        "--timezone", type=_a_zone, default="UTC", help="where the person was, for files that do not say"
    )


def _a_zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ValueError, KeyError, OSError):
        raise argparse.ArgumentTypeError(_no_zone(text)) from None
    return text


def _no_zone(text: str) -> str:
    from pydantic_core import PydanticCustomError

    from models.study.cells import zone

    try:
        return f"{zone(text)!r} is not known here"
    except PydanticCustomError as error:
        found = error.context or {}
        return f"{text!r} {error.message()}: expected {found['expected']}; {found['hint']}".rstrip("; ")


def _parsed(text: str, kind: type[Moment], what: str) -> Moment:
    try:
        return kind.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}") from None
