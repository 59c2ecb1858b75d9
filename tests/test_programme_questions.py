"""The worked questions of a programme: their answers are computed again from what the sites published."""

from __future__ import annotations

from collections import Counter, defaultdict
from contextlib import closing
from dataclasses import replace
from datetime import date
from statistics import median

import duckdb
import pytest

pytest.importorskip("deltalake", reason="deltalake is not installed: pip install 'stepwindow[programme]'")

from flows.answers.worklist import count_silent
from flows.cli import main
from flows.programme.answers import ask
from flows.programme.giving import give
from flows.programme.job import CONTRIBUTED, Job, Result
from flows.programme.run import put_together
from models.fault import StoreError
from models.lake.lake import Lake
from models.programme import Programme, read_programme
from models.store.analytics import questions
from models.study.folder import read_study
from tests.asking import half, rows_of
from tests.studies import StudyFolder

JUDGED = ("met", "partly_met", "missed", "insufficient_data")
OF_SHARES = {
    "people_by_site", "adherence_by_site_and_week", "spread_between_sites", "cannot_be_said_by_site",
    "days_seen_by_site",
}  # fmt: skip
NORTH, SOUTH = "north", "south"


def programme_of(study: StudyFolder, folder, send: str) -> Programme:
    """Two sites that both publish what this study does."""
    folder.mkdir(mode=0o700)
    blocks = "".join(f'[[site]]\nid = "{site}"\nstudy = "{site}"\n' for site in (NORTH, SOUTH))
    (folder / "programme.toml").write_text(f'name = "Network"\nsend = "{send}"\n{blocks}')
    programme = read_programme(folder)
    jobs = [Job(site, study.folder, folder, programme.lake, send) for site in programme.sites]
    read = read_study(study.folder)
    results = [
        Result(job.site.id, CONTRIBUTED, given=give(read, job.site.id, send, {}, Lake(job.lake).write)) for job in jobs
    ]
    results[1] = replace(results[1], given=replace(results[1].given, as_of=date(2026, 3, 19)))
    put_together(programme, Lake(programme.lake), {}, results)
    return programme


@pytest.fixture(scope="module")
def study(sample: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> StudyFolder:
    """The sample. Whoever takes it only reads."""
    return sample.copied(tmp_path_factory.mktemp("questions") / "study")


@pytest.fixture(scope="module")
def everything(study: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> Programme:
    return programme_of(study, tmp_path_factory.mktemp("everything") / "network", "all")


@pytest.fixture(scope="module")
def shares(study: StudyFolder, tmp_path_factory: pytest.TempPathFactory) -> Programme:
    return programme_of(study, tmp_path_factory.mktemp("shares") / "network", "share")


def answer(programme: Programme, name: str) -> list[dict]:
    columns, rows = ask(programme, questions("programme")[name].sql)
    return [dict(zip(columns, row, strict=True)) for row in rows]


def at(programme: Programme, name: str) -> list[dict]:
    """The answer of one site, which is that of the other."""
    found = answer(programme, name)
    north = [row | {"site": SOUTH} for row in found if row["site"] == NORTH]
    assert north == [row for row in found if row["site"] == SOUTH]
    assert north
    return north


def judged(study: StudyFolder) -> list[dict]:
    return [row for row in rows_of(study, "goal_week") if row["status"] in JUDGED]


def test_each_asks_something_and_says_how_to_read_the_answer() -> None:
    asked = questions("programme").values()
    assert len({question.words for question in asked}) == len(asked) == 8
    assert all(question.words.endswith("?") and len(question.reading) > 200 for question in asked)


def test_without_sql_they_are_named_and_one_is_answered_by_name(everything: Programme, capsys) -> None:
    asked = ["programme", "query", "--programme", str(everything.folder)]
    assert main(asked) == 0
    told = capsys.readouterr().out
    assert all(name in told for name in questions("programme"))
    assert main([*asked, "--question", "people_by_site"]) == 0
    assert "days_behind: by so many days" in " ".join(capsys.readouterr().out.split())
    assert main([*asked, "--question", "people_by_town"]) == 2
    assert "there are people_by_site" in capsys.readouterr().err


def test_people_and_who_is_silent_are_counted_as_the_site_does(everything: Programme, study: StudyFolder) -> None:
    north, south = answer(everything, "people_by_site")
    people, silent = len(rows_of(study, "participant")), count_silent(study.folder / "warehouse")
    assert (north["people"], north["silent"], north["silent_percent"]) == (people, silent, half(100 * silent / people))
    assert (north["days_behind"], south["days_behind"]) == (0, (north["as_of"] - date(2026, 3, 19)).days)


def test_adherence_by_week_keeps_in_sight_what_cannot_be_said(everything: Programme, study: StudyFolder) -> None:
    said, people = defaultdict(Counter), defaultdict(set)
    for row in judged(study):
        said[row["week"]][row["status"]] += 1
        people[row["week"]].add(row["participant_id"])
    found = at(everything, "adherence_by_site_and_week")
    assert [row["week"] for row in found] == sorted(said)
    for row in found:
        counts = said[row["week"]]
        assert [row[name] for name in (*JUDGED[:3], "cannot_be_said")] == [counts[status] for status in JUDGED]
        assert (row["goals"], row["participants"]) == (counts.total(), len(people[row["week"]]))
        assert row["at_least_percent"] == half(100 * counts["met"] / counts.total())
        assert row["at_most_percent"] == half(100 * (counts["met"] + counts["insufficient_data"]) / counts.total())


def test_the_spread_is_that_of_sites_with_enough_weeks(everything: Programme, study: StudyFolder) -> None:
    weeks = Counter(row["week"] for row in judged(study))
    met = Counter(row["week"] for row in judged(study) if row["status"] == "met")
    found = answer(everything, "spread_between_sites")
    assert [row["week"] for row in found] == sorted(week for week, n in weeks.items() if n >= 10)
    for row in found:
        percent = 100 * met[row["week"]] / weeks[row["week"]]
        assert (row["sites"], row["goals"]) == (2, 2 * weeks[row["week"]])
        assert row["median_percent"] == row["least_percent"] == row["most_percent"] == half(median([percent, percent]))


def test_what_cannot_be_said_has_its_reasons(everything: Programme, study: StudyFolder) -> None:
    unsaid = [row for row in judged(study) if row["status"] == "insufficient_data"]
    found = {row["reason"]: row for row in at(everything, "cannot_be_said_by_site")}
    assert {reason: row["weeks"] for reason, row in found.items()} == Counter(row["reason"] for row in unsaid)
    for reason, row in found.items():
        assert row["participants"] == len({one["participant_id"] for one in unsaid if one["reason"] == reason})
        assert row["percent"] == half(100 * row["weeks"] / len(judged(study)))


def test_days_seen_are_those_that_count_and_are_over(everything: Programme, study: StudyFolder) -> None:
    days, valid = Counter(), Counter()
    for row in rows_of(study, "weekly_activity"):
        days[row["week"]] += row["days_over"] or 0
        valid[row["week"]] += row["valid_days"] or 0
    found = at(everything, "days_seen_by_site")
    assert {row["week"]: (row["days"], row["valid"]) for row in found} == {
        w: (n, valid[w]) for w, n in days.items() if n
    }
    assert all(row["valid_percent"] == half(100 * row["valid"] / row["days"]) for row in found)


def test_months_are_those_in_which_weeks_ended(everything: Programme, study: StudyFolder) -> None:
    months = Counter(row["week_end"].replace(day=1) for row in judged(study))
    met = Counter(row["week_end"].replace(day=1) for row in judged(study) if row["status"] == "met")
    found = at(everything, "adherence_by_site_and_month")
    assert [(row["month"], row["goals"], row["met"]) for row in found] == [
        (m, months[m], met[m]) for m in sorted(months)
    ]


def test_exports_are_counted_by_their_reader(everything: Programme, study: StudyFolder) -> None:
    files = [row for row in rows_of(study, "source_file") if row["status"] == "loaded"]
    found = {row["connector"]: row for row in at(everything, "exports_by_site")}
    assert {name: row["files"] for name, row in found.items()} == Counter(row["connector"] for row in files)
    for name, row in found.items():
        assert row["covers_to"] == max(one["covers_to"] for one in files if one["connector"] == name)
        assert row["participants"] == len({one["participant_id"] for one in files if one["connector"] == name})


def test_what_is_not_used_is_counted_by_kind_and_by_whose_it_is() -> None:
    rows = "('north', 'rejected_file', 'P1'), ('north', 'rejected_file', 'P1'), ('north', 'inbox', NULL)"
    with closing(duckdb.connect()) as con:
        con.execute(f"CREATE TABLE rejection AS FROM (VALUES {rows}) AS t(site, kind, participant_id)")
        found = con.execute(questions("programme")["not_used_by_site"].sql).fetchall()
    assert found == [("north", "rejected_file", 2, 1), ("north", "inbox", 1, 0)]


def test_of_shares_those_are_answered_that_need_no_date_and_no_file(shares: Programme) -> None:
    for name in questions("programme"):
        if name in OF_SHARES:
            assert answer(shares, name) is not None
        else:
            with pytest.raises(StoreError, match="the query: "):
                answer(shares, name)
            assert "Not of a programme that sends shares" in questions("programme")[name].reading


def test_a_programme_that_sends_shares_has_a_page_without_months(shares: Programme) -> None:
    text = (shares.folder / "report/index.html").read_text("utf-8")
    assert "Sites send rows without dates" in text
