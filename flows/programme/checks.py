"""The checks of `programme doctor`, each of one thing. A site's own `doctor` looks into the site."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from flows.answers.examination import Findings
from flows.answers.finding import NOTE, NOW, SOON, Finding, some
from flows.output import several
from flows.programme import standing, state
from flows.programme.answers import answers, sites
from flows.programme.job import FAILED
from models.fault import Stopped, StoreError, StudyError
from models.lake.lake import Lake
from models.lake.outbox import Outbox
from models.programme import Programme, Site
from models.store.connect import is_plain
from models.store.file import STORE
from models.store.programme_file import PROGRAMME
from models.warehouse import warehouse_of

_VERSION = {"version": "SELECT DISTINCT programme_version AS number FROM programme_version"}
_FORMS = {"forms": "SELECT site, schema_version FROM study"}


def lake(programme: Programme) -> Findings:
    """The lake: there, and this user may write to it."""
    try:
        there = Lake(programme.lake)
        if there.current().number:
            there.try_writing()
        elif (programme.folder / PROGRAMME).exists():
            remedy = (
                f"see that it is mounted, and that programme.toml names it; to fill a new one delete {PROGRAMME}, run"
            )
            yield Finding(NOW, "lake", "There was a run, and the lake holds nothing.", remedy)
    except StoreError as error:
        yield Finding(NOW, "lake", f"{error.what}.", error.remedy)


def lake_files(programme: Programme) -> Findings:
    """Every file of the lake's current version, with its size."""
    with suppress(StoreError):  # `lake` says it
        there = Lake(programme.lake)
        for relation, version in there.current().tables.items():
            sizes = there.sizes(relation)
            known = there.standing(relation, version)
            lost = sorted(part.site for path, part in known.items() if sizes.get(path) != part.bytes)
            if lost:
                what = f"{relation}: {several(len(lost), 'file')} of {some(sorted(set(lost)))} not there, or cut short."
                remedy = "restore the lake from its copy, or delete it: the next run fills a new one from the sites"
                yield Finding(NOW, "lake_files", what, remedy)


def database(programme: Programme) -> Findings:
    """programme.duckdb: there, and of the lake's current version."""
    with suppress(StoreError):
        number = Lake(programme.lake).current().number
        if not number:
            if not (programme.folder / PROGRAMME).exists():
                yield Finding(NOTE, "no_run", "There was no run yet.", "run `stepwindow programme run`")
            return
        try:
            found = [row["number"] for row in answers(programme, _VERSION)["version"]]
        except StoreError:
            found = []
        if found != [number]:
            what = f"{PROGRAMME} is not that of the lake's version {number:,}." if found else f"{PROGRAMME} is missing."
            yield Finding(NOW, "database", what, "run `stepwindow programme run`: it makes it anew")


def folders(programme: Programme) -> Findings:
    """The sites' folders: there, with the settings that programme.toml expects."""
    for site, folder in _near(programme):
        try:
            site.settings(folder)
        except StudyError as error:
            yield Finding(NOW, "folder", f"{site.id}: {error.what}.", error.remedy or "correct it")


def addresses(programme: Programme) -> Findings:
    """The addresses that sites send to: something lies there, and it can be read."""
    for site in programme.sites:
        if site.sends:
            try:
                if Outbox(site.study).sent() is None:
                    remedy = "run `stepwindow programme send` at the site"
                    yield Finding(SOON, "address", f"{site.id} has sent nothing yet.", remedy)
            except (StudyError, StoreError) as error:
                yield Finding(NOW, "address", f"{site.id}: {error.what}.", error.remedy)


def encryption(programme: Programme) -> Findings:
    """What is encrypted at a site, and is not in the lake."""
    found = []
    for site, folder in _near(programme):
        with suppress(Stopped, OSError):
            if not is_plain(warehouse_of(folder) / STORE):
                found.append(site.id)
    if found:
        what = f"Databases are encrypted at {some(found)}; what is given to the lake is not, nor {PROGRAMME}."
        yield Finding(NOTE, "plain", what, "keep the lake and the programme's folder on a disk that is encrypted")


def needing(programme: Programme) -> Findings:
    """The sites of the last run: none failed, all are of the newest night."""
    with suppress(StoreError):  # `database` says it
        rows = sites(programme)
        newest = standing.newest(rows)
        if named := [row["site"] for row in rows if row["reason"] or row["outcome"] == FAILED]:
            what = f"Something needs a person at {some(named)}."
            yield Finding(SOON, "sites", what, "`stepwindow programme status` says what")
        if named := [row["site"] for row in rows if not row["as_of"]]:
            yield Finding(SOON, "nothing", f"Nothing was given yet by {some(named)}.", "run `stepwindow programme run`")
        if late := sorted((row for row in rows if standing.behind(row, newest)), key=lambda row: row["as_of"]):
            named = [f"{row['site']} (as of {row['as_of']})" for row in late]
            what = f"Nothing was given for {standing.LATE} days or longer by {some(named)}."
            yield Finding(SOON, "late", what, "see that its nights run, and that it is not held by another process")


def versions(programme: Programme) -> Findings:
    """Versions of stepwindow, and forms of what is published, by site."""
    with suppress(StoreError):
        older = standing.older(sites(programme))
        asked = _FORMS if programme.send == "all" else {}  # shares do not say it
        forms = {row["site"]: row["schema_version"] for row in answers(programme, asked).get("forms", [])}
        older |= {site for site, form in forms.items() if int(form) < max(map(int, forms.values()))}
        if older:
            what = f"An older version than another site's published the rows of {some(sorted(older))}."
            yield Finding(NOTE, "older", what, "install the same version there; its next night gives new rows")


def last_run(programme: Programme) -> Findings:
    """How long ago the last run was."""
    with suppress(FileNotFoundError):
        ended = datetime.fromtimestamp((programme.folder / state.NAME).stat().st_mtime, UTC)
        if (days := (datetime.now(UTC) - ended).days) >= standing.LATE:
            what = f"The last run was {several(days, 'day')} ago."
            yield Finding(SOON, "no_run", what, "see that what starts `stepwindow programme run` is on")


def modes(programme: Programme) -> Findings:
    """Who may look into the programme's folder, and the lake's."""
    lake = [] if "://" in programme.lake else [Path(programme.lake)]
    places = [programme.folder, *(place for place in lake if not place.is_relative_to(programme.folder))]
    for place in places:
        if place.is_dir() and stat.S_IMODE(place.stat().st_mode) & 0o077:
            yield Finding(SOON, "modes", f"Others may look into {place}.", f"chmod go-rwx {place}")


def _near(programme: Programme) -> Iterator[tuple[Site, Path]]:
    """The sites that have their nights here, each with its study folder."""
    return ((site, programme.folder_of(site)) for site in programme.sites if not site.sends)


CHECKS: list[Callable[[Programme], Findings]] = [
    lake, lake_files, database, folders, addresses, encryption, needing, versions, last_run, modes,
]  # fmt: skip
