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
        for row in self.rows.get("day", []):
            key = [row["participant_id"], row["local_date"]]
            self.con.execute("DELETE FROM day WHERE participant_id = ? AND local_date = ?", key)
            self.con.execute("INSERT INTO unjudged_day (participant_id, local_date) VALUES (?, ?)", key)
        self.enter()
        self.nights += 1
        return judge(self.store, as_of, code, config, f"run {self.nights}", **{"only_changed": True, **how})

    def enter(self) -> None:
        """Write down what was put."""
        for table, rows in self.rows.items():
            names = list(dict.fromkeys(name for row in rows for name in row))
            frame = pl.DataFrame(rows, schema_overrides=self._types(table, names), infer_schema_length=None)
            self.store.insert(table, frame)
        self.rows.clear()

    def say(self, sql: str) -> None:
        """A change of the control files."""
        self.enter()
        self.con.execute(sql)

    def history(self, goal: str = "G1", week: int = 1, infusion: str = "I1") -> list[Row]:
        """Every verdict of a goal-week, first to last, and how a week ended; not the closing rows of those replaced."""
        return self.ask(
            f"""SELECT * FROM verdict WHERE goal_id = '{goal}' AND week = {week} AND infusion_id = '{infusion}'
                QUALIFY row_number() OVER (
                    PARTITION BY supersedes, coalesce(supersedes, evaluation_id) ORDER BY input_fingerprint IS NULL) = 1
                ORDER BY length(run_id), run_id"""
        )

    def closed(self, goal: str = "G1", week: int = 1, infusion: str = "I1") -> list[tuple]:
        """(version, status, reason) of the closing rows of a goal-week."""
        rows = self.ask(
            f"""SELECT version, status, reason FROM verdict JOIN (SELECT evaluation_id AS supersedes FROM verdict)
                USING (supersedes) WHERE goal_id = '{goal}' AND week = {week} AND infusion_id = '{infusion}'
                AND input_fingerprint IS NULL AND NOT is_current ORDER BY evaluated_at"""
        )
        return [tuple(row.values()) for row in rows]

    def causes(self, **key: Any) -> list[str]:
        return [row["cause"] for row in self.history(**key)]


def clinic(weeks: int = 4, **study: Any) -> Books:
    """P1, infused on 3 March; every day of the first two weeks but two was walked for 20 minutes; 150 a week asked."""
    books = Books(**study)
    books.participant()
    books.infusion(infusion_id="I1")
    books.goal(target=150, to_week=weeks)
    for number in range(1, 15):
        if number not in (3, 5):
            books.day(day_of(number), 20)
    return books


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
    stand = "goal_id, infusion_id, week, version, status, reason, value, percent, valid_days, evaluation_id"
    differ = books.ask(f"SELECT {stand} FROM goal_week EXCEPT SELECT {stand} FROM verdict WHERE is_current")
    assert differ == []


# What adds a row ----------------------------------------------------------------------------------------------------


def test_a_first_verdict_supersedes_nothing_and_the_same_night_again_writes_nothing() -> None:
    books = clinic()
    assert books.night(day_of(30)) == 4
    first = books.history()[0]
    assert (first["cause"], first["supersedes"], first["is_current"]) == ("first_verdict", None, True)
    assert (first["infused_on"], first["code_version"], first["config_hash"]) == (day_of(0), "1", "c")
    assert first["input_fingerprint"]
    assert books.night(day_of(30)) == 0
    assert books.night(day_of(30), only_changed=False) == 0
    assert len(books.history()) == 1


def test_g39_a_late_file_adds_a_row_that_names_the_one_it_replaces() -> None:
    books = Books(weeks=1)
    books.participant()
    books.infusion(infusion_id="I1")
    books.goal(target=150)
    for number, minutes in {1: 30, 2: 30, 3: 40}.items():
        books.day(day_of(number), minutes)
    books.night(day_of(15))
    for number in (5, 6):
        books.day(day_of(number), 30)
    assert books.night(day_of(20)) == 1
    before, after = books.history()
    assert (before["status"], before["reason"], before["is_current"]) == (
        "insufficient_data", "too_few_valid_days", False,
    )  # fmt: skip
    assert (after["status"], after["reason"], after["percent"], after["basis"]) == (
        "met", "lower_bound", 106, "observed",
    )  # fmt: skip
    assert (after["cause"], after["supersedes"], after["is_current"]) == ("late_data", before["evaluation_id"], True)
    assert after["input_fingerprint"] != before["input_fingerprint"]
    whole_chain(books)


def test_a_week_that_goes_on_says_so_also_while_new_days_come_in() -> None:
    books = Books(weeks=1)
    books.participant()
    books.infusion(infusion_id="I1")
    books.goal(target=150)
    for number in range(1, 8):
        books.day(day_of(number), 20)
        books.night(day_of(number + 1))
    assert books.causes() == ["first_verdict", *["time_passed"] * 6]
    books.day(day_of(2), 90)
    books.night(day_of(9))
    assert (books.causes()[-1], books.history()[-1]["status"]) == ("late_data", "met")
    whole_chain(books)


def test_grace_that_ends_is_time_that_passed() -> None:
    books = clinic(weeks=1)
    books.night(day_of(9))
    books.night(day_of(14))
    assert books.night(day_of(15)) == 1
    assert books.causes() == ["first_verdict", "time_passed"]
    assert [row["reason"] for row in books.history()] == ["awaiting_data", None]


def test_late_data_that_changes_nothing_writes_nothing_and_is_not_blamed_later() -> None:
    books = clinic(weeks=1)
    books.night(day_of(9))
    books.day(day_of(1), 20, "valid", sources="another")
    assert books.night(day_of(10)) == 0
    books.night(day_of(15))
    assert books.causes() == ["first_verdict", "time_passed"]


def test_a_file_for_the_baseline_is_late_data_for_the_target_until_it_is_frozen() -> None:
    books = Books(weeks=1)
    books.participant()
    books.infusion(infusion_id="I1")
    books.goal("daily_mean", metric="steps", derivation="baseline_pct:0", set_on=day_of(2))
    for number in (-4, -3, -2, -1):
        books.day(day_of(number), 1000, metric="steps")
    books.night(day_of(1))
    books.day(day_of(-5), 6000, metric="steps")
    books.night(day_of(1))
    assert [(row["target"], row["cause"]) for row in books.history()] == [(1000, "first_verdict"), (2000, "late_data")]
    books.night(day_of(3))
    books.day(day_of(-6), 9000, metric="steps")
    books.night(day_of(3))
    assert {row["target"] for row in books.history()[1:]} == {Decimal(2000)}


def judged(books: Books) -> list[int]:
    # a night that judges nothing leaves goal_week_now as it was
    now = "FROM goal_week_now SEMI JOIN week_to_judge USING (infusion_id, week)"
    return [row["week"] for row in books.ask(f"SELECT week {now} ORDER BY week")]


def test_a_night_judges_the_weeks_whose_days_or_date_changed_and_no_others() -> None:
    books = clinic()
    books.night(day_of(60))
    assert judged(books) == [1, 2, 3, 4]
    books.day(day_of(9), 30)
    books.night(day_of(60))
    assert judged(books) == [2]
    books.night(day_of(61))
    assert judged(books) == []
    books.night(day_of(20))
    assert judged(books) == [2, 3, 4]
    books.night(day_of(21))
    assert judged(books) == [2, 3, 4]
    books.night(day_of(22))
    assert judged(books) == [2, 3, 4]
    books.night(day_of(23))
    assert judged(books) == [3, 4]


def test_a_night_on_which_nothing_is_judged_says_only_as_of_when() -> None:
    books = clinic()
    books.night(day_of(60))
    before = books.ask("FROM goal_week")
    books.con.execute("DROP TABLE goal_week_now")
    assert books.night(day_of(61)) == 0
    assert books.ask("FROM duckdb_tables() WHERE table_name = 'goal_week_now'") == []
    assert books.ask("SELECT DISTINCT as_of FROM judging") == [{"as_of": day_of(61)}]
    assert books.ask("SELECT DISTINCT as_of FROM judged_participant") == [{"as_of": day_of(61)}]
    assert books.ask("FROM goal_week") == before


def test_what_is_stored_of_somebody_who_left_is_closed_also_when_nothing_else_is_judged() -> None:
    books = clinic()
    books.night(day_of(60))
    for table in ("participant", "infusion", "goal"):
        books.con.execute(f"DELETE FROM {table}")
    assert books.night(day_of(60)) == 4
    assert books.ask("FROM goal_week") == books.ask("FROM kept_window") == books.ask("FROM judged_participant") == []
    assert books.night(day_of(60)) == 0


def test_days_of_the_baseline_and_control_rows_concern_all_weeks_of_their_person() -> None:
    books = clinic()
    books.participant("P2")
    books.infusion(infusion_id="J1", participant_id="P2")
    books.goal(target=150, goal_id="other", participant_id="P2", to_week=4)
    books.night(day_of(60))
    books.day(day_of(-3), 30)
    books.night(day_of(60))
    assert judged(books) == [1, 2, 3, 4]
    books.hold(day_of(100), day_of(100), "P2")
    books.night(day_of(60))
    assert books.ask("SELECT DISTINCT infusion_id FROM goal_week_now") == [{"infusion_id": "J1"}]
    books.night(day_of(60), code="2")
    assert judged(books) == [1, 1, 2, 2, 3, 3, 4, 4]


# Infusions ----------------------------------------------------------------------------------------------------------


def test_i07_a_moved_infusion_changes_the_weeks_before_it_and_says_so() -> None:
    books = clinic()
    books.infusion(day_of(21), "I2")
    books.night(day_of(40))
    books.say(f"UPDATE infusion SET infused_on = DATE '{day_of(24)}' WHERE infusion_id = 'I2'")
    books.night(day_of(40))
    days = {week: [row["eligible_days"] for row in books.history(week=week)] for week in (1, 2, 3, 4)}
    assert days == {1: [7], 2: [7], 3: [6, 7], 4: [0, 2]}
    assert books.causes(week=3) == books.causes(week=4) == ["first_verdict", "infusion_moved"]
    assert books.causes(infusion="I2") == ["first_verdict", "infusion_moved"]
    assert [books.closed(week=week) for week in (1, 2)] == [[], []]
    assert [books.closed(week=week) for week in (3, 4)] == 2 * [[(1, "superseded", "infusion_moved")]]
    whole_chain(books)


def test_i08_the_rows_of_a_cancelled_infusion_are_closed_and_the_neighbour_grows() -> None:
    books = clinic(weeks=1)
    books.infusion(day_of(4), "I2")
    books.night(day_of(40))
    books.say("UPDATE infusion SET status = 'cancelled' WHERE infusion_id = 'I2'")
    assert books.night(day_of(40)) == 2
    assert [row["eligible_days"] for row in books.history()] == [3, 7]
    assert books.causes() == ["first_verdict", "infusion_cancelled"]
    judged, closing = books.history(infusion="I2")
    assert (closing["status"], closing["reason"], closing["is_current"]) == ("superseded", "infusion_cancelled", False)
    assert closing["supersedes"] == judged["evaluation_id"]
    assert (closing["value"], closing["percent"], judged["is_current"]) == (None, None, False)
    assert books.ask("SELECT infusion_id FROM goal_week") == [{"infusion_id": "I1"}]
    assert books.night(day_of(41)) == 0
    books.say("UPDATE infusion SET status = 'completed' WHERE infusion_id = 'I2'")
    books.night(day_of(41))
    assert books.history(infusion="I2")[-1]["supersedes"] == closing["evaluation_id"]
    assert books.causes(infusion="I2") == ["first_verdict", "infusion_cancelled", "infusion_added"]
    whole_chain(books)


def test_an_added_infusion_is_named_in_the_weeks_it_cuts_and_nowhere_else() -> None:
    books = clinic()
    books.infusion(day_of(28), "I3")
    books.night(day_of(60))
    books.infusion(day_of(11), "I2")
    books.night(day_of(60))
    assert [books.causes(week=week)[1:] for week in (1, 2, 3, 4)] == [[], *[["infusion_added"]] * 3]
    assert books.causes(infusion="I2") == ["first_verdict"]
    assert books.causes(infusion="I3") == ["first_verdict"]
    whole_chain(books)


def test_an_infusion_that_takes_over_a_course_closes_the_weeks_of_the_last_one() -> None:
    books = clinic(weeks=1, anchor="course")
    books.night(day_of(40))
    books.infusion(day_of(3), "I2")
    books.night(day_of(40))
    assert [(row["status"], row["reason"]) for row in books.history()][-1] == ("superseded", "infusion_added")
    assert books.causes(infusion="I2") == ["first_verdict"]
    whole_chain(books)


# Goals, settings, code ----------------------------------------------------------------------------------------------


def test_a_new_version_changes_the_weeks_it_rules() -> None:
    books = clinic(weeks=2)
    books.night(day_of(30))
    books.goal(target=90, to_week=2, version=2, set_on=day_of(8))
    books.night(day_of(30))
    assert (books.causes(week=1), books.causes(week=2)) == (["first_verdict"], ["first_verdict", "goal_changed"])
    assert [row["version"] for row in books.history(week=2)] == [1, 2]


def test_g54_a_correction_reaches_back_and_both_verdicts_stay_readable() -> None:
    books = clinic(weeks=2)
    books.night(day_of(30))
    books.goal(target=90, to_week=2, version=2, set_on=day_of(20), correction=True)
    books.night(day_of(30))
    for week in (1, 2):
        assert books.causes(week=week) == ["first_verdict", "correction"]
        assert [row["target"] for row in books.history(week=week)] == [150, 90]
        assert books.closed(week=week) == [(1, "superseded", "correction")]
    assert books.night(day_of(30)) == 0
    whole_chain(books)


def test_a_goal_corrected_to_another_person_closes_the_rows_of_the_wrong_one() -> None:
    books = clinic(weeks=1)
    books.participant("P2")
    books.infusion(infusion_id="J1", participant_id="P2")
    books.night(day_of(30))
    books.goal(target=150, version=2, participant_id="P2", set_on=day_of(3), correction=True)
    books.night(day_of(30))
    assert [(row["status"], row["reason"]) for row in books.history()][-1] == ("superseded", "correction")
    assert books.causes(infusion="J1") == ["first_verdict"]
    whole_chain(books)


@pytest.mark.parametrize(
    ("change", "cause"),
    [
        ("INSERT INTO hold SELECT 'P1', infused_on + 6, infused_on + 7 FROM infusion", "hold_changed"),
        ("UPDATE goal SET status = 'on_hold'", "goal_changed"),
        ("UPDATE goal SET targets = [100]", "goal_changed"),
        ("UPDATE participant SET foot_step_goals = FALSE; UPDATE goal SET metric = 'steps'", "goal_changed"),
    ],
)
def test_what_changes_the_agreement_is_named(change: str, cause: str) -> None:
    books = clinic(weeks=1)
    books.night(day_of(30))
    books.say(change)
    assert books.night(day_of(30)) == 1
    assert books.causes() == ["first_verdict", cause]


def test_step_goals_that_come_to_apply_are_a_change_of_the_person() -> None:
    books = clinic(weeks=1)
    books.say("UPDATE goal SET metric = 'steps'; UPDATE participant SET foot_step_goals = FALSE")
    books.night(day_of(30))
    books.say("UPDATE participant SET foot_step_goals = TRUE")
    assert books.night(day_of(30)) == 1
    assert books.causes() == ["first_verdict", "participant_changed"]


def test_an_infusion_that_joins_another_course_is_a_changed_infusion() -> None:
    books = clinic(weeks=1, anchor="course")
    books.infusion(infusion_id="I2", infused_on=day_of(30))
    books.night(day_of(60))
    books.say("UPDATE infusion SET course_id = 'C1'")
    assert books.night(day_of(60)) == 1
    assert books.causes() == ["first_verdict", "infusion_changed"]


@pytest.mark.parametrize("cause", ["file_moved", "file_unloaded", "corrected_data", "zone_changed", "late_data"])
def test_days_say_why_they_are_known_differently(cause: str) -> None:
    books = clinic(weeks=1)
    books.night(day_of(30))
    books.say(
        f"UPDATE day SET walking_ms = walking_ms + 60000 WHERE local_date = '{day_of(1)}'; "
        f"INSERT INTO unjudged_day VALUES ('P1', '{day_of(1)}', '{cause}'), ('P1', '{day_of(2)}', 'late_data'), "
        f"('P1', '{day_of(-9)}', 'file_moved')"  # a day before the week: of the target at most
    )
    assert books.night(day_of(30)) == 1
    assert books.causes() == ["first_verdict", cause]


@pytest.mark.parametrize("change", ["DELETE FROM goal", "UPDATE goal SET status = 'cancelled'"])
def test_a_goal_that_is_no_longer_there_closes_its_rows(change: str) -> None:
    books = clinic(weeks=2)
    books.night(day_of(30))
    books.say(change)
    assert books.night(day_of(30)) == 2
    assert books.ask("FROM goal_week") == []
    assert [(row["status"], row["reason"]) for row in books.history()][-1] == ("superseded", "goal_changed")
    assert books.night(day_of(31)) == 0


def test_a_person_who_is_gone_from_the_study_leaves_goal_week() -> None:
    books = clinic(weeks=1)
    books.night(day_of(30))
    books.say("DELETE FROM participant; DELETE FROM infusion; DELETE FROM goal")
    assert books.night(day_of(30)) == 1
    assert books.ask("FROM goal_week") == books.ask("FROM kept_window") == books.ask("FROM kept_activity") == []
    whole_chain(books)


def test_settings_and_code_are_named_only_on_the_night_they_changed() -> None:
    books = clinic(weeks=1)
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
NOTED = "SELECT week, frozen_status, frozen_percent, status, percent, cause, is_current FROM post_lock_difference"


def test_a_lock_keeps_what_is_before_it_and_writes_differences_elsewhere() -> None:
    books = clinic(weeks=2)
    books.night(day_of(30), **LOCK)
    books.day(day_of(3), 90)
    books.day(day_of(12), 200)
    assert books.night(day_of(31), **LOCK) == 1
    assert books.causes(week=1) == ["first_verdict"]
    assert books.causes(week=2) == ["first_verdict", "late_data"]
    frozen, open_ = books.ask("SELECT status, as_of FROM goal_week ORDER BY week")
    assert (frozen, open_["as_of"]) == ({"status": "partly_met", "as_of": day_of(30)}, day_of(31))
    (noted,) = books.ask(NOTED)
    assert tuple(noted.values()) == (1, "partly_met", 93, "met", 126, "late_data", True)
    assert books.night(day_of(31), **LOCK) == 0
    assert books.night(day_of(32), code="2", **LOCK) == 0
    assert len(books.ask(NOTED)) == 1
    whole_chain(books)


def test_a_difference_that_goes_away_again_is_noted_too() -> None:
    books = clinic(weeks=1)
    books.night(day_of(30), **LOCK)
    books.day(day_of(3), 90)
    books.night(day_of(31), **LOCK)
    books.day(day_of(3), None, "no_data")
    books.night(day_of(32), **LOCK)
    noted = books.ask(NOTED + " ORDER BY noticed_at")
    assert [(row["status"], row["is_current"]) for row in noted] == [("met", False), ("partly_met", True)]


def test_weeks_that_vanish_or_appear_behind_the_lock_change_nothing_in_front_of_it() -> None:
    books = clinic(weeks=1)
    books.night(day_of(30), **LOCK)
    books.goal(target=10, goal_id="new")
    books.say("DELETE FROM goal WHERE goal_id = 'G1'")
    books.rows.pop("goal", None)
    assert books.night(day_of(30), **LOCK) == 0
    books.goal(target=10, goal_id="new")
    assert books.night(day_of(31), **LOCK) == 0
    assert books.ask("SELECT goal_id FROM goal_week") == [{"goal_id": "G1"}]
    noted = books.ask("SELECT goal_id, frozen_status, status, cause FROM post_lock_difference ORDER BY noticed_at")
    assert [tuple(row.values()) for row in noted] == [
        ("G1", "partly_met", None, "goal_changed"),
        ("new", None, "met", "first_verdict"),
    ]


def test_a_lock_taken_away_lets_the_differences_in() -> None:
    books = clinic(weeks=1)
    books.night(day_of(30), **LOCK)
    books.day(day_of(3), 90)
    books.night(day_of(31), **LOCK)
    assert books.night(day_of(31)) == 1
    assert (books.causes(), books.history()[-1]["status"]) == (["first_verdict", "late_data"], "met")


def test_a_lock_date_that_is_not_reached_freezes_nothing_yet_and_an_earlier_lock_goes_on() -> None:
    books = clinic(weeks=2)
    books.night(day_of(30), **LOCK)
    books.day(day_of(3), 90)
    books.day(day_of(12), 200)
    later = {"lock_date": day_of(40)}
    assert books.night(day_of(31), **later) == 1
    assert (books.causes(week=1), books.causes(week=2)[1:]) == (["first_verdict"], ["late_data"])
    assert books.night(day_of(41), **later) == 0
    books.day(day_of(12), 0)
    assert books.night(day_of(42), **later) == 0


def test_judging_as_of_an_earlier_date_does_not_open_a_lock() -> None:
    books = clinic(weeks=1)
    books.night(day_of(30), **LOCK)
    books.day(day_of(3), 90)
    assert books.night(day_of(5), freeze=False, **LOCK) == 0
    assert books.ask("SELECT status FROM goal_week") == [{"status": "partly_met"}]


# Through all steps ----------------------------------------------------------------------------------------------------


def test_the_lock_date_of_study_toml_freezes_goal_week_and_publishes_what_it_would_be(tmp_path: Path) -> None:
    study = StudyFolder(tmp_path / "study", settings="lock_date = 2026-03-10\n").write()
    for day in ("2026-03-03", "2026-03-04", "2026-03-06"):
        study.put(f"P1/{day}.fit", garmin_day(day))
    study.night()
    before = study.ask("FROM goal_week"), study.ask("FROM goal_week_history")
    study.put("P1/late.fit", garmin_day("2026-03-07", steps=9000))
    assert study.night().changes == 0
    assert (study.ask("FROM goal_week"), study.ask("FROM goal_week_history")) == before
    noted = study.ask("SELECT goal_id, frozen_status, status, cause FROM post_lock_difference")
    assert noted == [("G1", "insufficient_data", "met", "late_data")]


def test_the_published_history_says_why_and_goal_week_holds_only_what_exists(study: StudyFolder) -> None:
    study.infusions.append("I2,P1,2026-03-06,,")
    study.write()
    study.put("P1/one.fit", garmin_day("2026-03-03"))
    study.night()
    study.infusions[-1] = "I2,P1,2026-03-06,cancelled,"
    study.write()
    study.night()
    says = "infusion_id, status, reason, cause, is_current"
    assert study.ask(f"SELECT {says} FROM goal_week_history ORDER BY infusion_id, evaluated_at, is_current") == [
        ("I1", "insufficient_data", "window_too_short", "first_verdict", False),
        ("I1", "superseded", "infusion_cancelled", "infusion_cancelled", False),
        ("I1", "insufficient_data", "too_few_valid_days", "infusion_cancelled", True),
        ("I2", "insufficient_data", "no_data", "first_verdict", False),
        ("I2", "superseded", "infusion_cancelled", "infusion_cancelled", False),
    ]
    assert study.ask("SELECT infusion_id FROM goal_week") == [("I1",)]


def test_a_night_judges_only_the_weeks_that_changed(study: StudyFolder) -> None:
    study.goals = [
        "G1,,P1,,1,4,daily_mean,steps,5000,,,2026-03-02,,,",
        "G2,,P2,,1,4,daily_mean,steps,5000,,,2026-03-02,,,",
    ]
    study.infusions.append("J1,P2,2026-01-05,,")
    study.write()
    study.put("P1/one.fit", garmin_day("2026-03-03"))
    study.put("P2/one.fit", garmin_day("2026-01-07"))
    study.night()
    before = (
        study.ask("SELECT * FROM infusion_window ORDER BY ALL"),
        study.ask("SELECT * FROM weekly_activity ORDER BY ALL"),
    )
    study.put("P1/late.fit", garmin_day("2026-03-07"))
    assert study.night().changes == 1
    assert study.ask("SELECT DISTINCT as_of FROM goal_week") == [(date(2026, 3, 23),)]
    after = (
        study.ask("SELECT * FROM infusion_window ORDER BY ALL"),
        study.ask("SELECT * FROM weekly_activity ORDER BY ALL"),
    )
    assert after[0] == before[0]
    assert len(set(after[1]) - set(before[1])) == 1
