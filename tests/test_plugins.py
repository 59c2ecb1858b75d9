"""Readers of other packages: the example of docs/plugin is built, installed without a network and used; bad ones are
named, and stop nobody's night."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import connectors
from connectors import built_in
from connectors import connectors as readers
from connectors.kit import words
from connectors.kit.plugins import PlugIn, entries, plug_ins, words_folders
from connectors.testing import reading
from connectors.testing.__main__ import main as try_samples
from flows.cli import main
from flows.night import processes
from flows.night.folder import Folder
from flows.night.outcome import not_used
from flows.night.run import Scope
from flows.night.steps import plan
from flows.version import CODE_VERSION
from models.fault import Fault, StoreError
from tests.dying import PATIENCE
from tests.studies import StudyFolder, garmin_day, read_here
from tests.test_zip import packed

ROOT = Path(__file__).parents[1]
EXAMPLE = ROOT / "docs" / "plugin"
SAMPLES = {name: (EXAMPLE / "samples" / name).read_bytes() for name in ("acme_days.csv", "acme_activities.csv")}
NIGHTS = b"Ring night,Ring asleep\n2026-03-03,07:20\n"
GOOD = (EXAMPLE / "acme_ring" / "reader.py").read_text("utf-8")
ASKED = "def identify(export: Export) -> bool:\n"


# The example, installed ---------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the example is installed: a folder of its own, beside the environment of the tests."""
    folder = tmp_path_factory.mktemp("plugin")
    shutil.copytree(EXAMPLE, folder / "source", ignore=shutil.ignore_patterns("__pycache__"))
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-index", "--no-deps", "--no-build-isolation",
           "--disable-pip-version-check", "--target", str(folder / "site"), str(folder / "source")]  # fmt: skip
    subprocess.run(pip, check=True, timeout=PATIENCE)
    return folder / "site"


def run(*command: str, site: Path | None = None) -> subprocess.CompletedProcess[str]:
    """A command in a process of its own, as whoever installed the package runs it."""
    paths = os.pathsep.join(map(str, [ROOT, *([site] if site else [])]))
    return subprocess.run(
        [sys.executable, "-m", *command], env={**os.environ, "PYTHONPATH": paths}, capture_output=True, text=True,
        timeout=PATIENCE, check=False,
    )  # fmt: skip


def night(study: StudyFolder, site: Path) -> int:
    ended = run("flows.cli", "nightly", "--no-engine", "--study", str(study.folder), site=site)
    assert ended.returncode < 2, ended.stderr
    return ended.returncode


def test_it_passes_the_tests_of_every_reader_by_command_and_by_pytest(site: Path) -> None:
    tried = run("connectors.testing", "acme_ring", str(EXAMPLE / "samples"), site=site)
    assert tried.returncode == 0, tried.stdout + tried.stderr
    assert tried.stdout.count("\nok") == 14
    tested = run("pytest", "-q", "-n", "0", "-p", "no:cacheprovider", str(EXAMPLE / "test_reader.py"), site=site)
    assert tested.returncode == 0, tested.stdout
    assert tested.stdout.startswith("." * 14)


@pytest.fixture(scope="module")
def handed_over(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A study in which one person has the ring, and another a watch."""
    study = StudyFolder(tmp_path_factory.mktemp("ring") / "study").write()
    days, activities = SAMPLES.items()
    study.put("P1/acme_export.zip", packed(dict([days, ("acme_nights.csv", NIGHTS)])))
    study.put("P1/acme_more.zip", packed(dict([activities])))
    study.put("P1/days.csv", SAMPLES["acme_days.csv"].replace(b"2026-03", b"2026-02"))
    study.put("P2/a.fit", garmin_day("2026-03-03"))
    return study


@pytest.fixture(scope="module")
def used(handed_over: StudyFolder, site: Path, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The study after a night without the package, and one with it."""
    study = handed_over.copied(tmp_path_factory.mktemp("used") / "study")
    assert not study.night().is_clean
    assert study.ask("SELECT count(*) FROM source_file WHERE status = 'rejected' AND participant_id = 'P1'") == [(4,)]
    assert night(study, site) == 0
    return study


def test_what_was_refused_is_read_once_the_package_is_there(used: StudyFolder) -> None:
    assert used.day("2026-03-04")["steps"] == 7400
    assert used.day("2026-03-03")["walking_minutes"] == 40
    assert used.day("2026-03-03", "P2")["steps"] == 6000
    assert used.ask("SELECT activity, source FROM session ORDER BY start_time") == [
        ("walking", "acme"), ("yoga", "acme"), ("other", "acme"),
    ]  # fmt: skip
    assert used.ask("SELECT cause FROM goal_week_history ORDER BY evaluated_at")[1:] == [("late_data",)]
    read = "SELECT status, count(*) FROM source_file WHERE connector = 'acme_ring' GROUP BY ALL ORDER BY ALL"
    assert used.ask(read) == [("ignored", 1), ("loaded", 3)]


def test_doctor_lists_it_with_its_versions_and_identify_names_it(used: StudyFolder, site: Path) -> None:
    found = json.loads(run("flows.cli", "doctor", "--json", "--study", str(used.folder), site=site).stdout)
    assert found["plug_ins"] == [{"reader": "acme_ring", "version": 1, "package": "acme-stepwindow 1.0"}]
    assert not [one for one in found["findings"] if one["kind"] in ("plug_in", "missing_reader")]
    shown = run("flows.cli", "identify", str(used.folder / "inbox/P1/acme_export.zip"), site=site).stdout
    assert "acme_ring: 3 daily totals, 2026-03-03 to 2026-03-05" in shown
    assert "not used: a ring's sleep" in shown


def test_without_the_package_what_it_read_goes_on_counting_and_is_named_and_with_it_back_files_are_dated_anew(
    used: StudyFolder, site: Path, tmp_path: Path, monkeypatch, capsys
) -> None:
    read_here(monkeypatch)
    study = used.copied(tmp_path / "study")
    days = "SELECT * EXCLUDE (flags) FROM daily_activity ORDER BY ALL"
    before = study.ask(days)
    study.zones = ["P1,2026-01-01,Asia/Tokyo"]  # would have every file read again
    study.write()
    for command in (["nightly"], ["backfill", "--reload"], ["backfill", "--verify"]):
        assert main([*command, "--no-engine", "--study", str(study.folder)]) == 0, command
        read = "SELECT status, count(*) FROM source_file WHERE connector = 'acme_ring' AND rows > 0 GROUP BY ALL"
        assert study.ask(read) == [("loaded", 3)]
    assert plan(study.folder, Scope())["P1"][0] == 2, "the archives are looked into until the package is back"
    assert [row[:4] for row in study.ask(days)] == [row[:4] for row in before]
    capsys.readouterr()
    for command in ("status", "doctor"):
        main([command, "--json", "--study", str(study.folder)])
        found = {one["kind"]: one for one in json.loads(capsys.readouterr().out)["findings"]}
        assert "and 2 files more: read by acme_ring, which cannot be used here" in found["missing_reader"]["what"]
    assert main(["backfill", "--rebuild", "--no-engine", "--study", str(study.folder)]) == 2
    assert "3 files were read by acme_ring, which is not installed here" in capsys.readouterr().err
    yoga = "SELECT local_date::TEXT FROM session WHERE activity = 'yoga'"
    assert study.ask(yoga) == [("2026-03-04",)]
    assert night(study, site) == 0
    assert study.ask(yoga) == [("2026-03-05",)]


# Plug-ins that are not as they must be ------------------------------------------------------------------------------
@pytest.fixture
def install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Installs a package by hand: its module, and what a wheel says about it."""

    def one(package: str, code: str, name: str = "acme_ring", value: str = "", asks: str = "stepwindow") -> None:
        folder = tmp_path / "site" / package
        about = tmp_path / "site" / f"{package}-2.0.dist-info"
        (folder / "words").mkdir(parents=True)
        about.mkdir()
        (folder / "__init__.py").touch()
        (folder / "reader.py").write_text(code)
        (folder / "words" / "acme.de.toml").write_text('[activities]\ndance = ["tanz"]\n')
        (about / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {package}\nVersion: 2.0\nRequires-Dist: {asks}\n"
        )
        (about / "entry_points.txt").write_text(f"[stepwindow.connectors]\n{name} = {value or f'{package}.reader'}\n")

    monkeypatch.syspath_prepend(tmp_path / "site")
    caches = (connectors.connectors, connectors.plug_ins, connectors.installed_plug_ins, connectors._looking_for,
              connectors._asked,
              entries, words_folders, words.by_language, words.meanings)  # fmt: skip
    for each in caches:
        each.cache_clear()
    yield one
    for each in caches:
        each.cache_clear()
    for name in [name for name in sys.modules if name.partition(".")[0].startswith("pack_")]:
        del sys.modules[name]


def wrong(*of: str) -> list[str]:
    """What is wrong with the plug-ins that are installed; `of`: of these packages alone."""
    return [str(one.fault) for one in plug_ins(built_in()) if one.wrong and (not of or one.package in of)]


@pytest.mark.parametrize(
    ("code", "more", "said"),
    [
        (GOOD.replace("METRICS =", "METRIC ="), {}, "lacks METRICS"),
        (GOOD.replace("VERSION = 1", 'VERSION = "1"'), {}, "VERSION is not a number of 1 or more"),
        (GOOD.replace('"archive"', '"all"'), {}, "EXPORT is not one of history, archive, report, selection"),
        (GOOD.replace('SOURCES = {"acme": "ring"}', 'SOURCES = {"acme": "toe"}'), {}, "SOURCES is not labels of"),
        (GOOD.replace('SOURCES = {"acme": "ring"}', 'SOURCES = {"oura": "ring"}'), {}, "its source label oura is"),
        (GOOD.replace("What it is called", "Of"), {}, "its docstring does not say what the export is called"),
        (GOOD.replace(ASKED, f"{ASKED}    return True\n"), {}, "identify takes files that are no export of its kind"),
        (GOOD.replace(ASKED, f"{ASKED}    1 / 0\n"), {}, "identify fails on a file of another kind (note.txt: ZeroDiv"),
        ("import acme_sdk\n", {}, "it cannot be imported (ModuleNotFoundError: acme_sdk)"),
        ("raise SystemExit(3)\n", {}, "it cannot be imported (SystemExit)"),
        ("def broken(:\n", {}, "it cannot be imported (SyntaxError)"),
        (GOOD, {"name": "whoop"}, "another reader is called whoop"),
        (GOOD, {"name": "zip"}, "another reader is called zip"),
        (GOOD, {"name": "Acme Ring"}, "its name is not of a-z, 0-9 and _"),
        (GOOD, {"value": "pack_a.reader:Ring"}, "the entry point names pack_a.reader:Ring, which is no module"),
        (GOOD, {"value": "pack_a.reader of us"}, "the entry point names pack_a.reader of us, which is no module"),
        (GOOD, {"asks": "stepwindow (>=9)"}, "its package is for stepwindow>=9, and this is"),
    ],
)  # fmt: skip
def test_a_bad_plug_in_is_named_with_its_package_in_one_line(code: str, more: dict, said: str, install) -> None:
    install("pack_a", code, **more)
    (line,) = wrong()
    assert line.startswith(f"package pack_a 2.0, reader {more.get('name', 'acme_ring')}: is not used: ")
    assert said in line
    assert "\n" not in line
    assert "uninstall it" in line
    assert readers().keys() == built_in().keys()


def test_a_good_one_is_used_whatever_the_bad_ones_are(install) -> None:
    install("pack_a", GOOD)
    install("pack_b", "import nothing_of_that_name", name="other")
    assert [line.partition(":")[0] for line in wrong()] == ["package pack_b 2.0, reader other"]
    assert readers().keys() - built_in().keys() == {"acme_ring"}
    assert words.activity_of("acme", "Tanz") == "dance"


def test_of_two_that_claim_one_name_or_source_neither_is_used(install) -> None:
    install("pack_a", GOOD)
    install("pack_b", GOOD)
    install("pack_c", GOOD, name="third")
    assert ["another reader is called acme_ring" in line for line in wrong()] == [True, True, False]
    assert all("its source label acme is another reader's" in line for line in wrong())


def test_one_takes_and_spoils_nothing_that_the_product_reads(install) -> None:
    asked = "    if export.name == 'odd.csv':\n        raise KeyError(export.name)\n"
    asked += "    return export.name.endswith(('.fit', 'diary.csv', 'workouts.csv'))\n"
    wide = GOOD.replace(ASKED, ASKED + asked).replace('"ring day"', '"FIT", "date", "cycle start time", "qqq"')
    install("pack_a", wide)
    assert not wrong()
    for name in ("diary", "garmin_fit_monitoring", "whoop"):
        folder = ROOT / "sample_data" / "exports" / name
        for path in (path for path in folder.rglob("*") if path.is_file() and path.name != "golden.json"):
            export = reading.export_of(path.name, path.read_bytes())
            assert "acme_ring" in connectors.candidates(export)
            assert connectors.plug_ins()["acme_ring"].takes(export)
            assert connectors.identify(export) == name
    refused = reading.read("odd.csv", b"qqq,b\n" + b"1,2\n" * 100)
    assert isinstance(refused, Fault)
    assert "what the reader of another package was not made for (KeyError)" in str(refused)
    assert "report this to the makers of pack_a 2.0" in refused.remedy


def test_two_that_take_one_file_are_named_with_whom_to_ask(install) -> None:
    install("pack_a", GOOD)
    install("pack_b", GOOD.replace('"acme"', '"bcme"'), name="b_ring")
    refused = reading.read("a.csv", SAMPLES["acme_days.csv"])
    assert isinstance(refused, Fault)
    assert "two readers for it (acme_ring, b_ring)" in str(refused)
    assert "pack_b 2.0" in refused.remedy


def test_a_night_names_a_bad_plug_in_once_and_is_everybodys_night(
    install, study: StudyFolder, monkeypatch, capsys
) -> None:
    read_here(monkeypatch)
    study.put("P2/a.fit", garmin_day("2026-03-03"))
    study.put("P1/a.csv", SAMPLES["acme_days.csv"])
    install("pack_a", GOOD.replace("VERSION = 1", ""))
    install("pack_b", "import nothing_of_that_name", name="other")
    first = study.night()
    unused, refused = ([f for f in first.new_faults if (f.kind == "plug_in") is is_one] for is_one in (True, False))
    assert [row["where"] for row in not_used(unused)] == [
        "package pack_a 2.0, reader acme_ring", "package pack_b 2.0, reader other",
    ]  # fmt: skip
    assert [fault.file for fault in refused] == ["P1/a.csv"]
    assert not first.is_clean
    assert study.day("2026-03-03", "P2")["steps"] == 6000
    assert study.night().is_clean
    main(["status", "--json", "--study", str(study.folder)])
    found = [one for one in json.loads(capsys.readouterr().out)["findings"] if one["kind"] == "plug_in"]
    assert [one["what"].partition(":")[0] for one in found] == [
        "package pack_a 2.0, reader acme_ring", "package pack_b 2.0, reader other",
    ]  # fmt: skip


def test_a_reader_that_fails_or_ends_the_process_over_a_file_is_named_with_its_package(
    install, study: StudyFolder, monkeypatch
) -> None:
    read_here(monkeypatch)
    wrong_in = {
        "fails": (GOOD.replace("    frame, notes =", "    1 / 0\n    frame, notes ="), "(ZeroDivisionError)"),
        "ends": (GOOD.replace("    frame, notes =", "    raise SystemExit(3)\n    frame, notes ="), "(SystemExit)"),
        "asked": (GOOD.replace(ASKED, f"{ASKED}    if b'Ring' in export.head:\n        raise SystemExit(3)\n"),
                  "(SystemExit)"),
    }  # fmt: skip
    for n, (name, (code, _)) in enumerate(wrong_in.items(), 1):
        own = f"{ASKED}    if not export.name.endswith('{name}.csv'):\n        return False\n"
        install(f"pack_{name}", code.replace(ASKED, own).replace('"acme"', f'"{name}"'), f"ring_{name}")
        study.put(f"P1/{name}.csv", SAMPLES["acme_days.csv"].replace(b"2026-03", f"2026-0{n}".encode()))
    faults = {fault.file: fault for fault in study.night().new_faults}
    assert faults.keys() == {f"P1/{name}.csv" for name in wrong_in}
    for name, (_, found) in wrong_in.items():
        assert found in faults[f"P1/{name}.csv"].found
        assert faults[f"P1/{name}.csv"].remedy.startswith(f"report this to the makers of pack_{name} 2.0")


def test_what_a_plug_in_prints_is_no_part_of_an_answer(install, capsys) -> None:
    install("pack_a", f"{GOOD}\nprint('thank you for using pack_a')\n")
    assert not wrong()
    assert capsys.readouterr().out == ""


def test_the_checks_say_what_is_wrong_with_samples_that_cannot_be_read(install, tmp_path: Path, capsys) -> None:
    samples = tmp_path / "samples"
    samples.mkdir()
    (samples / "acme_days.csv").write_bytes(SAMPLES["acme_days.csv"])
    (samples / "page.pdf").write_bytes(b"%PDF-1.7")
    install("pack_a", GOOD.replace("    frame, notes =", "    1 / 0\n    frame, notes ="))
    assert try_samples(["acme_ring", str(samples)]) == 1
    told = capsys.readouterr().out
    assert "page.pdf: taken by nobody" in told
    assert "ZeroDivisionError: division by zero (" in told
    (samples / "allowed.toml").write_text('secret = ["jane"]\n')
    assert try_samples(["acme_ring", str(samples)]) == 2
    assert "allowed.toml is not as docs/plugins.md has it" in capsys.readouterr().err


def test_a_machine_with_other_readers_refuses_to_read_for_this_one(install) -> None:
    install("pack_a", GOOD)
    chunk = [(Folder(reading.CONTEXT, {}, readers=CODE_VERSION), None)]
    with pytest.raises(StoreError, match="install the same packages on every machine"):
        processes.read_in_a_process(chunk)  # type: ignore[arg-type]


def test_a_plug_in_says_who_is_to_blame() -> None:
    assert "makers of acme 1.0" in PlugIn("a", "acme 1.0", None).blame
    assert connectors.blame("whoop") == "report this: it is a fault of stepwindow"
