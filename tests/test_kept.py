"""What reading the control files came to is kept, and is what reading them again comes to."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path

import pytest

from flows.cli import main
from models.fault import StudyError
from models.study import kept
from models.study.folder import read_study
from models.study.study import Study
from tests.studies import StudyFolder

READ = Path("warehouse/control/read.json")


@pytest.fixture
def study(tmp_path: Path) -> StudyFolder:
    """A study of two people after a night: one travels, one prefers a source."""
    study = StudyFolder(tmp_path / "study", participants=["P1,,garmin;fitbit,", "P2,Europe/Berlin,,"])
    study.zones = ["P1,2026-03-04,Asia/Tokyo", "P1,2026-03-09,America/New_York"]
    study.write().night()
    return study


def same_again(folder: Path) -> Study:
    """The study, which says of everything what it says without what is kept."""
    found = read_study(folder)
    was_kept = (folder / READ).read_bytes()
    (folder / READ).unlink()
    anew = read_study(folder)
    names = set(vars(anew)) - {"is_recorded", "read", "rows", "_zone_logs"}
    assert {name: getattr(found, name) for name in names} == {name: getattr(anew, name) for name in names}
    assert found.rows == anew.rows
    assert [found.zone_log(who).fingerprint for who in found.people] == [
        anew.zone_log(who).fingerprint for who in anew.people
    ]
    (folder / READ).write_bytes(was_kept)
    return found


def no_row_is_checked(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*given: object) -> None:
        raise AssertionError("a row was checked")

    monkeypatch.setattr("models.study.folder.checked", never)


def test_what_was_read_is_known_without_checking_a_row(study, monkeypatch):
    found = same_again(study.folder)
    assert found.is_recorded
    no_row_is_checked(monkeypatch)
    again = read_study(study.folder)
    assert again.people == ("P1", "P2")
    assert again.moves == found.moves != {}
    assert again.priorities == {"P1": ("garmin", "fitbit")}


def test_a_quiet_night_checks_no_row_and_writes_none(study, monkeypatch):
    no_row_is_checked(monkeypatch)
    monkeypatch.setattr("models.store.control.write_control", no_row_is_checked)
    assert study.night().is_clean


def test_a_row_that_is_changed_is_read(study):
    study.goals = [study.goals[0].replace("5000", "6000")]
    study.write()
    assert not read_study(study.folder).is_recorded
    assert study.night().is_clean
    assert study.ask("SELECT targets[1] FROM goal") == [(6000,)]
    assert same_again(study.folder).is_recorded


def test_a_bad_row_is_named_every_night_with_what_its_cell_says(study):
    study.goals.append("G2,,P2,,1,1,daily_mean,steps,many,,,2026-03-02,,,")
    study.write()
    said = [[str(fault) for fault in read_study(study.folder).faults]]
    for _ in range(3):
        run = study.night()
        assert set(run.held_goals) == {"G2"}
        said.append([str(fault) for fault in run.study.faults])
    assert "'many'" in said[0][0]
    assert said[1:] == 3 * said[:1]
    assert same_again(study.folder).held_goals.keys() == {"G2"}


def test_where_the_store_is_another_one_rows_are_written_anew(study):
    before = study.ask_store("FROM participant ORDER BY ALL")
    (study.folder / "warehouse" / "store.duckdb").unlink()
    assert study.night().study.is_recorded
    assert study.ask_store("FROM participant ORDER BY ALL") == before != []


def test_what_is_damaged_or_of_other_code_is_not_used(study, monkeypatch):
    path = study.folder / READ
    said = json.loads(path.read_bytes())
    other = json.dumps(said).replace("Europe/Berlin", "Europe/Dublin")
    deep = "[" * 100_000
    for content in ("", "{", "[]", deep, other, json.dumps(said | {"study": {}}), json.dumps(said | {"print": "x"})):
        path.write_text(content)
        assert read_study(study.folder).people == ("P1", "P2")
        assert not read_study(study.folder).is_recorded
    path.write_text(json.dumps(said))
    assert read_study(study.folder).is_recorded
    monkeypatch.setattr("models.study.kept._of_the_code", lambda: "another")
    assert not read_study(study.folder).is_recorded


@pytest.mark.parametrize("library", kept.LIBRARIES)
def test_after_an_upgrade_of_a_library_that_has_a_part_in_it_the_files_are_read(study, monkeypatch, library):
    assert read_study(study.folder).is_recorded
    of_now = kept.version
    kept._of_the_code.cache_clear()
    with monkeypatch.context() as upgraded:
        upgraded.setattr(kept, "version", lambda name: of_now(name) + ".1" * (name == library))
        assert not read_study(study.folder).is_recorded
    kept._of_the_code.cache_clear()
    assert read_study(study.folder).is_recorded


def test_the_libraries_that_read_control_files_are_known():
    code = "\n".join(path.read_text("utf-8") for path in Path(kept.__file__).parent.glob("*.py"))
    imported = {name.replace("_", "-") for name in re.findall(r"^(?:from|import) (\w+)", code, re.M)}
    foreign = imported - sys.stdlib_module_names - {"--future--", "models"}
    assert foreign <= set(kept.LIBRARIES), "say in models/study/kept.py that it has a part in it"


def test_what_lies_there_and_cannot_be_read_is_not_as_if_nothing_lay_there(study):
    path = study.folder / "holds.csv"
    path.mkdir()
    with pytest.raises(StudyError, match=r"holds\.csv does not exist or is not a file"):
        study.night()
    path.rmdir()
    assert read_study(study.folder).is_recorded


def test_study_toml_that_is_saved_after_it_was_read_is_not_what_was_read(study, monkeypatch):
    (study.folder / READ).unlink()
    fingerprint = kept.fingerprint
    toml = study.folder / "study.toml"

    def saved_meanwhile(*given: Path) -> str:
        toml.write_text(toml.read_text("utf-8").replace("America/New_York", "Asia/Tokyo"))
        return fingerprint(*given)

    with monkeypatch.context() as patched:
        patched.setattr("models.study.kept.fingerprint", saved_meanwhile)
        assert read_study(study.folder).print == ""
    assert read_study(study.folder).timezone == "Asia/Tokyo"


def test_what_stood_in_for_somebody_who_left_is_not_kept(study):
    study.participants = ["P2,,,"]
    study.write()
    (study.folder / "zones.csv").unlink()
    for _ in range(3):
        study.night()
    assert same_again(study.folder).counts["infusions"] == 0


def test_an_infusion_of_somebody_who_left_is_asked_for_in_vain(study, capsys):
    asked = ["goals", "--study", str(study.folder), "--infusion", "I1"]
    assert main(asked) == 0
    study.participants, study.infusions, study.goals = [], [], []
    study.write()
    (study.folder / "zones.csv").unlink()
    study.night(accept_loss=True)
    study.night()
    capsys.readouterr()
    assert main(asked) == 2
    assert "infusions.csv has no I1" in capsys.readouterr().err


def test_no_night_fails_where_nothing_can_be_kept(study):
    (study.folder / READ).unlink()
    (study.folder / READ).mkdir()
    study.participants.append("P3,,,")
    study.write()
    assert study.night().is_clean
    assert study.ask_store("SELECT count(*) FROM participant") == [(3,)]
    assert not read_study(study.folder).is_recorded


def test_rows_that_changed_after_they_were_looked_at_are_not_taken_for_those(study):
    found = read_study(study.folder)
    study.participants.append("P3,,,")
    study.write()
    with pytest.raises(StudyError, match="changed while they were read"):
        found.rows  # noqa: B018


def test_nothing_is_kept_while_files_are_not_believed(study):
    study.participants += [f"P{n},,," for n in range(3, 10)]
    study.write().night()
    study.participants = study.participants[:2]
    study.write()
    for _ in range(2):
        assert [str(alarm) for alarm in study.night().alarms]
        assert not read_study(study.folder).is_recorded
