"""The report's files and words: what is written again, what is not, and what a page says."""

from __future__ import annotations

import json
import re
import stat
from collections.abc import Iterator
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from flows.cli import main
from flows.report import site
from flows.report.write import Written, write_report
from tests.studies import StudyFolder, garmin_day

VOID = {"meta", "link", "br"}
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
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag, f"</{tag}> closes something else"

    def handle_data(self, data: str) -> None:
        if not self.open or self.open[-1] not in ("script", "style"):
            self.words.append(data)


@pytest.fixture(autouse=True)
def every_night_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """As studies do unless they say otherwise; those of the other tests do say so."""
    monkeypatch.setattr("tests.studies._BY_HAND", "")


def nothing(study: StudyFolder) -> None:
    """As in the study itself; not that of tests/conftest.py, whose nights write no report."""


def one_day(study: StudyFolder) -> None:
    study.put("P1/a.fit", garmin_day("2026-03-03"))


def read(page: Path) -> str:
    """The words on a page, which is well-formed."""
    parser = Text()
    parser.feed(page.read_text())
    parser.close()
    assert parser.open == []
    return " ".join(" ".join(parser.words).split())


def reported(study: StudyFolder) -> Path:
    return study.folder / "warehouse" / "report"


def again(study: StudyFolder) -> Written:
    return write_report(study.folder / "warehouse", "Test")


def files(study: StudyFolder) -> dict[str, bytes]:
    root = reported(study)
    return {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*") if path.is_file()}


def participant(study: StudyFolder, who: str = "P1") -> str:
    return read(reported(study) / "participant" / f"{who}.html")


@pytest.mark.after_a_night(over=one_day)
def test_only_the_pages_of_people_whose_numbers_changed_are_written(study: StudyFolder) -> None:
    before = files(study)
    assert (again(study).written, again(study).unchanged) == (0, 2)
    assert files(study) == before
    study.put("P1/b.fit", garmin_day("2026-03-04"))
    study.night()
    after = files(study)
    changed = {name for name in after if after[name] != before[name]}
    assert changed == {"index.html", "participant/P1.html"}


@pytest.mark.after_a_night(over=one_day)
def test_pages_written_bit_by_bit_equal_pages_written_anew(study: StudyFolder) -> None:
    study.put("P1/b.fit", garmin_day("2026-03-04"))
    study.night()
    grown = files(study)
    for path in sorted(reported(study).rglob("*.html")):
        path.unlink()
    assert again(study).written == 2
    assert files(study) == grown


def test_a_later_date_alone_leaves_finished_people_alone(study: StudyFolder) -> None:
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.settings = "weeks = 1"
    study.write().night(as_of=date(2026, 6, 1))
    before = files(study)
    study.night(as_of=date(2026, 6, 2))
    after = files(study)
    assert {name for name in after if after[name] != before[name]} <= {"index.html", "assets/as-of.css"}
    assert b"2 Jun 2026" in after["assets/as-of.css"]


@pytest.mark.after_a_night(over=one_day)
def test_a_report_that_was_killed_is_completed_by_the_next(study: StudyFolder, monkeypatch) -> None:
    whole = files(study)
    study.put("P1/b.fit", garmin_day("2026-03-04"))
    study.night()
    (study.folder / "inbox/P1/b.fit").unlink()
    put, calls = site.put, []

    def dies(path: Path, text: str) -> bool:
        calls.append(path.name)
        if path.name == "P2.html":
            path.with_name(f".{path.name}.part").write_text("half a pa")
            raise KeyboardInterrupt
        return put(path, text)

    for path in (reported(study) / "participant").iterdir():
        path.write_text("of an earlier version")
    monkeypatch.setattr(site, "put", dies)
    with pytest.raises(KeyboardInterrupt):
        again(study)
    monkeypatch.setattr(site, "put", put)
    assert again(study).written == 1
    assert files(study).keys() == whole.keys()
    assert again(study).written == 0


@pytest.mark.after_a_night(over=nothing)
def test_the_page_of_a_person_who_left_is_removed(study: StudyFolder) -> None:
    study.participants = ["P1,,,"]
    study.write().night()
    assert [path.name for path in (reported(study) / "participant").iterdir()] == ["P1.html"]
    assert "P2" not in read(reported(study) / "index.html")


@pytest.mark.after_a_night(over=nothing)
def test_only_the_owner_can_read_it(study: StudyFolder) -> None:
    for path in [reported(study), *reported(study).rglob("*")]:
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path


def test_what_people_typed_is_shown_and_never_run(study: StudyFolder) -> None:
    nasty = "</script><img src=x onerror=alert(1)>"
    study.infusions = [f"{nasty},P1,2026-03-02,,"]
    study.goals = ['"<b>\'x",,P1,,1,1,daily_mean,steps,5000,,,2026-03-02,,,']
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.write()
    toml = study.folder / "study.toml"
    toml.write_text(toml.read_text().replace('"Test"', f"'{nasty}'"))
    study.night()
    for page in (reported(study) / "index.html", reported(study) / "participant" / "P1.html"):
        assert nasty in read(page)
        assert "<img" not in page.read_text()
        assert "<b>'x" not in page.read_text()
    assert "<b>'x" in participant(study)


def test_file_names_stay_off_the_pages(study: StudyFolder) -> None:
    study.put("P1/jane.doe@example.org.fit", garmin_day("2026-03-03")[:-9])
    study.put("P1/jane.doe@example.org-2.fit", garmin_day("2026-03-04"))
    study.night()
    told = participant(study)
    sha = study.ask("SELECT left(sha256, 12) FROM rejection")[0][0]
    assert f"File {sha} (garmin_fit_monitoring) could not be used" in told
    assert not [name for name, content in files(study).items() if b"jane" in content]


def test_missing_days_are_not_known_and_asked_for(study: StudyFolder) -> None:
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.put("P1/b.fit", garmin_day("2026-03-06"))
    study.night()
    page = (reported(study) / "participant" / "P1.html").read_text()
    numbers = json.loads(re.findall(r'<script type="application/json">(.*?)</script>', page)[0])
    by_date = {day["date"]: day for day in numbers["days"]}
    assert (by_date["2026-03-04"]["movement"], by_date["2026-03-04"]["steps"]) == (None, None)
    assert by_date["2026-03-04"]["Movement"] == "not known"
    assert by_date["2026-03-03"]["steps"] == 6000
    assert {"date": "2026-03-04", "until": "2026-03-06"} in numbers["gaps"]
    told = participant(study)
    assert "days without data: 4 to 5 Mar, 7 to 9 Mar" in told
    assert "a verdict waits for it" in told
    assert "cannot be said not enough days seen" in told


def test_a_week_without_a_diary_asks_for_the_diary(study: StudyFolder) -> None:
    study.goals = ["Y,,P1,,1,1,days_with,yoga_minutes,3,10,,2026-03-02,,,"]
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.write().night()
    told = participant(study)
    assert "3 to 9 Mar: nothing recorded or written down (yoga)" in told
    assert "without data" not in told
    assert "not usable" not in told


@pytest.mark.after_a_night(over=nothing)
def test_people_without_anything_have_a_page_that_says_so(study: StudyFolder) -> None:
    told = participant(study, "P2")
    for sentence in (
        "No goal is agreed.",
        "No data yet.",
        "No file has arrived",
        "No week after an infusion has begun.",
    ):
        assert sentence in told
    index = read(reported(study) / "index.html")
    assert "no data have ever arrived" in index
    assert "none yet" in index


def test_a_study_without_people_has_a_page(study: StudyFolder) -> None:
    study.participants, study.infusions, study.goals = [], [], []
    study.write().night()
    assert "Nobody takes part yet." in read(reported(study) / "index.html")


def test_many_people_are_listed_a_hundred_a_page_who_needs_attention_first(study: StudyFolder) -> None:
    study.participants = [f"N{n:03},,," for n in range(249)] + ["ZZZ,,,"]
    study.infusions, study.goals = ["I1,ZZZ,2026-03-02,,"], []
    study.write().night()
    pages = [reported(study) / name for name in ("index.html", "people-2.html", "people-3.html")]
    listed = [re.findall(r'<th scope="row"><a href="participant/(\w+)\.html"', page.read_text()) for page in pages]
    assert [len(names) for names in listed] == [100, 100, 50]
    assert listed[0][:2] == ["ZZZ", "N000"]
    assert len({name for names in listed for name in names}) == 250
    study.participants = study.participants[-5:]
    study.write().night(accept_loss=True)
    assert not pages[1].exists()


def test_pages_count_and_do_not_advise(study: StudyFolder) -> None:
    study.put("P1/a.fit", garmin_day("2026-03-03"))
    study.put("P2/a.fit", garmin_day("2026-03-03"))
    study.night()
    told = {path.name: read(path).lower() for path in reported(study).rglob("*.html")}
    assert len(told) == 3
    for name, text in told.items():
        assert "no advice, and no claim of any benefit" in text
        assert "questions about exercise belong to the care team" in text
        assert advice(text) == [], name


def sentences() -> Iterator[str]:
    from flows.report import cohort, missing, words

    for table in (words.VERDICTS, words.VERDICT_MEANS, words.REASONS, words.STATES, words.STATE_MEANS, words.METRICS):
        yield from table.values()
    yield from (text for pair in missing._UNSEEN.values() for text in pair)
    yield from (what for _, what, _ in cohort.ATTENTION)


def test_no_word_of_the_vocabulary_advises_blames_or_promises() -> None:
    said = " | ".join(sentences()).lower()
    assert advice(said) == []


def test_every_status_state_and_metric_has_plain_words() -> None:
    from flows.report import words
    from models.taxonomy import METRICS

    assert words.METRICS.keys() == set(METRICS)
    assert words.STATES.keys() == words.STATE_MEANS.keys()


def test_the_command_says_where_the_report_is_and_opens_it(study: StudyFolder, capsys, monkeypatch) -> None:
    words = ["report", "--study", str(study.folder)]
    assert main(words) == 2
    assert "run `stepwindow nightly` first" in capsys.readouterr().err
    study.night()
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    assert main([*words, "--open"]) == 0
    assert "index.html  (0 pages written, 2 unchanged)" in capsys.readouterr().out
    assert opened == [(reported(study) / "index.html").as_uri()]
    assert main([*words, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["unchanged"] == 2
