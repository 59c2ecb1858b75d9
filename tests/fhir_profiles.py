"""What R4, US Core and the US Physical Activity guide 1.0 publish as constraints on the resources of a hand-over.

Written down as JSON Schema from their pages, not from our code, and not from the library that the hand-over itself is
checked with: https://hl7.org/fhir/R4, https://hl7.org/fhir/us/core, https://hl7.org/fhir/us/physical-activity/STU1.
In brackets the names that they have there. What needs a terminology server is left out.
"""

from __future__ import annotations

from typing import Any

from jsonschema import Draft202012Validator  # comes with altair

GUIDE = "http://hl7.org/fhir/us/physical-activity"
US_CORE = "http://hl7.org/fhir/us/core"
LOINC, UCUM = "http://loinc.org", "http://unitsofmeasure.org"
TERMS = "http://terminology.hl7.org/CodeSystem"

Schema = dict[str, Any]
DAY: Schema = {"type": "string", "pattern": r"^\d{4}-\d\d-\d\d$"}
TEXT: Schema = {"type": "string", "pattern": r"\S"}
ID: Schema = {"type": "string", "pattern": r"^[A-Za-z0-9\-.]{1,64}$"}


def thing(required: str, forbidden: str = "", **properties: Schema) -> Schema:
    """An object; nothing in it is null or empty, as everywhere in FHIR."""
    made: Schema = {"type": "object", "minProperties": 1, "required": required.split(), "properties": properties}
    return made | {"propertyNames": {"not": {"enum": forbidden.split()}}}


def many(of: Schema, at_least: int = 1) -> Schema:
    return {"type": "array", "minItems": at_least, "items": of}


def either(*names: str) -> Schema:
    """Exactly one of a choice [x]."""
    return {"oneOf": [{"required": [name]} for name in names]}


def coded(system: str, *codes: str) -> Schema:
    """A CodeableConcept with such a code."""
    fits = thing("system code", system={"const": system}, code={"enum": list(codes)})
    return thing("coding", coding={"type": "array", "contains": fits})


def refers_to(*types: str) -> Schema:
    """A literal reference to a resource of one of these types, by its id."""
    return thing("reference", reference={"pattern": rf"^({'|'.join(types)})/[A-Za-z0-9\-.]{{1,64}}$"})


def amount(*units: str) -> Schema:
    """A SimpleQuantity, which has no comparator, in units of UCUM."""
    number = {"type": "number", "minimum": 0}
    return thing("value system code", "comparator", value=number, system={"const": UCUM}, code={"enum": list(units)})


CONCEPT = {"anyOf": [thing("text", text=TEXT), thing("coding", coding=many(thing("system code")))]}
PA = coded(f"{GUIDE}/CodeSystem/pa-temporary-codes", "PhysicalActivity")
MASKED = thing("extension", extension=many(thing("url valueCode", url={
    "const": "http://hl7.org/fhir/StructureDefinition/data-absent-reason"}, valueCode=TEXT)))  # fmt: skip
ABSENT = coded(f"{TERMS}/data-absent-reason", "unknown", "error", "not-applicable")

PATIENT = thing(  # US Core Patient; [us-core-6]: a name has a part, or says why it has none
    "id identifier name gender",
    identifier=many(thing("system value", system=TEXT, value=TEXT)),
    name=many({"anyOf": [MASKED, thing("family"), thing("given")]}),
    gender={"enum": ["male", "female", "other", "unknown"]},
)
DEVICE = thing(
    "id type",
    deviceName=many(thing("name type", name=TEXT, type={"enum": [
        "udi-label-name", "user-friendly-name", "patient-reported-name", "manufacturer-name", "model-name", "other"]})),
    type=CONCEPT,
)  # fmt: skip
PROCEDURE = thing(  # US Core Procedure; [us-core-7] and, until STU6, always: when it was performed
    "id status code subject performedDateTime",
    status={"enum": ["preparation", "in-progress", "not-done", "on-hold", "stopped", "completed", "entered-in-error",
                     "unknown"]},
    code=CONCEPT,
    subject=refers_to("Patient"),
    performedDateTime=DAY,
)  # fmt: skip
GOAL = thing(  # US Core Goal, PAGoal [pa-goal-1: description or target]
    "id lifecycleStatus category description subject",
    "implicitRules modifierExtension",
    lifecycleStatus={"enum": ["proposed", "planned", "accepted", "active", "on-hold", "completed", "cancelled",
                              "entered-in-error", "rejected"]},
    achievementStatus=coded(f"{TERMS}/goal-achievement", "in-progress", "improving", "worsening", "no-change",
                            "achieved", "sustaining", "not-achieved", "no-progress", "not-attainable"),
    category={"type": "array", "contains": PA, "minContains": 1, "maxContains": 1},
    description=thing("text", text=TEXT),
    subject=refers_to("Patient"),
    startDate=DAY,
    statusDate=DAY,
    statusReason=TEXT,
    target=many(thing(  # [gol-1]: a detail needs its measure; PAGoal: the detail is a quantity of UCUM
        "measure detailQuantity dueDate", "modifierExtension detailRange detailString dueDuration",
        measure=CONCEPT, detailQuantity=amount("/d", "/wk", "min/d", "min/wk", "d", "d/wk"), dueDate=DAY)),
)  # fmt: skip

BASE = thing(  # PAObservationBase
    "id status category code subject performer",
    "implicitRules modifierExtension focus bodySite specimen",
    status={"enum": ["final", "amended", "corrected", "entered-in-error"]},
    category={"allOf": [
        many({}, at_least=2), {"contains": coded(f"{TERMS}/observation-category", "activity")},
        {"contains": PA, "maxContains": 1}]},
    code=CONCEPT,
    subject=refers_to("Patient"),
    performer=many(refers_to("Patient", "Practitioner", "PractitionerRole", "RelatedPerson")),
    device=refers_to("Device", "DeviceMetric"),
    effectiveDateTime=DAY,
    effectivePeriod=thing("start end", start=DAY, end=DAY),
    dataAbsentReason=ABSENT,
) | either("effectiveDateTime", "effectivePeriod")  # fmt: skip
VALUE = either("valueQuantity", "valueCodeableConcept", "dataAbsentReason")  # [obs-6], [us-core-2]
PERCENT_ACTIVE = thing(
    "code valueQuantity",
    code=coded(f"{GUIDE}/CodeSystem/pa-temporary-codes", "DeviceActivePercentage"), valueQuantity=amount("%"),
)  # fmt: skip


def measure(loinc: str, *units: str) -> Schema:
    """An Observation of this code: a quantity in the unit of the guide's table, or why there is none."""
    return {"allOf": [BASE, VALUE, thing("", "valueCodeableConcept", code=coded(LOINC, loinc),
                                         valueQuantity=amount(*units))]}  # fmt: skip


TIME_MEASURE = {"anyOf": [
    measure("41950-7", "/d"), measure("41951-5", "/d"), measure("41952-3", "/wk")
]} | thing("", component={"type": "array", "minItems": 1, "contains": PERCENT_ACTIVE, "minContains": 0,
                          "maxContains": 1, "items": thing("code", code=CONCEPT) | either(
                              "valueQuantity", "valueInteger", "dataAbsentReason")})  # [obs-3]  # fmt: skip
ACTIVITY_MEASURE = {"anyOf": [
    measure("55411-3", "min"),
    {"allOf": [BASE, thing("valueCodeableConcept", "valueQuantity dataAbsentReason", code=coded(LOINC, "73985-4"),
                           valueCodeableConcept=CONCEPT)]},
]}  # fmt: skip
ACTIVITY_GROUP = {"allOf": [BASE, thing(
    "hasMember", "valueQuantity valueCodeableConcept dataAbsentReason",
    code=coded(f"{GUIDE}/CodeSystem/pa-temporary-codes", "PAPanel"), hasMember=many(refers_to("Observation")),
)]}  # fmt: skip

PROFILES = {
    f"{GUIDE}/StructureDefinition/pa-goal": GOAL,
    f"{GUIDE}/StructureDefinition/pa-observation-time-measure": TIME_MEASURE,
    f"{GUIDE}/StructureDefinition/pa-observation-activity-measure": ACTIVITY_MEASURE,
    f"{GUIDE}/StructureDefinition/pa-observation-activity-group": ACTIVITY_GROUP,
    f"{US_CORE}/StructureDefinition/us-core-procedure": PROCEDURE,
}
_UNPROFILED = {"Patient": PATIENT, "Device": DEVICE}
_VALIDATORS = {name: Draft202012Validator(schema) for name, schema in {**PROFILES, **_UNPROFILED}.items()}


def faults(resource: dict) -> list[str]:
    """What the constraints of its profile say against a resource."""
    if not _full(resource):
        return ["something is null or empty"]
    name = resource["meta"]["profile"][0] if "meta" in resource else resource["resourceType"]
    checks = [_VALIDATORS[name], Draft202012Validator(thing("id", id=ID))]
    return [f"{fault.json_path}: {fault.message[:200]}" for check in checks for fault in check.iter_errors(resource)]


def _full(value: object) -> bool:
    if isinstance(value, dict | list):
        return bool(value) and all(map(_full, value.values() if isinstance(value, dict) else value))
    return value is not None and value != ""
