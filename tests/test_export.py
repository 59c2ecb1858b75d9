"""Hand-over: whole or not there, the same bytes for the same database, and nothing more than is known."""

from __future__ import annotations

import csv
import json
import os
from collections import Counter
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from fhir.resources.R4B.bundle import Bundle

from flows.cli import main
from models import hand_over
from models.store.analytics import relations
from tests.studies import StudyFolder

GUIDE = "http://hl7.org/fhir/us/physical-activity"


def handed_over(study: StudyFolder, form: str, out: Path) -> int:
    return main(["export", "--study", str(study.folder), "--format", form, str(out)])


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.fixture(scope="module")
def bundles(sample: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> list[dict]:
    out = tmp_path_factory.mktemp("fhir") / "out"
    assert handed_over(sample, "fhir", out) == 0
    return [json.loads(line) for line in (out / "bundles.ndjson").read_text().splitlines()]


def resources(bundles: list[dict], kind: str, loinc: str | None = None) -> list[dict]:
    found = [entry["resource"] for bundle in bundles for entry in bundle["entry"]]
    found = [one for one in found if one["resourceType"] == kind]
    return [one for one in found if loinc is None or one["code"]["coding"][0]["code"] == loinc]


def persons(bundles: list[dict]) -> dict[str, str]:
    """Reference to a patient -> participant_id."""
    return {f"urn:uuid:{one['id']}": one["identifier"][0]["value"] for one in resources(bundles, "Patient")}


# Tables ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["parquet", "csv", "fhir"])
def test_a_second_hand_over_takes_the_place_of_the_first_with_the_same_bytes(
    sample: StudyFolder, tmp_path: Path, form: str
) -> None:
    out = tmp_path / "for the lab" / "out"
    assert handed_over(sample, form, out) == 0
    first = content(out)
    assert handed_over(sample, form, out) == 0
    assert content(out) == first
    assert [path.name for path in out.parent.iterdir()] == ["out"]
    assert {oct(path.stat().st_mode & 0o777) for path in out.iterdir()} == {"0o600"}
    assert oct(out.stat().st_mode & 0o777) == "0o700"


def test_every_relation_is_there_whole_and_says_what_it_is(sample: StudyFolder, tmp_path: Path) -> None:
    assert handed_over(sample, "parquet", tmp_path / "parquet") == 0
    assert handed_over(sample, "csv", tmp_path / "csv") == 0
    published = relations(sample.folder / "warehouse")
    package = json.loads((tmp_path / "csv/datapackage.json").read_text())
    assert [one["title"] for one in package["resources"]] == [relation.name for relation in published]
    for relation, described in zip(published, package["resources"], strict=True):
        rows = sample.ask(f"FROM {relation.name} ORDER BY ALL")
        frame = pl.read_parquet(tmp_path / f"parquet/{relation.name}.parquet")
        assert frame.columns == [column.name for column in relation.columns]
        assert [str(row) for row in frame.select(frame.columns[0]).rows()] == [str(row[:1]) for row in rows]
        with (tmp_path / f"csv/{relation.name}.csv").open(newline="") as file:
            read = list(csv.reader(file))
        assert read[0] == [field["name"] for field in described["schema"]["fields"]] == frame.columns
        # NULL is an empty cell, and only NULL is
        assert [[cell == "" for cell in row] for row in read[1:]] == [[cell is None for cell in row] for row in rows]
        for column in relation.columns:
            assert column.meaning in (tmp_path / "csv/README.md").read_text()
    days = pl.read_parquet(tmp_path / "parquet/daily_activity.parquet")
    assert days.schema["local_date"] == pl.Date
    assert days.schema["walking_minutes"] == pl.Decimal(18, 3)
    assert pl.read_parquet(tmp_path / "parquet/session.parquet").schema["start_time"] == pl.Datetime("us", "UTC")


def test_what_is_there_and_no_hand_over_is_left_alone(sample: StudyFolder, tmp_path: Path, capsys) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis/README.md").write_text("mine")
    inbox = sample.folder / "inbox/P01/out"
    for out in (tmp_path / "thesis", inbox, sample.folder / "warehouse/out", sample.folder):
        assert handed_over(sample, "csv", out) == 2
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert content(tmp_path / "thesis") == {"README.md": b"mine"}
    assert not inbox.exists()


def test_a_hand_over_that_fails_leaves_the_one_before(sample: StudyFolder, tmp_path: Path, monkeypatch, capsys) -> None:
    out = tmp_path / "out"
    assert handed_over(sample, "csv", out) == 0
    first = content(out)

    def full(*anything: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("models.hand_over.to_disk", full)
    assert handed_over(sample, "csv", out) == 2
    assert "No space left" in capsys.readouterr().err
    monkeypatch.undo()
    assert content(out) == first
    assert [path.name for path in tmp_path.iterdir()] == ["out"]
    # killed between putting the old one aside and the new one in its place
    os.replace(out, hand_over.before(out))
    assert handed_over(sample, "csv", out) == 0
    assert content(out) == first
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# FHIR -----------------------------------------------------------------------------------------------------------------


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
    assert set(told) == {"valid", "insufficient_wear", "no_data"}


def test_a_week_has_its_number_of_days_and_no_total_of_a_part(sample: StudyFolder, bundles: list[dict]) -> None:
    who = persons(bundles)
    weeks = {
        (person, start.isoformat()): (total, mean, n, eligible)
        for person, start, total, mean, n, eligible in sample.ask(
            """SELECT participant_id, week_start, steps_total, steps_mean, steps_mean_days, eligible_days
               FROM weekly_activity WHERE eligible_days > 0 AND days_over = eligible_days"""
        )
    }
    for loinc in ("41952-3", "41951-5"):
        found = resources(bundles, "Observation", loinc)
        assert len(found) == len(weeks)
        for one in found:
            total, mean, n, eligible = weeks[who[one["subject"]["reference"]], one["effectivePeriod"]["start"]]
            expected = (total if n == eligible == 7 else None) if loinc == "41952-3" else mean if n >= 4 else None
            assert one.get("valueQuantity", {}).get("value") == (None if expected is None else float(expected))
            assert ("dataAbsentReason" in one) == (expected is None)
            assert [part["valueInteger"] for part in one["component"]] == [n, eligible]


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
    assert units == {"/d", "min/wk", "d/wk", "d"}


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


def test_names_of_files_are_never_handed_over(study: StudyFolder, tmp_path: Path) -> None:
    study.put("P1/jane.doe@example.com.csv", "no,such\nexport,here\n")
    study.night()
    assert study.ask_store("SELECT path FROM rejection") == [("P1/jane.doe@example.com.csv",)]
    for form in ("parquet", "csv", "fhir"):
        assert handed_over(study, form, tmp_path / form) == 0
        written = content(tmp_path / form)
        assert ("export", f"everything published, as {form}", 2) in study.ask_store(
            "SELECT command, what, people FROM audit"
        )
        assert not [name for name, text in written.items() if b"jane" in text or b"@example" in text]


def test_a_long_person_is_cut_into_bundles_that_each_stand_alone() -> None:
    from flows.handover import bundles, fhir

    day = {"participant_id": "P1", "day_state": "valid", "steps": 0, "wear_minutes": None, "day_minutes": 1440,
           "device": "fitbit"}  # fmt: skip
    rows = {
        "source": [{"source": "fitbit", "device_class": "wrist"}],
        "goal": [], "week": [], "session": [],
        "day": [day | {"local_date": date.fromordinal(738_000 + n)} for n in range(1000)],
    }  # fmt: skip
    made = list(bundles._bundles(fhir.Ids("Test"), "P1", rows))
    assert [len(bundle["entry"]) for bundle in made] == [402, 402, 202]
    for bundle in made:
        assert set(references(bundle)) <= {entry["fullUrl"] for entry in bundle["entry"]}
    assert made[0]["entry"][2]["resource"]["valueQuantity"]["value"] == 0  # known to be none is a value


def test_a_resource_that_is_none_is_not_written() -> None:
    from flows.handover import bundles, fhir

    model = bundles._Model()
    good = bundles._bundle([fhir.patient(fhir.Ids("Test"), "P1")])
    model.check(good)
    bad = bundles._bundle([{"resourceType": "Observation", "id": "a", "status": "final"}])
    with pytest.raises(ValueError, match="code"):
        model.check(bad)
