"""A whole account export is one drop: all of it is looked at, what holds nothing is listed, memory stays bounded."""

from __future__ import annotations

import io
import random
import tracemalloc
import zipfile

import duckdb

from connectors import Ignored, identify, members
from connectors.kit.export import Export
from models.fault import Fault
from tests.studies import StudyFolder, at, minutes
from tests.test_tar import tar
from tests.writers import fitbit

STEPS = fitbit.steps({None: minutes(at("2026-03-05 09:00"), [50] * 3)})
IGNORED = {
    "Takeout/Fitbit/Sleep Score/sleep_score.csv": b"sleep_log_entry_id,timestamp,overall_score\n1,2026-03-05,80\n",
    "Takeout/Fitbit/Your Profile/Profile.csv": b"id,full_name\n1,Anna Muster\n",
    "Takeout/archive_browser.html": b"<html>anna.muster@example.org</html>",
}


def test_members_that_hold_nothing_are_ignored_by_name_in_the_store_and_only_there(study: StudyFolder) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as archive:
        for name, content in IGNORED.items():
            archive.writestr(name, content)
    steps = "Takeout/Fitbit/Physical Activity_GoogleData/steps_2026-03-01.csv"
    study.put("P1/anna.muster@example.org.tgz", tar({"part.zip": inner.getvalue(), steps: STEPS}))
    run = study.night()
    assert run.is_clean
    assert study.day("2026-03-05")["steps"] == 150
    notes = dict(study.ask_store("SELECT path, note FROM source_file WHERE status = 'ignored'"))
    listed = {path.rsplit("part.zip/", 1)[-1]: why for path, why in notes.items()}
    assert listed.keys() >= IGNORED.keys()
    assert all(listed.values())
    with duckdb.connect(str(study.folder / "warehouse" / "analytics.duckdb"), read_only=True) as published:
        tables = [name for (name,) in published.execute("SELECT table_name FROM information_schema.tables").fetchall()]
        for table in tables:
            assert "muster" not in str(published.execute(f'SELECT * FROM "{table}"').fetchall()).casefold(), table


def test_a_takeout_of_hundreds_of_files_is_walked_in_bounded_memory() -> None:
    noise = random.Random(1)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as archive:
        for n in range(100):
            rows = noise.randbytes(150_000).hex()
            archive.writestr(f"Takeout/Fitbit/x/floors_{n}.csv", "timestamp,floors\n" + rows)
    content = packed.getvalue()
    assert len(content) > 30_000_000
    identify(Export("Takeout/Fitbit/floors_1.csv", 18, lambda: io.BytesIO(b"timestamp,floors\n1")))  # loads the readers
    tracemalloc.start()
    kinds = [
        type(identify(member))
        for member in members(Export("takeout.zip", len(content), lambda: io.BytesIO(content))) or []
        if not isinstance(member, Fault)
    ]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert kinds == [Ignored] * 100
    assert peak < 5_000_000
