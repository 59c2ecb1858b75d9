"""FHIR: what is known and nothing more, in the form that the guides ask for, and put right when it changes."""

from __future__ import annotations

import copy
import json
import re
from collections import Counter
from collections.abc import Iterator
from datetime import date
from itertools import chain
from pathlib import Path

import pytest
from fhir.resources.R4B.bundle import Bundle

from flows.cli import main
from tests.fhir_profiles import GUIDE, PROFILES, faults
from tests.studies import StudyFolder, fill

TYPES = ("Patient", "Device", "Procedure", "Goal", "Observation")


def handed_over(study: StudyFolder, out: Path) -> Path:
    assert main(["export", "--study", str(study.folder), "--format", "fhir", str(out)]) == 0
    return out


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def folder(sample: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return handed_over(sample, tmp_path_factory.mktemp("fhir") / "out")


@pytest.fixture(scope="module")
def files(folder: Path) -> dict[str, list[dict]]:
    return {kind: lines(folder / f"{kind}.ndjson") for kind in TYPES}


@pytest.fixture(scope="module")
def bundles(folder: Path) -> list[dict]:
    return lines(folder / "bundles.ndjson")


def resources(bundles: list[dict], kind: str, loinc: str | None = None) -> list[dict]:
    found = [entry["resource"] for bundle in bundles for entry in bundle["entry"]]
    found = [one for one in found if one["resourceType"] == kind]
    return [one for one in found if loinc is None or one["code"]["coding"][0]["code"] == loinc]


def persons(bundles: list[dict]) -> dict[str, str]:
    """Reference to a patient -> participant_id."""
    return {f"urn:uuid:{one['id']}": one["identifier"][0]["value"] for one in resources(bundles, "Patient")}


def test_every_line_is_a_bundle_that_the_library_takes_and_that_stands_by_itself(bundles: list[dict]) -> None:
    assert len(bundles) == 6
    for bundle in bundles:
        assert Bundle.model_validate(bundle).type == "transaction"
        names = [entry["fullUrl"] for entry in bundle["entry"]]
        assert len(set(names)) == len(names)
        assert set(references(bundle)) <= set(names)
        for entry in bundle["entry"]:
            made = entry["resource"]
            assert entry["request"] == {"method": "PUT", "url": f"{made['resourceType']}/{made['id']}"}
            assert entry["fullUrl"] == f"urn:uuid:{made['id']}"


def test_a_file_holds_the_resources_of_one_type_and_refers_to_those_of_the_others(
    folder: Path, files: dict[str, list[dict]], bundles: list[dict]
) -> None:
    assert {path.stem for path in folder.glob("*.ndjson")} == {*TYPES, "bundles"}
    names = [f"{kind}/{made['id']}" for kind, file in files.items() for made in file]
    assert len(set(names)) == len(names)
    assert [made["resourceType"] for file in files.values() for made in file] == [name.split("/")[0] for name in names]
    assert set(references(list(files.values()))) <= set(names)
    told = {entry["fullUrl"]: json.dumps(entry["resource"]) for bundle in bundles for entry in bundle["entry"]}
    here = {f"urn:uuid:{made['id']}": json.dumps(made) for file in files.values() for made in file}
    assert told == {name: re.sub(r'"reference": "\w+/', '"reference": "urn:uuid:', text) for name, text in here.items()}


def references(value: object) -> list[str]:
    if isinstance(value, dict):
        return [value["reference"]] if "reference" in value else [r for v in value.values() for r in references(v)]
    return [r for v in value for r in references(v)] if isinstance(value, list) else []


def test_the_steps_of_a_day_are_those_of_the_database_and_an_unseen_day_is_no_zero(
    sample: StudyFolder, bundles: list[dict]
) -> None:
    who = persons(bundles)
    found = {
        (who[one["subject"]["reference"]], date.fromisoformat(one["effectiveDateTime"])): one
        for one in resources(bundles, "Observation", "41950-7")
    }
    days = sample.ask("SELECT participant_id, local_date, day_state, steps FROM daily_activity")
    assert found.keys() == {(person, day) for person, day, *_ in days if day < date(2026, 3, 23)}
    told = Counter()
    for person, day, state, steps in days:
        if one := found.get((person, day)):
            told[state] += 1
            if state == "valid":
                assert one["valueQuantity"]["value"] == steps
                assert one["valueQuantity"]["code"] == "/d"
                assert "dataAbsentReason" not in one
            else:
                assert not any(key.startswith("value") for key in one)
                assert one["dataAbsentReason"]["text"] == state
                assert one["dataAbsentReason"]["coding"][0]["code"] in ("unknown", "error")
            seen = [part for part in one.get("component", ()) if part["code"].get("text") == "steps seen: at least"]
            known = [steps] if state == "insufficient_wear" and steps is not None else []
            assert [part["valueQuantity"]["value"] for part in seen] == known
    assert set(told) == {"valid", "insufficient_wear", "no_data"}


def test_a_week_has_its_number_of_days_and_no_total_of_a_part(sample: StudyFolder, bundles: list[dict]) -> None:
    who = persons(bundles)
    weeks = {
        (person, start.isoformat(), end.isoformat()): (total, mean, n, eligible)
        for person, start, end, total, mean, n, eligible, *_ in sample.ask(
            """SELECT a.participant_id, min(local_date), max(local_date), steps_total, steps_mean, steps_mean_days,
                      eligible_days, infusion_id, week
               FROM weekly_activity a JOIN infusion_window w USING (infusion_id, week)
               WHERE is_eligible AND days_over = eligible_days GROUP BY ALL"""
        )
    }
    told = Counter()
    for loinc in ("41952-3", "41951-5"):
        found = resources(bundles, "Observation", loinc)
        assert len(found) == len(weeks)
        for one in found:
            period = one["effectivePeriod"]  # of the days that count: two days after which another infusion came
            total, mean, n, eligible = weeks[who[one["subject"]["reference"]], period["start"], period["end"]]
            expected = (total if n == eligible == 7 else None) if loinc == "41952-3" else mean if n >= 4 else None
            assert one.get("valueQuantity", {}).get("value") == (None if expected is None else float(expected))
            assert [part["valueInteger"] for part in one["component"]] == [n, eligible]
            reason = "fewer_than_seven_days" if loinc == "41952-3" and eligible < 7 else "too_few_valid_days"
            absent = one.get("dataAbsentReason")
            assert (absent and absent["text"]) == (reason if expected is None else None)
            if absent:
                code = "not-applicable" if reason == "fewer_than_seven_days" else "unknown"
                assert absent["coding"][0]["code"] == code
                told[code] += 1
    assert set(told) == {"unknown", "not-applicable"}


def test_exercise_is_what_was_recorded_and_massage_is_none(sample: StudyFolder, bundles: list[dict]) -> None:
    kinds = Counter(one["valueCodeableConcept"]["text"] for one in resources(bundles, "Observation", "73985-4"))
    recorded = dict(sample.ask("SELECT activity, count(*) FROM session WHERE local_date < '2026-03-23' GROUP BY ALL"))
    assert recorded.pop("massage") == 3
    assert kinds == recorded
    minutes = sum(one["valueQuantity"]["value"] for one in resources(bundles, "Observation", "55411-3"))
    assert sample.ask(
        f"SELECT sum(timer_minutes) = {minutes} FROM session WHERE activity <> 'massage' AND local_date < '2026-03-23'"
    ) == [(True,)]
    panels = [one for one in resources(bundles, "Observation") if one["code"]["coding"][0]["code"] == "PAPanel"]
    assert sum(len(panel["hasMember"]) for panel in panels) == 2 * kinds.total()
    diary = [one for one in resources(bundles, "Observation", "73985-4") if "device" not in one]
    assert len(diary) == 13  # P04's nine, P05's strength, three led at the clinic: by no device


def test_goals_say_what_was_achieved_and_nothing_where_it_cannot_be_said(
    sample: StudyFolder, bundles: list[dict]
) -> None:
    found = Counter(
        (one["lifecycleStatus"], one.get("achievementStatus", {"coding": [{"code": None}]})["coding"][0]["code"])
        for one in resources(bundles, "Goal")
    )
    says = {
        "met": ("completed", "achieved"), "partly_met": ("completed", "not-achieved"),
        "missed": ("completed", "not-achieved"), "insufficient_data": ("completed", None),
        "superseded": ("cancelled", None), "upcoming": ("planned", None), "in_progress": ("active", "in-progress"),
    }  # fmt: skip
    expected = Counter()
    for status, n in sample.ask("SELECT status, count(*) FROM goal_week GROUP BY ALL"):
        expected[says[status]] += n
    assert found == expected
    estimated = [one for one in resources(bundles, "Goal") if "estimated" in one["statusReason"]]
    assert [one["statusReason"] for one in estimated] == ["met, estimated, 4 of 6 eligible days valid"]
    units = {target["detailQuantity"]["code"] for one in resources(bundles, "Goal") for target in one.get("target", ())}
    assert units == {"/d", "min/wk", "d/wk", "d", "min/d"}


def test_a_goal_says_what_its_week_asks_what_a_full_week_asks_and_what_makes_a_day(
    sample: StudyFolder, bundles: list[dict]
) -> None:
    told, expected = Counter(), Counter()
    for one in resources(bundles, "Goal"):
        targets = [target for target in one["target"] if "to begin with" not in target["measure"]["text"]]
        first, last = targets[0], targets[-1]
        kind = next((words for words in ("full week", "a day counts") if words in last["measure"]["text"]), "")
        asked, much = first["detailQuantity"]["value"], last["detailQuantity"]
        told[kind, asked, much["value"], much["code"]] += 1
    for target, effective, per_day, metric in sample.ask(
        """SELECT w.target, w.target_effective, g.per_day, w.metric FROM goal_week w
           LEFT JOIN goal g ON w.goal_id = g.goal_id AND w.version = g.version WHERE w.kind IS NOT NULL"""
    ):
        kind = "a day counts" if per_day is not None else "full week" if effective not in (None, target) else ""
        unit = "/d" if metric == "steps" else "min/d" if per_day is not None else "min/wk"
        asked = float(target if effective is None else effective)
        expected[kind, asked, target if per_day is None else per_day, unit] += 1
    assert told == expected
    assert {kind for kind, *_ in told} == {"a day counts", "full week", ""}
    counted = next(one for one in resources(bundles, "Goal") if one["description"]["text"].startswith("days with at"))
    measured = [part["measure"] for part in counted["target"]]
    assert counted["description"]["text"].startswith(measured[0]["text"])


def test_a_goal_whose_target_rose_says_what_was_agreed_to_begin_with(sample: StudyFolder, bundles: list[dict]) -> None:
    risen = sample.ask("SELECT target_agreed FROM goal_week WHERE target_agreed <> target")
    agreed = [
        target["detailQuantity"]["value"]
        for one in resources(bundles, "Goal")
        for target in one["target"]
        if "to begin with" in target["measure"]["text"]
    ]
    assert risen
    assert sorted(agreed) == sorted(float(target) for (target,) in risen)


def test_only_codes_that_allow_devices_and_only_units_of_ucum(bundles: list[dict]) -> None:
    codes = {one["code"]["coding"][0]["code"] for one in resources(bundles, "Observation")}
    assert codes == {"41950-7", "41951-5", "41952-3", "73985-4", "55411-3", "PAPanel"}
    for one in resources(bundles, "Observation"):
        assert one["status"] == "final"
        assert [category["coding"][0]["code"] for category in one["category"]] == ["activity", "PhysicalActivity"]
        assert one["meta"]["profile"][0].startswith(f"{GUIDE}/StructureDefinition/pa-observation-")
        assert one["performer"] == [one["subject"]]
        when = [one["effectiveDateTime"]] if "effectiveDateTime" in one else list(one["effectivePeriod"].values())
        assert all(len(day) == 10 for day in when)  # dates: an hour would tell the zone
        if quantity := one.get("valueQuantity"):
            assert quantity["system"] == "http://unitsofmeasure.org"
            assert quantity["code"] in ("/d", "/wk", "min")


def test_a_patient_is_a_pseudonym_and_a_device_a_kind(bundles: list[dict]) -> None:
    for one in resources(bundles, "Patient"):
        assert set(one) == {"resourceType", "id", "identifier", "name", "gender"}
        assert one["name"] == [{"extension": [{"url": one["name"][0]["extension"][0]["url"], "valueCode": "masked"}]}]
    assert sorted(persons(bundles).values()) == ["P01", "P02", "P03", "P04", "P05", "P06"]
    kinds = {(one["deviceName"][0]["name"], one["type"]["text"]) for one in resources(bundles, "Device")}
    assert kinds == {
        ("garmin", "wrist"), ("google_fit", "phone"), ("fitbit", "wrist"), ("fitbit_phone", "phone")
    }  # fmt: skip
    assert all(set(one) == {"resourceType", "id", "deviceName", "type"} for one in resources(bundles, "Device"))


def test_an_infusion_is_a_procedure_that_was_performed_or_not(sample: StudyFolder, bundles: list[dict]) -> None:
    says = {"completed": "completed", "stopped_early": "stopped", "scheduled": "preparation", "cancelled": "not-done"}
    found = {
        (one["identifier"][0]["value"], one["status"], date.fromisoformat(one["performedDateTime"]))
        for one in resources(bundles, "Procedure")
    }
    infusions = sample.ask("SELECT infusion_id, status, infused_on FROM infusion")
    assert found == {(infusion, says[status], day) for infusion, status, day in infusions}
    assert {status for _, status, _ in found} == set(says.values())


# The guides -----------------------------------------------------------------------------------------------------------


def kinds_of(made: list[dict]) -> Iterator[dict]:
    """One of each that differ in more than ids, days and numbers."""
    seen = set()
    for one in made:
        form = re.sub(r"[0-9a-f-]{36}|\d{4}-\d\d-\d\d|\d+(\.\d+)?", "", json.dumps(one))
        if form not in seen:
            seen.add(form)
            yield one


@pytest.mark.parametrize("kind", TYPES)
def test_what_the_guides_publish_as_constraints_holds(files: dict[str, list[dict]], kind: str) -> None:
    made = list(kinds_of(files[kind]))
    assert made
    assert [(one["id"], found) for one in made if (found := faults(one))] == []


@pytest.mark.parametrize(
    ("profile", "spoil"),
    [
        ("pa-goal", lambda one: one["target"][0].pop("measure")),  # gol-1
        ("pa-goal", lambda one: one["target"][0]["detailQuantity"].update(comparator=">=")),
        ("pa-goal", lambda one: one["target"][0]["detailQuantity"].update(code="steps")),
        ("pa-goal", lambda one: one.update(lifecycleStatus="removed")),
        ("pa-goal", lambda one: one["category"].append(one["category"][0])),
        ("pa-observation-time-measure", lambda one: one.update(dataAbsentReason={"text": "valid"})),  # obs-6
        ("pa-observation-time-measure", lambda one: one.pop("valueQuantity")),
        ("pa-observation-time-measure", lambda one: one["category"].pop(0)),
        ("pa-observation-time-measure", lambda one: one.update(effectivePeriod={"start": "2026-03-02"})),
        ("pa-observation-time-measure", lambda one: one["component"].append(one["component"][0])),
        ("pa-observation-activity-measure", lambda one: one["valueCodeableConcept"].update(coding=[])),
        ("pa-observation-activity-group", lambda one: one.pop("hasMember")),
        ("us-core-procedure", lambda one: one.pop("performedDateTime")),  # us-core-7
        ("us-core-procedure", lambda one: one["subject"].update(reference="urn:uuid:a")),
    ],
)
def test_what_breaks_a_constraint_is_found(files: dict[str, list[dict]], profile: str, spoil) -> None:
    [name] = [name for name in PROFILES if name.endswith(f"/{profile}")]
    whole = {"component", "valueQuantity"} if profile.endswith("time-measure") else set()
    made = chain.from_iterable(files.values())
    good = next(one for one in made if one.get("meta") == {"profile": [name]} and whole <= set(one))
    assert faults(good) == []
    bad = copy.deepcopy(good)
    spoil(bad)
    assert faults(bad)


# What is gone ---------------------------------------------------------------------------------------------------------


def agreed(study: StudyFolder) -> None:
    """Three infusions of P2 and goals for each, beside those of P1."""
    study.infusions += ["I2,P2,2026-02-02,,", "I3,P2,2026-02-16,,", "I4,P2,2026-03-02,,"]
    study.goals += ["G2,,P2,,1,2,weekly_total,steps,40000,,,2026-02-01,,,",
                    "G3,,P2,,1,1,days_with,walking_minutes,4,20,,2026-02-01,,,"]  # fmt: skip
    study.write()
    fill(study)


@pytest.mark.after_a_night(over=agreed)
def test_what_an_earlier_hand_over_held_of_a_goal_or_an_infusion_is_put_right(
    study: StudyFolder, tmp_path: Path
) -> None:
    def told(kind: str, by: str) -> dict[str, dict]:
        return {one["id"]: one for one in lines(tmp_path / "out" / f"{kind}.ndjson") if by in one}

    handed_over(study, tmp_path / "out")
    goals, infusions = told("Goal", "lifecycleStatus"), told("Procedure", "status")
    assert Counter(one["lifecycleStatus"] for one in goals.values())["entered-in-error"] == 0
    study.goals = [row for row in study.goals if not row.startswith("G3")]  # no longer agreed
    study.infusions[1:3] = ["I3,P2,2026-02-16,cancelled,"]  # I2 is gone, I3 did not happen
    study.write()
    study.night()
    handed_over(study, tmp_path / "out")
    after = told("Goal", "lifecycleStatus")
    assert after.keys() == goals.keys()
    for name, one in after.items():
        assert faults(one) == []
        words, was = one["description"]["text"], goals[name]["description"]["text"]
        assert (one["subject"], one["startDate"]) == (goals[name]["subject"], goals[name]["startDate"])
        if was.endswith(("infusion I2", "infusion I3")):
            assert one["lifecycleStatus"] == "entered-in-error"
            assert one["statusReason"].startswith("void, ")
        elif was.startswith("days with"):
            assert one["lifecycleStatus"] == "cancelled"
            assert one["statusReason"] == "removed, goal_changed"
            assert "achievementStatus" not in one
            assert words == was  # its row is gone; the history has what a day needed
            assert one["target"][0]["detailQuantity"]["value"] == 4
        else:
            assert one["lifecycleStatus"] not in ("cancelled", "entered-in-error")
    assert {one["lifecycleStatus"] for one in after.values()} >= {"cancelled", "entered-in-error", "completed"}
    status = {one["identifier"][0]["value"]: one["status"] for one in told("Procedure", "status").values()}
    assert status == {"I1": "completed", "I2": "entered-in-error", "I3": "not-done", "I4": "completed"}
    dates = {name: one["performedDateTime"] for name, one in infusions.items()}
    assert {name: one["performedDateTime"] for name, one in told("Procedure", "status").items()} == dates


# Bundles --------------------------------------------------------------------------------------------------------------


def test_a_long_person_is_cut_into_bundles_that_each_stand_alone() -> None:
    from flows.handover import bundles, fhir

    ids = fhir.Ids("Test")
    day = {"participant_id": "P1", "day_state": "valid", "steps": 0, "wear_minutes": None, "day_minutes": 1440,
           "device": "fitbit"}  # fmt: skip
    days = [day | {"local_date": date.fromordinal(738_000 + n)} for n in range(1000)]
    rows = {"infusion": [], "goal": [], "week": [], "session": [], "day": days}
    head = [fhir.patient(ids, "P1"), fhir.device(ids, "fitbit", "wrist")]
    made = list(bundles._bundles(head, list(bundles._groups(ids, rows))))
    assert [len(bundle["entry"]) for bundle in made] == [402, 402, 202]
    for bundle in made:
        assert set(references(bundle)) <= {entry["request"]["url"] for entry in bundle["entry"]}
    assert made[0]["entry"][2]["resource"]["valueQuantity"]["value"] == 0  # known to be none is a value
    unknown = fhir.daily_steps(ids, days[0] | {"steps": None})
    assert unknown["dataAbsentReason"]["text"] == "no_steps_known"  # the day is valid: that is no reason


def test_a_resource_that_is_none_is_not_written() -> None:
    from flows.handover import bundles, fhir

    model = bundles._Model()
    good = bundles._bundle([fhir.patient(fhir.Ids("Test"), "P1")])
    model.check(good)
    bad = bundles._bundle([{"resourceType": "Observation", "id": "a", "status": "final"}])
    with pytest.raises(ValueError, match="code"):
        model.check(bad)
