"""The worklist: one list of whom to ask and what to mend, the same on the terminal, for machines and on the pages."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from datetime import date, timedelta
from pathlib import Path

import pytest

from flows.answers.worklist import Item, as_published, by_kind
from flows.answers.worklist_item import COLUMNS, KINDS
from flows.cli import main
from flows.output import print_csv
from tests.studies import StudyFolder, fitbit_day, garmin_day
from tests.writers import diary

MANY = [f"N{n}" for n in range(7)]  # of whom nothing ever came
WATCHED = ["P01", "P03", "P04", "P05", "P06", "P08", "P09", "P11", "P12", "P13", "P14", "P15", "LEFT"]
NOT_HERE = {"alarm", "lost_rows"}  # kinds of a study of which nothing else can be said


def a_goal(who: str, metric: str = "steps", kind: str = "daily_mean", weeks: str = "1,1") -> str:
    per_day = "10" if kind == "days_with" else ""
    target = "3" if kind == "days_with" else "5000"
    return f"{who}-{metric},,{who},,{weeks},{kind},{metric},{target},{per_day},,2026-02-01,,,"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """After the night that found something of every kind. Whoever takes it only reads."""
    study = StudyFolder(tmp_path_factory.mktemp("worklist") / "study", settings="clearance = true\n", reports=True)
    everyone = [*MANY, *WATCHED, "P02", "P07", "P16", "P17"]
    study.participants = [f"{who},,,,{'2026-03-10' if who == 'LEFT' else ''}" for who in everyone]
    given = dict.fromkeys([*MANY, *WATCHED, "P16", "P17"], "2026-03-02") | {"P03": "2026-03-09", "P02": "2026-03-16"}
    study.infusions = [f"{who},{who},{day},," for who, day in given.items() if who != "P05"]
    study.infusions += ["P05,P05,2026-99-01,,", "P06-2,P06,2026-03-09,scheduled,", "P07,P07,2026-05-01,,"]
    study.infusions += ["X1,nobody,2026-03-09,,", "X2,nobody,2026-03-10,,"]
    study.goals = [a_goal("P03"), a_goal("P04"), a_goal("P12", "yoga_minutes", "days_with"), a_goal("LEFT")]
    study.goals += [a_goal("P12", "dance_minutes", "days_with")]
    study.goals += [a_goal("P13", "mvpa_minutes"), a_goal("P01", "yoga_minutes", "days_with", "2,2"), a_goal("P14")]
    study.goals += [a_goal("P16"), a_goal("P17")]
    study.write()
    for who in WATCHED:
        study.put(f"{who}/first.fit", garmin_day("2026-03-03", 4000 + 10 * WATCHED.index(who)))
    for who in ("P03", "P04", "P08", "P09", "P12", "P13", "P14", "P15"):
        for day in ("2026-03-10", "2026-03-11", "2026-03-20", "2026-03-21"):
            study.put(f"{who}/{day}.fit", garmin_day(day, 6000 + 10 * WATCHED.index(who)))
    study.put("P08/broken.fit", garmin_day("2026-03-19")[:-9])
    study.put("P08/too.fit", garmin_day("2026-03-18")[:-9])
    study.put("P09/of-P08.fit", (study.folder / "inbox/P08/first.fit").read_bytes())
    study.put("P11/clock.fit", garmin_day("2026-03-19", offset=timedelta(hours=5)))
    for name, content in fitbit_day("2026-03-04", hours=5).items():
        study.put(f"P16/{name}", content)
    study.put("P17/broken.fit", garmin_day("2026-03-17")[:-9])
    study.put("stranger/a.fit", garmin_day("2026-03-03"))
    study.put("another/a.fit", garmin_day("2026-03-03"))
    (study.folder / "inbox/P15/link.fit").symlink_to(study.folder / "study.toml")
    study.put("P14/diary.csv", diary.diary([(date(2026, 3, 20), "dance", 30)]))
    for name, content in {**fitbit_day("2026-03-22"), **fitbit_day("2026-03-19"), **fitbit_day("2026-03-18")}.items():
        study.put(f"P14/{name}", content)
    study.night()
    return study


def the_list(study: StudyFolder) -> list[Item]:
    return as_published(study.folder / "warehouse")


def of(study: StudyFolder, who: str) -> dict[str, Item]:
    return {item.kind: item for item in the_list(study) if item.participant_id == who}


def printed(capsys: pytest.CaptureFixture[str], *words: str, code: int = 0) -> str:
    assert main(list(words)) == code
    return capsys.readouterr().out


def page(study: StudyFolder, name: str) -> str:
    return (study.folder / "warehouse/report" / name).read_text("utf-8")


def test_there_is_something_of_every_kind_and_one_item_for_a_person_and_kind(study: StudyFolder) -> None:
    found = the_list(study)
    assert {item.kind for item in found} == KINDS.keys() - NOT_HERE
    assert max(Counter((i.participant_id, i.kind) for i in found if i.participant_id).values()) == 1
    assert all(item.what and item.what_to_do for item in found)
    assert [item.kind for item in found] == sorted((item.kind for item in found), key=list(KINDS).index)


def test_the_counts_agree_in_every_form_and_on_every_page(study: StudyFolder, capsys) -> None:
    counted = dict(Counter(item.kind for item in the_list(study)))
    where = ("--study", str(study.folder))
    assert (
        dict(Counter(item["kind"] for item in json.loads(printed(capsys, "status", "--json", *where))["worklist"]))
        == counted
    )
    rows = list(csv.DictReader(io.StringIO(printed(capsys, "status", "--csv", *where))))
    assert list(rows[0]) == COLUMNS
    assert dict(Counter(row["kind"] for row in rows)) == counted
    in_words = f"{sum(counted.values())} items: " + ", ".join(
        f"{counted[kind]} {kind}" for kind in KINDS if kind in counted
    )
    assert f"Worklist, as of the last run: {in_words}" in " ".join(printed(capsys, "status", *where).split())
    found = json.loads(printed(capsys, "doctor", "--json", *where, code=1))["findings"]
    assert [f["what"] for f in found if f["kind"] == "worklist"] == [f"As of the last run: {in_words}."]
    index = re.findall(r'data-kind="(\w+)" data-count="(\d+)"', page(study, "index.html"))
    assert {kind: int(n) for kind, n in index} == counted
    people = study.folder / "warehouse/report/participant"
    pages = Counter(
        kind for path in people.iterdir() for kind in re.findall(r'<li data-kind="(\w+)"', path.read_text("utf-8"))
    )
    assert pages + Counter(item.kind for item in the_list(study) if item.participant_id is None) == counted


def test_the_first_people_of_a_kind_are_linked_and_how_many_more_there_are_is_said(study: StudyFolder) -> None:
    (silent,) = [kind for kind in by_kind(the_list(study)) if kind.kind == "silent"]
    assert (silent.count, silent.who, silent.more) == (11, MANY[:5], 6)
    index = page(study, "index.html")
    assert all(f'<a href="participant/{who}.html">{who}</a>' in index for who in silent.who)
    assert ">N4</a> and 6 more" in index


def test_whom_to_ask_for_which_days_of_which_export_is_a_sentence_that_can_be_sent(study: StudyFolder) -> None:
    assert of(study, "N0")["silent"].what_to_do == (
        'ask N0: "We have nothing from you yet. Please send us an export of your watch or phone that covers '
        '3 to 22 Mar 2026."'
    )
    export = "a new export (Garmin monitoring files: what the watch counts all day long without being asked)"
    assert (
        of(study, "P03")["waiting"].what_to_do == f'ask P03: "Please send us {export} that covers 12 to 16 Mar 2026."'
    )
    assert of(study, "P04")["undecided"].what == "P04-steps: too few days seen (4 to 9 Mar 2026)"
    two_goals = of(study, "P12")["undecided"].what_to_do
    assert two_goals.count("the list of activities as CSV (Garmin Connect)") == 1, "one sentence for both"
    yoga = "Please send us the diary of 4 to 22 Mar 2026; where there was nothing to enter, one line that says none."
    assert yoga in of(study, "P01")["silent"].what_to_do


def test_one_sentence_asks_a_silent_person_for_the_day_that_broke_off_too(study: StudyFolder) -> None:
    asked = of(study, "P16")["silent"]
    assert (asked.what, asked.since) == ("No data after 4 Mar", date(2026, 3, 5))
    assert asked.days[0] == date(2026, 3, 4)
    assert "covers 4 to 22 Mar 2026" in asked.what_to_do


def test_who_sent_only_what_could_not_be_used_does_not_hear_that_nothing_came(study: StudyFolder) -> None:
    assert of(study, "P17")["silent"].what == "Nothing of what came could be used"
    assert 'ask P17: "What we have from you could not be used. Please' in of(study, "P17")["silent"].what_to_do


def test_nobody_is_asked_twice_for_a_day(study: StudyFolder) -> None:
    days = [(item.participant_id, day) for item in the_list(study) for day in item.days]
    assert len(days) == len(set(days)) > 100


def test_who_left_is_asked_for_nothing_and_who_has_days_of_grace_not_yet(study: StudyFolder) -> None:
    assert of(study, "LEFT") == {}
    assert of(study, "P02") == {}  # six days after the infusion


def test_pages_name_no_file_and_nobody_else_and_status_does(study: StudyFolder, capsys) -> None:
    text = page(study, "participant/P08.html")
    assert "file also in another person" in text
    everybodys = page(study, "index.html").split('id="people"')[0]
    assert not [name for name in ("broken.fit", "P09", "stranger") if name in text]
    assert not [name for name in ("broken.fit", "stranger", ".fit") if name in everybodys]
    assert main(["status", "--csv", "--study", str(study.folder)]) == 0
    said = capsys.readouterr().out
    for name in ("P08/broken.fit", "P08/first.fit = P09/of-P08.fit", "inbox/stranger: ", "participant_id: 'nobody'"):
        assert name in said


def test_what_changed_in_the_control_files_since_is_said_beside_the_list(
    study: StudyFolder, tmp_path: Path, capsys
) -> None:
    later = study.copied(tmp_path / "study")
    before = the_list(later)
    with (later.folder / "infusions.csv").open("a") as file:
        file.write("X3,P14,2026-03-99,,\n")
    told = json.loads(printed(capsys, "status", "--json", "--study", str(later.folder)))
    assert [item["what"] for item in told["worklist"] if item["kind"] == "held"] == [
        item.what for item in before if item.kind == "held"
    ]
    (new,) = [f["what"] for f in told["findings"] if "2026-03-99" in f["what"]]
    assert new.startswith("infusions.csv line 29, infused_on: '2026-03-99'")
    (changed,) = [f["what"] for f in told["findings"] if f["kind"] == "control_changed"]
    assert changed == "Changed since the last run, and not in the worklist yet: infusions.csv (1 change)"
    assert main(["doctor", "--study", str(later.folder)]) == 1
    assert "2026-03-99" in capsys.readouterr().out


def test_a_file_that_could_not_be_used_is_printed_once(study: StudyFolder, capsys) -> None:
    where = ("--study", str(study.folder))
    assert printed(capsys, "status", *where).count("P08/broken.fit") == 1
    assert printed(capsys, "status", "--all", *where).count("P08/broken.fit") == 2  # each file for itself, too


def test_a_cell_that_a_spreadsheet_would_calculate_is_a_text_in_the_csv(capsys) -> None:
    print_csv(COLUMNS, [(None, "unknown_folder", date(2026, 3, 1), "=cmd()", "+1")])
    assert capsys.readouterr().out.splitlines()[1] == ",unknown_folder,2026-03-01,'=cmd(),'+1"
