"""A programme: what its sites published is in one database, as the sites have it, whatever becomes of one of them."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from threading import Timer

import duckdb
import polars as pl
import pytest
import yaml

from flows.cli import main
from flows.engine import own_server
from flows.programme.job import Job, Result
from flows.programme.night import take
from flows.programme.process import SiteProcess
from flows.programme.run import ProgrammeRun, run
from models.fault import StoreError, StudyError
from models.lake.lake import Lake
from models.programme import Programme, Site, read_programme
from models.store.connect import quoted
from models.store.read import published
from tests.studies import StudyFolder, fill, garmin_day

deltalake = pytest.importorskip("deltalake", reason="deltalake is not installed: pip install 'stepwindow[programme]'")


def here(jobs: list[Job]) -> Iterator[Result]:
    """The nights in this process."""
    return map(take, jobs)


class Network:
    """Two sites, riverside and hill, and the programme over them."""

    def __init__(self, folder: Path, begun: Callable[..., StudyFolder]) -> None:
        self.folder = folder
        folder.mkdir(exist_ok=True)
        self.riverside = begun(fill).copied(folder / "riverside")
        self.hill = begun(_one_walk).copied(folder / "hill")
        self.say()

    def say(self, send: str = "all", sites: tuple[str, ...] = ("riverside", "hill"), more: str = "") -> None:
        """Write programme.toml."""
        blocks = "".join(f'[[site]]\nid = "{site}"\nstudy = "{site}"\n{more}' for site in sites)
        (self.folder / "programme.toml").write_text(f'name = "Network"\nsend = "{send}"\n{blocks}')

    @property
    def programme(self) -> Programme:
        return read_programme(self.folder)

    def run(self, only: str | None = None) -> ProgrammeRun:
        return run(self.programme, only, here)

    def ask(self, sql: str) -> list[tuple]:
        with closing(duckdb.connect(str(self.folder / "programme.duckdb"), read_only=True)) as con:
            return con.execute(sql).fetchall()

    def outcomes(self) -> dict[str, str]:
        return dict(self.ask("SELECT site, outcome FROM programme_site"))

    def files(self) -> set[str]:
        return {str(path.relative_to(self.folder)) for path in (self.folder / "lake").glob("*/site=*/*.parquet")}


def _one_walk(study: StudyFolder) -> None:
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.put("P2/b.fit", garmin_day("2026-03-04", serial=3_900_000_001))


@pytest.fixture
def network(tmp_path: Path, begun: Callable[..., StudyFolder]) -> Network:
    return Network(tmp_path / "a clinic's Übersicht", begun)


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory, begun: Callable[..., StudyFolder]) -> Network:
    """The same after a run; whoever takes it only asks."""
    network = Network(tmp_path_factory.mktemp("given"), begun)
    assert network.run().is_clean
    return network


def of_site(study: StudyFolder, relation: str) -> list[tuple]:
    with published(study.folder / "warehouse") as ask:
        return ask(f"FROM {relation} ORDER BY ALL")[1]


def relations(study: StudyFolder) -> list[str]:
    names = "SELECT table_name FROM duckdb_tables() UNION SELECT view_name FROM duckdb_views() WHERE NOT internal"
    return [name for (name,) in study.ask(f"FROM ({names}) ORDER BY ALL")]


def test_every_relation_holds_what_each_site_published(given: Network) -> None:
    for study, site in ((given.riverside, "riverside"), (given.hill, "hill")):
        for relation in relations(study):
            columns = [name for name, *_ in given.ask(f"DESCRIBE {relation}")]
            assert columns[0] == "site"
            found = given.ask(f"SELECT * EXCLUDE (site) FROM {relation} WHERE site = '{site}' ORDER BY ALL")
            assert found == of_site(study, relation), relation
    assert given.ask("SELECT site, people FROM programme_site ORDER BY 1") == [("hill", 2), ("riverside", 2)]


def test_every_relation_and_column_says_what_it_holds(given: Network) -> None:
    silent = "SELECT view_name FROM duckdb_views() WHERE NOT internal AND comment IS NULL"
    columns = "SELECT table_name || '.' || column_name FROM duckdb_columns() WHERE NOT internal AND comment IS NULL"
    assert given.ask(f"{silent} UNION ALL {columns}") == []


def test_the_lake_is_read_without_the_product(given: Network) -> None:
    walked = pl.scan_delta(str(given.folder / "lake" / "daily_activity")).filter(pl.col("steps") > 0)
    assert sorted(set(walked.collect()["site"])) == ["hill", "riverside"]
    table = deltalake.DeltaTable(str(given.folder / "lake" / "daily_activity"))
    counted = deltalake.QueryBuilder().register("days", table).execute("SELECT count(*) AS n FROM days").read_all()
    assert [(n.as_py(),) for n in counted["n"]] == given.ask("SELECT count(*) FROM daily_activity")


def test_a_run_with_nothing_new_changes_nothing(network: Network) -> None:
    first = network.run()
    files = network.files()
    second = network.run()
    assert second.version.number == first.version.number + 1  # programme_site says: unchanged
    assert set(network.outcomes().values()) == {"unchanged"}
    third = network.run()
    assert (third.version, network.files()) == (second.version, files)


def test_what_a_person_brings_is_all_that_is_written(network: Network) -> None:
    network.run()
    before = network.files()
    network.hill.put("P1/c.fit", garmin_day("2026-03-05"))
    network.run()
    fresh = network.files() - before
    assert fresh
    assert all("/site=hill/" in path for path in fresh)
    untouched = {"participant", "infusion", "goal", "code", "session", "baseline"}
    assert not {path.split("/")[1] for path in fresh} & untouched
    assert network.outcomes() == {"riverside": "unchanged", "hill": "contributed"}
    assert network.ask("SELECT count(*) FROM daily_activity WHERE site = 'hill' AND steps > 0") == [(3,)]


def test_a_site_that_fails_keeps_what_it_gave_and_all_others_are_published(network: Network) -> None:
    network.run()
    had = network.ask("SELECT count(*) FROM goal_week WHERE site = 'hill'")
    (network.hill.folder / "study.toml").write_text("nothing of the kind")
    network.riverside.put("P1/c.fit", garmin_day("2026-03-09"))
    found = network.run()
    assert not found.is_clean
    assert network.outcomes() == {"riverside": "contributed", "hill": "failed"}
    [(reason, age)] = network.ask("SELECT reason, contributed_at FROM programme_site WHERE site = 'hill'")
    assert "study.toml is not TOML" in reason
    assert "correct it" in reason
    assert str(network.folder) not in reason
    assert age is not None
    assert network.ask("SELECT count(*) FROM goal_week WHERE site = 'hill'") == had
    assert network.ask("SELECT max(local_date)::TEXT FROM daily_activity WHERE site = 'riverside' AND steps > 0") == [
        ("2026-03-09",)
    ]


def test_what_is_wrong_at_a_site_is_said_until_it_is_mended(network: Network) -> None:
    (network.hill.folder / "inbox" / "P1" / "c.fit").write_bytes(garmin_day("2026-03-05")[:-40])
    assert not network.run().is_clean
    second = network.run()
    assert second.results["hill"].was_needless
    assert not second.is_clean
    assert network.run("riverside").is_clean


def test_a_study_that_names_nobody_yet_is_a_site_and_says_what_it_is(tmp_path: Path) -> None:
    assert main(["programme", "init", str(tmp_path / "network")]) == 0
    assert main(["init", str(tmp_path / "network" / "north")]) == 0
    with open(tmp_path / "network" / "programme.toml", "a") as toml:
        toml.write('[[site]]\nid = "north"\nstudy = "north"\n')
    found = run(read_programme(tmp_path / "network"), None, here)
    assert found.is_clean
    with duckdb.connect(str(found.database), read_only=True) as con:
        assert con.execute("SELECT site, name, weeks FROM study").fetchall() == [("north", "My study", 4)]
        assert con.execute("SELECT outcome, people FROM programme_site").fetchall() == [("contributed", 0)]


def test_killed_between_two_commits_the_version_before_stands_and_the_next_run_finishes(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    network.run()
    before = network.ask("FROM daily_activity ORDER BY ALL")
    version = Lake(network.programme.lake).current()
    network.hill.put("P1/c.fit", garmin_day("2026-03-05"))
    whole = Lake.take

    def dies(lake: Lake, relation: str, *rest: object) -> int:
        if relation == "goal_week":
            raise KeyboardInterrupt
        return whole(lake, relation, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(Lake, "take", dies)
    with pytest.raises(KeyboardInterrupt):
        network.run()
    assert network.ask("FROM daily_activity ORDER BY ALL") == before
    assert Lake(network.programme.lake).current() == version
    monkeypatch.setattr(Lake, "take", whole)
    network.run()
    assert network.ask("SELECT * EXCLUDE (site) FROM daily_activity WHERE site = 'hill' ORDER BY ALL") == of_site(
        network.hill, "daily_activity"
    )


def test_a_site_that_leaves_takes_its_rows_along(network: Network) -> None:
    network.run()
    network.say(sites=("riverside",))
    network.run()
    assert network.ask("SELECT DISTINCT site FROM participant") == [("riverside",)]
    assert network.ask("SELECT site FROM programme_site") == [("riverside",)]


def test_somebody_who_withdraws_at_one_site_is_gone_from_every_version_and_their_namesake_stays(
    network: Network, capsys: pytest.CaptureFixture
) -> None:
    network.run()
    network.hill.put("P1/c.fit", garmin_day("2026-03-05"))
    network.run()
    old = Lake(network.programme.lake).current()
    assert main(["forget", "P1", "--yes", "--study", str(network.hill.folder)]) == 0, capsys.readouterr().err
    assert network.ask("SELECT site, participant_id FROM participant ORDER BY ALL") == [
        ("hill", "P2"), ("riverside", "P1"), ("riverside", "P2"),
    ]  # fmt: skip
    for path in (network.folder / "lake").glob("*/site=hill/*.parquet"):
        frame = pl.read_parquet(path)
        assert "participant_id" not in frame.columns or "P1" not in frame["participant_id"].to_list(), path
    with pytest.raises(Exception, match=r"not found|No such file"):
        pl.scan_delta(str(network.folder / "lake/goal_week"), version=old.tables["goal_week"]).collect()


def test_a_withdrawal_that_cannot_reach_the_programme_says_so_and_the_next_run_makes_it_good(
    network: Network, capsys: pytest.CaptureFixture
) -> None:
    network.run()
    toml = (network.folder / "programme.toml").read_text("utf-8")
    (network.folder / "programme.toml").unlink()
    assert main(["forget", "P1", "--yes", "--study", str(network.hill.folder)]) == 2
    assert "cannot be reached" in capsys.readouterr().err
    (network.folder / "programme.toml").write_text(toml)
    network.run()
    assert network.ask("SELECT participant_id FROM participant WHERE site = 'hill'") == [("P2",)]
    left = [pl.read_parquet(path) for path in (network.folder / "lake/participant/site=hill").glob("*.parquet")]
    assert [frame["participant_id"].to_list() for frame in left] == [["P2"]]


def test_where_shares_are_sent_no_id_and_no_date_leaves_a_site(network: Network) -> None:
    network.say(send="share")
    assert network.run().is_clean
    assert {name for (name,) in network.ask("SELECT DISTINCT table_name FROM duckdb_columns() WHERE NOT internal")} >= {
        "participant", "goal_week", "daily_activity",
    }  # fmt: skip
    for path in network.files():
        frame = pl.read_parquet(network.folder / path)
        assert not {"participant_id", "infusion_id", "goal_id", "sha256"} & set(frame.columns), path
        assert not [name for name, kind in frame.schema.items() if kind in (pl.Date, pl.Datetime)], path


def test_a_lake_holds_what_is_sent_in_one_way(network: Network) -> None:
    network.run()
    network.say(send="share")
    with pytest.raises(StudyError, match="send is share, and the lake holds what was sent as all"):
        network.run()


def test_a_process_that_is_killed_costs_its_site_one_night_and_is_tried_again(network: Network) -> None:
    process = SiteProcess()
    try:
        assert process.night(_job(network, "riverside")).outcome == "contributed"
        assert process._process is not None
        os.kill(process._process.pid, signal.SIGSTOP)
        Timer(0.2, os.kill, (process._process.pid, signal.SIGKILL)).start()
        lost = process.night(_job(network, "hill"))
        assert (lost.outcome, lost.can_pass) == ("failed", True)
        assert "killed" in lost.reason
        assert process.night(_job(network, "hill")).outcome == "contributed"
    finally:
        process.close()


def test_a_night_that_takes_too_long_is_ended(network: Network) -> None:
    job = _job(network, "hill")
    process = SiteProcess()
    try:
        slow = replace(job, site=Site.model_construct(id="hill", study="hill", memory_gb=4, minutes=0, processors=1))
        assert "longer than the 0 minutes" in process.night(slow).reason
    finally:
        process.close()


def _job(network: Network, site: str) -> Job:
    programme = network.programme
    return Job(programme.site(site), programme.folder / site, programme.folder, programme.lake, "all")


def test_sql_on_the_programme_reads_the_lake_and_nothing_else(given: Network, capsys: pytest.CaptureFixture) -> None:
    asked = ["programme", "query", "--programme", str(given.folder)]
    assert (
        main([*asked, "SELECT site, count(*) AS n FROM participant GROUP BY ALL ORDER BY ALL", "--format", "csv"]) == 0
    )
    assert capsys.readouterr().out == "site,n\nhill,2\nriverside,2\n"
    here = quoted(given.folder)
    for sql in (f"FROM read_text('{here}/programme.toml')", f"COPY participant TO '{here}/x.csv'"):
        assert main([*asked, sql]) == 2
    assert not (given.folder / "x.csv").exists()


def test_what_is_wrong_in_programme_toml_is_said_in_a_line(tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="programme init"):
        read_programme(tmp_path)
    for text, said in (
        ('name = "N"\n[[site]]\nid = "a b"\nstudy = "x"', "site.0.id"),
        ('name = "N"\n[[site]]\nid = "a"\nstudy = "x"\n[[site]]\nid = "a"\nstudy = "y"', "2 sites of one id"),
        ('name = "N"\nsend = "some"', "send"),
        ("name = ", "not TOML"),
    ):
        (tmp_path / "programme.toml").write_text(text)
        with pytest.raises(StudyError, match=said) as fault:
            read_programme(tmp_path)
        assert "\n" not in str(fault.value)


def test_a_lake_that_cannot_be_written_is_a_sentence(network: Network) -> None:
    (network.folder / "lake").write_text("a file")
    with pytest.raises(StoreError, match=r"lake: .* cannot be used"):
        network.run()


def test_on_the_engine_the_nights_are_the_same(network: Network, capsys: pytest.CaptureFixture) -> None:
    shutil.rmtree(network.hill.folder)
    assert main(["programme", "run", "--programme", str(network.folder)]) == 1
    assert "its study folder is not there" in capsys.readouterr().out
    assert network.outcomes() == {"riverside": "contributed", "hill": "failed"}


def test_the_deployment_of_the_page_is_a_flow_of_ours() -> None:
    page = (Path(__file__).parents[1] / "docs" / "programme.md").read_text("utf-8")
    [text] = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    told = yaml.safe_load(text)
    [deployment] = told["deployments"]
    module, _, name = deployment["entrypoint"].partition(":")
    assert told["prefect-version"] == own_server.KNOWN
    assert getattr(import_module(module), name).name == "stepwindow-programme-nightly"
    assert list(deployment["work_pool"]["job_variables"]["env"]) == ["STEPWINDOW_PROGRAMME"]


def test_a_night_of_a_work_pool_says_how_it_ended(network: Network) -> None:
    shutil.rmtree(network.hill.folder)
    script = """
import os, sys
from pathlib import Path
from flows.engine.start import ready
with ready(Path(sys.argv[1])):
    from flows.engine.programme import nightly
    for folder in sys.argv[1:]:
        os.environ["STEPWINDOW_PROGRAMME"] = folder
        state = nightly(return_state=True)
        print(state.name, state.message.partition(";")[0], sep=": ")
"""
    asked = [sys.executable, "-c", script, network.folder, network.folder / "nowhere"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    root = Path(__file__).parents[1]
    told = subprocess.run(asked, capture_output=True, text=True, check=True, cwd=root, env=clean)
    assert told.stdout.splitlines() == [
        "Rejections: version 1 of 2 sites: `stepwindow programme status` names what needs somebody",
        "Failed: programme/programme.toml: not there",
    ]
    assert network.outcomes() == {"riverside": "contributed", "hill": "failed"}
