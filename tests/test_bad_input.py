"""What bad input gets. Each test puts a bad file beside a good one and takes all steps."""

from __future__ import annotations

import io
import os
import zipfile
from functools import cache
from types import SimpleNamespace

import pytest

import connectors
from models.fault import Fault
from tests.studies import StudyFolder, at, fitbit_day, garmin_day, minutes, read_here
from tests.together import alone, people, study
from tests.writers import fit, fitbit

__all__ = ["alone", "people", "study"]  # the fixtures


def only_fault(study: StudyFolder) -> Fault:
    """The one fault that a night finds; a good file that lies in the inbox, too, must have been loaded."""
    study.put("P1/good.fit", garmin_day("2026-03-03"))
    run = study.night()
    assert study.day("2026-03-03")["steps"] == 6000
    assert len(run.new_faults) == 1, run.new_faults
    return run.new_faults[0]


def test_a_file_that_nobody_knows_is_named_and_the_night_goes_on(study: StudyFolder) -> None:
    study.put("P1/notes.csv", "when,what\n2026-03-03,slept\n")
    fault = only_fault(study)
    assert fault.file == "P1/notes.csv"
    assert fault.reason.startswith("found a table that no reader knows, expected the file just as the app made it")
    assert "date,activity,minutes" in fault.remedy
    assert study.ask("SELECT participant_id, length(sha256) FROM rejection") == [("P1", 64)]


def test_companions_that_hold_nothing_for_us_are_ignored_not_rejected(study: StudyFolder) -> None:
    study.put("P1/steps_readme.txt", "Time Series Data Export\n")
    study.put("P1/settings.fit", fit.other(2))
    study.put("P1/.DS_Store", b"\0\0\0\1Bud1")
    study.put("P1/empty.csv", b"")
    assert study.night().is_clean
    assert study.ask_store("SELECT status, count(*) FROM source_file GROUP BY ALL") == [("ignored", 4)]
    notes = study.ask_store("SELECT path, note FROM source_file")
    assert all(note for _, note in notes), notes


def test_two_readers_for_one_file_is_an_error_that_names_both(alone: StudyFolder, monkeypatch) -> None:
    greedy = SimpleNamespace(identify=lambda export: True, VERSION=1, SOURCES={}, METRICS={}, LOOKS_FOR=("FIT",))
    alone.put("P1/good.fit", garmin_day("2026-03-03"))
    read_here(monkeypatch)
    both = {**connectors.connectors(), "greedy": greedy}
    monkeypatch.setattr(connectors, "connectors", lambda: both)
    monkeypatch.setattr(connectors, "_asked", connectors._asked.__wrapped__)
    monkeypatch.setattr(connectors, "_looking_for", lambda: {"FIT": ["garmin_fit_monitoring", "greedy"]})
    run = alone.night()
    assert "garmin_fit_monitoring" in run.new_faults[0].reason
    assert "greedy" in run.new_faults[0].reason


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), "checksum"),
        (lambda data: data[: len(data) // 2], ""),
        (lambda data: data[:8] + b"FIT." + data[12:], ""),
    ],
    ids=["bad checksum", "cut off", "wrong header"],
)
def test_a_damaged_fit_counts_not_at_all(study: StudyFolder, damage, said: str) -> None:
    study.put("P1/bad.fit", damage(garmin_day("2026-03-05")))
    fault = only_fault(study)
    assert said in f"{fault.place} {fault.reason}".lower()
    assert study.day("2026-03-05") == {}


def test_a_missing_column_is_named(study: StudyFolder) -> None:
    content = fitbit.steps({None: minutes(at("2026-03-05 09:00"), [50] * 3)}).replace(
        b"timestamp,steps", b"timestamp,paces"
    )
    study.put("P1/Takeout/Fitbit/Physical Activity_GoogleData/steps_2026-03-01.csv", content)
    fault = only_fault(study)
    assert "steps" in str(fault)


def test_a_new_column_is_loaded_and_noted(study: StudyFolder) -> None:
    lines = fitbit.steps({None: minutes(at("2026-03-05 09:00"), [50] * 3)}).decode().splitlines()
    content = "\n".join([lines[0] + ",mood", *(line + ",7" for line in lines[1:])])
    study.put("P1/steps_2026-03-01.csv", content)
    run = study.night()
    assert run.is_clean
    assert study.day("2026-03-05")["steps"] == 150
    assert "mood" in study.ask_store("SELECT note FROM source_file")[0][0]


@pytest.mark.parametrize(
    ("cell", "place"),
    [("2026-03-05T14:01:00Z,-3", "steps"), ("2026-03-05T25:61:00Z,3", "timestamp"),
     ("2026-03-05T14:01:00Z,1000000000", "steps"),
     ("2031-03-05T14:01:00Z,3", ""), ("1970-01-01T00:00:00Z,3", "")],
    ids=["steps -3", "25:61", "1e9 steps", "the future", "before 1990"],
)  # fmt: skip
def test_a_value_that_cannot_be_rejects_the_whole_file(study: StudyFolder, cell: str, place: str) -> None:
    study.put("P1/steps_2026-03-01.csv", f"timestamp,steps\n2026-03-05T14:00:00Z,20\n{cell}\n")
    fault = only_fault(study)
    assert place in fault.place
    assert study.day("2026-03-05") == {}


def test_two_thousand_minutes_in_a_day_reject_the_diary(study: StudyFolder) -> None:
    study.put("P1/diary.csv", "date,activity,minutes\n2026-03-05,yoga,20\n2026-03-06,yoga,2000\n")
    fault = only_fault(study)
    assert "line 3" in fault.place
    assert "minutes" in fault.place


def test_an_implausible_day_is_kept_and_marked(study: StudyFolder) -> None:
    for name, content in fitbit_day("2026-03-05", steps=61_000).items():
        study.put(f"P1/{name}", content)
    assert study.night().is_clean
    day = study.day("2026-03-05")
    assert (day["day_state"], day["steps"]) == ("implausible", 61_000)


def test_an_unknown_participants_folder_is_rejected_as_a_whole_and_named_once(study: StudyFolder) -> None:
    left = study.put("P9/a.fit", garmin_day("2026-03-05"))
    study.put("P9/b.fit", garmin_day("2026-03-06"))
    fault = only_fault(study)
    assert "unknown participant" in fault.reason
    assert left.exists()
    assert study.ask("SELECT count(*) FROM source_file WHERE participant_id = 'P9'") == [(0,)]


def test_a_folder_becomes_readable_once_its_participant_is_known(study: StudyFolder) -> None:
    study.put("P9/a.fit", garmin_day("2026-03-05"))
    assert not study.night().is_clean
    study.participants.append("P9,,,")
    study.write()
    assert study.night().is_clean
    assert study.day("2026-03-05", "P9")["steps"] == 6000
    assert study.ask("SELECT count(*) FROM rejection") == [(0,)]


def zipped(**members: bytes) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name.replace("__", "/"), content)
    return packed.getvalue()


def test_the_same_content_under_another_name_and_in_a_zip_has_no_effect(study: StudyFolder) -> None:
    content = garmin_day("2026-03-03")
    study.put("P1/one.fit", content)
    study.put("P1/two.fit", content)
    study.put("P1/three.zip", zipped(a__b=content))
    assert study.night().is_clean
    statuses = study.ask_store("SELECT status, count(*) FROM source_file GROUP BY ALL ORDER BY 1")
    assert statuses == [("duplicate", 2), ("ignored", 1), ("loaded", 1)]
    assert study.day("2026-03-03")["steps"] == 6000


def test_the_same_file_in_two_peoples_folders_is_two_files_and_flagged(study: StudyFolder) -> None:
    study.participants = ["P1,,,", "P2,,,"]
    study.put("P1/one.fit", garmin_day("2026-03-03"))
    study.put("P2/one.fit", garmin_day("2026-03-03"))
    study.night()
    assert study.ask_store("SELECT status, count(*) FROM source_file GROUP BY ALL") == [("loaded", 2)]
    assert study.day("2026-03-03", "P1")["steps"] == study.day("2026-03-03", "P2")["steps"] == 6000


def test_a_newer_export_of_the_same_days_replaces_them_and_the_older_rows_can_be_traced(study: StudyFolder) -> None:
    old = fitbit.steps(
        {None: [*minutes(at("2026-03-05 09:00"), [90] * 10), *minutes(at("2026-03-06 09:00"), [90] * 10)]}
    )
    new = fitbit.steps(
        {None: [*minutes(at("2026-03-05 09:00"), [80] * 5), *minutes(at("2026-03-07 09:00"), [70] * 10)]}
    )
    study.put("P1/b.csv", new)
    study.put("P1/a.csv", old)
    study.night()
    steps = {
        str(d): s for d, s in study.ask("SELECT local_date, steps FROM daily_activity WHERE participant_id = 'P1'")
    }
    assert steps == {"2026-03-05": 400, "2026-03-06": None, "2026-03-07": 700}
    assert study.ask_store("SELECT sum(len(samples)) FROM minutes") == [(35,)]


def test_an_encrypted_zip_is_rejected_and_says_what_to_do(study: StudyFolder) -> None:
    data = bytearray(zipped(a=b"x" * 100))
    for mark in (b"PK\x03\x04", b"PK\x01\x02"):
        flags = data.find(mark) + (6 if mark == b"PK\x03\x04" else 8)
        data[flags] |= 1
    study.put("P1/locked.zip", bytes(data))
    fault = only_fault(study)
    assert "password" in str(fault) or "encrypted" in str(fault)


@cache
def bomb() -> bytes:
    return zipped(big=b"timestamp,steps\n" + bytes(150_000_000))


def test_a_zip_bomb_is_rejected(study: StudyFolder) -> None:
    study.put("P1/bomb.zip", bomb())
    assert "bomb.zip" in only_fault(study).file


def test_a_member_that_climbs_out_of_its_zip_is_rejected(study: StudyFolder) -> None:
    study.put("P1/climbs.zip", zipped(**{"../../../etc/x.fit": garmin_day("2026-03-05")}))
    assert "climbs.zip" in only_fault(study).file
    assert not (study.folder.parent / "etc").exists()


def test_a_link_out_of_the_inbox_and_a_pipe_are_never_opened(alone: StudyFolder) -> None:
    alone.put("P1/good.fit", garmin_day("2026-03-03"))
    outside = alone.folder.parent / "secret.fit"
    outside.write_bytes(garmin_day("2026-03-05"))
    os.symlink(outside, alone.folder / "inbox/P1/link.fit")
    os.mkfifo(alone.folder / "inbox/P1/pipe.fit")
    run = alone.night()
    assert sorted(f.reason.split(",")[0] for f in run.new_faults) == [
        "found a device or pipe",
        "found a link to a place outside the inbox",
    ]
    assert alone.day("2026-03-05") == {}


def test_an_empty_inbox_is_a_normal_night(alone: StudyFolder) -> None:
    run = alone.night()
    assert run.is_clean
    assert alone.ask("SELECT count(*) FROM daily_activity") == [(0,)]


def test_a_fault_turns_the_night_red_once_and_stands_from_then_on(alone: StudyFolder) -> None:
    alone.put("P1/notes.csv", "when,what\n")
    alone.put("P9/a.fit", garmin_day("2026-03-05"))
    alone.goals.append("G2,,P8,,1,1,daily_mean,steps,5000,,,2026-03-02,,,")  # of nobody: nobody is held
    alone.write()
    assert len(alone.night().new_faults) == 3
    before = alone.ask("SELECT * FROM rejection ORDER BY ALL")
    again = alone.night()
    assert again.is_clean
    assert again.standing == 3
    assert alone.ask("SELECT outcome FROM run ORDER BY run_number") == [("with rejections",), ("clean",)]
    assert alone.ask("SELECT * FROM rejection ORDER BY ALL") == before


def test_a_wrong_control_row_is_named_and_the_good_ones_are_used(alone: StudyFolder) -> None:
    alone.infusions.append("I2,P1,2026-13-01,,")
    fault = only_fault(alone.write())
    assert alone.ask("SELECT outcome FROM run") == [("with people held",)]
    assert fault.summary(", ").startswith("infusions.csv, line 3, infused_on: '2026-13-01'")
    assert alone.ask("SELECT infusion_id FROM infusion") == [("I1",)]
    assert "2026-13-01" not in str(alone.ask("SELECT * FROM rejection"))
