"""A study that an earlier version left is gone on with: nothing is lost, nothing is said anew, nobody comes back."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from flows.cli import main as stepwindow
from tests import old_studies
from tests.studies import StudyFolder, garmin_day
from tests.test_night import content_of

VERSIONS = sorted(old_studies.HERE.glob("*.tar.xz"))
SAID = "SELECT * EXCLUDE (evaluation_id, supersedes, run_id, is_current) FROM goal_week_history ORDER BY ALL"
AGREED = "SELECT goal_id, week, target, target_reason, baseline_value, baseline_as_of FROM goal_week ORDER BY ALL"


def unpacked(version: Path, folder: Path) -> StudyFolder:
    """The study as that version left it."""
    old_studies.unpack(version, folder)
    return StudyFolder(folder / "study")


@dataclass
class GoneOn:
    """A study before and after the first night of this version."""

    version: str
    before: StudyFolder
    after: StudyFolder
    loaded: int
    said: list[tuple]
    agreed: list[tuple]


@pytest.fixture(scope="module", params=VERSIONS, ids=lambda path: path.name.removesuffix(".tar.xz"))
def gone_on(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> GoneOn:
    before = unpacked(request.param, tmp_path_factory.mktemp("before"))
    said, agreed = before.ask(SAID), before.ask(AGREED)  # an analyst reads the old file with today's code
    after = before.copied(tmp_path_factory.mktemp("after") / "study")
    night = after.night()
    version = request.param.name.removesuffix(".tar.xz")
    return GoneOn(version, before, after, night.files["loaded"], said, agreed)


def test_the_study_of_every_version_that_was_released_is_kept() -> None:
    assert "0.1.0" in {path.name.removesuffix(".tar.xz") for path in VERSIONS}


def test_what_it_published_answers_before_any_night_of_this_version(gone_on: GoneOn, capsys) -> None:
    for words in (["goals"], ["changes"], ["query", "FROM goal_week"], ["control", "--diff"]):
        assert stepwindow([*words, "--study", str(gone_on.before.folder)]) == 0, words
    assert "steps" in capsys.readouterr().out


def test_no_file_is_read_again_and_no_verdict_is_said_anew(gone_on: GoneOn) -> None:
    assert gone_on.loaded == 0
    assert gone_on.after.ask(SAID) == gone_on.said
    assert gone_on.after.ask(AGREED) == gone_on.agreed


def test_what_was_done_by_hand_stays_done(gone_on: GoneOn) -> None:
    assert gone_on.after.ask("SELECT participant_id, status FROM source_file WHERE status = 'unloaded'") == [
        ("P2", "unloaded")
    ]
    everywhere = gone_on.after.ask("SELECT participant_id FROM person_day UNION SELECT participant_id FROM goal")
    assert {who for (who,) in everywhere} == {"P1", "P2"}
    causes = gone_on.after.ask("SELECT DISTINCT cause FROM goal_week_history")
    assert {("first_verdict",), ("file_unloaded",)} < set(causes)


def test_the_past_is_shown_by_the_control_files_that_it_kept(gone_on: GoneOn, tmp_path: Path, capsys) -> None:
    """The days on hold came between its two nights."""
    study = gone_on.after.copied(tmp_path / "study")
    [(ended,)] = study.ask("SELECT min(ended_at) FROM run WHERE command = 'nightly'")
    for words, eligible in ((["backfill", "--known-by", ended.isoformat()], 7), (["goals"], 5)):
        assert stepwindow([*words, "--json", "--study", str(study.folder)]) == 0
        weeks = [row for row in json.loads(capsys.readouterr().out) if (row["goal_id"], row["week"]) == ("steps", 2)]
        assert [row["eligible_days"] for row in weeks] == [eligible]
    assert study.ask(SAID) == gone_on.said


def test_the_next_file_counts_and_all_of_it_is_what_the_inbox_says(gone_on: GoneOn, tmp_path: Path) -> None:
    study = gone_on.after.copied(tmp_path / "study")
    study.put("P1/2026-03-12.fit", garmin_day("2026-03-12", 20000))
    assert study.night().changes > 0
    published = content_of(study)
    assert study.night(command="backfill", reload=True).changes == 0
    read_by_which_version = "source_file"
    assert content_of(study) | {read_by_which_version: ()} == published | {read_by_which_version: ()}
