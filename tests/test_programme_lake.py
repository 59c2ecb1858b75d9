"""The lake through the years: it opens as fast as on the first day, older states end, and forms of sites may differ."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass, field
from datetime import date
from io import BytesIO
from pathlib import Path

import duckdb
import polars as pl
import pytest

from flows.programme.job import CONTRIBUTED, Job, Result
from flows.programme.run import ProgrammeRun, run
from models.lake.lake import Lake
from models.lake.part import Columns, Contribution, Part, form
from models.programme import read_programme

deltalake = pytest.importorskip("deltalake", reason="deltalake is not installed: pip install 'stepwindow[programme]'")
DAY = 24 * 60 * 60
WEEK = (("participant_id", "VARCHAR"), ("week_end", "DATE"), ("status", "VARCHAR"))
GOAL = (*WEEK, ("steps", "INTEGER"))
_POLARS = {"VARCHAR": pl.String, "INTEGER": pl.Int32, "BIGINT": pl.Int64, "DATE": pl.Date, "TINYINT": pl.Int8}


@dataclass
class Clinics:
    """A programme whose sites give what a test says."""

    folder: Path
    columns: dict[str, Columns] = field(default_factory=dict)  # of the relation `goal_week`, by site
    nights: int = 0

    def __post_init__(self) -> None:
        self.folder.mkdir(mode=0o700)
        self.columns = self.columns or {"north": GOAL, "south": GOAL}
        blocks = "".join(f'[[site]]\nid = "{site}"\nstudy = "{site}"\n' for site in self.columns)
        (self.folder / "programme.toml").write_text(f'name = "Clinics"\n{blocks}')

    def run(self, only: str | None = None) -> ProgrammeRun:
        """A night of all, in which every site has other rows than before."""
        self.nights += 1
        return run(read_programme(self.folder), only, lambda jobs: map(self._given, jobs))

    def ask(self, sql: str) -> list[tuple]:
        with duckdb.connect(str(self.folder / "programme.duckdb"), read_only=True) as con:
            return con.execute(sql).fetchall()

    def reasons(self) -> dict[str, str]:
        return dict(self.ask("SELECT site, reason FROM programme_site WHERE reason IS NOT NULL"))

    def log(self, relation: str) -> list[Path]:
        return sorted((self.folder / "lake" / relation / "_delta_log").iterdir())

    def parquet(self, relation: str) -> list[str]:
        return sorted(path.stem for path in (self.folder / "lake" / relation).rglob("site=*/*.parquet"))

    def pass_days(self, days: int) -> None:
        """As if all that lies in the lake had been written so many days ago."""
        for path in (self.folder / "lake").rglob("*"):
            if path.is_file():
                os.utime(path, (path.stat().st_mtime - days * DAY,) * 2)

    def _given(self, job: Job) -> Result:
        columns, site = self.columns[job.site.id], job.site.id
        rows = {name: self.nights for name, _ in columns}
        rows |= {"participant_id": "P01", "week_end": date(2026, 2, 1), "status": "met"}
        frame = pl.DataFrame([rows], schema={name: _POLARS[kind] for name, kind in columns})
        frame.write_parquet(content := BytesIO())
        part = Part(f"site={site}/{form(columns)}-1-{self.nights:x}.parquet", 1, content.tell())
        Lake(job.lake).write("goal_week", part.path, content.getvalue())
        gave = Contribution(site, date(2026, 3, 1), "2.0", "1", 1, 1, 0, {"goal_week": columns}, {"goal_week": [part]})
        return Result(site, CONTRIBUTED, given=gave)


@pytest.fixture
def clinics(tmp_path: Path) -> Clinics:
    return Clinics(tmp_path / "clinics")


def test_the_log_and_the_files_of_a_lake_end_after_a_week_however_many_nights_there_were(
    clinics: Clinics, monkeypatch: pytest.MonkeyPatch
) -> None:
    now, nights = time.time(), 14
    for night in range(1, nights + 1):
        monkeypatch.setattr("models.lake.lake.time.time", lambda at=night: now - (nights - at) * DAY)
        clinics.run()
        clinics.pass_days(1)
        if night == 10:
            log = len(clinics.log("goal_week"))
    assert len(clinics.log("goal_week")) == log
    assert set(clinics.parquet("goal_week")) == {f"{form(GOAL)}-1-{night:x}" for night in range(7, 15)}
    assert clinics.ask("SELECT programme_version, (SELECT min(steps) FROM goal_week) FROM programme_version") == [
        (nights, nights), (nights, nights),
    ]  # fmt: skip


def test_older_than_a_week_a_state_is_forgotten_and_what_lacks_a_moment_is_old(clinics: Clinics) -> None:
    for _ in range(3):
        clinics.run()
    place = str(clinics.folder / "lake" / "programme_version")
    known = pl.read_delta(place)
    assert sorted(set(known["programme_version"])) == [1, 2, 3]
    old = known.with_columns(committed_at=pl.col("committed_at").dt.offset_by("-8d"))
    deltalake.write_deltalake(place, old, mode="overwrite")
    clinics.run()
    assert set(pl.read_delta(place)["programme_version"]) == {4}
    deltalake.write_deltalake(place, old.drop("committed_at"), mode="overwrite", schema_mode="overwrite")
    clinics.run()
    assert set(pl.read_delta(place)["programme_version"]) == {4}  # of the first version there was before: 3, then 4


def test_a_state_stands_after_a_month_without_a_run_also_where_the_next_one_is_killed(
    clinics: Clinics, monkeypatch: pytest.MonkeyPatch
) -> None:
    clinics.run()
    clinics.run()
    before = clinics.ask("FROM goal_week ORDER BY ALL")
    clinics.pass_days(30)

    def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as killed:
        killed.setattr(Lake, "commit", dies)
        with pytest.raises(KeyboardInterrupt):
            clinics.run()
    lake = Lake(clinics.folder / "lake")
    assert [row["site"] for row in lake.rows("programme_site", lake.current().tables["programme_site"])] == [
        "north", "south",
    ]  # fmt: skip
    assert clinics.ask("FROM goal_week ORDER BY ALL") == before
    clinics.run()
    assert clinics.ask("SELECT DISTINCT steps FROM goal_week") == [(4,)]


def test_a_table_that_does_not_change_opens_at_its_state_through_the_years(clinics: Clinics) -> None:
    clinics.run()
    clinics.pass_days(40)
    lake = Lake(clinics.folder / "lake")
    for _ in range(3):
        assert lake.sweep(at_once=False) == 0
        clinics.pass_days(40)
    assert len(lake.files("goal_week", lake.current().tables["goal_week"]).uris) == 2


# Forms -------------------------------------------------------------------------------------------------------------
def test_sites_of_which_one_has_a_column_more_are_taken_and_it_is_null_for_the_others(clinics: Clinics) -> None:
    clinics.columns["south"] = (*GOAL, ("floors", "INTEGER"))
    assert clinics.run().is_clean
    assert clinics.ask("SELECT site, steps, floors FROM goal_week ORDER BY 1") == [("north", 1, None), ("south", 1, 1)]
    clinics.columns["south"] = GOAL  # it goes back to the version before
    assert clinics.run().is_clean
    assert clinics.ask("SELECT site, steps, floors FROM goal_week ORDER BY 1") == [
        ("north", 2, None),
        ("south", 2, None),
    ]


@pytest.mark.parametrize("kind", ["BIGINT", "TINYINT"])  # that a lake has, and that it has not
def test_a_site_of_another_type_is_refused_by_name_and_keeps_what_it_gave(clinics: Clinics, kind: str) -> None:
    clinics.run()
    clinics.columns["south"] = (*WEEK, ("steps", kind))
    assert not clinics.run().is_clean
    assert clinics.reasons() == {
        "south": "its goal_week.steps, of stepwindow 2.0, is of another type in the lake; "
        "install the version there that the other sites have"
    }
    assert clinics.ask("SELECT site, steps FROM goal_week ORDER BY 1") == [("north", 2), ("south", 1)]


def test_of_two_types_of_a_new_column_that_of_the_first_site_is_taken(clinics: Clinics) -> None:
    clinics.columns = {"north": (*GOAL, ("floors", "INTEGER")), "south": (*GOAL, ("floors", "BIGINT"))}
    assert not clinics.run().is_clean
    assert list(clinics.reasons()) == ["south"]
    assert clinics.ask("SELECT site, floors FROM goal_week") == [("north", 1)]


def test_a_lake_of_an_older_version_gets_the_settings_of_this_one(clinics: Clinics) -> None:
    clinics.run()
    place = str(clinics.folder / "lake" / "goal_week")
    deltalake.DeltaTable(place).alter.set_table_properties({"delta.checkpointInterval": "100"})
    clinics.run()
    assert deltalake.DeltaTable(place).metadata().configuration["delta.checkpointInterval"] == "1"
    assert clinics.ask("SELECT DISTINCT steps FROM goal_week") == [(2,)]
