"""FHIR R4 resources, as the US Physical Activity guide 1.0 has them where it allows data of devices.

What the guide has no measure for is not forced into one: minutes of walking or movement are no Exercise Vital Sign
(LOINC 82290-8 is for people's own answers), massage is no exercise. What is not known is `dataAbsentReason`, never 0.
Infusions are procedures of US Core. References are relative: `Patient/<id>`.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

_LOINC = "http://loinc.org"
_GUIDE = "http://hl7.org/fhir/us/physical-activity"
_US_CORE = "http://hl7.org/fhir/us/core"
_TERMS = "http://terminology.hl7.org/CodeSystem"
_ABSENT = "http://hl7.org/fhir/StructureDefinition/data-absent-reason"
_ACTIVE = {"system": f"{_GUIDE}/CodeSystem/pa-temporary-codes", "code": "PhysicalActivity"}
# LOINC's answers to 73985-4 (list LL734-5); an activity that has none is named in words
_ACTIVITY = {"walking": "LA11834-1", "running": "LA11836-6", "cycling": "LA11837-4", "swimming": "LA11838-2",
             "strength": "LA11839-0"}  # fmt: skip
_PERFORMED = {"completed": "completed", "stopped_early": "stopped", "scheduled": "preparation",
              "cancelled": "not-done", "removed": "entered-in-error"}  # fmt: skip
_LIFECYCLE = {"upcoming": "planned", "in_progress": "active", "superseded": "cancelled",
              "removed": "cancelled", "void": "entered-in-error"}  # else completed  # fmt: skip
_ACHIEVED = {"in_progress": "in-progress", "met": "achieved", "partly_met": "not-achieved", "missed": "not-achieved"}
_FORM = {"weekly_total": "total over the week", "daily_mean": "mean a day", "days_with": "days with {enough}",
         "streak": "days in a row with {enough}"}  # fmt: skip
_PER = {"daily_mean": "/d", "weekly_total": "/wk", "days_with": "/wk", "streak": ""}


class Ids:
    """The ids of one study's resources: the same for the same thing, whenever it is handed over."""

    def __init__(self, study_name: str) -> None:
        self.study: UUID = uuid5(NAMESPACE_URL, f"urn:stepwindow:{study_name}")

    def of(self, *what: object) -> str:
        """The id of what these words name."""
        return str(uuid5(self.study, "/".join(map(str, what))))

    def to(self, *what: object) -> dict:
        """A reference to it, by its type and id."""
        return {"reference": f"{what[0]}/{self.of(*what)}"}


def patient(ids: Ids, who: str) -> dict:
    """The pseudonym and nothing else: the name is masked, not left out."""
    return {
        "resourceType": "Patient",
        "id": ids.of("Patient", who),
        "identifier": [{"system": f"urn:uuid:{ids.study}", "value": who}],
        "name": [{"extension": [{"url": _ABSENT, "valueCode": "masked"}]}],
        "gender": "unknown",
    }


def device(ids: Ids, source: str, device_class: str) -> dict:
    """A kind of device: no serial number, nobody's own."""
    return {
        "resourceType": "Device",
        "id": ids.of("Device", source),
        "deviceName": [{"name": source, "type": "user-friendly-name"}],
        "type": {"text": device_class},
    }


def infusion(ids: Ids, row: dict) -> dict:
    """An infusion by its date: in words, for the code of the drug, route and dose is the clinic's to say."""
    return {
        "resourceType": "Procedure",
        "id": ids.of("Procedure", row["infusion_id"]),
        "meta": {"profile": [f"{_US_CORE}/StructureDefinition/us-core-procedure"]},
        "identifier": [{"system": f"urn:uuid:{ids.study}", "value": row["infusion_id"]}],
        "status": _PERFORMED[row["status"]],
        "code": {"text": "Ketamine infusion"},
        "subject": ids.to("Patient", row["participant_id"]),
        "performedDateTime": row["infused_on"].isoformat(),
    }


def daily_steps(ids: Ids, day: dict) -> dict:
    """41950-7 of a day that is over: a value where the day is valid, else why there is none, and what was seen."""
    code = {"coding": [{"system": _LOINC, "code": "41950-7", "display": "Number of steps in 24 hour Measured"}]}
    made = _observation(ids, day, "time-measure", code, ("41950-7", day["local_date"]))
    made["effectiveDateTime"] = day["local_date"].isoformat()
    is_valid, parts = day["day_state"] == "valid", []
    _value_or_reason(made, day["steps"] if is_valid else None, "/d", "no_steps_known" if is_valid else day["day_state"])
    if day["wear_minutes"] is not None and day["day_minutes"]:
        percent = min(Decimal(100), round(100 * day["wear_minutes"] / day["day_minutes"], 1))
        share = {"system": _ACTIVE["system"], "code": "DeviceActivePercentage"}
        parts.append({"code": {"coding": [share]}, "valueQuantity": _quantity(percent, "%")})
    if day["day_state"] == "insufficient_wear" and day["steps"] is not None:
        parts.append({"code": {"text": "steps seen: at least"}, "valueQuantity": _quantity(day["steps"], "/d")})
    if parts:
        made["component"] = parts
    return made


def weekly_steps(ids: Ids, week: dict) -> list[dict]:
    """41952-3 and 41951-5 of a post-infusion week that is over: total of seven valid days, mean of at least four.

    Over the days that count: from the first to the last of them.
    """
    days, eligible = week["steps_mean_days"], week["eligible_days"]
    total = week["steps_total"] if days == eligible == 7 else None
    enough = week["steps_mean"] if days >= 4 else None
    made = []
    for loinc, words, value, unit, reason in (
        ("41952-3", "Number of steps in 1 week", total, "/wk",
         "too_few_valid_days" if eligible == 7 else "fewer_than_seven_days"),
        ("41951-5", "Number of steps in 24 hours, mean over the week", enough, "/d", "too_few_valid_days"),
    ):  # fmt: skip
        code = {"coding": [{"system": _LOINC, "code": loinc}], "text": words}
        one = _observation(ids, week, "time-measure", code, (loinc, week["infusion_id"], week["week"]))
        one["effectivePeriod"] = {"start": week["first_day"].isoformat(), "end": week["last_day"].isoformat()}
        _value_or_reason(one, value, unit, reason)
        one["component"] = [
            {"code": {"text": "valid days behind the value"}, "valueInteger": days},
            {"code": {"text": "eligible days of the week"}, "valueInteger": eligible},
        ]
        made.append(one)
    return made


def exercise(ids: Ids, session: dict) -> list[dict]:
    """What was done (73985-4), for how long (55411-3), and the group that holds both. The date, not the hour."""
    named = {"text": session["activity"]}
    if answer := _ACTIVITY.get(session["activity"]):
        named["coding"] = [{"system": _LOINC, "code": answer}]  # type: ignore[assignment]
    what = {"coding": [{"system": _LOINC, "code": "73985-4", "display": "Exercise activity"}]}
    long = {"coding": [{"system": _LOINC, "code": "55411-3", "display": "Exercise duration"}]}
    panel = {"coding": [{"system": _ACTIVE["system"], "code": "PAPanel"}]}
    key = session["session_id"]
    kind = _observation(ids, session, "activity-measure", what, ("73985-4", key)) | {"valueCodeableConcept": named}
    time = _observation(ids, session, "activity-measure", long, ("55411-3", key))
    _value_or_reason(time, session["timer_minutes"], "min", "not_reported")
    group = _observation(ids, session, "activity-group", panel, ("PAPanel", key))
    group["hasMember"] = [{"reference": f"Observation/{member['id']}"} for member in (kind, time)]
    for made in (kind, time, group):
        made["effectiveDateTime"] = session["local_date"].isoformat()
    return [kind, time, group]


def goal(ids: Ids, row: dict) -> dict:
    """One agreed goal in one post-infusion week, with its verdict; what cannot be said has no achievementStatus.

    One that an earlier hand-over may hold and that is gone: cancelled, or in error where its infusion never was.
    """
    words = f"{_in_words(row)}, week {row['week']} after infusion {row['infusion_id']}"
    made: dict[str, Any] = {
        "resourceType": "Goal",
        "id": ids.of("Goal", row["goal_id"], row["infusion_id"], row["week"]),
        "meta": {"profile": [f"{_GUIDE}/StructureDefinition/pa-goal"]},
        "lifecycleStatus": "on-hold" if row["reason"] == "on_hold" else _LIFECYCLE.get(row["status"], "completed"),
        "category": [{"coding": [_ACTIVE]}],
        "description": {"text": words},
        "subject": ids.to("Patient", row["participant_id"]),
        "startDate": row["week_start"].isoformat(),
        "statusDate": row["as_of"].isoformat(),
        "statusReason": _because(row),
    }
    if achieved := _ACHIEVED.get(row["status"]):
        made["achievementStatus"] = {"coding": [{"system": f"{_TERMS}/goal-achievement", "code": achieved}]}
    if targets := list(_targets(row)):
        due = row["week_end"].isoformat()
        made["target"] = [{"measure": measure, "detailQuantity": much, "dueDate": due} for measure, much in targets]
    return made


def _in_words(row: dict) -> str:
    """What is asked for, without the target: `days with at least 5000 steps`."""
    metric = row["metric"].replace("_", " ")
    if row["kind"] not in ("days_with", "streak"):
        return f"{_FORM[row['kind']]}: {metric}"
    enough = f"enough: {metric}" if row["per_day"] is None else f"at least {_plain(row['per_day'])} {metric}"
    return _FORM[row["kind"]].format(enough=enough)


def _targets(row: dict) -> Iterator[tuple[dict, dict]]:
    """What is measured, and how much of it: what this week asks, a full week and the agreement where those are other,
    what makes a day."""
    counts_days, amount = row["kind"] in ("days_with", "streak"), "" if row["metric"] == "steps" else "min"
    unit = ("d" if counts_days else amount) + _PER[row["kind"]]
    full, asked, agreed = row["target"], row["target_effective"], row["target_agreed"]
    measured = _measure(_in_words(row), row["metric"], {"/d": "41950-7", "/wk": "41952-3"}.get(unit))
    if full is not None:
        yield measured, _quantity(full if asked is None else asked, unit)
    if full is not None and asked is not None and asked != full:
        yield {"text": f"{_in_words(row)}, as agreed for a full week"}, _quantity(full, unit)
    if full is not None and agreed is not None and agreed != full:
        yield {"text": f"{_in_words(row)}, as agreed to begin with"}, _quantity(agreed, unit)
    if counts_days and row["per_day"] is not None:
        words = f"a day counts from so many {row['metric'].replace('_', ' ')}"
        yield _measure(words, row["metric"], "41950-7"), _quantity(row["per_day"], f"{amount}/d")


def _measure(words: str, metric: str, loinc: str | None) -> dict:
    """In words, and by its code where the metric has one: only steps do."""
    coded = {"coding": [{"system": _LOINC, "code": loinc}]} if loinc and metric == "steps" else {}
    return {**coded, "text": words}


def _because(row: dict) -> str:
    words = [row["status"], row["reason"], row["basis"]]
    if row["valid_days"] is not None:
        words.append(f"{row['valid_days']} of {row['eligible_days']} eligible days valid")
    return ", ".join(filter(None, words))


def _observation(ids: Ids, row: dict, profile: str, code: dict, key: tuple) -> dict:
    who = row["participant_id"]
    made: dict[str, Any] = {
        "resourceType": "Observation",
        "id": ids.of("Observation", who, *key),
        "meta": {"profile": [f"{_GUIDE}/StructureDefinition/pa-observation-{profile}"]},
        "status": "final",
        "category": [{"coding": [{"system": f"{_TERMS}/observation-category", "code": "activity"}]},
                     {"coding": [_ACTIVE]}],
        "code": code,
        "subject": ids.to("Patient", who),
        "performer": [ids.to("Patient", who)],
    }  # fmt: skip
    if row.get("device") is not None:
        made["device"] = ids.to("Device", row["device"])
    return made


def _value_or_reason(made: dict, value: Any, unit: str, reason: str) -> None:
    if value is not None:
        made["valueQuantity"] = _quantity(value, unit)
    else:
        code = {"implausible": "error", "fewer_than_seven_days": "not-applicable"}.get(reason, "unknown")
        made["dataAbsentReason"] = {
            "coding": [{"system": f"{_TERMS}/data-absent-reason", "code": code}],
            "text": reason,
        }


def _quantity(value: Decimal | int, unit: str) -> dict:
    words = {"/d": "steps per day", "/wk": "steps per week", "min": "minutes", "min/d": "minutes per day",
             "min/wk": "minutes per week", "d": "days", "d/wk": "days per week"}  # fmt: skip
    return {
        "value": _plain(value),
        "unit": words.get(unit, unit),
        "system": "http://unitsofmeasure.org",
        "code": unit,
    }


def _plain(value: Decimal | int) -> int | float:
    return int(value) if value == int(value) else float(value)
