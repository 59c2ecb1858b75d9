"""programme.toml: the sites of a programme, each a study of its own, and the lake that they give to."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BeforeValidator, field_validator

from models.fault import StudyError
from models.study import cells as cell
from models.study.rows import Frozen, Text, Zoned
from models.study.settings import TOML as STUDY_TOML
from models.study.settings import Place, StudyToml, read_as, read_toml

TOML = "programme.toml"
_ID = r"[A-Za-z0-9_-]{1,64}"


def _site_id(value: object) -> str:
    if not isinstance(value, str) or not re.fullmatch(_ID, value):
        raise cell.wrong("is not usable", "1 to 64 of A-Z, a-z, 0-9, _ and -")
    return value


class Site(Frozen):
    """One [[site]]."""

    id: Annotated[str, BeforeValidator(_site_id)]
    study: Place  # its study folder: relative to the programme, or absolute; or the address that it sends to
    timezone: Zoned | None = None  # that its study.toml is expected to name
    processors: Annotated[int, cell.between(1, 1024)] = 1  # that its night may use
    memory_gb: Annotated[int, cell.between(1, 4096)] = 4  # that each process of its night may have
    minutes: Annotated[int, cell.between(1, 10_000)] = 240  # that its night may take

    @property
    def sends(self) -> bool:
        """Whether it has its nights elsewhere, and sends what it publishes to an address."""
        return "://" in self.study

    def settings(self, folder: Path) -> StudyToml:
        """The settings of its study, which lies there. StudyError where it is none, or none as programme.toml says."""
        if not folder.is_dir():
            raise StudyError("its study folder is not there", f"see that its disk is mounted, or correct {TOML}")
        found = read_toml(folder / STUDY_TOML)
        if self.timezone and self.timezone != found.timezone:
            what = f"its study.toml says {found.timezone}, {TOML} {self.timezone}"
            raise StudyError(what, "correct the one that is wrong")
        return found


class _ProgrammeToml(Frozen):
    name: Text
    lake: Place = "lake"  # a folder below the programme, or an address that fsspec opens
    send: Annotated[str, cell.one_of(("all", "share"))] = "all"  # what leaves a site
    site: tuple[Site, ...] = ()

    @field_validator("site")
    @classmethod
    def _each_once(cls, sites: tuple[Site, ...]) -> tuple[Site, ...]:
        for what in ("id", "study"):
            for name, n in Counter(getattr(site, what) for site in sites).items():
                if n > 1:
                    raise cell.wrong(f"has {n} sites of one {what}", f"each {what} once", f"it is {name}")
        return sites


@dataclass(frozen=True)
class Programme:
    """A programme and the folder it lies in."""

    folder: Path
    name: str
    lake: str  # an absolute path, or an address
    send: str
    sites: tuple[Site, ...]

    def folder_of(self, site: Site) -> Path:
        """The study folder of a site on this machine."""
        return self.folder / site.study

    def site(self, site_id: str) -> Site:
        """A site by its id. StudyError where there is none."""
        for site in self.sites:
            if site.id == site_id:
                return site
        raise StudyError(f"{TOML}: no site {site_id}; check the spelling")


def read_programme(folder: Path) -> Programme:
    """The programme of a folder. StudyError where programme.toml is not there, or something in it is not good."""
    path = folder / TOML
    if not path.exists():
        raise StudyError(f"{path}: not there; `stepwindow programme init DIR` makes one, --programme DIR names one")
    toml, here = read_as(_ProgrammeToml, path), folder.absolute()
    lake = toml.lake if "://" in toml.lake else str(here / toml.lake)
    return Programme(here, toml.name, lake, toml.send, toml.site)
