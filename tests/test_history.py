"""The history of verdicts: what adds a row, what it says about why, and what a lock keeps as it was."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from models.store.judge import judge
from models.store.store import Store
from tests.judging import Judging, day_of
from tests.studies import StudyFolder, garmin_day

Row = dict[str, Any]


class Books(Judging):
    """A study whose nights are judged one after the other; `day` may be given again, as a later file would."""

    def __init__(self, **study: Any) -> None:
        super().__init__(**study)
        self.store = Store(self.con, Path("nowhere"))
        self.nights = 0

    def night(self, as_of: date, code: str = "1", config: str = "c", **how: Any) -> int:
        """Enter what was put, judge what that changed; returns how many verdicts turned."""
        self.enter()
        self.nights += 1
        return judge(self.store, as_of, code, config, f"run {self.nights}", **{"only_changed": True, **how})

    def enter(self) -> None:
        """Write down what was put."""
        days = self.rows.get("day", [])
        keys = [[row["participant_id"] for row in days], [row["local_date"] for row in days]]
        entered = "SELECT unnest(?::TEXT[]) AS participant_id, unnest(?::DATE[]) AS local_date"
        self.con.execute(f"DELETE FROM day WHERE (participant_id, local_date) IN ({entered})", keys)
        self.con.execute(f"INSERT INTO unjudged_day (participant_id, local_date) {entered}", keys)
        for table, rows in self.rows.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            frame = pl.DataFrame(rows, schema_overrides=self._types(table, names), infer_schema_length=None)
            self.store.insert(table, frame)
        self.rows.clear()

    def say(self, sql: str) -> None:
        """A change of the control files."""
        self.enter()
        self.con.execute(sql)

    def patient(self, who: str = "P1", weeks: int = 1) -> None:
        """Infused on 3 March; 150 a week asked; all days of two weeks but two were walked for 20 minutes."""
        self.participant(who)
        self.infusion(infusion_id=f"{who}-I1", participant_id=who)
        self.goal(target=150, goal_id=f"{who}-G1", participant_id=who, to_week=weeks)
        for number in range(1, 15):
            if number not in (3, 5):
                self.day(day_of(number), 20, participant_id=who)

    def history(self, who: str = "P1", week: int = 1, infusion: str = "") -> list[Row]:
        """Every verdict of a goal-week, first to last, and how a week ended; not the closing rows of those replaced."""
        return self.ask(
            f"""SELECT * FROM verdict
                WHERE goal_id = '{who}-G1' AND week = {week} AND infusion_id = '{infusion or who + "-I1"}'
                QUALIFY row_number() OVER (
                    PARTITION BY supersedes, coalesce(supersedes, evaluation_id) ORDER BY input_fingerprint IS NULL) = 1
                ORDER BY length(run_id), run_id"""
        )

    def closed(self, who: str, week: int = 1) -> list[tuple]:
        """(version, status, reason) of the closing rows of a goal-week."""
        rows = self.ask(
            f"""SELECT version, status, reason FROM verdict JOIN (SELECT evaluation_id AS supersedes FROM verdict)
                USING (supersedes) WHERE goal_id = '{who}-G1' AND week = {week} AND infusion_id = '{who}-I1'
                AND input_fingerprint IS NULL AND NOT is_current ORDER BY evaluated_at"""
        )
        return [tuple(row.values()) for row in rows]

    def causes(self, who: str = "P1", **key: Any) -> list[str]:
        return [row["cause"] for row in self.history(who, **key)]

    def turned(self, who: str, night: int) -> int:
        """How many goal-weeks of a person got another verdict, or none, in a night."""
        (row,) = self.ask(
            f"""SELECT count(DISTINCT (goal_id, infusion_id, week)) AS n FROM verdict
                WHERE run_id = 'run {night}' AND participant_id = '{who}'"""
        )
        return row["n"]

    def judged(self, who: str) -> list[int]:
        """The weeks of a person that the last night judged."""
        now = "FROM goal_week_now SEMI JOIN week_to_judge USING (infusion_id, week)"  # it stays where nothing is judged
        rows = self.ask(f"SELECT week {now} WHERE participant_id = '{who}' ORDER BY week")
        return [row["week"] for row in rows]


def whole_chain(books: Books) -> None:
    """What must hold of the books whatever happened."""
    twice = books.ask("SELECT supersedes FROM verdict WHERE supersedes IS NOT NULL "
                      "GROUP BY supersedes, input_fingerprint IS NULL HAVING count(*) > 1")  # fmt: skip
    lost = books.ask("SELECT * FROM verdict a ANTI JOIN verdict b ON a.supersedes = b.evaluation_id "
                     "WHERE a.supersedes IS NOT NULL")  # fmt: skip
    current = books.ask("SELECT goal_id, infusion_id, week, count(*) AS n FROM verdict WHERE is_current GROUP BY ALL")
    standing = books.ask("SELECT goal_id, infusion_id, week, 1 AS n FROM goal_week")
    assert (twice, lost) == ([], [])
    assert sorted(map(str, current)) == sorted(map(str, standing))
    stand = (
        "goal_id, infusion_id, week, version, status, reason, value, interval_low, interval_high, percent, valid_days"
    )
    stand += ", evaluation_id"
    differ = books.ask(f"SELECT {stand} FROM goal_week EXCEPT SELECT {stand} FROM verdict WHERE is_current")
    assert differ == []


# Time ---------------------------------------------------------------------------------------------------------------


def test_a_target_follows_late_data_until_it_is_frozen_and_time_that_passes_is_named_as_such() -> None:
    books = Books()
    books.participant("baseline")
    books.infusion(infusion_id="baseline-I1", participant_id="baseline")
    books.goal("daily_mean", metric="steps", derivation="baseline_pct:0", set_on=day_of(2), goal_id="baseline-G1",
               participant_id="baseline")  # fmt: skip
    for number in (-4, -3, -2, -1):
        books.day(day_of(number), 1000, metric="steps", participant_id="baseline")
    books.night(day_of(1))
    books.day(day_of(-5), 6000, metric="steps", participant_id="baseline")
    books.night(day_of(1))
    found = [(row["target"], row["cause"]) for row in books.history("baseline")]
    assert found == [(1000, "first_verdict"), (2000, "late_data")]

    books.participant("walks")
    books.infusion(infusion_id="walks-I1", participant_id="walks")
    books.goal(target=150, goal_id="walks-G1", participant_id="walks")
    for number in range(1, 8):
        books.day(day_of(number), 20, participant_id="walks")
        if number == 4:
            books.day(day_of(-6), 9000, metric="steps", participant_id="baseline")
        if number in (3, 5, 7):
            books.night(day_of(number + 1))
    assert books.causes("walks") == ["first_verdict", *["time_passed"] * 2]  # also while new days come in
    assert {row["target"] for row in books.history("baseline")[1:]} == {Decimal(2000)}

    books.day(day_of(2), 90, participant_id="walks")
    books.patient("grace")
    books.patient("unblamed")
    books.night(day_of(9))
    assert (books.causes("walks")[-1], books.history("walks")[-1]["status"]) == ("late_data", "met")
    books.day(day_of(1), 20, "valid", sources="another", participant_id="unblamed")  # which changes nothing
    assert books.night(day_of(10)) == 0
    books.night(day_of(14))
    books.night(day_of(15))
    for who in ("grace", "unblamed"):
        assert books.turned(who, books.nights) == 1
        assert books.causes(who) == ["first_verdict", "time_passed"]
        assert [row["reason"] for row in books.history(who)] == ["awaiting_data", None]
    whole_chain(books)


def test_a_night_judges_the_weeks_whose_days_or_control_rows_or_date_changed_and_no_others() -> None:
    books = Books()
    books.patient("P1", weeks=4)
    books.patient("P2", weeks=4)
    every = [1, 2, 3, 4]
    books.night(day_of(60))
    assert (books.judged("P1"), books.judged("P2")) == (every, every)
    books.day(day_of(9), 30)
    books.day(day_of(-3), 30, participant_id="P2")  # of the baseline
    books.night(day_of(60))
    assert (books.judged("P1"), books.judged("P2")) == ([2], every)
    books.hold(day_of(100), day_of(100), "P2")
    books.night(day_of(61))
    assert (books.judged("P1"), books.judged("P2")) == ([], every)
    for as_of, weeks in ((20, [2, 3, 4]), (21, [2, 3, 4]), (22, [2, 3, 4]), (23, [3, 4])):
        books.night(day_of(as_of))
        assert (as_of, books.judged("P1"), books.judged("P2")) == (as_of, weeks, weeks)
    books.night(day_of(23), code="2")
    assert (books.judged("P1"), books.judged("P2")) == (every, every)


# What changes between two nights ------------------------------------------------------------------------------------

DAY_CAUSES = ["file_moved", "file_unloaded", "corrected_data", "zone_changed", "late_data"]
AGREEMENT = {
    "held": "INSERT INTO hold SELECT participant_id, infused_on + 6, infused_on + 7 FROM infusion",
    "on_hold": "UPDATE goal SET status = 'on_hold'",
    "other_target": "UPDATE goal SET targets = [100]",
    "no_step_goals": "UPDATE goal SET metric = 'steps'",
    "left": "UPDATE participant SET left_on = (SELECT any_value(infused_on) + 5 FROM infusion)",
}
GOAL_GONE = {"deleted": "DELETE FROM goal", "cancelled": "UPDATE goal SET status = 'cancelled'"}


@pytest.fixture(scope="module")
def changed() -> Books:
    """Of each of many people something changed between the first night and the second; after the third one more did."""
    books = Books()
    for weeks, people in {
        1: ["i08", "wrong", "step_goals", "gone", *DAY_CAUSES, *AGREEMENT],
        2: ["new_version", "g54", *GOAL_GONE],
        4: ["i07", "added"],
    }.items():
        for who in people:
            books.patient(who, weeks)
    for who in ("right", "g39"):
        books.participant(who)
        books.infusion(infusion_id=f"{who}-I1", participant_id=who)
    books.goal(target=150, goal_id="g39-G1", participant_id="g39")
    for number, minutes in {1: 30, 2: 30, 3: 40}.items():
        books.day(day_of(number), minutes, participant_id="g39")
    books.infusion(day_of(21), "i07-I2", "i07")
    books.infusion(day_of(4), "i08-I2", "i08")
    books.infusion(day_of(28), "added-I3", "added")
    books.say("UPDATE goal SET metric = 'steps' WHERE participant_id = 'step_goals'")
    books.say("UPDATE participant SET foot_step_goals = FALSE WHERE participant_id = 'step_goals'")
    books.night(day_of(60))

    for number in (5, 6):
        books.day(day_of(number), 30, participant_id="g39")
    books.say(f"UPDATE infusion SET infused_on = DATE '{day_of(24)}' WHERE infusion_id = 'i07-I2'")
    books.say("UPDATE infusion SET status = 'cancelled' WHERE infusion_id = 'i08-I2'")
    books.infusion(day_of(11), "added-I2", "added")
    new = {"goal_id": "new_version-G1", "participant_id": "new_version", "version": 2, "set_on": day_of(8)}
    books.goal(target=90, to_week=2, **new)
    books.goal(target=90, to_week=2, **again("g54", "g54"), set_on=day_of(20))
    books.goal(target=150, **again("wrong", "right"), set_on=day_of(3))
    for who, change in {**AGREEMENT, **GOAL_GONE}.items():
        books.say(f"{change} WHERE participant_id = '{who}'")
    books.say("UPDATE participant SET foot_step_goals = FALSE WHERE participant_id = 'no_step_goals'")
    books.say("UPDATE participant SET foot_step_goals = TRUE WHERE participant_id = 'step_goals'")
    for cause in DAY_CAUSES:
        books.say(
            "UPDATE day SET walking_ms = walking_ms + 60000 "
            f"WHERE local_date = '{day_of(1)}' AND participant_id = '{cause}'; "
            f"INSERT INTO unjudged_day VALUES ('{cause}', '{day_of(1)}', '{cause}'), "
            f"('{cause}', '{day_of(2)}', 'late_data'), "
            f"('{cause}', '{day_of(-9)}', 'file_moved')"  # a day before the week: of the target at most
        )
    for table in ("participant", "infusion", "goal"):
        books.say(f"DELETE FROM {table} WHERE participant_id = 'gone'")
    books.night(day_of(60))

    assert books.night(day_of(60)) == books.night(day_of(60), only_changed=False) == 0
    books.say("UPDATE infusion SET status = 'completed' WHERE infusion_id = 'i08-I2'")
    books.night(day_of(61))
    return books


def again(goal: str, who: str) -> Row:
    return {"goal_id": f"{goal}-G1", "participant_id": who, "version": 2, "correction": True}


def test_the_books_hold_together_whatever_changed(changed) -> None:
    whole_chain(changed)


def test_a_first_verdict_supersedes_nothing(changed) -> None:
    first = changed.history("i07")[0]
    assert (first["cause"], first["supersedes"], first["is_current"]) == ("first_verdict", None, True)
    assert (first["infused_on"], first["code_version"], first["config_hash"]) == (day_of(0), "1", "c")
    assert first["input_fingerprint"]


def test_g39_a_late_file_adds_a_row_that_names_the_one_it_replaces(changed) -> None:
    assert changed.turned("g39", night=2) == 1
    before, after = changed.history("g39")
    assert (before["status"], before["reason"], before["is_current"]) == (
        "insufficient_data", "too_few_valid_days", False,
    )  # fmt: skip
    assert (after["status"], after["reason"], after["percent"], after["basis"]) == (
        "met", "lower_bound", 106, "observed",
    )  # fmt: skip
    assert (after["cause"], after["supersedes"], after["is_current"]) == ("late_data", before["evaluation_id"], True)
    assert after["input_fingerprint"] != before["input_fingerprint"]


def test_i07_a_moved_infusion_changes_the_weeks_before_it_and_says_so(changed) -> None:
    days = {week: [row["eligible_days"] for row in changed.history("i07", week)] for week in (1, 2, 3, 4)}
    assert days == {1: [7], 2: [7], 3: [6, 7], 4: [0, 2]}
    assert changed.causes("i07", week=3) == changed.causes("i07", week=4) == ["first_verdict", "infusion_moved"]
    assert changed.causes("i07", infusion="i07-I2") == ["first_verdict", "infusion_moved"]
    assert [changed.closed("i07", week) for week in (1, 2)] == [[], []]
    assert [changed.closed("i07", week) for week in (3, 4)] == 2 * [[(1, "superseded", "infusion_moved")]]


def test_i08_the_rows_of_a_cancelled_infusion_are_closed_and_the_neighbour_grows(changed) -> None:
    assert changed.turned("i08", night=2) == 2
    assert [row["eligible_days"] for row in changed.history("i08")] == [3, 7, 3]
    assert changed.causes("i08") == ["first_verdict", "infusion_cancelled", "infusion_added"]
    judged, closing, anew = changed.history("i08", infusion="i08-I2")
    assert (closing["status"], closing["reason"], closing["is_current"]) == ("superseded", "infusion_cancelled", False)
    assert closing["supersedes"] == judged["evaluation_id"]
    assert (closing["value"], closing["percent"], judged["is_current"]) == (None, None, False)
    assert anew["supersedes"] == closing["evaluation_id"]
    assert changed.causes("i08", infusion="i08-I2") == ["first_verdict", "infusion_cancelled", "infusion_added"]


def test_an_added_infusion_is_named_in_the_weeks_it_cuts_and_nowhere_else(changed) -> None:
    assert [changed.causes("added", week=week)[1:] for week in (1, 2, 3, 4)] == [[], *[["infusion_added"]] * 3]
    assert changed.causes("added", infusion="added-I2") == ["first_verdict"]
    assert changed.causes("added", infusion="added-I3") == ["first_verdict"]


def test_a_new_version_changes_the_weeks_it_rules(changed) -> None:
    assert changed.causes("new_version", week=1) == ["first_verdict"]
    assert changed.causes("new_version", week=2) == ["first_verdict", "goal_changed"]
    assert [row["version"] for row in changed.history("new_version", week=2)] == [1, 2]


@pytest.mark.parametrize("week", [1, 2])
def test_g54_a_correction_reaches_back_and_both_verdicts_stay_readable(changed, week) -> None:
    assert changed.causes("g54", week=week) == ["first_verdict", "correction"]
    assert [row["target"] for row in changed.history("g54", week)] == [150, 90]
    assert changed.closed("g54", week) == [(1, "superseded", "correction")]


def test_a_goal_corrected_to_another_person_closes_the_rows_of_the_wrong_one(changed) -> None:
    assert [(row["status"], row["reason"]) for row in changed.history("wrong")][-1] == ("superseded", "correction")
    assert changed.causes("wrong", infusion="right-I1") == ["first_verdict"]


@pytest.mark.parametrize("who", AGREEMENT)
def test_what_changes_the_agreement_is_named(changed, who) -> None:
    assert changed.turned(who, night=2) == 1
    assert changed.causes(who) == [
        "first_verdict",
        {"held": "hold_changed", "left": "participant_changed"}.get(who, "goal_changed"),
    ]


def test_step_goals_that_come_to_apply_are_a_change_of_the_person(changed) -> None:
    assert changed.turned("step_goals", night=2) == 1
    assert changed.causes("step_goals") == ["first_verdict", "participant_changed"]


@pytest.mark.parametrize("cause", DAY_CAUSES)
def test_days_say_why_they_are_known_differently(changed, cause) -> None:
    assert changed.turned(cause, night=2) == 1
    assert changed.causes(cause) == ["first_verdict", cause]


@pytest.mark.parametrize("who", GOAL_GONE)
def test_a_goal_that_is_no_longer_there_closes_its_rows(changed, who) -> None:
    assert changed.turned(who, night=2) == 2
    assert changed.ask(f"FROM goal_week WHERE participant_id = '{who}'") == []
    assert [(row["status"], row["reason"]) for row in changed.history(who)][-1] == ("superseded", "goal_changed")
    assert changed.turned(who, night=5) == 0


def test_a_person_who_is_gone_from_the_study_leaves_goal_week(changed) -> None:
    assert changed.turned("gone", night=2) == 1
    for table in ("goal_week", "kept_window", "kept_activity"):
        assert changed.ask(f"FROM {table} WHERE participant_id = 'gone'") == []


@pytest.mark.parametrize(("was", "now"), [("P1", "P2"), ("P2", "P1")])
def test_a_goal_that_goes_over_to_somebody_else_does_so_at_once_however_many_are_judged(monkeypatch, was, now) -> None:
    monkeypatch.setattr("models.store.judge._AT_A_TIME", 1)
    books = Books()
    books.patient(was)
    books.participant(now)
    books.night(date(2026, 3, 20))
    for table in ("goal", "infusion"):
        books.say(f"UPDATE {table} SET participant_id = '{now}'")
    books.night(date(2026, 3, 20))
    assert books.ask("SELECT DISTINCT participant_id AS who FROM goal_week") == [{"who": now}]
    assert books.causes(was, infusion=f"{was}-I1") == ["first_verdict", "goal_changed"]
    whole_chain(books)


def test_an_infusion_that_takes_over_a_course_or_joins_another_is_named() -> None:
    books = Books(anchor="course")
    books.patient("taken_over")
    books.patient("joins")
    books.infusion(day_of(30), "joins-I2", "joins")
    books.night(day_of(60))
    books.infusion(day_of(3), "taken_over-I2", "taken_over")
    books.say("UPDATE infusion SET course_id = 'C1' WHERE participant_id = 'joins'")
    books.night(day_of(60))
    assert [(row["status"], row["reason"]) for row in books.history("taken_over")][-1] == (
        "superseded", "infusion_added",
    )  # fmt: skip
    assert books.causes("taken_over", infusion="taken_over-I2") == ["first_verdict"]
    assert books.turned("joins", night=2) == 1
    assert books.causes("joins") == ["first_verdict", "infusion_changed"]
    whole_chain(books)


def test_settings_and_code_are_named_only_on_the_night_they_changed() -> None:
    books = Books()
    books.patient()
    books.night(day_of(30))
    books.say("UPDATE study SET estimate = 'none'")
    books.night(day_of(30), config="d")
    books.night(day_of(30), code="2", config="d")
    books.day(day_of(3), 90)
    books.night(day_of(30), code="2", config="d")
    assert books.causes() == ["first_verdict", "settings_changed", "late_data"]
    assert books.history()[-1]["code_version"] == "2"
    books.say("UPDATE study SET estimate = 'scale', truncation = 'flag'")
    books.say(f"UPDATE day SET walking_ms = 0 WHERE local_date = DATE '{day_of(3)}'")
    books.night(day_of(30), code="3", config="d")
    assert books.causes()[-1] == "code_changed"


# The lock -----------------------------------------------------------------------------------------------------------

LOCK = {"lock_date": day_of(10)}


def noted(books: Books, who: str) -> list[tuple]:
    """The differences of a person behind the lock, first to last."""
    rows = books.ask(
        f"""SELECT goal_id, week, frozen_status, frozen_percent, status, percent, cause, is_current
            FROM post_lock_difference WHERE participant_id = '{who}' ORDER BY noticed_at, goal_id"""
    )
    return [tuple(row.values()) for row in rows]


def standing(books: Books, who: str) -> list[tuple]:
    """(goal, status, as_of) of the weeks of a person."""
    rows = books.ask(f"SELECT goal_id, status, as_of FROM goal_week WHERE participant_id = '{who}' ORDER BY week")
    return [tuple(row.values()) for row in rows]


def test_another_interval_is_another_verdict_but_one_of_before_there_were_any_says_the_same() -> None:
    books = Books()
    books.patient()
    books.night(day_of(30))
    for table in ("goal_week", "verdict"):
        books.say(f"UPDATE {table} SET interval_low = NULL, interval_high = NULL")
    assert books.night(day_of(30), code="2") == 0
    assert books.ask("SELECT interval_low, interval_high FROM goal_week") == [
        {"interval_low": 140, "interval_high": 140}
    ]
    for number, minutes in ((1, 10), (2, 30)):  # the same sum
        books.day(day_of(number), minutes)
    assert books.night(day_of(30), code="2") == 1
    found = [(row["value"], row["interval_low"], row["interval_high"], row["cause"]) for row in books.history()]
    ends = (Decimal("114.773"), Decimal("165.227"))
    assert found == [(140, None, None, "first_verdict"), (140, *ends, "late_data")]
    whole_chain(books)


def test_a_lock_keeps_what_is_before_it_and_writes_differences_elsewhere_until_it_is_taken_away() -> None:
    books = Books()
    books.patient("both", weeks=2)
    books.patient("there_and_back")
    books.patient("goals")
    books.night(day_of(30), **LOCK)
    books.day(day_of(3), 90, participant_id="both")
    books.day(day_of(12), 200, participant_id="both")
    books.day(day_of(3), 90, participant_id="there_and_back")
    books.goal(target=10, goal_id="new", participant_id="goals")
    books.say("DELETE FROM goal WHERE goal_id = 'goals-G1'")
    assert books.night(day_of(31), **LOCK) == 1
    assert books.causes("both", week=1) == ["first_verdict"]
    assert books.causes("both", week=2) == ["first_verdict", "late_data"]
    frozen, open_ = standing(books, "both")
    assert (frozen, open_[2]) == (("both-G1", "partly_met", day_of(30)), day_of(31))
    difference = ("both-G1", 1, "partly_met", 93, "met", 126, "late_data", True)
    assert noted(books, "both") == [difference]
    assert standing(books, "goals") == [("goals-G1", "partly_met", day_of(30))]  # weeks that vanish, or appear
    vanished, appeared = noted(books, "goals")
    assert (vanished[0], vanished[2], vanished[4], vanished[6]) == ("goals-G1", "partly_met", None, "goal_changed")
    assert (appeared[0], appeared[2], appeared[4], appeared[6]) == ("new", None, "met", "first_verdict")

    assert books.night(day_of(31), **LOCK) == 0
    books.day(day_of(3), None, "no_data", participant_id="there_and_back")
    assert books.night(day_of(32), code="2", **LOCK) == 0
    assert noted(books, "both") == [difference]
    assert [(row[4], row[7]) for row in noted(books, "there_and_back")] == [("met", False), ("partly_met", True)]
    assert books.night(day_of(5), code="2", freeze=False, **LOCK) == 1  # of the open week; it does not open the lock
    assert standing(books, "both")[0] == frozen
    whole_chain(books)

    assert books.night(day_of(32), code="2") == 4
    assert (books.causes("both"), books.history("both")[-1]["status"]) == (["first_verdict", "late_data"], "met")
    assert [goal for goal, *_ in standing(books, "goals")] == ["new"]
    whole_chain(books)


def test_a_lock_date_that_is_not_reached_freezes_nothing_yet_and_an_earlier_lock_goes_on() -> None:
    books = Books()
    books.patient(weeks=2)
    books.night(day_of(30), **LOCK)
    books.day(day_of(3), 90)
    books.day(day_of(12), 200)
    later = {"lock_date": day_of(40)}
    assert books.night(day_of(31), **later) == 1
    assert (books.causes(week=1), books.causes(week=2)[1:]) == (["first_verdict"], ["late_data"])
    books.day(day_of(12), 0)
    assert books.night(day_of(41), **later) == 1
    books.day(day_of(12), 200)
    assert books.night(day_of(42), **later) == 0


# Through all steps ----------------------------------------------------------------------------------------------------

WEEKS = {
    name: f"SELECT * FROM {name} WHERE participant_id IN ('P1', 'P2') ORDER BY ALL"
    for name in ("infusion_window", "weekly_activity")
}
LOCKED = {
    name: f"FROM {name} WHERE participant_id = 'locked' ORDER BY ALL" for name in ("goal_week", "goal_week_history")
}


@pytest.fixture(scope="module")
def two_nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, dict[str, list[tuple]]]:
    """A study after a second night with a late file of P1, another behind the lock, and a cancelled infusion.

    With what was published before it.
    """
    study = StudyFolder(tmp_path_factory.mktemp("history") / "study", settings="lock_date = 2026-02-10\n")
    study.participants += ["locked,,,", "cancelled,,,"]
    study.infusions += ["J1,P2,2026-02-16,,", "L1,locked,2026-02-02,,", "C1,cancelled,2026-03-02,,"]
    study.infusions += ["C2,cancelled,2026-03-06,,"]
    study.goals = [
        f"{who},,{who},,1,{weeks},daily_mean,steps,5000,,,2026-02-02,,,"
        for who, weeks in (("P1", 4), ("P2", 4), ("locked", 1), ("cancelled", 1))
    ]
    study.write()
    for who, day in (("P1", "03-03"), ("P2", "02-18"), ("cancelled", "03-03"),
                     ("locked", "02-03"), ("locked", "02-04"), ("locked", "02-06")):  # fmt: skip
        study.put(f"{who}/{day}.fit", garmin_day(f"2026-{day}"))
    study.night()
    before = {name: study.ask(sql) for name, sql in {**WEEKS, **LOCKED}.items()}
    study.put("P1/late.fit", garmin_day("2026-03-07"))
    study.put("locked/late.fit", garmin_day("2026-02-07", steps=9000))
    study.infusions[-1] = "C2,cancelled,2026-03-06,cancelled,"
    study.write()
    assert study.night().changes == 3  # one of P1, and the weeks of both infusions
    return study, before


def test_the_lock_date_of_study_toml_freezes_goal_week_and_publishes_what_it_would_be(two_nights) -> None:
    study, before = two_nights
    assert {name: study.ask(sql) for name, sql in LOCKED.items()} == {name: before[name] for name in LOCKED}
    noted = study.ask("SELECT goal_id, frozen_status, status, cause FROM post_lock_difference")
    assert noted == [("locked", "insufficient_data", "met", "late_data")]


def test_the_published_history_says_why_and_goal_week_holds_only_what_exists(two_nights) -> None:
    study, _ = two_nights
    history = (
        "SELECT infusion_id, status, reason, cause, is_current FROM goal_week_history "
        "WHERE participant_id = 'cancelled' ORDER BY infusion_id, evaluated_at, is_current"
    )
    assert study.ask(history) == [
        ("C1", "insufficient_data", "window_too_short", "first_verdict", False),
        ("C1", "superseded", "infusion_cancelled", "infusion_cancelled", False),
        ("C1", "insufficient_data", "too_few_valid_days", "infusion_cancelled", True),
        ("C2", "insufficient_data", "no_data", "first_verdict", False),
        ("C2", "superseded", "infusion_cancelled", "infusion_cancelled", False),
    ]
    assert study.ask("SELECT infusion_id FROM goal_week WHERE participant_id = 'cancelled'") == [("C1",)]


def test_a_night_judges_only_the_weeks_that_changed(two_nights) -> None:
    study, before = two_nights
    assert study.ask("SELECT DISTINCT as_of FROM goal_week") == [(date(2026, 3, 23),)]
    after = {name: study.ask(sql) for name, sql in WEEKS.items()}
    assert after["infusion_window"] == before["infusion_window"]
    assert len(set(after["weekly_activity"]) - set(before["weekly_activity"])) == 1
    turned = "SELECT week FROM goal_week_history WHERE participant_id IN ('P1', 'P2') AND cause <> 'first_verdict'"
    assert study.ask(turned) == [(1,)]


def test_a_night_on_which_nothing_is_judged_says_only_as_of_when() -> None:
    books = Books()
    books.patient(weeks=4)
    books.night(day_of(60))
    before = books.ask("FROM goal_week")
    books.say("DROP TABLE goal_week_now")
    assert books.night(day_of(61)) == 0
    assert books.ask("FROM duckdb_tables() WHERE table_name = 'goal_week_now'") == []
    assert books.ask("SELECT DISTINCT as_of FROM judging") == [{"as_of": day_of(61)}]
    assert books.ask("SELECT DISTINCT as_of FROM judged_participant") == [{"as_of": day_of(61)}]
    assert books.ask("FROM goal_week") == before


def test_what_is_stored_of_somebody_who_left_is_closed_also_when_nothing_else_is_judged() -> None:
    books = Books()
    books.patient(weeks=4)
    books.night(day_of(60))
    for table in ("participant", "infusion", "goal"):
        books.say(f"DELETE FROM {table}")
    assert books.night(day_of(60)) == 4
    assert books.ask("FROM goal_week") == books.ask("FROM kept_window") == books.ask("FROM judged_participant") == []
    assert books.night(day_of(60)) == 0
