"""Hand-over as FHIR: a file for each type of resource, and the same as transaction bundles, each complete by itself.

One participant is in memory at a time. Whoever takes the files again has the same content as before: every resource has
an id that depends on what it is about alone.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Any

from flows.extras import of_extra
from flows.handover import fhir
from flows.handover.folder import TITLE
from models.store.read import Published, published
from models.store.sql import queries, statement
from models.study.study import Study

_TYPES = ("Patient", "Device", "Procedure", "Goal", "Observation")  # each after those that it refers to
_ABOUT = """{title}

{name}: FHIR R4, following the US Physical Activity guide 1.0 where it allows data of devices, and US Core.

* `Patient.ndjson`, `Device.ndjson`, `Procedure.ndjson`, `Goal.ndjson`, `Observation.ndjson`: a resource a line, as Bulk
  Data has it; references are relative (`Patient/<id>`). Take them in this order.
* `bundles.ndjson`: the same resources as transaction bundles, one a line, in order of participants; each holds the
  patient and devices it refers to.

Ids are made from the study's name and what the resource is about: taking a file or a line again changes nothing.

* Patient: the participant id as pseudonym; name masked, gender unknown.
* Device: the kind of source, without serial number.
* Procedure: every infusion by its date, in words (its code depends on drug, route and dose). completed, stopped,
  preparation (scheduled), not-done (cancelled), entered-in-error (gone from infusions.csv).
* Goal: every agreed goal in every post-infusion week. achievementStatus: achieved, not-achieved (FHIR has no word for
  partly), in-progress; none where it cannot be said. statusReason: verdict, basis, n of days. target: what this week
  asks; what a full week asks, where that is other; and for goals that count days, from how many steps or minutes a
  day counts. A goal that was given a verdict once and is gone is cancelled; entered-in-error where its infusion did not
  happen after all. So what an earlier hand-over held of it is put right.
* Observation 41950-7: steps of every day that is over. A day that was not seen well enough has `dataAbsentReason`
  (the day's state as its text) and no value, never 0; what was seen of it in spite of that is a component, "steps seen:
  at least". DeviceActivePercentage where wear is known.
* Observation 41952-3, 41951-5: steps of a post-infusion week that is over: the total where all seven days were valid,
  the mean where at least four were; both with the number of days behind them. effectivePeriod: from the first to the
  last day that counts.
* Observation 73985-4, 55411-3 in a PAPanel: recorded and written-down exercise, by date.

Not here, because the guide has no measure of devices for it: minutes of walking, movement and intensity (82290-8 is for
people's own answers), yoga and the like as minutes a week, massage. They are in the Parquet and CSV hand-over.

What is not told: that an Observation is gone (a file was unloaded, a diary mended), or a person (`forget`). Where that
has to reach the receiver, delete what it has under the ids that are not here any more.
"""


def write(study: Study, folder: Path) -> str:
    """Write the files and README.md; returns one line that says what was written."""
    ids, model, resources, lines = fhir.Ids(study.name), _Model(), 0, 0
    with ExitStack() as opened:
        out = {name: opened.enter_context((folder / f"{name}.ndjson").open("w", encoding="utf-8", newline="\n"))
               for name in ("bundles", *_TYPES)}  # fmt: skip
        ask = opened.enter_context(published(study.warehouse))
        devices = {row["source"]: fhir.device(ids, **row) for row in ask.ask(statement("ask/device"))}
        out["Device"].writelines(map(_line, devices.values()))
        for who, rows in _watched(_by_participant(ask), len(study.homes)):
            patient, groups = fhir.patient(ids, who), list(_groups(ids, rows))
            for resource in chain([patient], *groups):
                out[resource["resourceType"]].write(_line(resource))
            for bundle in _bundles([patient, *(devices[row["source"]] for row in rows["source"])], groups):
                model.check(bundle)
                out["bundles"].write(_REFERENCE.sub('"reference":"urn:uuid:', _line(bundle)))
                resources, lines = resources + len(bundle["entry"]), lines + 1
    (folder / "README.md").write_text(_ABOUT.format(title=TITLE, name=study.name), "utf-8", newline="\n")
    return f"{resources} resources in {lines} bundles, and in a file for each of {len(_TYPES)} types"


def _by_participant(ask: Published) -> Iterator[tuple[str, dict[str, list[dict]]]]:
    """Every participant with the rows of each question; one person's are held at a time."""
    for (who,) in ask("SELECT participant_id FROM participant ORDER BY 1")[1]:
        yield who, {name: ask.ask(sql, who=who) for name, sql in queries("ask/fhir").items()}


def _groups(ids: fhir.Ids, rows: dict[str, list[dict]]) -> Iterator[list[dict]]:
    """What is told of one participant; what belongs together stays together."""
    yield from ([fhir.infusion(ids, row)] for row in rows["infusion"])
    yield from ([fhir.goal(ids, row)] for row in rows["goal"])
    yield from ([fhir.daily_steps(ids, row)] for row in rows["day"])
    yield from (fhir.weekly_steps(ids, row) for row in rows["week"])
    yield from (fhir.exercise(ids, row) for row in rows["session"])


def _bundles(head: list[dict], groups: list[list[dict]]) -> Iterator[dict]:
    """One participant, cut where 400 resources are reached; each bundle begins with what the others refer to."""
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


_REFERENCE = re.compile(r'"reference":"\w+/')  # inside a bundle: by the name that the entry has there


def _line(resource: dict) -> str:
    return json.dumps(resource, separators=(",", ":")) + "\n"


class _Model:
    """Compares what is written with the FHIR library's R4B models (R4 and R4B do not differ in these six resources).

    Every form that a resource takes is checked, the first time it does: its values come from typed columns, and to
    check every single one would take far longer than to write it.
    """

    def __init__(self) -> None:
        """StudyError where the library is not installed."""
        with of_extra("fhir", "export --format fhir"):
            from fhir.resources.R4B import get_fhir_model_class
        self.of_type, self.seen = get_fhir_model_class, set[Any]()

    def check(self, bundle: dict) -> None:
        """ValueError where the library does not take it: a fault of ours."""
        for entry in bundle["entry"]:
            form = _form(entry)
            if form not in self.seen:
                self.of_type("Bundle").model_validate({**bundle, "entry": [entry]})
                self.of_type(entry["resource"]["resourceType"]).model_validate(entry["resource"])
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
