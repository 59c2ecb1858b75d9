"""One module per kind of export. Being in this folder is enough: there is nothing to register. Other packages bring
theirs by an entry point (docs/plugins.md): of the same form, asked after ours.

A connector is a module whose name does not begin with an underscore. Its docstring says what the export is called,
where a person finds it in the app, and what it cannot tell. It has

    VERSION = 1                                  raised whenever the same file would give other rows
    EXPORT = "history"                           what a file is complete for, see below
    LOOKS_FOR = ("timestamp", "/fitbit")         signs (connectors/kit/signs.py) without any of which a file is not its
    SOURCES = {"garmin": "wrist"}                every source label it can give, with its device class
    METRICS = {"steps": "counters", ...}         which metrics it can give, and by what method
    identify(export) -> bool                     from content, reading little; never from the name alone
    extract(export, context) -> Extract          canonical frames, or Rejected: all of the file but single records
                                                 that cannot be, which are set aside (models/set_aside.py)

and may have

    extract_all(exports, context) -> Extracts    the same of many small files at once: rows with their `file` first; of
                                                 each file what `extract` gives, which may be made of it (kit/many.py)
    companion(export) -> str | None              why a file that travels with such exports holds nothing for us
    READS_DATES = True                           the study's `dates` decides what such a file says
    READS_CUT_POINTS = True                      the study's `cut_points` do

What a vendor calls kinds of activity and columns, in every language, is data: connectors/words, read by kit/words.py.
kit/declaration.py checks all of this.
What a file looks like that no connector takes, and what to hand over instead, too: connectors/refusals.toml.

`EXPORT` says what a newer file takes out of an older one of its kind (models/sql/day/020_superseded.sql):

    history    the file is all there was from its first to its last datum: what it lacks in between was deleted
    archive    the file is a part (a figure, a month) of such a history: judged with the parts it came with, in an
               archive or the folder of one; alone, only for the figures and devices that it has
    report     the file is complete for its own figures and devices, whatever it came with: a period, a recording
    selection  the file is what somebody chose: absence is no deletion; of two sessions with one start the newer counts
"""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from types import ModuleType
from typing import NamedTuple

from connectors.kit.archive import archive_kind
from connectors.kit.archive import holds_locked as holds_locked
from connectors.kit.archive import members as _members
from connectors.kit.bundle import bundle_of as bundle_of
from connectors.kit.context import Context as Context
from connectors.kit.declaration import KINDS as KINDS
from connectors.kit.export import Export
from connectors.kit.limits import ALL as ALL
from connectors.kit.limits import Share as Share
from connectors.kit.plugins import Plugged, PlugIn
from connectors.kit.plugins import plug_ins as found_plug_ins
from connectors.kit.refusals import instead_of_companions as instead_of_companions
from connectors.kit.refusals import is_of_the_system as is_of_the_system
from connectors.kit.refusals import refusal_of
from connectors.kit.refusals import refusals as refusals
from connectors.kit.signs import signs
from connectors.kit.texts import half_letter, shorten_all_texts, shorten_texts
from connectors.kit.zip import is_locked as is_locked
from connectors.kit.zip_password import Password as Password
from models.activity import Extract, Extracts
from models.check import check, doubtful, note_set_aside
from models.fault import Fault, Rejected
from models.set_aside import reading


class Ignored(NamedTuple):
    """A file that holds nothing we need, and why. `by`: the connector with whose exports it travels."""

    why: str
    by: str | None = None


@cache
def built_in() -> dict[str, ModuleType]:
    """Every connector in this folder, by name."""
    names = sorted(found.name for found in pkgutil.iter_modules(__path__) if not found.ispkg)
    return {name: importlib.import_module(f"connectors.{name}") for name in names}


@cache
def plug_ins() -> dict[str, PlugIn]:
    """Every plug-in that is used, by name."""
    return {one.name: one for one in installed_plug_ins() if not one.wrong}


@cache
def installed_plug_ins() -> tuple[PlugIn, ...]:
    """Every plug-in there is, also those that are not used, with why."""
    return tuple(found_plug_ins(built_in()))


def unused_plug_ins() -> list[Fault]:
    """Each plug-in that is not used, with what is wrong with it."""
    return [one.fault for one in installed_plug_ins() if one.wrong]


@cache
def connectors() -> dict[str, ModuleType]:
    """Every connector by name: ours, then those of other packages."""
    return built_in() | {name: one.reader for name, one in plug_ins().items() if one.reader}


def members(export: Export, password: Password | None = None, share: Share = ALL) -> Iterator[Export | Fault] | None:
    """Everything packed in an export, each as an export by itself or refused; None where it is no archive.

    `share`: of a zip, that share alone.

    Raises Rejected, while it is read, where the archive is damaged or too large.
    """
    return _members(export, password=password, share=share) if archive_kind(export) else None


@cache
def _looking_for() -> dict[str, list[str]]:
    """Which connectors look for each sign."""
    found: dict[str, list[str]] = {}
    for name, connector in connectors().items():
        for sign in connector.LOOKS_FOR:
            found.setdefault(sign, []).append(name)
    return found


def candidates(export: Export) -> list[str]:
    """The connectors that look for something which this export shows, in the order of their names."""
    asked = _asked(frozenset(signs(export)))
    return sorted([*asked.ours, *(one.name for one in asked.plugged)])


class _Asked(NamedTuple):
    """Who is asked about what shows the same: connectors by name, and plug-ins, both in the order of their names."""

    ours: dict[str, ModuleType]
    plugged: list[PlugIn]


@lru_cache(maxsize=1_024)
def _asked(shown: frozenset[str]) -> _Asked:
    names = sorted({name for sign in shown for name in _looking_for().get(sign, ())})
    ours = {name: connectors()[name] for name in names if name not in plug_ins()}
    return _Asked(ours, [plug_ins()[name] for name in names if name in plug_ins()])


def identify(export: Export) -> str | Ignored:
    """The name of the one connector that takes this export, or why it is ignored.

    Raises Rejected where no connector knows it, with what it looks like and what to hand over instead, and where two do
    (a bug of theirs, named as one). Plug-ins are asked about what none of ours takes: whatever one does, it takes and
    spoils nothing that the product reads.
    """
    if export.size == 0:
        return Ignored("an empty file: nothing came through")
    asked, plugged_in = _asked(frozenset(signs(export)))
    takers = [name for name, connector in asked.items() if connector.identify(export)]
    if not takers:
        plugged = Plugged(plugged_in, export)
        takers = plugged.takers()
    if len(takers) == 1:
        return takers[0]
    if takers:
        raise Rejected("whole file", f"two readers for it ({', '.join(takers)})", "one", blame(takers[-1]))
    for name, connector in asked.items():
        if hasattr(connector, "companion") and (why := connector.companion(export)):
            return Ignored(why, name)
    if for_a_plug_in := plugged.companion():
        return Ignored(*for_a_plug_in)
    refusal = refusal_of(export)
    if refusal.instead is None:
        return Ignored(refusal.looks_like)
    raise plugged.failed or refusal.rejected


def blame(name: str | None) -> str:
    """What to do about a fault of a reader: whose fault it is."""
    if name in plug_ins():
        return plug_ins()[name].blame
    return "report this: it is a fault of stepwindow"


def extract(name: str, export: Export, context: Context) -> Extract:
    """What connector `name` reads from an export, checked against the schema and against what can be.

    Raises Rejected when the file is damaged or says too much that cannot be (models/set_aside.py).
    """
    connector = connectors()[name]
    context = replace(context, zones=context.zones.anew())
    with reading(context.today, context.zones) as records:
        try:
            result = connector.extract(export, context)
            shorten_texts(result)
        except UnicodeEncodeError:
            raise half_letter() from None
        result.suspect |= context.zones.suspect
        check(result, context.today)
        note_set_aside(result, records)
    _check_labels(name, result.labels)
    return result


def extract_all(name: str, exports: Sequence[Export], context: Context) -> Extracts:
    """What connector `name` reads from many small exports of one person: of each the same as `extract`, or its fault.

    A file with anything that cannot be is read by itself. Raises what a reader was not made for: which file that is,
    `extract` of each one says.
    """
    found = _at_once(name, exports, context) if len(exports) > 1 else None
    alone = range(len(exports)) if found is None else found.unread | doubtful(found, context.today)
    found = found or Extracts([Extract()] * len(exports), {})
    found = found.with_alone({number: _alone(name, exports[number], context) for number in sorted(alone)})
    _check_labels(name, found.labels)
    return found


def _at_once(name: str, exports: Sequence[Export], context: Context) -> Extracts | None:
    """What a reader of many files gives; None where it reads one by one, or cannot read these at once."""
    read_all = getattr(connectors()[name], "extract_all", None)
    if read_all is None:
        return None
    try:
        found = read_all(exports, context)
    except Rejected:
        return None
    shorten_all_texts(found)
    return found


def _alone(name: str, export: Export, context: Context) -> Extract | Fault:
    try:
        return extract(name, export, context)
    except Rejected as rejected:
        return rejected.fault


def _check_labels(name: str, labels: Iterable[str]) -> None:
    """Raises TypeError where a reader gives a source that it does not declare."""
    if unknown := set(labels) - set(connectors()[name].SOURCES):
        raise TypeError(f"reader {name} gives sources {unknown} that its SOURCES does not list")
