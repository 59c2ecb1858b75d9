"""`programme doctor`: what a programme rests on, and what to do about what is wrong with it."""

from __future__ import annotations

from importlib import metadata
from pathlib import Path

from packaging.requirements import Requirement

from flows.answers.examination import Examination, Findings, done
from flows.answers.finding import NOW, Finding
from models.programme import read_programme

_INSTALL = "pip install 'stepwindow[programme]'"


def lake_package() -> Findings:
    """The package that reads and writes lakes."""
    asked = map(Requirement, metadata.requires("stepwindow") or [])
    wanted = next((one for one in asked if one.name == "deltalake"), Requirement("deltalake"))
    try:
        found = metadata.version(wanted.name)
    except metadata.PackageNotFoundError:
        yield Finding(NOW, "package", f"{wanted.name} is not installed.", _INSTALL)
        return
    if not wanted.specifier.contains(found, prereleases=True):
        what = f"{wanted.name} {found} is installed; {wanted.name}{wanted.specifier} is asked for."
        yield Finding(NOW, "package", what, _INSTALL)


def examine(folder: Path) -> Examination:
    """Every check of the programme in a folder. StudyError where it is none."""
    programme = read_programme(folder)
    found = done([lake_package])
    if any(finding for _, findings in found for finding in findings):
        return Examination(found)
    from flows.programme.checks import CHECKS  # which needs the package

    return Examination([*found, *done(CHECKS, programme)])
