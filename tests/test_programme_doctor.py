"""`programme doctor`: each thing that can be wrong with a programme is found, and what is well is not."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest

pytest.importorskip("deltalake", reason="deltalake is not installed: pip install 'stepwindow[programme]'")

from flows.answers.finding import Finding
from flows.cli import main
from flows.programme import doctor
from models.store.programme_file import PROGRAMME
from tests.programmes import MadeUp

SITES = {"riverside": {"people": 40}, "hill": {"people": 30}}


@pytest.fixture
def well(tmp_path: Path) -> MadeUp:
    """Two sites of which all is well."""
    return MadeUp(tmp_path / "network", SITES, {"riverside": [("P1", date(2026, 3, 1), "met")]})


def found(made: MadeUp) -> dict[str, Finding]:
    return {finding.kind: finding for finding in doctor.examine(made.folder).findings}


def test_a_programme_that_is_well_gives_exit_code_0_and_none_gives_2(well: MadeUp, tmp_path: Path, capsys) -> None:
    asked = ["programme", "doctor", "--json", "--programme"]
    assert main([*asked, str(well.folder)]) == 0, capsys.readouterr().out
    told = json.loads(capsys.readouterr().out)
    assert (len(told["checks"]), told["findings"]) == (11, [])
    assert main([*asked, str(tmp_path)]) == 2
    assert "programme init" in capsys.readouterr().err


def test_without_its_package_nothing_else_is_looked_at(well: MadeUp, monkeypatch: pytest.MonkeyPatch, capsys) -> None:
    def version(name: str) -> str:
        raise doctor.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(doctor.metadata, "version", version)
    assert main(["programme", "doctor", "--programme", str(well.folder)]) == 1
    assert "pip install 'stepwindow[programme]'" in capsys.readouterr().out


def test_an_older_package_than_is_asked_for_is_named(well: MadeUp, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(doctor.metadata, "version", lambda name: "0.9.0")
    monkeypatch.setattr(doctor.metadata, "requires", lambda name: ["deltalake>=1.6; extra == 'programme'"])
    assert "deltalake 0.9.0 is installed; deltalake>=1.6" in found(well)["package"].what


def lost(made: MadeUp) -> None:
    made.file("goal_week", "riverside").unlink()


def cut_short(made: MadeUp) -> None:
    path = made.file("study", "hill")
    path.write_bytes(path.read_bytes()[:-1])


def no_lake(made: MadeUp) -> None:
    (made.folder / "lake").rename(made.folder / "elsewhere")


def no_database(made: MadeUp) -> None:
    (made.folder / PROGRAMME).unlink()


def no_folder(made: MadeUp) -> None:
    (made.folder / "hill").rename(made.folder / "hilltop")


def wrong_settings(made: MadeUp) -> None:
    (made.folder / "hill/study.toml").write_text("name =")


def wrong_zone(made: MadeUp) -> None:
    with (made.folder / "programme.toml").open("a") as toml:
        toml.write('timezone = "Europe/Paris"\n')


def encrypted(made: MadeUp) -> None:
    (made.folder / "hill/warehouse").mkdir()
    (made.folder / "hill/warehouse/store.duckdb").write_bytes(bytes(8) + b"DUCK" + bytes(8) + b"\1" + bytes(8))


def long_ago(made: MadeUp) -> None:
    then = time.time() - 4 * 86_400
    os.utime(made.folder / ".programme.json", (then, then))


def open_folder(made: MadeUp) -> None:
    made.folder.chmod(0o755)


@pytest.mark.parametrize(
    ("spoil", "kind", "said"),
    [
        (lost, "lake_files", "goal_week: 1 file of riverside"),
        (cut_short, "lake_files", "study: 1 file of hill"),
        (no_lake, "lake", "the lake holds nothing"),
        (no_database, "database", "programme.duckdb is missing"),
        (no_folder, "folder", "hill: its study folder is not there"),
        (wrong_settings, "folder", "hill: study.toml is not TOML"),
        (wrong_zone, "folder", "hill: its study.toml says Europe/Berlin, programme.toml Europe/Paris"),
        (encrypted, "plain", "encrypted at hill; what is given to the lake is not"),
        (long_ago, "no_run", "The last run was 4 days ago"),
        (open_folder, "modes", "Others may look into"),
    ],
)
def test_what_is_wrong_is_one_finding_with_what_to_do(
    well: MadeUp, spoil: Callable[[MadeUp], None], kind: str, said: str
) -> None:
    spoil(well)
    findings = found(well)
    assert set(findings) == {kind}
    assert said in findings[kind].what
    assert findings[kind].remedy


def test_a_lake_that_is_lost_is_told_from_a_programme_that_never_ran(well: MadeUp) -> None:
    no_lake(well)
    (well.folder / "lake").write_text("a file")
    assert "the lake holds nothing" in found(well)["lake"].what
    (well.folder / "lake").unlink()
    (well.folder / PROGRAMME).unlink()
    assert found(well)["no_run"].what == "There was no run yet."


def test_a_database_of_an_earlier_version_of_the_lake_is_found(well: MadeUp) -> None:
    from models.lake.lake import Lake

    lake = Lake(well.programme.lake)
    lake.commit({**lake.current().tables, "goal_week": 99}, "all")
    lake.commit({**lake.current().tables, "goal_week": 1}, "all")
    assert "is not that of the lake's version 3" in found(well)["database"].what


def test_sites_that_failed_are_late_gave_nothing_or_are_older_are_named(tmp_path: Path) -> None:
    other = {
        "failed": {"outcome": "failed", "reason": "its night failed"},
        "late": {"as_of": date(2026, 3, 20)},
        "not-yet-late": {"as_of": date(2026, 3, 21)},
        "new": {"as_of": None, "version": None, "outcome": "skipped"},
        "old": {"version": "1.10"},
    }
    findings = found(MadeUp(tmp_path / "network", {**SITES, **other}, {}))
    assert set(findings) == {"sites", "nothing", "late", "older"}
    assert "at failed." in findings["sites"].what
    assert "by new." in findings["nothing"].what
    assert "by late (as of 2026-03-20)." in findings["late"].what
    assert findings["older"].what.endswith("the rows of old.")


def test_of_a_site_that_sends_it_looks_at_the_address_and_at_no_folder(tmp_path: Path) -> None:
    folder = tmp_path / "network"
    folder.mkdir(mode=0o700)
    blocks = "".join(f'[[site]]\nid = "{site}"\nstudy = "file://{tmp_path}/{site}"\n' for site in ("north", "south"))
    (folder / "programme.toml").write_text(f'name = "Network"\n{blocks}')
    (tmp_path / "south").mkdir()
    (tmp_path / "south" / "contribution.json").write_text("{")
    named = {finding.what for finding in doctor.examine(folder).findings if finding.kind in ("address", "folder")}
    assert named == {
        "north has sent nothing yet.", "south: contribution.json at the address is damaged.",
    }  # fmt: skip
