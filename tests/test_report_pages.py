"""The report's files and words: what is written again, what is not, and what a page says."""

from __future__ import annotations

import errno
import json
import re
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import date
from html.parser import HTMLParser
from multiprocessing.connection import Pipe
from pathlib import Path
from subprocess import Popen
from typing import Any

import pytest

from flows.answers.worklist_item import KINDS
from flows.answers.worklist_repairs import Names, items
from flows.cli import main
from flows.night.progress import Progress
from flows.report import side_by_side, site
from flows.report.pages import Pages
from flows.report.write import Written, write_report
from models.store.key import name_key_file
from models.store.read import Published, published
from tests.studies import StudyFolder, garmin_day

NASTY = "</script><img src=x onerror=alert(1)>"
PEOPLE = ("EMPTY", "FILE", "GAPS", "NEW", "TYPED", "YOGA")
VOID = {"meta", "link", "br", "input"}
# Elements whose end tag HTML lets go before the tag that follows.
ENDED_BY = {"td": ("td", "th"), "th": ("td", "th"), "tr": ("td", "th", "tr"), "tbody": ("td", "th", "tr")}
# Words of advice, blame, promise: none of them belongs on a page.
FORBIDDEN = (
    "should", "must", "try to", "recommend", "advise", "improv", "better", "worse", "benefits", "healthy", "critical",
    "effective", "failed", "fail ", "failure", "poor", "lazy", "non-complian", "unfortunately", "congratulations",
    "well done", "great", "risk", "depress",
)  # fmt: skip


def advice(text: str) -> list[str]:
    """Words of a text that begin with a forbidden one."""
    return re.findall(rf"\b(?:{'|'.join(FORBIDDEN)})\w*", text)


class Text(HTMLParser):
    """The words a person reads, and whether every element is closed where it must be."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.words: list[str] = []

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.words += [v for k, v in attributes if k in ("title", "aria-label") and v]
        while self.open and self.open[-1] in ENDED_BY.get(tag, ()):
            self.open.pop()
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        while self.open[-1] != tag and self.open[-1] in ENDED_BY.get(tag, ()):
            self.open.pop()
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.words.append(data)


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """After the night that wrote the pages of six people. All but EMPTY are finished. Whoever takes it only reads."""
    study = StudyFolder(tmp_path_factory.mktemp("pages") / "study", as_of=date(2026, 6, 1), name=NASTY, reports=True)
    study.participants = [f"{who},,," for who in PEOPLE]
    study.infusions = [f"{who},{who},2026-03-02,," for who in ("FILE", "GAPS", "YOGA")]
    study.infusions += [f"{NASTY},TYPED,2026-03-02,,", "EMPTY,EMPTY,2026-05-24,,"]
    study.goals = [
        "E,,EMPTY,,1,1,daily_mean,steps,5000,,,2026-03-02,,,",
        "F,,FILE,,1,1,daily_mean,steps,5000,,,2026-03-02,,,",
        "G,,GAPS,,1,1,daily_mean,steps,5000,,,2026-03-02,,,",
        '"<b>\'x",,TYPED,,1,1,daily_mean,steps,5000,,,2026-03-02,,,',
        "Y,,YOGA,,1,1,days_with,yoga_minutes,3,10,,2026-03-02,,,",
    ]
    for who, steps in (("GAPS", 6000), ("TYPED", 6100), ("YOGA", 6200)):
        study.put(f"{who}/a.fit", garmin_day("2026-03-03", steps))
    study.put("GAPS/b.fit", garmin_day("2026-03-06"))
    study.put("FILE/jane.doe@example.org.fit", garmin_day("2026-03-03")[:-9])
    study.put("FILE/jane.doe@example.org-2.fit", garmin_day("2026-03-04"))
    study.write().night()
    return study


@pytest.fixture
def mine(study: StudyFolder, tmp_path: Path) -> StudyFolder:
    """A copy of it, to change."""
    return study.copied(tmp_path / "study")


@pytest.fixture(scope="module")
def grown(study: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The same after a night with another file of one person. Whoever takes it only reads."""
    grown = study.copied(tmp_path_factory.mktemp("grown") / "study")
    grown.put("GAPS/c.fit", garmin_day("2026-03-04", 5000))
    grown.night()
    return grown


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """250 people, one of whom had an infusion. Whoever takes it only reads."""
    people = [f"N{n:03},,," for n in range(249)] + ["ZZZ,,,"]
    folder = tmp_path_factory.mktemp("many") / "study"
    study = StudyFolder(folder, people, ["I1,ZZZ,2026-03-02,,"], [], reports=True).write()
    study.night()
    return study


def read(page: Path) -> str:
    """The words on a page, which is well-formed."""
    parser = Text()
    parser.feed(page.read_text("utf-8"))
    parser.close()
    assert parser.open == []
    return " ".join(" ".join(parser.words).split())


def reported(study: StudyFolder) -> Path:
    return study.folder / "warehouse" / "report"


def again(study: StudyFolder) -> Written:
    return write_report(study.folder / "warehouse", study.name)


def files(study: StudyFolder) -> dict[str, bytes]:
    root = reported(study)
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def changed(study: StudyFolder, since: StudyFolder) -> set[str]:
    before, after = files(since), files(study)
    return {name for name in before | after if after.get(name) != before.get(name)}


def participant(study: StudyFolder, who: str) -> str:
    return read(reported(study) / "participant" / f"{who}.html")


def test_only_the_pages_of_people_whose_numbers_changed_are_written(study, mine, grown) -> None:
    assert (again(mine).written, again(mine).unchanged) == (0, len(PEOPLE))
    assert changed(mine, since=study) == set()
    assert changed(grown, since=study) == {"index.html", "assets/people.js", "participant/GAPS.html"}


def test_pages_written_bit_by_bit_equal_pages_written_anew(grown: StudyFolder, tmp_path: Path) -> None:
    anew = grown.copied(tmp_path / "study")
    for path in reported(anew).rglob("*.html"):
        path.unlink()
    assert again(anew).written == len(PEOPLE)
    assert changed(anew, since=grown) == set()


@pytest.fixture
def two_processes(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """As many as there would be for thousands of people. How many pages this one wrote, call by call."""
    written: list[int] = []
    write = Pages.write

    def counted(pages: Pages, rows_of: Published, people: list[str], progress: Progress | None = None):
        written.append(len(people))
        return write(pages, rows_of, people, progress)

    monkeypatch.setattr(side_by_side, "_WORTH_IT", 2)
    monkeypatch.setattr(side_by_side, "processors", lambda: 2)
    monkeypatch.setattr(Pages, "write", counted)
    return written


def test_pages_that_two_processes_wrote_equal_those_of_one(grown: StudyFolder, tmp_path: Path, two_processes) -> None:
    anew = grown.copied(tmp_path / "study")
    shutil.rmtree(reported(anew))
    assert again(anew).written == len(PEOPLE)
    assert two_processes == [len(PEOPLE) // 2]
    assert changed(anew, since=grown) == set()


@pytest.mark.parametrize("lost", ["it cannot be started", "it died", "it has another fault"])
def test_what_a_lost_process_did_not_write_is_written_all_the_same(
    grown: StudyFolder, tmp_path: Path, two_processes, monkeypatch: pytest.MonkeyPatch, lost: str
) -> None:
    anew = grown.copied(tmp_path / "study")
    shutil.rmtree(reported(anew))
    begin = side_by_side.start

    def started(module: str, **how: Any) -> Any:
        if lost == "it cannot be started":
            raise OSError(errno.EAGAIN, "Resource temporarily unavailable")
        process, pipe = begin("flows.report.none" if lost == "it has another fault" else module, **how)
        if lost == "it died":
            process.kill()
            process.wait()
        return process, pipe

    monkeypatch.setattr(side_by_side, "start", started)
    assert again(anew).failed == {}
    assert two_processes == [len(PEOPLE) // 2, len(PEOPLE) - len(PEOPLE) // 2]
    assert changed(anew, since=grown) == set()


class Untold(Exception):
    """An error that another process can send, and nobody can receive."""

    def __init__(self, what: str, more: str) -> None:
        super().__init__(what)


def test_an_error_that_does_not_travel_says_nothing() -> None:
    ours, theirs = Pipe()
    theirs.send({"P1": Untold("a", "b")})
    assert side_by_side._answer(ours) is None


def test_another_process_is_told_where_the_key_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ours, theirs = Pipe()
    monkeypatch.setattr(side_by_side, "start", lambda *_, **__: (Popen([sys.executable, "-c", ""]), ours))
    name_key_file(tmp_path, tmp_path / "key")
    with ExitStack() as held:
        side_by_side._asked(held, Pages(tmp_path, tmp_path, "Test", None, {"P1": ""}, {}), ["P1"])
        assert theirs.recv()[2] == tmp_path / "key"


def test_a_process_for_whose_pages_nobody_waits_writes_no_more() -> None:
    ours, theirs = Pipe()
    items = side_by_side._Watched(theirs).counted("abc", 3, "pages")
    assert next(items) == "a"
    ours.close()
    with pytest.raises(SystemExit):
        next(items)


def test_a_question_about_some_sees_their_rows_alone_and_everybodys_where_it_says_so(study: StudyFolder) -> None:
    files = "SELECT DISTINCT participant_id FROM {}source_file ORDER BY 1"
    with published(study.folder / "warehouse") as asked:
        everybody = asked(files.format(""))[1]
        with asked.only(["GAPS", "NOBODY"]):
            assert asked(files.format(""))[1] == [("GAPS",)]
            assert asked(files.format("store."))[1] == everybody
            assert asked("SELECT DISTINCT participant_id FROM person_day")[1] == [("GAPS",)]
        assert asked(files.format(""))[1] == everybody != [("GAPS",)]


def test_a_later_date_alone_leaves_finished_people_alone(study: StudyFolder, mine: StudyFolder) -> None:
    mine.night(as_of=date(2026, 6, 2))
    everybodys = {"index.html", "assets/as-of.css", "assets/people.js"}
    assert changed(mine, since=study) == {*everybodys, "participant/EMPTY.html"}
    assert b"2 Jun 2026" in files(mine)["assets/as-of.css"]


def test_a_report_that_was_killed_is_completed_by_the_next(study, mine, monkeypatch) -> None:
    put = site.put

    def dies(path: Path, text: str) -> bool:
        if path.name == "YOGA.html":
            path.with_name(f".{path.name}.part").write_text("half a pa")
            raise KeyboardInterrupt
        return put(path, text)

    for path in (reported(mine) / "participant").iterdir():
        path.write_text("of an earlier version")
    monkeypatch.setattr(site, "put", dies)
    with pytest.raises(KeyboardInterrupt):
        again(mine)
    monkeypatch.setattr(site, "put", put)
    assert again(mine).written == 1
    assert changed(mine, since=study) == set()
    assert again(mine).written == 0


def test_files_of_somebody_else_in_the_warehouse_outlive_nights_reports_and_withdrawals(mine: StudyFolder) -> None:
    warehouse = mine.folder / "warehouse"
    theirs = [
        "analytics-2025.duckdb", "store.notes.txt", "spill/a/b", "replay-of-mine/x",
        "report/notes.html", "report/participant/letter.txt", "report/assets/logo.svg",
    ]  # fmt: skip
    for name in theirs:
        (warehouse / name).parent.mkdir(exist_ok=True, parents=True)
        (warehouse / name).write_text("theirs")
    mine.put("GAPS/c.fit", garmin_day("2026-03-04", 5000))
    mine.night()
    assert "participant/GAPS.html" in files(mine)
    assert [name for name in theirs if not (warehouse / name).exists()] == []
    assert main(["forget", "GAPS", "--yes", "--study", str(mine.folder)]) == 0
    assert "participant/GAPS.html" not in files(mine)
    assert [name for name, content in files(mine).items() if b"GAPS" in content] == []
    assert [name for name in theirs if not (warehouse / name).exists()] == []
    assert "index.html" in files(mine)


def test_only_the_owner_can_read_it(study: StudyFolder) -> None:
    for path in [reported(study), *reported(study).rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_people_typed_is_shown_and_never_run(study: StudyFolder) -> None:
    for page in (reported(study) / "index.html", reported(study) / "participant" / "TYPED.html"):
        assert NASTY in read(page)
        assert "<img" not in page.read_text("utf-8")
        assert "<b>'x" not in page.read_text("utf-8")
    assert participant(study, "TYPED").count(NASTY) > participant(study, "GAPS").count(NASTY)
    assert "<b>'x" in participant(study, "TYPED")


def test_file_names_stay_off_the_pages(study: StudyFolder) -> None:
    sha = study.ask("SELECT left(sha256, 12) FROM rejection")[0][0]
    assert f"File {sha} (garmin_fit_monitoring) could not be used: found" in participant(study, "FILE")
    assert not [name for name, content in files(study).items() if b"jane" in content]


def test_missing_days_are_not_known_and_asked_for(study: StudyFolder) -> None:
    page = (reported(study) / "participant" / "GAPS.html").read_text("utf-8")
    numbers = json.loads(re.findall(r'<script type="application/json">(.*?)</script>', page)[0])
    by_date = {day["date"]: day for day in numbers["days"]}
    assert (by_date["2026-03-04"]["movement"], by_date["2026-03-04"]["steps"]) == (None, None)
    assert by_date["2026-03-04"]["Movement"] == "not known"
    assert by_date["2026-03-03"]["steps"] == 6000
    assert {"date": "2026-03-04", "until": "2026-03-06"} in numbers["gaps"]
    told = participant(study, "GAPS")
    assert "days without data: 4 to 5 Mar, 7 to 9 Mar" in told
    assert "a verdict waits for it" in told
    assert "cannot be said not enough days seen" in told


def test_a_week_without_a_diary_asks_for_the_diary(study: StudyFolder) -> None:
    told = participant(study, "YOGA")
    assert "3 to 9 Mar 2026: nothing recorded or written down (yoga)" in told
    assert "without data" not in told
    assert "not usable" not in told


def test_a_page_without_a_running_week_says_which_was_the_last(study: StudyFolder) -> None:
    assert "No week of a goal runs: the last ended on 31 May 2026." in participant(study, "EMPTY")
    assert "No week of a goal runs: the last ended on 9 Mar 2026." in participant(study, "GAPS")


def test_people_without_anything_have_a_page_that_says_so(study: StudyFolder) -> None:
    told = participant(study, "NEW")
    for sentence in (
        "No goal is agreed.",
        "No data yet.",
        "No file has arrived",
        "No week after an infusion has begun.",
    ):
        assert sentence in told
    index = read(reported(study) / "index.html")
    assert "1 of whom nothing has come for longer than the days of grace EMPTY" in index
    assert 'Ask EMPTY: "We have nothing from you yet.' in participant(study, "EMPTY")
    assert "NEW none yet" in index


def test_a_study_without_people_has_a_page(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path / "study", [], [], [], reports=True).write()
    study.night()
    assert "Nobody takes part yet." in read(reported(study) / "index.html")


def test_many_people_are_listed_a_hundred_a_page_who_needs_attention_first(many: StudyFolder) -> None:
    pages = [reported(many) / name for name in ("index.html", "people-2.html", "people-3.html")]
    listed = [re.findall(r'scope="row"><a href="participant/(\w+)\.html"', page.read_text("utf-8")) for page in pages]
    assert [len(names) for names in listed] == [100, 100, 50]
    assert listed[0][:2] == ["ZZZ", "N000"]
    assert len({name for names in listed for name in names}) == 250


def test_the_pages_of_people_who_left_are_removed_and_lists_that_nobody_is_on(many, tmp_path) -> None:
    study = many.copied(tmp_path / "study")
    study.participants = study.participants[-2:]
    study.write().night(accept_loss=True)
    pages = {name for name in files(study) if name.endswith(".html")}
    assert pages == {"index.html", "participant/N248.html", "participant/ZZZ.html"}
    assert "N000" not in read(reported(study) / "index.html")


def test_pages_count_and_do_not_advise(study: StudyFolder) -> None:
    told = {path.name: read(path).lower() for path in reported(study).rglob("*.html")}
    assert len(told) == 1 + len(PEOPLE)
    for name, text in told.items():
        assert "no advice, and no claim of any benefit" in text
        assert "questions about exercise belong to the care team" in text
        assert advice(text) == [], name


def sentences() -> Iterator[str]:
    from flows.report import missing, words

    for table in (words.VERDICTS, words.VERDICT_MEANS, words.REASONS, words.STATES, words.STATE_MEANS, words.METRICS):
        yield from table.values()
    yield from (text for pair in missing._UNSEEN.values() for text in pair)
    yield from (text for kind in KINDS.values() for text in kind[1:])


def test_no_word_of_the_vocabulary_advises_blames_or_promises() -> None:
    said = " | ".join(sentences()).lower()
    assert advice(said) == []


def test_every_status_state_and_metric_has_plain_words() -> None:
    from flows.report import words
    from models.taxonomy import METRICS

    assert words.METRICS.keys() == set(METRICS)
    assert words.STATES.keys() == words.STATE_MEANS.keys()


def test_without_a_night_the_command_says_what_to_run_first(tmp_path: Path, capsys) -> None:
    study = StudyFolder(tmp_path / "study").write()
    assert main(["report", "--study", str(study.folder)]) == 2
    assert "run `stepwindow nightly` first" in capsys.readouterr().err


def test_the_command_says_where_the_report_is_and_opens_it(mine: StudyFolder, capsys, monkeypatch) -> None:
    words = ["report", "--study", str(mine.folder)]
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main([*words, "--open"]) == 0
    assert "index.html  (0 pages written, 6 unchanged)" in capsys.readouterr().out
    assert opened == [(reported(mine) / "index.html").as_uri()]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 6


def test_files_that_look_alike_are_one_line_of_what_to_ask_for() -> None:
    def asked(count: int) -> str:
        alike = {"connector": None, "reason": "found a PDF, expected an export.", "what_to_do": "type it in"}
        alike |= {"participant_id": "P1", "kind": "rejected_file", "place": "whole file", "since": None}
        (item,) = items({"not_used": [{"content": f"{n:012x}", **alike} for n in range(count)]}, Names())
        return item.what

    assert asked(1) == "file 000000000000 (no reader knows it) could not be used: found a PDF, expected an export."
    assert asked(80).startswith("80 files, found a PDF, expected an export.: file 000000000000, file 000000000001, ")
    assert asked(80).endswith(" and 75 more")
