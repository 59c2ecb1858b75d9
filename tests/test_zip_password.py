"""Zips that a password opens: what is refused and how, what one run with the password reads, and where it never is
(after a night on the engine: test_engine.py)."""

from __future__ import annotations

import io
import json
import os
import pty
import sys
import zipfile
from pathlib import Path

import pytest

from connectors import Export, Password, is_locked
from connectors.kit import limits
from connectors.kit.archive import members
from flows import cli, zip_password
from flows.night import processes
from models.fault import Fault, StudyError
from tests.studies import StudyFolder, garmin_day
from tests.test_zip import packed
from tests.writers.locked_zip import PASSWORD, by_aes, locked

COLLECTED = Path(__file__).parents[1].parent / "shared" / "data" / "exports2" / "mi_fitness" / "password.zip"
DAY = {"2026-03-03.fit": garmin_day("2026-03-03")}
RIGHT = Password(PASSWORD)


def opened(content: bytes, password: Password | None = None) -> tuple[dict[str, bytes], dict[str, Fault]]:
    """What is read of a zip, and what is refused."""
    found = list(members(Export("drop.zip", len(content), lambda: io.BytesIO(content)), password=password))
    read = {item.name: item.read() for item in found if isinstance(item, Export)}
    return read, {item.file: item for item in found if isinstance(item, Fault)}


# A zip ---------------------------------------------------------------------------------------------------------------
def test_without_its_password_a_zip_is_refused_once_with_how_to_unpack_it_and_where_the_password_came():
    read, refused = opened(locked({"a.csv": b"1", "b.csv": b"2"}))
    assert read == {}
    assert list(refused) == ["drop.zip"]
    for words in ("unpack it with the password", "--zip-password", "Mi Fitness", "by the same mail"):
        assert words in refused["drop.zip"].remedy


def test_with_its_password_a_zip_is_read_as_often_as_wanted():
    files = {"a.csv": b"x" * 100_000, "b/c.csv": b"two"}
    read, refused = opened(locked(files), RIGHT)
    assert (read, refused) == ({f"drop.zip/{name}": content for name, content in files.items()}, {})


def test_another_password_is_named_as_that_and_what_needs_none_is_read():
    for password, found in ((Password("wrong"), "a zip of another password"), (None, "2 of 3 members encrypted")):
        read, refused = opened(locked({"a": b"1", "b": b"2"}, others={"plain.csv": b"3"}), password)
        assert read == {"drop.zip/plain.csv": b"3"}
        assert [why.found for why in refused.values()] == [found]


def test_a_zip_encrypted_by_aes_is_named_as_such_with_what_to_do_also_with_its_password():
    for password in (None, RIGHT):
        read, refused = opened(by_aes({"a.csv": b"1"}), password)
        assert read == {}
        assert refused["drop.zip"].found == "a zip encrypted by AES"
        assert "7-Zip" in refused["drop.zip"].remedy


def test_a_password_opens_zips_inside_zips_and_leaves_others_as_they_are():
    read, refused = opened(packed({"in.zip": locked({"a": b"1"}), "b": b"2"}), RIGHT)
    assert (sorted(read), refused) == (["drop.zip/b", "drop.zip/in.zip/a"], {})


def test_damage_inside_is_refused_and_what_expands_beyond_reason_too(monkeypatch):
    content = bytearray(locked({"a": os.urandom(500), "b": b"good"}))
    content[200] ^= 0xFF
    read, refused = opened(bytes(content), RIGHT)
    assert read == {"drop.zip/b": b"good"}
    assert refused["drop.zip/a"].found == "a damaged member, or another password"
    monkeypatch.setattr(limits, "ALWAYS_ALLOWED", 3_000_000)
    _, refused = opened(locked({"bomb": bytes(5_000_000)}), RIGHT)
    assert "expands over 200 times" in refused["drop.zip/bomb"].found


def test_whether_a_zip_is_locked_is_known_without_reading_it():
    def is_shut(content: bytes, password: Password | None = None) -> bool:
        return is_locked(Export("drop.zip", len(content), lambda: io.BytesIO(content)), password)

    assert is_shut(locked({"a": b"1"}))
    assert is_shut(locked({"a": b"1", "b": b"2"}), Password("wrong"))
    assert not is_shut(locked({"a": b"1"}), RIGHT)
    assert not is_shut(packed({"a": b"1"}))
    assert not is_shut(b"PK\x03\x04 and nothing more")


def test_what_the_writer_encrypts_is_what_zips_mean_by_it():
    with zipfile.ZipFile(io.BytesIO(locked({"a.csv": b"x" * 1000}))) as archive:
        assert archive.read("a.csv", pwd=PASSWORD.encode()) == b"x" * 1000


# Nights --------------------------------------------------------------------------------------------------------------
def refused_night(study: StudyFolder) -> None:
    """A locked zip of P1 and one of P2 in a plain zip, a day beside each, after a night without the password."""
    study.put("P1/drop.zip", locked(DAY))
    study.put("P1/2026-03-04.fit", garmin_day("2026-03-04"))
    inner = locked({"2026-03-03.fit": garmin_day("2026-03-03", 5000)})
    study.put("P2/outer.zip", packed({"in.zip": inner, "2026-03-04.fit": garmin_day("2026-03-04", 5000)}))


def read_night(study: StudyFolder) -> None:
    """The same, after a night with the password as well."""
    refused_night(study)
    study.night(zip_password=RIGHT)


def loaded(study: StudyFolder) -> list[str]:
    return [path for (path,) in study.ask_store("SELECT path FROM source_file WHERE status = 'loaded' ORDER BY path")]


NESTED = ["P2/outer.zip!/2026-03-04.fit", "P2/outer.zip!/in.zip/2026-03-03.fit"]
ALL = ["P1/2026-03-04.fit", "P1/drop.zip!/2026-03-03.fit", *NESTED]


@pytest.mark.after_a_night(over=refused_night)
def test_a_zip_that_was_refused_also_inside_a_plain_one_is_tried_again_in_the_run_that_has_its_password(
    study: StudyFolder,
):
    refused = "SELECT path FROM rejection ORDER BY path"
    assert loaded(study) == [ALL[0], NESTED[0]]
    assert study.ask_store(refused) == [("P1/drop.zip",), ("P2/outer.zip!/in.zip",)]
    assert study.night().is_clean  # it is known, and not looked at again
    wrong = study.night(zip_password=Password("wrong"))
    assert [(fault.file, fault.found) for fault in wrong.new_faults] == [
        ("P1/drop.zip", "a zip of another password"), ("P2/outer.zip!/in.zip", "a zip of another password"),
    ]  # fmt: skip
    right = study.night(zip_password=RIGHT)
    assert (right.is_clean, right.files["loaded"], right.standing) == (True, 2, 0)
    assert loaded(study) == ALL
    assert study.ask_store("SELECT path FROM source_file WHERE status = 'rejected'") == []
    assert [study.day("2026-03-03", who)["steps"] for who in ("P1", "P2")] == [6000, 5000]


@pytest.mark.after_a_night(over=read_night)
def test_what_was_read_with_a_password_stays_on_nights_without_also_where_the_zip_is_touched_or_renamed(
    study: StudyFolder,
):
    drop = study.folder / "inbox/P1/drop.zip"
    os.utime(drop, (1, 1))
    touched = study.night()
    assert (touched.is_clean, touched.standing, loaded(study)) == (True, 0, ALL)
    drop.rename(drop.with_name("renamed.zip"))
    renamed = study.night()
    assert (renamed.is_clean, renamed.standing) == (True, 0)
    assert loaded(study) == [ALL[0], "P1/renamed.zip!/2026-03-03.fit", *NESTED]
    assert not study.ask_store("FROM source_file WHERE status = 'duplicate'")
    assert [fault for fault in study.night(verify=True).new_faults if fault.participant_id == "P1"] == []
    assert study.night().changes == 0
    assert loaded(study) == [ALL[0], "P1/renamed.zip!/2026-03-03.fit", *NESTED]


@pytest.mark.after_a_night(over=read_night)
def test_what_only_the_password_could_date_again_is_named_and_stays(study: StudyFolder):
    study.zones = ["P1,2026-03-01,Europe/Berlin"]
    study.write()
    assert [fault.found for fault in study.night().new_faults] == ["an encrypted zip"]
    assert loaded(study) == ALL
    assert study.night(zip_password=RIGHT).standing == 0
    assert loaded(study) == ALL


@pytest.mark.after_a_night(over=read_night)
def test_a_rebuild_without_the_password_is_refused_before_anything_is_lost(study: StudyFolder):
    for password in (None, Password("wrong")):
        with pytest.raises(StudyError, match=r"would lose what was read from 2 zips that.*--zip-password"):
            study.night(command="backfill", rebuild=True, zip_password=password)
        assert loaded(study) == ALL
    assert study.night(command="backfill", rebuild=True, zip_password=RIGHT).is_clean
    assert loaded(study) == ALL


@pytest.mark.after_a_night(over=read_night)
def test_the_password_of_another_zip_takes_nothing_from_one_that_was_read(study: StudyFolder):
    study.put("P1/drop.zip", locked(DAY | {"notes.qqq": b"no reader knows this"}))
    study.night(zip_password=RIGHT)
    study.put("P2/other.zip", locked({"2026-03-05.fit": garmin_day("2026-03-05")}, "another-9"))
    other = study.night(zip_password=Password("another-9"))
    assert (other.is_clean, other.standing) == (True, 0)
    assert loaded(study) == [*ALL[:2], "P2/other.zip!/2026-03-05.fit", *NESTED]
    (study.folder / "inbox/P1/drop.zip").rename(study.folder / "inbox/P1/renamed.zip")
    assert study.night(zip_password=Password("another-9")).is_clean
    assert loaded(study)[1] == "P1/renamed.zip!/2026-03-03.fit"


# Where the password comes from, and where it never is ----------------------------------------------------------------
def test_identify_takes_it_from_a_line_of_the_input_or_the_environment_and_says_so_where_there_is_none(
    tmp_path: Path, monkeypatch, capsys
):
    drop = tmp_path / "drop.zip"
    drop.write_bytes(locked(DAY))

    def identify(entered: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "stdin", io.StringIO(entered, newline=""))
        return cli.main(["identify", "--json", "--zip-password", str(drop)]), *capsys.readouterr()

    by_input = identify(f"{PASSWORD}\r\n")
    assert [entry["connector"] for entry in json.loads(by_input[1])] == ["garmin_fit_monitoring", "zip"]
    monkeypatch.setenv(zip_password.VARIABLE, PASSWORD)
    assert identify("") == by_input
    code, out, complaint = identify("")  # the environment was for one run
    assert (code, out) == (2, "")
    assert "no password was given" in complaint
    assert PASSWORD not in "".join((*by_input[1:], complaint))


def test_on_a_terminal_it_is_asked_for_and_not_shown(tmp_path: Path):
    drop = tmp_path / "drop.zip"
    drop.write_bytes(locked(DAY))
    child, terminal = pty.fork()
    if child == 0:
        os.execv(sys.executable, [sys.executable, "-m", "flows.cli", "identify", "--zip-password", str(drop)])
    shown = b""
    while b"Password of the zip" not in shown:
        shown += os.read(terminal, 1000)
    os.write(terminal, f"{PASSWORD}\n".encode())
    try:
        while block := os.read(terminal, 1000):
            shown += block
    except OSError:  # so a terminal ends
        pass
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert b"garmin_fit_monitoring" in shown
    assert PASSWORD.encode() not in shown


@pytest.mark.parametrize(
    "words",
    [
        [f"--zip-password={PASSWORD}"], ["--zip-password", PASSWORD], ["--zip-pass", PASSWORD], [f"--zip={PASSWORD}"],
        ["--zip-password", f"-{PASSWORD}"],
    ],
)  # fmt: skip
def test_a_password_typed_in_the_command_is_refused_and_not_repeated(words, capsys):
    with pytest.raises(SystemExit):
        cli.main(["nightly", *words])
    told = capsys.readouterr().err
    assert "takes no value" in told
    assert PASSWORD not in told


def test_a_password_behind_a_misspelled_option_is_not_repeated_either(capsys):
    with pytest.raises(SystemExit):
        cli.main(["nightly", f"--zip-passwort={PASSWORD}"])
    told = capsys.readouterr().err
    assert "is --zip-password meant?" in told
    assert PASSWORD not in told


def test_a_password_does_not_go_to_a_cluster(monkeypatch):
    monkeypatch.setenv(zip_password.VARIABLE, PASSWORD)
    with pytest.raises(StudyError, match="does not leave this machine"):
        zip_password.asked_for(True, dask="tcp://10.0.0.1:8786")


def test_reading_processes_know_it_by_their_pipe_alone(tmp_path: Path, monkeypatch, capsys):
    monkeypatch.setenv(zip_password.VARIABLE, PASSWORD)
    monkeypatch.setattr(processes, "_idle", [])
    (tmp_path / "drop.zip").write_bytes(locked(DAY))
    assert cli.main(["identify", "--zip-password", str(tmp_path / "drop.zip")]) == 0
    (reader,) = processes._idle
    process = Path(f"/proc/{reader._process.pid}")
    for name in ("cmdline", "environ"):
        assert PASSWORD.encode() not in (process / name).read_bytes()
    reader.close()
    assert zip_password.VARIABLE not in os.environ
    assert PASSWORD not in repr(RIGHT) + str(RIGHT) + f"{RIGHT!r}"


@pytest.mark.skipif(not COLLECTED.exists(), reason="the collected zip is not beside this checkout")
def test_the_collected_zip_is_read_with_its_password():
    read, refused = opened(COLLECTED.read_bytes(), Password("example-password"))
    assert (len(read), refused) == (3, {})
