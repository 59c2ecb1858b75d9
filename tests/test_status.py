"""`status`: what needs a person, most urgent first, whatever state the study is in."""

from __future__ import annotations

import json
import os
from datetime import UTC, date, datetime, timedelta
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path

import pytest

from flows.answers.finding import NOTE, SOON, Finding
from flows.answers.status import Status, look, show
from flows.answers.worklist_item import Item
from flows.cli import main
from flows.night.begin import begin
from flows.night.run import Scope
from models.study.folder import read_study
from tests.dying import started
from tests.studies import AS_OF, StudyFolder, fitbit_day, garmin_day
from tests.writers import fit, whoop

SAMPLES = Path(__file__).parents[1] / "sample_data" / "exports"


def kinds(study: StudyFolder) -> dict[str, list[Finding]]:
    found: dict[str, list[Finding]] = {}
    for finding in look(read_study(study.folder)).findings:
        found.setdefault(finding.kind, []).append(finding)
    return found


def trouble(study: StudyFolder) -> None:
    """Everything that can be found while a night goes well."""
    study.participants += ["P3,,,", "P4,,,"]
    study.infusions += ["I2,P2,2026-03-09,,", "I9,nobody,2026-03-09,,"]
    study.write()
    study.put("P1/bad.fit", garmin_day("2026-03-03")[:-9])
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.put("P3/a.fit", garmin_day("2026-03-03"))
    study.put("stranger/a.fit", garmin_day("2026-03-03"))
    for day in ("2026-03-04", "2026-03-18"):
        study.put(f"P2/{day}.fit", garmin_day(day))
    for name, content in {**fitbit_day("2026-03-19"), **fitbit_day("2026-03-20")}.items():
        study.put(f"P2/{name}", content)
    walk = fit.Session(datetime(2026, 3, 20, 15, tzinfo=UTC), timedelta(minutes=30), sport=199)
    study.put("P4/odd.fit", fit.activity([walk], offset=timedelta(hours=-4)))
    study.put("P4/days.csv", (SAMPLES / "fitabase" / "dailyActivity_merged.csv").read_bytes())


def a_bad_file(study: StudyFolder) -> None:
    """One, beside a good one."""
    study.infusions = ["I1,P1,2026-03-16,,"]
    study.write().put("P1/a.fit", garmin_day("2026-03-20"))
    study.put("P1/b.fit", garmin_day("2026-03-21")[:-9])


@pytest.mark.after_a_night(over=trouble)
def test_everything_that_needs_a_person_is_named_with_its_remedy_most_urgent_first(study: StudyFolder, capsys) -> None:
    fresh = study.put("P2/late.fit", garmin_day("2026-03-21"))
    left = study.put("P2/half.fit", garmin_day("2026-03-22"))
    yesterday = (datetime.now() - timedelta(days=1)).timestamp()
    os.utime(left, (yesterday, yesterday))
    assert main(["status", "--json", "--study", str(study.folder)]) == 0
    told = json.loads(capsys.readouterr().out)
    by_kind = {finding["kind"]: finding for finding in told["findings"]}
    assert [f["urgency"] for f in told["findings"]] == sorted(
        (f["urgency"] for f in told["findings"]), key=["now", "soon", "note"].index
    )
    said = {kind: finding["what"] for kind, finding in by_kind.items()}
    assert said["rejected_file"].startswith("P1/bad.fit, ")
    assert "infusions.csv line 4, participant_id: 'nobody'" in said["control_file"]
    assert said["unknown_folder"].startswith("inbox/stranger: ")
    assert said["same_file"] == "P3: 1 file also in another person's folder: P1/a.fit = P3/a.fit"
    assert said["silent"] == "P1: No data after 3 Mar"
    assert said["left_waiting"].startswith("P2/half.fit: ")
    assert said["waiting"] == "1 file in the inbox not loaded yet"
    assert said["device_changed"] == "P2: fitbit in the last 7 days, garmin in the 21 days before"
    assert all(finding["remedy"] for finding in told["findings"])
    assert told["waiting"] == 2
    assert told["last_run"]["files_rejected"] == 1
    assert [p["participant_id"] for p in told["participants"]] == ["P1", "P3", "P2", "P4"]
    assert fresh.exists()


@pytest.mark.after_a_night(over=a_bad_file)
def test_what_is_mended_is_no_longer_told_and_a_good_study_needs_nobody(study: StudyFolder, capsys) -> None:
    assert set(kinds(study)) == {"rejected_file"}
    study.put("P1/b.fit", garmin_day("2026-03-21"))
    study.night()
    assert main(["status", "--study", str(study.folder)]) == 0
    assert "Nothing needs a person." in capsys.readouterr().out


@pytest.mark.after_a_night(over=trouble)
def test_what_was_new_in_an_export_and_activities_without_a_word_are_told(study: StudyFolder) -> None:
    found = kinds(study)
    assert found["other_activity"][0].what == "1 session of garmin counted as other: sport 199"
    assert found["new_in_export"][0].what == "P4/days.csv: 1 days without the tracker: not known"


def test_a_list_of_which_no_kind_is_known_is_told_loudly_for_it_hides_walks(study: StudyFolder, capsys) -> None:
    rows = [("UTC-05:00", f"2026-03-0{d} 08:00:00", f"2026-03-0{d} 08:30:00", 30, "Spazieren") for d in range(3, 7)]
    study.put("P1/workouts.csv", whoop.workouts(rows))
    study.put("P2/workouts.csv", whoop.workouts([*rows[:2], (*rows[2][:4], "Walking"), rows[3]]))
    study.night()
    (found,) = kinds(study)["nameless_activities"]
    assert (found.urgency, found.participant_id) == (SOON, "P1")
    assert found.what.startswith("P1/workouts.csv: none of its 4 activities (such as Spazieren) is of a kind")
    assert main(["status", "--study", str(study.folder)]) == 0
    assert "walks are hidden" in " ".join(capsys.readouterr().out.split())
    (study.folder / "warehouse" / "store.duckdb").unlink()
    (published,) = kinds(study)["nameless_activities"]
    assert published.what.startswith("the whoop activities of P1: none of its 4 activities")


def hold(folder: Path, theirs: Connection) -> None:
    """A run that holds the store until somebody ends it."""
    run = begin(folder, Scope())
    theirs.send(run.run_id)
    theirs.recv()


@pytest.mark.after_a_night(over=trouble)
def test_while_a_run_holds_the_store_what_is_published_is_told(study: StudyFolder, capsys) -> None:
    ours, theirs = Pipe()
    night = started(hold, study.folder, theirs)
    try:
        assert ours.recv()
        found = look(read_study(study.folder))
        assert main(["status", "--study", str(study.folder)]) == 0
        assert main(["doctor", "--study", str(study.folder)]) == 1
    finally:
        night.kill()
        night.join()
    by_kind = {finding.kind: finding for finding in found.findings}
    assert str(night.pid) in by_kind["busy"].what
    assert by_kind["rejected_file"].what.startswith("P1: file ")
    assert "also in another person's folder: content " in by_kind["same_file"].what
    assert "silent" in by_kind
    assert (found.waiting, len(found.participants)) == (None, 4)
    assert found.last_run
    assert "is using the store" in capsys.readouterr().out


def test_a_study_without_a_night_is_no_cause_for_alarm(study: StudyFolder) -> None:
    assert kinds(study)["run"][0].urgency == NOTE


@pytest.mark.after_a_night(over=a_bad_file)
def test_a_night_that_failed_or_did_not_come_stands_first(study: StudyFolder) -> None:
    path = study.folder / "warehouse" / "health.json"
    told = json.loads(path.read_text("utf-8"))
    told["last_attempt"] |= {"exit_code": 2, "failed": {"step": "publish", "what": "No space left on device"}}
    path.write_text(json.dumps(told))
    first = look(read_study(study.folder)).findings[0]
    assert (first.urgency, first.kind) == ("now", "run")
    assert "No space left on device" in first.what
    (study.folder / "warehouse" / "store.duckdb").write_bytes(b"x" * 4096)
    assert any(finding.urgency == "now" and "store.duckdb" in finding.what for finding in kinds(study)["store"])


def test_five_thousand_people_do_not_flood_the_terminal(capsys) -> None:
    silent = [Item(f"P{n}", "silent", AS_OF, "No data have come yet", "ask for an export") for n in range(5000)]
    findings = [*(item.finding for item in silent), Finding(NOTE, "waiting", "1 file", "run it")]
    person = {"data_until": date(2026, 3, 1), "days_ago": 22, "last_file_at": None, "loaded": 1, "duplicate": 0}
    people = [{"participant_id": f"P{n}", **person, "ignored": 0, "rejected": 0} for n in range(5000)]
    status = Status("Test", AS_OF, findings, 1, None, people, silent, [])
    show(status, everything=False)
    said = capsys.readouterr().out
    assert len(said.splitlines()) < 70
    assert "5,000 items: 5,000 silent" in said
    assert "... and 4,990 more of the kind 'silent'" in said
    assert "... and 4,970 more participants" in said
    status.participants = people[:100]
    show(status, everything=True)
    said = capsys.readouterr().out
    assert "P4999: No data have come yet" in said
    assert "P99 " in said
