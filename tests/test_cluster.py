"""Reading on a Dask cluster, and from an inbox that lies elsewhere: the same study comes out."""

from __future__ import annotations

import json
import os
import shutil
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from unittest import mock

import pytest

import flows.engine.cluster
import flows.night.chunks
import flows.night.reading
from flows.cli import main
from flows.engine.cluster import fan_out
from flows.night import shards
from flows.night.begin import begin
from flows.night.parcel import pack, unpack
from flows.night.run import Run, Scope
from flows.night.steps import load_exports, plan, run_steps
from models.store.batch import Batch
from tests.studies import StudyFolder, fitbit_day, garmin_day, read_here, rows_of
from tests.test_night import content_of
from tests.test_shards import Here

distributed = pytest.importorskip("distributed", reason="Dask is not installed: pip install 'stepwindow[dask]'")
fsspec = pytest.importorskip("fsspec", reason="fsspec is not installed: pip install 'stepwindow[dask]'")


@pytest.fixture(scope="module")
def workers() -> Iterator[distributed.LocalCluster]:
    """Two worker processes on this machine."""
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, silence_logs="CRITICAL"
    ) as cluster:
        yield cluster


@pytest.fixture(autouse=True)
def small_chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flows.night.chunks, "CHUNK_FILES", 2)


@pytest.fixture(scope="module")
def box(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """A box of exports of two people, one of them damaged, one handed in twice; read in one night, at home."""
    study = StudyFolder(tmp_path_factory.mktemp("cluster") / "box").write()
    for day in range(3, 6):
        study.put(f"P1/{day}.fit", garmin_day(f"2026-03-{day:02}"))
        for name, content in fitbit_day(f"2026-03-{day:02}").items():
            study.put(f"P2/{name}", content)
    study.put("P1/again.fit", garmin_day("2026-03-05"))
    study.put("P1/damaged.fit", garmin_day("2026-03-09")[:-40])
    study.put("notes.txt", "a stray file")
    study.night()
    return study


def like(study: StudyFolder, folder: Path, settings: str = "") -> StudyFolder:
    """The same box as another study, which had no night yet."""
    shutil.copytree(study.folder, folder, ignore=shutil.ignore_patterns("warehouse"))
    return StudyFolder(folder, settings=settings).write()


def test_a_night_on_two_workers_one_of_them_killed_equals_a_night_at_home(
    box: StudyFolder, tmp_path: Path, workers: distributed.LocalCluster
) -> None:
    away = like(box, tmp_path / "away")
    run = begin(away.folder, Scope(dask=workers.scheduler_address))
    with fan_out(run):
        run.read_chunks = kill_one_after_the_first_chunk(run, workers)
        run_steps(run)
    assert run.files == {"loaded": 9, "duplicate": 1, "rejected": 1, "ignored": 0}
    assert content_of(away) == content_of(box)


def test_the_files_of_all_shards_are_read_on_the_cluster(
    box: StudyFolder, tmp_path: Path, workers: distributed.LocalCluster, monkeypatch
) -> None:
    away = like(box, tmp_path / "away", "[warehouse]\nshards = 2\n")
    monkeypatch.setattr(shards, "ShardProcess", Here)
    with mock.patch.object(flows.engine.cluster, "read_on", wraps=flows.engine.cluster.read_on) as read:
        run = run_steps(begin(away.folder, Scope(dask=workers.scheduler_address)))
    assert read.call_count == 2
    assert run.files == {"loaded": 9, "duplicate": 1, "rejected": 1, "ignored": 0}
    assert rows_of(away) == rows_of(box)


def kill_one_after_the_first_chunk(run: Run, workers: distributed.LocalCluster):
    read = run.read_chunks

    def interrupted(chunks):
        for number, results in enumerate(read(chunks)):
            yield results
            if number == 0:
                victim = next(iter(workers.workers.values()))
                os.kill(victim.pid, signal.SIGKILL)

    return interrupted


def test_an_address_without_a_cluster_is_one_sentence_and_nothing_is_written(
    study: StudyFolder, capsys, monkeypatch
) -> None:
    monkeypatch.setattr(flows.engine.cluster, "PATIENCE", "0.2s")
    words = ["nightly", "--no-engine", "--dask", "tcp://127.0.0.1:9", "--study", str(study.folder)]
    assert main(words) == 2
    said = capsys.readouterr().err.strip().splitlines()
    assert len(said) == 1
    assert "no cluster answers" in said[0]
    assert not (study.folder / "warehouse" / "analytics.duckdb").exists()


def test_an_inbox_at_an_address_gives_what_a_folder_gives(box: StudyFolder, tmp_path: Path, monkeypatch) -> None:
    fsspec.filesystem("memory").put(f"{box.folder}/inbox/", f"{tmp_path}/inbox/", recursive=True)
    afar = like(box, tmp_path / "afar", settings=f"[inbox]\npath = {json.dumps(f'memory:/{tmp_path}/inbox')}")
    shutil.rmtree(afar.folder / "inbox")
    read_here(monkeypatch)  # its files live in one process
    run = begin(afar.folder, Scope())
    run_steps(run)
    assert run.found == 11
    assert content_of(afar) == content_of(box)
    assert plan(afar.folder, Scope()) == {}, "a second night finds nothing new"


def test_what_a_worker_sends_is_what_it_read(box: StudyFolder, tmp_path: Path) -> None:
    run = begin(like(box, tmp_path / "sent").folder, Scope())
    kept: list = []
    run.read_chunks = lambda chunks: kept.extend(list(chunks)) or iter(())  # type: ignore[func-returns-value]
    with closing(run.store):
        load_exports(run)
    results = [result for chunk in kept for result in flows.night.reading.read_chunk(chunk).results()]
    assert len(results) == 11
    for sent, read in zip(unpack(pack(Batch.of(results))).results(), results, strict=True):
        assert (sent.path, sent.sha256, sent.rejected) == (read.path, read.sha256, read.rejected)
        assert (sent.extract is None) == (read.extract is None)
        if read.extract and sent.extract:
            assert (sent.extract.begins, "; ".join(sent.extract.notes)) == (
                read.extract.begins,
                "; ".join(read.extract.notes),
            )
            assert all(frame.equals(sent.extract.frames()[name]) for name, frame in read.extract.frames().items())
