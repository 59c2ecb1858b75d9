"""The report as of another date, or as it stood: the pages that a night left then, and nothing of the study changed."""

from __future__ import annotations

import json
import re
import shutil
from datetime import UTC, date, datetime
from pathlib import Path
from typing import NamedTuple

import pytest

from flows.cli import main
from flows.report import site, snapshots
from models.fault import StudyError
from models.study.folder import read_study
from tests.studies import StudyFolder, garmin_day
from tests.writers import diary

FIRST, SECOND = date(2026, 3, 12), date(2026, 3, 23)


class Nights(NamedTuple):
    """A study after two nights; the report that the first one left, and a moment between them."""

    study: StudyFolder
    first_report: dict[str, bytes]
    moment: datetime


def files(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def numbers(root: Path) -> dict[str, bytes]:
    """The files of a report without the one that says what it rests on."""
    beside = ("assets/as-of.css", "snapshots/")
    return {name: content for name, content in files(root).items() if not name.startswith(beside)}


def rests_on(root: Path) -> str:
    return (root / "assets/as-of.css").read_text("utf-8")


def report(study: StudyFolder, out: Path, *words: str, code: int = 0) -> Path:
    assert main(["report", *words, "--out", str(out), "--json", "--study", str(study.folder)]) == code
    return out


def written(study: StudyFolder, snapshots: str = "monthly") -> None:
    """The control files, with the setting of the copies."""
    toml = study.write().folder / "study.toml"
    toml.write_text(toml.read_text("utf-8").replace("[report]", f'[report]\nsnapshots = "{snapshots}"'))


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> Nights:
    """Whoever takes it only reads. Between the nights files came late and were written over, a goal was raised,
    somebody joined, and somebody's row of the control files became unusable."""
    study = StudyFolder(tmp_path_factory.mktemp("earlier") / "study", reports=True, as_of=FIRST)
    study.participants = ["P1,,,", "P2,,,", "HELD,,,"]
    study.infusions = ["I1,P1,2026-03-02,,", "I2,P2,2026-03-02,,", "I3,HELD,2026-03-02,,"]
    study.goals = [
        "G1,,P1,,1,2,daily_mean,steps,5000,,,2026-03-02,,,",
        "G2,,P2,,1,2,daily_mean,steps,,,baseline_pct:10,2026-03-02,,,",
        "G3,,HELD,,1,2,daily_mean,steps,5000,,,2026-03-02,,,",
        "G4,,P1,,1,2,days_with,yoga_minutes,2,10,,2026-03-02,,,",
        "G5,,P1,,1,3,daily_mean,steps,3000,,step_up:500,2026-03-02,,,",
    ]
    study.attendance = ["P1,2026-03-05,dance,31,,therapist"]
    study.outcomes = ["P1,2026-03-04,phq9,17.5"]
    written(study)
    for day in ("2026-03-03", "2026-03-04", "2026-02-20", "2026-02-21", "2026-02-22", "2026-02-23"):
        for who in ("P1", "P2", "HELD"):
            study.put(f"{who}/{day}.fit", garmin_day(day, serial=len(who)))
    study.put("P1/broken.fit", garmin_day("2026-03-08")[:-9])
    study.night()
    first, moment = numbers(study.folder / "warehouse/report"), datetime.now(UTC)
    study.as_of = SECOND
    study.participants.append("P4,,,")
    study.goals[0] = "G1,,P1,,1,2,daily_mean,steps,9000,,,2026-03-02,,,"
    study.attendance += ["P1,2026-03-06,dance,33,,", "P1,2026-03-16,dance,37,,"]
    study.outcomes += ["P1,2026-03-09,phq9,14.5", "P1,2026-03-17,phq9,11.5"]
    study.zones = ["HELD,2026-03-08,America/Nowhere"]
    written(study)
    for day in ("2026-03-05", "2026-03-06", "2026-03-07", "2026-03-09", "2026-03-11", "2026-03-12", "2026-03-13"):
        study.put(f"P1/late-{day}.fit", garmin_day(day, 9500, serial=1))
    study.put("HELD/late.fit", garmin_day("2026-03-05", serial=4))
    study.put("P2/late.fit", garmin_day("2026-03-05", serial=2)[:-9])
    study.put("P1/diary.csv", diary.diary([(date(2026, 3, 4), "yoga", 20), (date(2026, 3, 14), "yoga", 20)]))
    study.night()
    return Nights(study, first, moment)


def test_as_of_what_is_published_it_is_the_report_of_the_night_also_of_who_is_held(nights, tmp_path, capsys) -> None:
    study = nights.study
    before = files(study.folder)
    out = report(study, tmp_path / "out", "--as-of", f"{SECOND}")
    told = json.loads(capsys.readouterr().out)
    assert numbers(out) == numbers(study.folder / "warehouse/report")  # which has a copy of the first night beside it
    assert "zones.csv line 2" in (out / "participant/HELD.html").read_text("utf-8")
    assert (told["as_of"], told["rests_on"]) == ("2026-03-23", "judged with all that was known on 23 Mar 2026")
    assert f"23 Mar 2026 ({told['rests_on']})" in rests_on(out)
    assert files(study.folder) == before
    assert not list((study.folder / "warehouse").glob("replay-*"))


def test_as_it_stood_it_is_the_report_that_the_night_of_then_left(nights: Nights, tmp_path: Path, capsys) -> None:
    """Also by the control files of then. One file was rejected in the first night, another in the second."""
    out = report(nights.study, tmp_path / "out", "--known-by", nights.moment.isoformat())
    assert json.loads(capsys.readouterr().out)["as_of"] == f"{FIRST}"
    assert numbers(out) == nights.first_report
    assert "12 Mar 2026 (as it stood at " in rests_on(out)
    assert not (out / "participant/P4.html").exists()


def test_as_of_an_earlier_date_later_days_are_not_there_and_verdicts_are_those_of_goals(
    nights, tmp_path, capsys
) -> None:
    out = report(nights.study, tmp_path / "out", "--as-of", "2026-03-10")
    page = (out / "participant/P1.html").read_text("utf-8")
    assert "9,500" in page
    assert "13 Mar" not in page
    assert "12 Mar" not in page
    assert ("14.5" in page, "11.5" in page) == (True, False)
    capsys.readouterr()
    assert main(["goals", "--as-of", "2026-03-10", "--json", "--study", str(nights.study.folder)]) == 0
    goals = {(row["goal_id"], row["week"]): row["status"] for row in json.loads(capsys.readouterr().out)}
    cohort = json.loads((out / "assets/people.js").read_text("utf-8").removeprefix("const COHORT = ").rstrip(";\n"))
    shown = {
        (goal, week): cohort["verdicts"][letter][0]
        for person in cohort["people"]
        for goal, _, _, letters, left_out in person[7]
        for week, letter in enumerate(letters, left_out + 1)
        if letter != " "
    }
    assert shown == goals


def test_a_verdict_that_the_history_has_otherwise_is_counted(nights: Nights, tmp_path: Path) -> None:
    from models.store.store import open_store

    study = nights.study.copied(tmp_path / "study")
    store = open_store(study.folder / "warehouse")
    store.con.execute("UPDATE verdict SET value = 1 WHERE goal_id = 'G2' AND week = 1 AND is_current")
    store.close()
    out = report(study, tmp_path / "out", "--known-by", "2099-01-01T00:00")
    assert "3 verdicts stood otherwise in the history" in rests_on(out)  # the two of HELD stand as of the first night


def test_a_copy_of_the_first_night_of_a_month_is_kept_complete_in_itself(nights: Nights) -> None:
    kept = nights.study.folder / "warehouse/report/snapshots"
    assert [path.name for path in kept.iterdir()] == [f"{FIRST}"]
    copy = files(kept / f"{FIRST}")
    links = {b'"../../participant/': b'"participant/'}
    [(changed, original)] = links.items()
    assert copy["index.html"].replace(changed, original) == nights.first_report["index.html"]
    assert changed in copy["index.html"]
    for name in (name for name in nights.first_report if name.startswith("assets/")):
        assert copy[name].replace(b"../../participant/", b"participant/") == nights.first_report[name]
    assert b"`../../participant/" in copy["assets/cohort.js"]
    assert "12 Mar 2026 (a copy of that night's page" in rests_on(kept / f"{FIRST}")
    assert (kept / f"{FIRST}/index.html").stat().st_mode & 0o077 == 0


def test_copies_of_a_report_that_no_night_writes_are_refused(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path / "study")
    written(study)
    with pytest.raises(StudyError, match=r"report\.snapshots: .monthly. needs the report of every night"):
        read_study(study.folder)


def test_a_copy_is_made_again_after_a_kill_and_no_copy_nor_earlier_report_holds_who_was_forgotten(
    nights: Nights, tmp_path: Path, monkeypatch, capsys
) -> None:
    study = nights.study.copied(tmp_path / "study")
    root = study.folder / "warehouse/report"
    kept = root / "snapshots"
    assert snapshots.keep(root, SECOND, "monthly") is None
    with monkeypatch.context() as killed:
        killed.setattr(site, "put", lambda path, text: path.name == "index.html" and 1 / 0)
        with pytest.raises(ZeroDivisionError):
            snapshots.keep(root, SECOND, "nightly")
    assert (kept / f"{SECOND}").exists()
    assert snapshots.keep(root, SECOND, "nightly") == kept / f"{SECOND}"
    first = files(kept)
    assert f"{SECOND}/index.html" in first
    assert snapshots.keep(root, SECOND, "nightly")
    assert files(kept) == first
    shutil.copytree(kept / f"{FIRST}", kept / "2026-02-01")  # of a time before P2
    for page in (kept / "2026-02-01/index.html", kept / "2026-02-01/assets/people.js"):
        page.write_text(re.sub(r"\b[PIG]2\b", "P9", page.read_text("utf-8")))
    capsys.readouterr()
    assert main(["forget", "P2", "--yes", "--json", "--study", str(study.folder)]) == 0
    removed = json.loads(capsys.readouterr().out)["files_removed"]
    assert {f"report/snapshots/{day}" for day in (FIRST, SECOND)} <= set(removed)
    assert [path.name for path in kept.iterdir()] == ["2026-02-01"]
    out = report(study, tmp_path / "out", "--known-by", nights.moment.isoformat())
    assert (out / "participant/P1.html").exists()
    assert not (out / "participant/P2.html").exists()
    assert ">P2<" not in (out / "index.html").read_text("utf-8")


def test_it_is_written_over_an_earlier_one_and_over_nothing_else(nights: Nights, tmp_path: Path, capsys) -> None:
    out = report(nights.study, tmp_path / "out", "--as-of", "2026-03-10")
    first = files(out)
    (out / "participant/GONE.html").write_text((out / "participant/P1.html").read_text("utf-8"))
    assert files(report(nights.study, out, "--as-of", "2026-03-10")) == first
    folder = nights.study.folder
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/notes.txt").write_text("mine")
    shutil.copytree(out, tmp_path / "mixed")
    (tmp_path / "mixed/participant/notes.txt").write_text("mine")
    before = files(folder)
    for place in (folder, folder / "inbox/P1", folder / "warehouse/report", tmp_path / "mine", tmp_path / "mixed"):
        report(nights.study, place, "--as-of", "2026-03-10", code=2)
        assert len(capsys.readouterr().err.strip().splitlines()) == 1
    assert files(folder) == before
    assert main(["report", "--as-of", "2026-03-10", "--study", str(folder)]) == 2
    assert main(["report", "--out", str(tmp_path / "new"), "--study", str(folder)]) == 2
