"""Hand-over as FHIR: a transaction bundle a line, each complete by itself, one participant in memory at a time.

A server that takes the lines one after the other has the same content after a second hand-over: every resource is put
under an id that depends on what it is about alone.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

from flows.handover import fhir
from flows.handover.folder import TITLE
from models.store.export import by_participant
from models.store.sql import queries
from models.study.study import Study

_ABOUT = """{title}

{name}: FHIR R4, following the US Physical Activity guide 1.0 where it allows data of devices.

`bundles.ndjson`: a transaction bundle a line, in order of participants; each holds the patient and devices it refers
to. Ids are made from the study's name and what the resource is about: sending a line again changes nothing.

* Patient: the participant id as pseudonym; name masked, gender unknown.
* Device: the kind of source, without serial number.
* Observation 41950-7: steps of every day that is over. A day that was not seen well enough has `dataAbsentReason`
  (the day's state as its text) and no value, never 0. DeviceActivePercentage where wear is known.
* Observation 41952-3, 41951-5: steps of a post-infusion week that is over: the total where all seven days were valid,
  the mean where at least four were; both with the number of days behind them.
* Observation 73985-4, 55411-3 in a PAPanel: recorded and written-down exercise, by date.
* Goal: every agreed goal in every post-infusion week. achievementStatus: achieved, not-achieved (FHIR has no word for
  partly), in-progress; none where it cannot be said. statusReason: verdict, basis, n of days.

Not here, because the guide has no measure of devices for it: minutes of walking, movement and intensity (82290-8 is for
people's own answers), yoga and the like as minutes a week, massage. They are in the Parquet and CSV hand-over.
"""


def write(study: Study, folder: Path) -> str:
    """Write bundles.ndjson and README.md; returns one line that says what was written."""
    ids, model, resources, lines = fhir.Ids(study.name), _Model(), 0, 0
    with (folder / "bundles.ndjson").open("w", encoding="utf-8") as out:
        for who, rows in _watched(by_participant(study.warehouse, queries("ask/fhir")), len(study.participants)):
            for bundle in _bundles(ids, who, rows):
                model.check(bundle)
                out.write(json.dumps(bundle, separators=(",", ":")) + "\n")
                resources, lines = resources + len(bundle["entry"]), lines + 1
    (folder / "README.md").write_text(_ABOUT.format(title=TITLE, name=study.name))
    return f"{resources} resources in {lines} bundles"


def _bundles(ids: fhir.Ids, who: str, rows: dict[str, list[dict]]) -> Iterator[dict]:
    """One participant, cut where 400 resources are reached; what belongs together stays together."""
    head = [fhir.patient(ids, who), *(fhir.device(ids, r["source"], r["device_class"]) for r in rows["source"])]
    groups: Iterator[list[dict]] = chain(
        ([fhir.goal(ids, row)] for row in rows["goal"]),
        ([fhir.daily_steps(ids, row)] for row in rows["day"]),
        (fhir.weekly_steps(ids, row) for row in rows["week"]),
        (fhir.exercise(ids, row) for row in rows["session"]),
    )
    part: list[dict] = []
    for group in groups:
        part += group
        if len(part) >= 400:
            yield _bundle(head + part)
            part = []
    if part:
        yield _bundle(head + part)


def _bundle(resources: list[dict]) -> dict:
    entries = [
        {
            "fullUrl": f"urn:uuid:{resource['id']}",
            "resource": resource,
            "request": {"method": "PUT", "url": f"{resource['resourceType']}/{resource['id']}"},
        }
        for resource in resources
    ]
    return {"resourceType": "Bundle", "type": "transaction", "entry": entries}


class _Model:
    """Compares what is written with the FHIR library's R4B models (R4 and R4B do not differ in these five resources).

    Every form that a resource takes is checked, the first time it does: its values come from typed columns, and to
    check every single one would take far longer than to write it.
    """

    def __init__(self) -> None:
        self.seen: set = set()

    def check(self, bundle: dict) -> None:
        """ValueError where the library does not take it: a fault of ours."""
        from fhir.resources.R4B import get_fhir_model_class

        for entry in bundle["entry"]:
            form = _form(entry)
            if form not in self.seen:
                get_fhir_model_class("Bundle").model_validate({**bundle, "entry": [entry]})
                get_fhir_model_class(entry["resource"]["resourceType"]).model_validate(entry["resource"])
                self.seen.add(form)


def _form(value: Any) -> Any:
    if isinstance(value, dict):
        return tuple((key, _form(inner)) for key, inner in value.items())
    if isinstance(value, list):
        return tuple(map(_form, value))
    return type(value)


def _watched(people: Iterator, total: int) -> Iterator:
    """With a bar on a terminal."""
    if not sys.stderr.isatty():
        return people
    from rich.console import Console
    from rich.progress import track

    return iter(track(people, "export", total, console=Console(stderr=True), transient=True))
