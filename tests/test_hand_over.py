"""A hand-over deletes what it wrote and nothing else, and one that was killed leaves nothing that stays."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from flows.cli import main
from models import hand_over
from models.fault import StudyError
from tests import dying
from tests.dying import code_of, killed, started
from tests.studies import StudyFolder, a_walk


@pytest.fixture(scope="module")
def study(begun, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    return begun(a_walk).copied(tmp_path_factory.mktemp("given") / "study")


@pytest.fixture(scope="module")
def exported(study: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("exported") / "out"
    assert export(study, folder) == 0
    return folder


@pytest.fixture
def out(exported: Path, tmp_path: Path) -> Path:
    """An export, in a folder where there is nothing else."""
    return shutil.copytree(exported, tmp_path / "out")


def export(study: StudyFolder, out: Path) -> int:
    return main(["export", "--format", "csv", str(out), "--study", str(study.folder)])


def share(study: StudyFolder, out: Path) -> int:
    return main(["share", str(out), "--study", str(study.folder)])


def drafts(folder: Path) -> list[Path]:
    return [path for path in folder.glob(".stepwindow-draft-*") if path.is_dir()]


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("add", ["analysis.R", "goal_week.csv", "README.md", "figures/1.png"])
def test_a_hand_over_that_somebody_worked_in_is_not_replaced(study, out, tmp_path, capsys, add) -> None:
    (out / add).parent.mkdir(exist_ok=True)
    (out / add).write_text("mine")
    before = content(tmp_path)
    assert export(study, out) == 2
    assert "holds something else" in capsys.readouterr().err
    assert content(tmp_path) == before


def test_what_is_put_there_while_the_new_one_is_made_is_not_deleted(study, out, tmp_path, monkeypatch) -> None:
    whole = hand_over.sealed

    def meanwhile(draft: Path) -> None:
        whole(draft)
        (out / "thesis.tex").write_text("mine")

    monkeypatch.setattr(hand_over, "sealed", meanwhile)
    assert export(study, out) == 2
    assert (out / "thesis.tex").read_text("utf-8") == "mine"
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_a_copy_is_not_put_over_what_came_there_meanwhile(study, tmp_path, monkeypatch) -> None:
    out, whole = tmp_path / "out", hand_over.to_disk
    monkeypatch.setattr(hand_over, "to_disk", lambda path: (out.mkdir(exist_ok=True), (out / "x").touch(), whole(path)))
    assert share(study, out) == 2
    assert [path.name for path in tmp_path.rglob("*")] == ["out", "x"]


@pytest.mark.parametrize("hand", [export, share])
def test_a_link_leads_to_the_folder_that_is_written_and_stays_a_link(study, tmp_path, hand) -> None:
    (tmp_path / "there").mkdir()
    (tmp_path / "link").symlink_to("there")
    assert hand(study, tmp_path / "link") == 0
    assert (tmp_path / "link").is_symlink()
    assert "README.md" in content(tmp_path / "there")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["link", "there"]


@pytest.mark.parametrize("hand", [export, share])
def test_a_link_into_the_inbox_the_warehouse_or_onto_the_study_is_refused(study, tmp_path, hand) -> None:
    for place in ("inbox/P1", "warehouse", "."):
        (tmp_path / "link").symlink_to(study.folder / place)
        before = content(study.folder / "inbox")
        assert hand(study, tmp_path / "link") == 2
        assert content(study.folder / "inbox") == before
        (tmp_path / "link").unlink()


@pytest.mark.parametrize("hand", [export, share])
def test_names_that_look_like_drafts_and_are_somebody_elses_are_left_alone(study, tmp_path, hand) -> None:
    out = tmp_path / "out"
    mine = [".out.draft", ".out.before", ".out.12345678", ".stepwindow-draft-mine", ".stepwindow-draft-0011223"]
    for name in mine:
        (tmp_path / name).mkdir()
        (tmp_path / name / "notes.txt").write_text("mine")
    (tmp_path / ".stepwindow-draft-aaaaaaaa").write_text("a file, no folder")
    (tmp_path / ".stepwindow-draft-bbbbbbbb").symlink_to(".out.draft")
    before = content(tmp_path)
    assert hand(study, out) == 0
    shutil.rmtree(out)
    assert content(tmp_path) == before


def test_a_strange_folder_where_the_one_before_would_be_set_aside_stops_it_and_stays(
    study, out, tmp_path, capsys
) -> None:
    aside = hand_over.before(out)
    aside.mkdir()
    (aside / "notes.txt").write_text("mine")
    before = content(tmp_path)
    assert export(study, out) == 2
    assert "nothing was handed over" in capsys.readouterr().err
    assert content(tmp_path) == before


@pytest.mark.parametrize(
    "at", ["place_for", "drafted", "_new_draft", "_unlock", "sealed", "to_disk", "is_hand_over", "remove"]
)
def test_one_killed_anywhere_leaves_the_one_before_or_the_new_one_and_the_next_clears_up(
    study, exported, out, tmp_path, at
) -> None:
    assert (
        code_of(
            started(
                dying.hand_over, study.folder, out, f"models.{'system.files' if at == 'to_disk' else 'hand_over'}.{at}"
            )
        )
        == -9
    )
    assert content(out) == content(exported) or content(out).keys() == {"new.csv", hand_over.SUMS}
    dying.hand_over(study.folder, out)
    assert content(tmp_path).keys() == {"out/new.csv", f"out/{hand_over.SUMS}"}


@pytest.mark.parametrize("line", range(8, 84, 15))  # in the draft, between the two renames, before the last is deleted
def test_one_killed_at_any_line_of_its_end_is_finished_by_the_next(study, out, tmp_path, line) -> None:
    assert code_of(started(dying.hand_over, study.folder, out, f"models.hand_over.sealed+{line}")) == -9
    assert sum(hand_over.is_hand_over(place) for place in (out, hand_over.before(out))) >= 1
    dying.hand_over(study.folder, out)
    assert hand_over.is_hand_over(out)
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_export_killed_before_it_is_sealed_leaves_the_one_before_and_the_next_clears_up(
    study, exported, out, tmp_path
) -> None:
    argv = ["export", "--format", "csv", str(out), "--study", str(study.folder)]
    assert killed(argv, "models.hand_over.sealed") == -9
    assert content(out) == content(exported)
    assert len(drafts(tmp_path)) == 1
    assert export(study, out) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize(
    "at", ["models.store.share._write", "models.store.share._suppress", "models.system.files.to_disk"]
)
def test_a_copy_killed_anywhere_is_not_there_and_the_next_clears_up(study, tmp_path, at) -> None:
    assert killed(["share", str(tmp_path / "out"), "--study", str(study.folder)], at) == -9
    assert not (tmp_path / "out").exists()
    assert len(drafts(tmp_path)) == 1
    assert share(study, tmp_path / "another") == 0  # whatever it is called
    assert [path.name for path in tmp_path.iterdir()] == ["another"]


def test_the_draft_of_somebody_who_lives_is_left_alone(tmp_path) -> None:
    with hand_over.drafted(tmp_path / "one") as first:
        (first / "x").touch()
        with hand_over.drafted(tmp_path / "two"):
            assert (first / "x").exists()
    assert list(tmp_path.iterdir()) == []


def test_a_list_that_names_files_elsewhere_is_no_hand_over_and_deletes_nothing(tmp_path) -> None:
    (tmp_path / "mine").write_text("mine")
    folder = tmp_path / "out"
    folder.mkdir()
    (folder / hand_over.SUMS).write_text(f"{'0' * 64}  ../mine\n")
    assert not hand_over.is_hand_over(folder)
    hand_over.remove(folder)
    assert (tmp_path / "mine").exists()


def test_nothing_is_handed_over_into_a_folder_above_the_study(study) -> None:
    from models.study.folder import read_study

    taken = read_study(study.folder).own_folders
    for above in (study.folder, study.folder.parent):
        with pytest.raises(StudyError, match="the study itself lies in it"):
            hand_over.place_for(above, study.folder, taken)
