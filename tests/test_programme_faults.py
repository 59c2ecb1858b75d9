"""What befalls a run of a programme: a site, a process or the lake that fails costs what it had, and nothing else."""

from __future__ import annotations

import errno
import fcntl
import os
import resource
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Iterator
from contextvars import Context
from datetime import timedelta
from multiprocessing.connection import Pipe
from pathlib import Path
from threading import Thread

import polars as pl
import pytest

from flows.cli import main
from flows.programme import process, standing
from flows.programme.giving import give
from flows.programme.job import Job, Result
from flows.programme.night import take
from flows.programme.process import SiteProcess, ended_with_us
from flows.programme.run import ProgrammeRun, run, side_by_side
from models.fault import StoreError, StudyError
from models.lake.lake import Lake
from models.store.lock import LOCK
from models.study.folder import read_study
from models.study.forgotten import bury
from tests.dying import until
from tests.programmes import AS_OF, MadeUp
from tests.studies import StudyFolder, garmin_day
from tests.test_programme import Network

deltalake = pytest.importorskip("deltalake", reason="deltalake is not installed: pip install 'stepwindow[programme]'")


@pytest.fixture
def network(tmp_path: Path, begun: Callable[..., StudyFolder]) -> Network:
    return Network(tmp_path, begun)


def job(network: Network, site: str) -> Job:
    programme = network.programme
    return Job(programme.site(site), programme.folder / site, programme.folder, programme.lake, "all")


def meanwhile(network: Network, what: Callable[[], object]) -> tuple[ProgrammeRun, list[list[str]]]:
    """A run in which something happens when the sites had their nights; which sites had nights, round by round."""
    rounds: list[list[str]] = []

    def nights(jobs: Iterable[Job]) -> Iterator[Result]:
        rounds.append([one.site.id for one in jobs])
        yield from [take(one) for one in jobs]
        if len(rounds) == 1:
            what()

    return run(network.programme, None, nights), rounds


def people(network: Network, site: str) -> list[str]:
    """Who is in the database of the programme, of a site."""
    return [who for (who,) in network.ask(f"SELECT participant_id FROM participant WHERE site = '{site}' ORDER BY 1")]


def rows_left(network: Network, site: str, who: str) -> list[Path]:
    """The files of the lake that have rows of somebody."""
    files = {path: pl.read_parquet(path) for path in (network.folder / "lake").glob(f"*/site={site}/*.parquet")}
    return [path for path, rows in files.items() if "participant_id" in rows and who in rows["participant_id"]]


def test_a_withdrawal_during_a_run_is_made_good_by_that_run(
    network: Network, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture
) -> None:
    network.run()
    monkeypatch.setenv("STEPWINDOW_WAIT", "0")

    def withdraw() -> None:
        said = ["forget", "P1", "--yes", "--study", str(network.hill.folder)]
        assert Context().run(main, said) == 2  # not by who holds the lock

    _, rounds = meanwhile(network, withdraw)
    assert "before the nights of a run are over that run takes out" in capsys.readouterr().err
    assert rounds == [["riverside", "hill"], ["hill"]]
    assert (people(network, "hill"), people(network, "riverside")) == (["P2"], ["P1", "P2"])
    assert rows_left(network, "hill", "P1") == []


def test_a_withdrawal_waits_for_no_night_of_its_site(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    network.run()
    monkeypatch.setenv("STEPWINDOW_WAIT", "0")
    toml = network.folder / "programme.toml"
    toml.rename(network.folder / "away")
    assert main(["forget", "P1", "--yes", "--study", str(network.hill.folder)]) == 2
    (network.folder / "away").rename(toml)
    with (network.hill.folder / "warehouse" / LOCK).open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)  # another process is at it
        network.run()
    assert network.outcomes()["hill"] == "failed"
    assert people(network, "hill") == ["P2"]
    assert rows_left(network, "hill", "P1") == []


def test_as_long_as_somebody_who_withdrew_is_published_their_site_gives_nothing(network: Network) -> None:
    study = read_study(network.hill.folder)
    bury(study.warehouse, "P1")  # `forget` was killed then
    with pytest.raises(StoreError, match="a withdrawal is under way"):
        give(study, "hill", "all", {}, Lake(network.programme.lake).write)
    assert network.files() == set()


def test_who_withdraws_at_a_site_that_left_is_gone_with_all_of_its_rows(network: Network) -> None:
    network.run()
    network.say(sites=("riverside",))
    assert main(["forget", "P1", "--yes", "--study", str(network.hill.folder)]) == 0
    assert network.ask("SELECT DISTINCT site FROM participant") == [("riverside",)]
    assert not [path for path in network.files() if "site=hill" in path]


def test_a_copy_of_a_study_gives_nothing_to_the_programme_of_the_first(network: Network) -> None:
    network.run()
    copy = network.hill.copied(network.folder / "copy")
    copy.put("P2/c.fit", garmin_day("2026-03-06"))
    copy.night()
    had = network.ask("FROM daily_activity ORDER BY ALL")
    main(["forget", "P1", "--yes", "--study", str(copy.folder)])
    assert network.ask("FROM daily_activity ORDER BY ALL") == had


def test_files_that_did_not_come_to_lie_in_the_lake_are_not_taken(network: Network) -> None:
    def lose() -> None:
        [first, *_] = sorted((network.folder / "lake").glob("*/site=hill/*.parquet"))
        first.write_bytes(first.read_bytes()[:-1])

    found, _ = meanwhile(network, lose)
    assert network.outcomes() == {"riverside": "contributed", "hill": "failed"}
    assert "what its night wrote is not in the lake" in found.results["hill"].reason
    assert people(network, "hill") == []
    assert network.run().is_clean
    assert people(network, "hill") == ["P1", "P2"]


def test_a_lake_without_room_is_told_before_anybody_has_a_night(network: Network) -> None:
    before = network.hill.ask("FROM run")
    had = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (500_000, had[1]))
    try:
        with pytest.raises(StoreError, match=r"lake: .* cannot be used"):
            network.run()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, had)
    assert network.hill.ask("FROM run") == before
    assert not [*(network.folder / "lake").iterdir()]
    assert network.run().is_clean


def test_a_lake_that_is_not_mounted_is_not_filled_anew(network: Network) -> None:
    network.run()
    (network.folder / "lake").rename(network.folder / "away")
    (network.folder / "lake").mkdir()
    with pytest.raises(StudyError, match=r"nothing in .* though a run filled it; see that it is mounted"):
        network.run()
    assert not any((network.folder / "lake").iterdir())
    (network.folder / "programme.duckdb").unlink()
    assert network.run().is_clean
    assert people(network, "hill") == ["P1", "P2"]


def test_where_an_earlier_state_of_the_lake_came_back_its_sites_give_anew(network: Network) -> None:
    network.run()
    shutil.copytree(network.folder / "lake", network.folder / "backup")
    network.hill.put("P1/c.fit", garmin_day("2026-03-05"))
    network.run()
    had = network.ask("SELECT * EXCLUDE (site) FROM daily_activity WHERE site = 'hill' ORDER BY ALL")
    shutil.rmtree(network.folder / "lake")
    (network.folder / "backup").rename(network.folder / "lake")
    network.run()
    assert network.ask("SELECT * EXCLUDE (site) FROM daily_activity WHERE site = 'hill' ORDER BY ALL") == had


def test_what_cannot_be_tried_again_is_told_as_it_failed_first(network: Network) -> None:
    rounds = []

    def nights(jobs: Iterable[Job]) -> Iterator[Result]:
        rounds.append(jobs)
        if len(rounds) > 1:
            raise ConnectionError
        yield from [
            take(one) if one.site.id == "hill" else Result("riverside", "failed", "?", can_pass=True) for one in jobs
        ]

    run(network.programme, None, nights)
    assert (len(rounds), network.outcomes()) == (2, {"riverside": "failed", "hill": "contributed"})


def test_where_no_process_can_be_started_the_site_is_named_and_tried_again(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none_left(*_: object, **__: object) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(subprocess, "Popen", none_left)
    found = SiteProcess().night(job(network, "hill"))
    assert (found.outcome, found.can_pass) == ("failed", True)
    assert "no process could be started" in found.reason


def test_a_process_that_dies_in_the_midst_of_its_answer_is_one_that_died(
    network: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    ours, theirs = Pipe()
    os.write(theirs.fileno(), b"\0\0\1\0 of 256 bytes these come")
    broken = SiteProcess()
    broken._process = subprocess.Popen(["false"])
    monkeypatch.setattr(ours, "send", lambda job: theirs.close())
    monkeypatch.setattr(broken, "_started", lambda memory: ours)
    found = broken.night(job(network, "hill"))
    assert (found.outcome, found.can_pass) == ("failed", True)


def test_who_interrupts_a_run_waits_for_no_night(network: Network, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: Job) -> Result:
        raise KeyboardInterrupt

    monkeypatch.setattr("flows.programme.run.night", interrupted)
    with pytest.raises(KeyboardInterrupt):
        list(side_by_side([job(network, "hill")]))
    later = process.night(job(network, "hill"))
    assert (later.outcome, later.can_pass) == ("failed", True)
    assert "interrupted" in later.reason


def test_who_interrupts_a_run_ends_the_nights_that_are_under_way(network: Network) -> None:
    def under_way() -> list[SiteProcess]:
        return [one for one in [*process._all] if one._process and one._process.poll() is None]

    def interrupt() -> None:
        [one] = until(under_way)
        os.kill(one._process.pid, signal.SIGSTOP)  # type: ignore[union-attr]
        with pytest.raises(KeyboardInterrupt), ended_with_us():
            raise KeyboardInterrupt

    with ended_with_us():
        Thread(target=interrupt).start()
        assert process.night(job(network, "hill")).outcome == "failed"


def test_a_site_whose_clock_is_ahead_is_named_and_makes_no_other_late(tmp_path: Path) -> None:
    ahead = {"as_of": AS_OF + timedelta(days=40)}
    rows = MadeUp(tmp_path / "programme", {"north": {}, "south": ahead}, {"north": [], "south": []}).sites
    newest = standing.newest(rows)
    needs = {row["site"]: standing.needs(row, newest) for row in rows}
    assert needs["north"] == []
    assert ["had not come" in need for need in needs["south"]] == [True]
