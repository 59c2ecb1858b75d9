"""A site that has its nights elsewhere sends what it published; it is taken up whole, once, or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import fsspec
import polars as pl
import pytest

from flows.cli import main
from flows.programme.job import Job, Result
from flows.programme.night import take
from flows.programme.run import ProgrammeRun, run
from models.lake.outbox import MANIFEST
from models.programme import read_programme
from models.store.read import published
from tests.studies import StudyFolder, fill, garmin_day

pytest.importorskip("deltalake", reason="deltalake is not installed: pip install 'stepwindow[programme]'")


class Apart:
    """A site, north, the address that it sends to, and a programme that reaches that address alone."""

    def __init__(self, folder: Path, study: StudyFolder, send: str = "all") -> None:
        self.study, self.folder = study, folder / "network"
        self.drop = folder / "drop" / "north"
        self.address = f"file://{self.drop}"
        self.folder.mkdir(mode=0o700)
        site = f'[[site]]\nid = "north"\nstudy = "{self.address}"\n'
        (self.folder / "programme.toml").write_text(f'name = "Network"\nsend = "{send}"\n{site}')

    def send(self, *more: str) -> int:
        return main(["programme", "send", self.address, "--site", "north", "--study", str(self.study.folder), *more])

    def run(self) -> ProgrammeRun:
        return run(read_programme(self.folder), None, _here)

    def rows(self, relation: str) -> list[tuple]:
        path = self.folder / "programme.duckdb"
        return _ask(path, f"SELECT * EXCLUDE (site) FROM {relation} ORDER BY ALL")

    def reason(self) -> str | None:
        return _ask(self.folder / "programme.duckdb", "SELECT reason FROM programme_site")[0][0]

    def lies(self) -> dict[str, int]:
        """What lies at the address, and when it was written."""
        files = (path for path in self.drop.rglob("*") if path.is_file())
        return {str(path.relative_to(self.drop)): path.stat().st_mtime_ns for path in files}


def _here(jobs: list[Job]) -> Iterator[Result]:
    return map(take, jobs)


def _ask(path: Path, sql: str) -> list[tuple]:
    with duckdb.connect(str(path), read_only=True) as con:
        return con.execute(sql).fetchall()


@pytest.fixture
def apart(tmp_path: Path, begun: Callable[..., StudyFolder]) -> Apart:
    return Apart(tmp_path, begun(fill).copied(tmp_path / "site"))


def test_what_a_site_sends_is_in_the_programme_as_the_site_published_it(apart: Apart) -> None:
    assert apart.send() == 0
    assert apart.run().is_clean
    with published(apart.study.folder / "warehouse") as ask:
        for relation in ("goal_week", "daily_activity", "participant", "study"):
            assert apart.rows(relation) == ask(f"FROM {relation} ORDER BY ALL")[1]
    assert not apart.study.folder.is_relative_to(apart.folder)


def test_sent_and_taken_up_twice_nothing_changes(apart: Apart) -> None:
    apart.send()
    first, lies = apart.run(), apart.lies()
    apart.send()
    assert apart.lies() == lies
    assert apart.run().results["north"].was_needless
    assert apart.run().version.number == first.version.number + 1  # programme_site says: unchanged


def test_only_what_is_new_is_sent_and_what_it_replaces_goes(apart: Apart) -> None:
    apart.send()
    apart.run()
    before = apart.lies()
    apart.study.put("P1/c.fit", garmin_day("2026-03-05"))
    apart.study.night()
    apart.send()
    after = apart.lies()
    assert {name for name in before if name not in after}
    same = {name for name in before if name in after and name != MANIFEST}
    assert any(name.startswith("infusion/") for name in same)
    assert all(after[name] == before[name] for name in same)
    apart.run()
    assert apart.rows("programme_site")[0][2] == "contributed"


def test_somebody_who_withdraws_at_the_site_is_gone_from_the_address_at_once_and_from_the_lake_with_its_next_run(
    apart: Apart, capsys: pytest.CaptureFixture
) -> None:
    apart.send()
    apart.run()
    who = apart.rows("participant")[0][0]
    assert main(["programme", "forget", "north", who, "--yes", "--programme", str(apart.folder)]) == 2
    assert f"`stepwindow forget {who}` there" in capsys.readouterr().err
    assert main(["forget", who, "--yes", "--study", str(apart.study.folder)]) == 0, capsys.readouterr().err
    assert who not in _people(apart.drop)
    apart.run()
    assert who not in _people(apart.folder / "lake")
    assert apart.rows("participant")


def _people(folder: Path) -> set[str]:
    frames = [pl.read_parquet(path) for path in folder.rglob("*.parquet") if "checkpoint" not in path.name]
    return {who for frame in frames if "participant_id" in frame.columns for who in frame["participant_id"]}


def test_where_the_programme_takes_shares_a_site_that_sends_all_is_refused_by_name(tmp_path: Path, begun) -> None:
    apart = Apart(tmp_path, begun(fill).copied(tmp_path / "site"), send="share")
    apart.send()
    assert not apart.run().is_clean
    assert "what was sent as north, all; send it as north, share" in str(apart.reason())
    assert apart.send("--share") == 2, "another form lies there"
    fsspec.filesystem("file").rm(str(apart.drop), recursive=True)
    assert apart.send("--share") == 0
    assert apart.run().is_clean
    assert "participant_id" not in [name for name, *_ in _ask(apart.folder / "programme.duckdb", "DESCRIBE goal_week")]


def test_a_site_of_another_version_is_taken_with_a_column_more_or_less_and_refused_with_another_type(
    apart: Apart,
) -> None:
    def alter(sql: str) -> None:
        with duckdb.connect(str(apart.study.folder / "warehouse" / "analytics.duckdb")) as con:
            con.execute(sql)

    apart.send()
    apart.run()
    alter("ALTER TABLE infusion ADD COLUMN room INTEGER DEFAULT 4")
    alter("ALTER TABLE infusion DROP COLUMN days_since_previous")
    apart.send()
    assert apart.run().is_clean
    asked = "SELECT DISTINCT room, days_since_previous FROM infusion"
    assert _ask(apart.folder / "programme.duckdb", asked) == [(4, None)]
    alter("ALTER TABLE infusion ALTER room TYPE BIGINT")
    apart.send()
    assert not apart.run().is_clean
    assert str(apart.reason()).startswith("its infusion.room, of stepwindow ")
    assert _ask(apart.folder / "programme.duckdb", asked) == [(4, None)]


def test_what_is_damaged_on_its_way_counts_for_nothing_and_what_was_taken_before_stays(apart: Apart) -> None:
    apart.send()
    apart.run()
    had = apart.rows("daily_activity")
    apart.study.put("P1/c.fit", garmin_day("2026-03-05"))
    apart.study.night()
    before = set(apart.lies())
    apart.send()
    fresh = next(name for name in apart.lies() if name not in before and name.startswith("daily_activity/"))
    (apart.drop / fresh).write_bytes((apart.drop / fresh).read_bytes()[:-9])
    assert not apart.run().is_clean
    assert apart.reason() == (
        "a file of daily_activity at its address is not as it was sent; "
        "delete what lies there, and run `stepwindow programme send` at the site"
    )
    assert apart.rows("daily_activity") == had


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda told: None, "nothing was sent by it yet"),
        (lambda told: told | {"version": 2}, "is of another version of stepwindow (2, not 1)"),
        (lambda told: told | {"send": "some"}, "is damaged"),
        (lambda told: [told], "is damaged"),
        (lambda told: told | {"given": told["given"] | {"site": "south"}}, "is damaged"),
        (lambda told: told | {"given": told["given"] | {"parts": {"../x": []}}}, "is damaged"),
    ],
)
def test_what_cannot_be_what_a_site_sent_is_refused_by_name(apart: Apart, change: Callable, said: str) -> None:
    apart.send()
    told = change(json.loads((apart.drop / MANIFEST).read_bytes()))
    (apart.drop / MANIFEST).unlink()
    if told is not None:
        (apart.drop / MANIFEST).write_text(json.dumps(told))
    assert not apart.run().is_clean
    assert said in str(apart.reason())


def test_an_address_that_cannot_be_reached_is_a_sentence(apart: Apart, capsys: pytest.CaptureFixture) -> None:
    class Broken(Exception):
        """As the client of an object store raises."""

    Broken.__module__ = "botocore.exceptions"

    def away(*_: object, **__: object) -> None:
        raise Broken("s3.example")

    for address, said in (
        ("memory://drop", "address: memory://drop cannot be used (Broken); see that it is there"),
        ("nothing://drop", "address: nothing://drop cannot be opened here; Protocol not known: nothing"),
        ("/drop/north", "/drop/north: no address"),
    ):
        apart.address = address
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(fsspec.filesystem("memory"), "cat_file", away)
            assert apart.send() == 2
        told = capsys.readouterr().err
        assert said in told
        assert told.count("\n") == 1
