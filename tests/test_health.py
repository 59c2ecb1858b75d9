"""health.json: what a monitor reads, after good nights and bad ones."""

from __future__ import annotations

import errno
import json
import re
import shlex
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from flows.engine.start import run_by_hand
from flows.night import alert, health, steps
from flows.night.begin import begin
from flows.night.run import Run, Scope
from flows.night.steps import run_steps
from models.fault import StoreError, StudyError
from models.study.settings import alert_command, read_toml
from tests.dying import PATIENCE
from tests.studies import StudyFolder, garmin_day


def told(study: StudyFolder) -> dict:
    return json.loads((study.folder / "warehouse" / "health.json").read_text("utf-8"))


def shape(value: object) -> object:
    """The fields, without what stands in them."""
    return {key: shape(inner) for key, inner in value.items()} if isinstance(value, dict) else None


def check(study: StudyFolder) -> subprocess.CompletedProcess:
    """The monitor's check as the document gives it."""
    script = re.findall(r"```python\n(.*?)```", MONITORING, re.DOTALL)[0]
    command = [sys.executable, "-c", script, str(study.folder / "warehouse")]
    return subprocess.run(command, capture_output=True, text=True, timeout=PATIENCE)


MONITORING = (Path(__file__).parents[1] / "docs" / "monitoring.md").read_text("utf-8")


def test_a_night_leaves_counts_and_neither_an_id_nor_a_file_name(study: StudyFolder) -> None:
    study.put("P1/secret-name.fit", garmin_day("2026-03-03"))
    study.put("P2/bad-name.fit", garmin_day("2026-03-03")[:-9])
    study.night()
    path = study.folder / "warehouse" / "health.json"
    found = told(study)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert found["last_attempt"]["exit_code"] == 1
    assert (
        found["last_success_found"] | {"files_loaded": 1, "files_rejected": 1, "rejections_standing": 1}
        == (found["last_success_found"])
    )
    assert found["last_success_found"]["participants_quiet"] == 1  # nothing of P1 since 2026-03-03
    assert not re.search(r"secret|bad-name|P1|P2|I1|G1", path.read_text("utf-8"))
    assert check(study).returncode == 0


@pytest.mark.after_a_night
def test_the_figures_are_there_for_prometheus_too(study: StudyFolder) -> None:
    path = study.folder / "warehouse" / "metrics.prom"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    lines = path.read_text("utf-8").splitlines()
    found = {}
    for help_, type_, sample in zip(lines[::3], lines[1::3], lines[2::3], strict=True):
        name, value = re.fullmatch(r"(stepwindow_[a-z_]+) (\d+)", sample).groups()
        assert help_.startswith(f"# HELP {name} ")
        assert type_ == f"# TYPE {name} gauge"
        assert name not in found
        found[name] = int(value)
    expected = told(study)
    counts = {k: v for k, v in expected["last_success_found"].items() if k != "as_of"}
    assert counts == {k: found[f"stepwindow_last_success_{k}"] for k in counts}
    assert found["stepwindow_last_attempt_exit_code"] == expected["last_attempt"]["exit_code"]
    assert found["stepwindow_disk_free_bytes"] == expected["disk"]["free_bytes"]


@pytest.mark.after_a_night
def test_the_document_shows_every_field_there_is(study: StudyFolder) -> None:
    example = json.loads(re.findall(r"```json\n(.*?)```", MONITORING, re.DOTALL)[0])
    assert shape(example) == shape(told(study))


@pytest.mark.after_a_night
def test_a_night_that_fails_says_where_and_what_but_not_whose(study: StudyFolder, monkeypatch) -> None:
    success = told(study)["last_success"]

    def resolve_days(run: Run) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", "/inbox/P1/a-name.fit")

    monkeypatch.setattr(steps, "STEPS", [*steps.STEPS[:2], resolve_days])
    with pytest.raises(StoreError, match="the disk is full"):
        study.night()
    found = told(study)
    assert found["last_attempt"]["exit_code"] == 2
    assert found["last_attempt"]["failed"] == {
        "step": "resolve days",
        "what": "store.duckdb: the disk is full; free some space, then run again: what was published stands",
    }
    assert found["last_success"] == success
    assert "a-name" not in json.dumps(found)
    assert check(study).returncode == 2
    monkeypatch.undo()
    study.night()  # the store was let go of
    assert told(study)["last_attempt"]["failed"] is None


def test_a_night_that_cannot_begin_is_told_where_a_warehouse_is(study: StudyFolder) -> None:
    goals = study.folder / "goals.csv"
    sound = goals.read_text("utf-8")
    goals.write_text("who,what\nP1,secret\n")
    with pytest.raises(StudyError):
        study.night()
    assert not (study.folder / "warehouse").exists()
    goals.write_text(sound)
    study.night()
    goals.write_text("who,what\nP1,secret\n")
    with pytest.raises(StudyError):
        study.night()
    what = "a control file, a setting or the inbox cannot be used"
    assert told(study)["last_attempt"]["failed"] == {"step": "begin", "what": what}


def test_a_health_file_that_is_cut_off_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "health.json").write_text('{"format": 1, "last')
    assert health.read(tmp_path) is None
    (tmp_path / "health.json").write_text("[]")
    assert health.read(tmp_path) is None


FAILED = {"last_attempt": {"exit_code": 2, "killed_before": 0}}


# Who is called ------------------------------------------------------------------------------------------------------


def calls(study: StudyFolder, command: str) -> None:
    """From now on, what is called."""
    with (study.folder / "study.toml").open("a") as toml:
        toml.write(f"\n[alert]\ncommand = {json.dumps(command)}\n")


@pytest.mark.after_a_night
def test_the_command_of_the_settings_is_called_after_a_night_that_needs_somebody_and_no_other(
    study: StudyFolder, monkeypatch
) -> None:
    monkeypatch.setenv("STEPWINDOW_KEY", "")
    calls(study, "sh -c 'cat >> called.txt; env >> environment.txt'")
    study.night()
    assert not (study.folder / "called.txt").exists()
    study.put("P1/secret-name.fit", garmin_day("2026-03-05")[:-9])
    study.night()
    lock = study.folder / "warehouse" / "store.lock"
    lock.write_text("process 77: nightly, since 2026-03-01 02:30:00 UTC")  # as a run leaves it that was killed
    study.night()
    study.night()
    (study.folder / "goals.csv").write_text("who,what\nP1,secret\n")
    with pytest.raises(StudyError):
        study.night()
    text = (study.folder / "called.txt").read_text("utf-8")
    told_them = [json.loads(line) for line in text.splitlines()]
    assert [call["alert"] for call in told_them] == ["needs_a_person", "killed_before", "could_not_run"]
    assert told_them[-1] == {"alert": "could_not_run", **told(study)}
    assert [call["last_attempt"]["killed_before"] for call in told_them] == [0, 1, 0]
    assert "killed since one published: 1 run," in (study.folder / "warehouse/logs/stepwindow.log").read_text("utf-8")
    assert study.ask("SELECT command, started_at::VARCHAR FROM run WHERE outcome = 'killed'") == [
        ("nightly", "2026-03-01 02:30:00+00")
    ]
    assert not re.search(r"secret|P1|I1|G1", text)
    assert "STEPWINDOW_KEY=" not in (study.folder / "environment.txt").read_text("utf-8")


@pytest.mark.after_a_night
def test_a_run_that_begins_and_cannot_take_a_step_is_told_and_was_not_killed(study: StudyFolder) -> None:
    calls(study, "sh -c 'cat >> called.txt'")
    with pytest.raises(StudyError, match="no cluster answers there"):
        run_by_hand(study.folder, Scope("nightly", dask="tcp://127.0.0.1:1"), with_engine=False)
    assert json.loads((study.folder / "called.txt").read_text("utf-8"))["alert"] == "could_not_run"
    assert told(study)["last_attempt"]["failed"]["step"] == "begin"
    assert "nightly stopped: --dask" in (study.folder / "warehouse/logs/stepwindow.log").read_text("utf-8")
    assert not (study.folder / "warehouse/store.lock").read_text("utf-8"), "the next one would call it killed"


@pytest.mark.after_a_night
@pytest.mark.parametrize("place", ["withdraw.restore", "judge.judged_as_of", "by_rows"])
def test_a_fault_between_the_opening_of_the_store_and_the_first_step_is_told_as_what_it_was(
    study: StudyFolder, monkeypatch, place
) -> None:
    def fails(*given: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as broken:
        broken.setattr(f"flows.night.begin.{place}", fails)
        with pytest.raises(OSError, match="Input/output error"):
            study.night()
    assert told(study)["last_attempt"]["failed"] == {"step": "begin", "what": "Input/output error"}
    assert "nightly stopped: Input/output error" in (study.folder / "warehouse/logs/stepwindow.log").read_text("utf-8")
    study.night()
    assert told(study)["last_attempt"]["killed_before"] == 0


@pytest.mark.after_a_night
def test_an_inbox_that_is_gone_is_waited_for_until_the_last_time_when_it_is_an_alarm(study: StudyFolder) -> None:
    study.put("P1/day.fit", garmin_day("2026-03-05"))
    study.night()
    before = told(study)
    (study.folder / "inbox").rename(study.folder / "elsewhere")
    (study.folder / "inbox").mkdir()
    with pytest.raises(StudyError, match="inbox: nothing in it"):
        begin(study.folder, Scope(), is_last=False)
    assert told(study) == before, "it has not ended"
    run = run_steps(begin(study.folder, Scope()))
    assert [alarm.found for alarm in run.alarms] == ["nothing in it"]
    assert run.killed_before == 0


@pytest.mark.parametrize(
    ("command", "trouble"),
    [
        ("false", "ended with exit code 1"),
        ("/no/such/program", "could not be started (No such file or directory)"),
        ("sleep 60", "took over 0 seconds and was stopped"),
        ("sh -c 'kill -9 $$'", "ended with exit code -9"),
    ],
)
def test_a_command_that_does_not_work_is_a_warning(study: StudyFolder, monkeypatch, capsys, command, trouble) -> None:
    monkeypatch.setattr(alert, "SECONDS", 0.2)
    calls(study, command)
    alert.call(study.folder, {"last_attempt": {"exit_code": 1, "killed_before": 0}})
    assert capsys.readouterr().err == f"stepwindow: [alert] command {trouble}; docs/monitoring.md says how to try it\n"


def test_what_is_logged_before_there_is_a_file_is_not_printed_as_well() -> None:
    words = [sys.executable, "-c", "from flows.night import log; log.logger.warning('[alert] command')"]
    ended = subprocess.run(words, cwd=Path(__file__).parents[1], capture_output=True, timeout=PATIENCE, check=True)
    assert ended.stderr == b""


def test_a_run_that_the_command_starts_calls_nobody_and_it_knows_no_secret(study, monkeypatch) -> None:
    monkeypatch.setenv("STEPWINDOW_ZIP_PASSWORD", "open sesame")
    again = f"from pathlib import Path; from flows.night import alert; alert.call(Path('.'), {FAILED!r})"
    calls(study, shlex.join(["sh", "-c", 'env >> environment.txt; "$0" -c "$1"', sys.executable, again]))
    monkeypatch.setenv("PYTHONPATH", str(Path(__file__).parents[1]))
    alert.call(study.folder, FAILED)
    environment = (study.folder / "environment.txt").read_text("utf-8")
    assert environment.count("STEPWINDOW_ALERT=1") == 1
    assert "sesame" not in environment


def test_a_command_that_everybody_may_set_is_not_run(study: StudyFolder, capsys) -> None:
    calls(study, "touch called.txt")
    (study.folder / "study.toml").chmod(0o666)
    alert.call(study.folder, FAILED)
    assert "everybody may write to study.toml" in capsys.readouterr().err
    assert not (study.folder / "called.txt").exists()


def test_the_command_is_known_also_where_another_setting_is_wrong_and_a_wrong_one_is_refused(study) -> None:
    toml = study.folder / "study.toml"
    calls(study, "tell-the-team --urgent 'to them'")
    toml.write_text(toml.read_text("utf-8").replace("timezone =", "time_zone ="))
    assert alert_command(toml) == ("tell-the-team", "--urgent", "to them")
    for wrong in ('"no \'end"', '""', "[1]", "true"):
        toml.write_text(f'name = "A"\ntimezone = "Europe/Berlin"\n[alert]\ncommand = {wrong}\n')
        assert alert_command(toml) == ()
        with pytest.raises(StudyError, match=r"alert.command: .* is not a command"):
            read_toml(toml)
