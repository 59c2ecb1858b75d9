"""The control files: a bad row never half-applies and never disappears (R13.1)."""

import csv
import io
import os
import shutil
from contextlib import closing
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from models.clock import ZoneLog
from models.fault import StudyError
from models.store.store import open_store
from models.study.folder import read_study
from models.study.frames import control_frames

GOALS = (
    "goal_id,version,participant_id,infusion_id,from_week,to_week,kind,metric,target,per_day,derivation,"
    "set_on,effective_from,correction,status"
)
FILES = {
    "study.toml": 'name = "Riverside"\ntimezone = "America/New_York"\n',
    "participants.csv": (
        "participant_id,timezone,source_priority,foot_step_goals\n"
        "P01,America/Chicago,garmin; apple_watch,true\n"
        "P02,,,false\n"
    ),
    "infusions.csv": (
        "infusion_id,participant_id,infused_on,status,course_id\n"
        "I1,P01,2026-03-09T10:30,completed,C1\n"
        "I2,P01,2026-03-30,scheduled,C1\n"
        "I3,P02,2026-03-10,stopped_early,C2\n"
    ),
    "goals.csv": (
        f"{GOALS}\n"
        "G1,1,P01,I1,1,4,weekly_total,walking_minutes,10;12;15.5,,,2026-03-09,2026-03-10,false,active\n"
        "G2,1,P01,,1,4,days_with,yoga_minutes,5,10,,2026-03-09,2026-03-09,false,active\n"
        "G3,1,P02,I3,2,8,daily_mean,steps,,,baseline_pct:10,2026-03-10,2026-03-10,false,on_hold\n"
        "G3,2,P02,I3,2,8,daily_mean,steps,7000,,,2026-03-12,,true,active\n"
    ),
    "holds.csv": "participant_id,from_date,to_date,reason\nP01,2026-03-12,2026-03-13,flu\n",
    "zones.csv": "participant_id,from_date,timezone\nP01,2026-03-14,Europe/Berlin\n",
    "attendance.csv": (
        "participant_id,date,activity,minutes,start_time,led_by\n"
        "P01,2026-03-11,dance,45,17:30,therapist\n"
        "P01,2026-03-12,massage,30,,\n"
    ),
    "outcomes.csv": "participant_id,date,scale,score\nP01,2026-03-09,PHQ-9,14\nP01,2026-03-23,PHQ-9,9.5\n",
}


@pytest.fixture
def folder(tmp_path):
    for name, content in FILES.items():
        (tmp_path / name).write_text(content, encoding="utf-8")
    return tmp_path


def put(folder, name, *rows):
    """Replace the rows of a file; the header stays."""
    header = FILES[name].split("\n", 1)[0]
    (folder / name).write_text("\n".join([header, *rows, ""]), encoding="utf-8")


def goal(**cells):
    """One row of goals.csv: a sound weekly goal of P01, changed as told."""
    row = dict.fromkeys(GOALS.split(","), "")
    row |= {"goal_id": "G1", "participant_id": "P01", "kind": "weekly_total", "metric": "walking_minutes"}
    row |= {"target": "150", "set_on": "2026-03-09"} | cells
    out = io.StringIO()
    csv.DictWriter(out, row, lineterminator="").writerow(row)
    return out.getvalue()


def named(study):
    """Where the faults are: (file, line, column)."""
    return [(f.file, f.line, f.place.partition(", ")[2]) for f in study.faults]


def only_goal(folder, **cells):
    put(folder, "goals.csv", goal(**cells))
    study = read_study(folder)
    assert study.faults == []
    return study.rows.goals[0]


# A sound study -------------------------------------------------------------------------------------------------------
def test_a_sound_study_is_read_whole(folder):
    study = read_study(folder)
    assert (study.faults, study.notes) == ([], [])
    assert (study.name, study.timezone, study.warehouse) == ("Riverside", "America/New_York", folder / "warehouse")
    assert [p.participant_id for p in study.rows.participants] == ["P01", "P02"]
    assert study.rows.participants[0].source_priority == ("garmin", "apple_watch")
    assert [p.foot_step_goals for p in study.rows.participants] == [True, False]
    assert [i.infused_on for i in study.rows.infusions] == [date(2026, 3, 9), date(2026, 3, 30), date(2026, 3, 10)]
    assert [(g.goal_id, g.version) for g in study.rows.goals] == [("G1", 1), ("G2", 1), ("G3", 1), ("G3", 2)]
    assert study.rows.goals[0].targets == (Decimal(10), Decimal(12), Decimal("15.5"))
    assert len(study.rows.holds) == len(study.rows.zones) == 1


def test_settings_have_their_defaults(folder):
    kept = read_study(folder).settings
    assert (kept.anchor, kept.weeks, kept.grace_days) == ("until_next", 4, 7)
    assert (kept.estimate, kept.truncation, kept.as_of) == ("scale", "prorate", None)


def test_settings_can_all_be_given(folder):
    goals = 'anchor="course"\nweeks=6\ngrace_days=0\nestimate="none"\ntruncation="flag"\nas_of=2026-05-01\n'
    goals += "lock_date=2026-06-01\nclearance=true\n"
    text = FILES["study.toml"] + f'[goals]\n{goals}[warehouse]\npath="../elsewhere"\n'
    (folder / "study.toml").write_text(text, encoding="utf-8")
    study = read_study(folder)
    assert study.settings.model_dump() == {
        "anchor": "course",
        "weeks": 6,
        "grace_days": 0,
        "estimate": "none",
        "truncation": "flag",
        "as_of": date(2026, 5, 1),
        "lock_date": date(2026, 6, 1),
        "clearance": True,
    }
    assert study.warehouse == (folder.parent / "elsewhere").resolve()


def test_who_set_and_cleared_a_goal_is_kept_as_a_role_and_any_other_word_is_other(folder):
    header = f"{GOALS},set_by,cleared_by,cleared_on\n"
    rows = [
        goal(goal_id="A") + ",Physician,nurse,2026-03-08",
        goal(goal_id="B") + ",Dr. Jane Doe,jane@clinic.example,",
        goal(goal_id="C") + ",,,",
    ]
    (folder / "goals.csv").write_text(header + "\n".join(rows) + "\n", encoding="utf-8")
    study = read_study(folder)
    assert study.faults == []
    said = [(g.set_by, g.cleared_by, g.cleared_on) for g in study.rows.goals]
    assert said == [("physician", "nurse", date(2026, 3, 8)), ("other", "other", None), (None, None, None)]
    assert len(study.notes) == 2
    assert "goals.csv line 3: no role that is known, read as other" in study.notes[0]
    assert not any(
        name in repr((study.rows.sheets, study.notes)) for name in ("Jane", "clinic.example")
    )  # nor in a copy
    (folder / "goals.csv").write_text(f"{header}{goal()},,,soon\n", encoding="utf-8")
    assert named(read_study(folder)) == [("goals.csv", 2, "cleared_on")]


@pytest.mark.parametrize(
    ("cells", "rule"),
    [
        ({"target": "60", "derivation": "step_up:10"}, "step_up:10"),
        ({"target": "60", "derivation": " step_up: 10.50 ; up_to = 100 ; weeks=2"}, "step_up:10.5;weeks=2;up_to=100"),
        ({"target": "60", "derivation": "step_up:10;up_to=60"}, "step_up:10;up_to=60"),
        ({"kind": "days_with", "per_day": "10", "target": "2", "derivation": "step_up:1;up_to=5"}, "step_up:1;up_to=5"),
    ],
)
def test_a_target_that_rises_stands_beside_that_of_the_first_week(folder, cells, rule):
    row = only_goal(folder, **cells)
    assert (row.derivation, row.targets) == (rule, (Decimal(cells["target"]),))


@pytest.mark.parametrize(
    ("cells", "column"),
    [
        ({"derivation": "step_up"}, "derivation"),
        ({"derivation": "step_up:0"}, "derivation"),
        ({"derivation": "step_up:-10"}, "derivation"),
        ({"derivation": "step_up:10;weeks=0"}, "derivation"),
        ({"derivation": "step_up:10;weeks=1.5"}, "derivation"),
        ({"derivation": "step_up:10;up_to="}, "derivation"),
        ({"derivation": "step_up:10;most=5"}, "derivation"),
        ({"derivation": "step_up:10;weeks=2;weeks=3"}, "derivation"),
        ({"derivation": "step_up:10", "target": ""}, "target"),
        ({"derivation": "step_up:10", "target": "60;70"}, "target"),
        ({"derivation": "step_up:10;up_to=100"}, "target"),  # which is 150
        ({"derivation": "step_up:10", "per_day": "10"}, "per_day"),
        ({"derivation": "step_up:0.5", "kind": "streak", "target": "2", "per_day": "10"}, "derivation"),
        ({"derivation": "step_up:1;up_to=8", "kind": "streak", "target": "2", "per_day": "10"}, "derivation"),
        ({"derivation": "step_up:1", "kind": "days_with", "target": "2"}, "per_day"),
    ],
)
def test_a_target_that_cannot_rise_so_is_named(folder, cells, column):
    put(folder, "goals.csv", goal(**cells))
    study = read_study(folder)
    assert named(study) == [("goals.csv", 2, column)]
    assert column != "derivation" or "step_up:1" in study.faults[0].expected


def test_asking_for_clearance_changes_no_verdict(folder):
    before = read_study(folder)
    (folder / "study.toml").write_text(FILES["study.toml"] + "[goals]\nclearance=true\n", encoding="utf-8")
    asked = read_study(folder)
    assert (before.settings.clearance, asked.settings.clearance) == (False, True)
    assert asked.config_hash == before.config_hash


def test_a_lock_date_is_a_setting_that_changes_no_verdict(folder):
    before = read_study(folder)
    assert before.settings.lock_date is None
    (folder / "study.toml").write_text(FILES["study.toml"] + "[goals]\nlock_date=2026-05-01\n", encoding="utf-8")
    locked = read_study(folder)
    assert (locked.settings.lock_date, locked.config_hash) == (date(2026, 5, 1), before.config_hash)


def test_as_of_may_be_written_as_text(folder):
    (folder / "study.toml").write_text(FILES["study.toml"] + '[goals]\nas_of="2026-05-01"\n', encoding="utf-8")
    assert read_study(folder).settings.as_of == date(2026, 5, 1)


def test_the_config_hash_changes_with_each_setting_and_with_nothing_else(folder):
    hashes = {read_study(folder).config_hash}
    put(folder, "goals.csv")
    hashes.add(read_study(folder).config_hash)
    (folder / "study.toml").write_text(FILES["study.toml"] + "[goals]\nas_of=2026-05-01\n", encoding="utf-8")
    hashes.add(read_study(folder).config_hash)
    assert len(hashes) == 1
    for setting in ('anchor="course"', "weeks=5", "grace_days=8", 'estimate="none"', 'truncation="flag"'):
        (folder / "study.toml").write_text(FILES["study.toml"] + f"[goals]\n{setting}\n", encoding="utf-8")
        hashes.add(read_study(folder).config_hash)
    assert len(hashes) == 6


def test_empty_optional_cells_mean_their_defaults(folder):
    put(folder, "infusions.csv", "I1,P01,2026-03-09,,")
    assert [(i.status, i.course_id) for i in read_study(folder).rows.infusions] == [("completed", None)]
    found = only_goal(folder)
    assert (found.version, found.infusion_id, found.from_week, found.to_week) == (1, None, 1, 4)
    assert (found.per_day, found.derivation, found.correction, found.status) == (None, None, False, "active")
    assert found.effective_from == found.set_on == date(2026, 3, 9)


def test_to_week_defaults_to_the_weeks_of_the_study(folder):
    (folder / "study.toml").write_text(FILES["study.toml"] + "[goals]\nweeks=9\n", encoding="utf-8")
    assert only_goal(folder, from_week="5").to_week == 9


def test_optional_columns_may_be_absent(folder):
    (folder / "participants.csv").write_text("participant_id\nP01\n", encoding="utf-8")
    (folder / "infusions.csv").write_text("infusion_id,participant_id,infused_on\nI1,P01,2026-03-09\n")
    (folder / "goals.csv").write_text(
        "goal_id,participant_id,kind,metric,target,set_on\nG1,P01,daily_mean,steps,7000,2026-03-09\n"
    )
    (folder / "holds.csv").unlink()
    (folder / "zones.csv").unlink()
    study = read_study(folder)
    assert study.faults == []
    goal = study.rows.goals[0]
    assert (goal.targets, goal.to_week, study.rows.holds, study.rows.zones) == ((Decimal(7000),), 4, (), ())


def test_header_only_files_are_a_normal_night(folder):
    for name in ("infusions.csv", "goals.csv", "holds.csv", "zones.csv", "attendance.csv", "outcomes.csv"):
        put(folder, name)
    study = read_study(folder)
    assert (study.rows.infusions, study.rows.goals, study.faults) == ((), (), [])
    assert [frame.height for frame in control_frames(study).values()] == [1, 2, 0, 0, 0, 0, 0, 0, 0]


# Files as spreadsheets leave them ------------------------------------------------------------------------------------
@pytest.mark.parametrize("newline", ["\r\n", "\r", "\n"])
def test_bom_and_line_ends_do_not_matter(folder, newline):
    expected = read_study(folder)
    for name in FILES:
        if name != "study.toml" or newline != "\r":  # TOML itself knows no lone carriage return
            (folder / name).write_bytes(b"\xef\xbb\xbf" + FILES[name].replace("\n", newline).encode())
    found = read_study(folder)
    assert (found, found.rows) == (expected, expected.rows)


def test_a_semicolon_separates_where_the_header_says_so(folder):
    expected = read_study(folder)
    for name, content in FILES.items():
        if name.endswith(".csv"):
            out = io.StringIO()
            csv.writer(out, delimiter=";").writerows(csv.reader(io.StringIO(content)))
            (folder / name).write_text(out.getvalue(), encoding="utf-8", newline="")
    found = read_study(folder)
    assert (found, found.rows) == (expected, expected.rows)


def test_an_unquoted_ramp_in_a_semicolon_file_is_a_fault_of_its_row(folder):
    good = goal(goal_id="G2", infusion_id="I1")
    put(folder, "goals.csv", goal(target="10;12").replace('"', ""), good)
    text = (folder / "goals.csv").read_text("utf-8").replace(",", ";")
    (folder / "goals.csv").write_text(text)
    study = read_study(folder)
    assert named(study) == [("goals.csv", 2, "")]
    assert "has 16 cells (expected 15; a cell that holds ';' stands in quotation marks)" in str(study.faults[0])
    assert [g.goal_id for g in study.rows.goals] == ["G2"]


def test_a_row_may_lack_empty_cells_at_its_end_but_not_have_more(folder):
    put(folder, "infusions.csv", "I1,P01,2026-03-09", "I2,P01", "I3,P02,2026-03-10,completed,C1,,")
    put(folder, "goals.csv")
    assert named(read_study(folder)) == [("infusions.csv", 3, "infused_on"), ("infusions.csv", 4, "")]


def test_blank_lines_count_as_lines_and_are_no_rows(folder):
    put(folder, "infusions.csv", "", "I1,P01,2026-03-09,,", "  ", ",,,,", "I2,P01,2026-13-01,,")
    put(folder, "goals.csv")
    study = read_study(folder)
    assert named(study) == [("infusions.csv", 6, "infused_on")]
    assert len(study.rows.infusions) == 1


def test_a_line_break_in_free_text_counts_as_a_line(folder):
    put(folder, "holds.csv", 'P01,2026-03-12,2026-03-13,"flu,\nin bed"', "P01,2026-03-20,2026-03-19,")
    study = read_study(folder)
    assert named(study) == [("holds.csv", 4, "to_date")]
    assert len(study.rows.holds) == 1


def test_a_forgotten_quotation_mark_swallows_no_row(folder):
    put(folder, "participants.csv", 'P01,"America/Chicago,,', "P02,,,", 'P03,"Europe/Berlin",,', "P04,,,")
    for name in ("infusions.csv", "goals.csv", "holds.csv", "zones.csv"):
        put(folder, name)
    study = read_study(folder)
    assert named(study) == [("participants.csv", 2, "")]
    assert sorted(p.participant_id for p in study.rows.participants) == ["P01", "P02", "P03", "P04"]
    assert set(study.held_people) == {"P01"}


def test_a_quotation_mark_closed_rows_later_swallows_no_row(folder):
    put(folder, "participants.csv", 'P01,,"a,', "P02,,,", 'P03,,b",', "P04,,,")
    for name in ("infusions.csv", "goals.csv", "holds.csv", "zones.csv"):
        put(folder, name)
    study = read_study(folder)
    assert named(study)[0] == ("participants.csv", 2, "")
    assert "P02" in [p.participant_id for p in study.rows.participants]


def test_an_unknown_column_is_noted_and_a_near_miss_is_asked_about(folder):
    text = FILES["goals.csv"].replace("infusion_id", "infusion").replace("status", "colour")
    (folder / "goals.csv").write_text(text, encoding="utf-8")
    notes = read_study(folder).notes
    assert notes == [
        "goals.csv: column 'infusion' is not used; is infusion_id meant?",
        "goals.csv: column 'colour' is not used",
    ]


def test_the_reason_of_a_hold_is_never_kept(folder):
    put(folder, "holds.csv", "P01,2026-03-12,2026-03-13,SECRET", "P09,2026-03-12,x,SECRET", "P01,2026,1,SECRET,SECRET")
    study = read_study(folder)
    assert len(study.faults) == 3
    assert "SECRET" not in repr(study) + repr(control_frames(study))


# Files that cannot be read -------------------------------------------------------------------------------------------
def broken(folder, *parts):
    with pytest.raises(StudyError) as caught:
        read_study(folder)
    message = str(caught.value)
    assert "\n" not in message
    for part in parts:
        assert part in message


@pytest.mark.parametrize("name", ["study.toml", "participants.csv", "infusions.csv", "goals.csv"])
def test_a_required_file_that_is_missing_stops_everything(folder, name):
    (folder / name).unlink()
    broken(folder, name, "does not exist")


@pytest.mark.parametrize("name", list(FILES))
def test_a_file_that_is_no_text_stops_everything(folder, name):
    (folder / name).write_bytes(FILES[name].encode("utf-32"))
    broken(folder, name, "UTF-8")
    (folder / name).write_bytes("é".encode("latin-1") + FILES[name].encode())
    broken(folder, name, "UTF-8")


@pytest.mark.parametrize("name", [n for n in FILES if n != "study.toml"])
def test_an_empty_file_without_header_stops_everything(folder, name):
    (folder / name).write_text("\n\n")
    broken(folder, name, "is empty")


def test_a_pipe_is_not_waited_for(folder):
    (folder / "goals.csv").unlink()
    os.mkfifo(folder / "goals.csv")
    broken(folder, "goals.csv", "is not a file")


@pytest.mark.parametrize(
    ("name", "column"),
    [
        ("participants.csv", "participant_id"),
        ("infusions.csv", "infused_on"),
        ("goals.csv", "kind"),
        ("goals.csv", "target"),
        ("holds.csv", "to_date"),
        ("zones.csv", "timezone"),
    ],
)
def test_a_missing_required_column_stops_everything(folder, name, column):
    (folder / name).write_text(FILES[name].replace(column, "renamed", 1), encoding="utf-8")
    broken(folder, f"{name} line 1: no column {column}")


@pytest.mark.parametrize(
    ("header", "part"),
    [
        ("participant_id,timezone;source_priority", "both , and ;"),
        ("participant_id,timezone,timezone", "column timezone stands there twice"),
        ('participant_id,"timezone', "is not closed"),
    ],
)
def test_a_header_that_can_be_read_in_two_ways_stops_everything(folder, header, part):
    (folder / "participants.csv").write_text(f"{header}\nP01,,\n")
    broken(folder, "participants.csv line 1", part)


@pytest.mark.parametrize(
    ("toml", "parts"),
    [
        ("name = ", ["is not TOML"]),
        ("x = " + "[" * 20_000, ["is not TOML"]),
        ('timezone = "UTC"', ["name: is missing"]),
        ('name = "x"', ["timezone: is missing"]),
        ('name = "x"\ntimezone = "America/Nowhere"', ["timezone: 'America/Nowhere' is not a time zone"]),
        ('name = "x\\n"\ntimezone = "UTC"', ["name: "]),
        ('name = "x"\ntimezone = "UTC"\ngoals = 3', ["goals: '3' is not a table"]),
        ('name = "x"\ntimezone = "UTC"\n[goal]\nweeks = 3', ["goal: is not a setting"]),
        ('name = "x"\ntimezone = "UTC"\n[warehouse]\npath = "inbox/w"', ["inside the inbox"]),
        ('name = "x"\ntimezone = "UTC"\n[warehouse]\npath = "a\\u0000b"', ["warehouse.path"]),
        ('name = "x"\ntimezone = "UTC"\n[warehouse]\nplace = "w"', ["warehouse.place: is not a setting"]),
    ],
)
def test_a_study_toml_that_cannot_be_used_stops_everything(folder, toml, parts):
    (folder / "study.toml").write_text(toml, encoding="utf-8")
    broken(folder, "study.toml", *parts)


@pytest.mark.parametrize(
    ("setting", "part"),
    [
        ('anchor = "weekly"', "goals.anchor: 'weekly' is not known here (expected until_next, overlapping, course)"),
        ('estimate = "guess"', "goals.estimate"),
        ("truncation = 1", "goals.truncation"),
        ("weeks = 0", "goals.weeks: '0' is not a whole number in range (expected 1 to 520)"),
        ("weeks = 521", "goals.weeks"),
        ("weeks = 4.0", "goals.weeks"),
        ("weeks = true", "goals.weeks"),
        ("grace_days = -1", "goals.grace_days"),
        ('as_of = "tomorrow"', "goals.as_of"),
        ('lock_date = "soon"', "goals.lock_date"),
        ("as_of = 2026-05-01T10:00:00", "goals.as_of"),
        ("as_of = [1]", "goals.as_of"),
        ("week = 4", "goals.week: is not a setting"),
    ],
)
def test_a_setting_that_cannot_be_stops_everything(folder, setting, part):
    (folder / "study.toml").write_text(FILES["study.toml"] + f"[goals]\n{setting}\n", encoding="utf-8")
    broken(folder, part)


# Rows that are wrong -------------------------------------------------------------------------------------------------
def test_a_fault_names_file_line_column_value_and_what_was_expected_in_one_line(folder):
    put(folder, "infusions.csv", "I1,P01,2026-13-01,,")
    put(folder, "goals.csv")
    (fault,) = read_study(folder).faults
    assert str(fault) == (
        "infusions.csv line 2, infused_on: '2026-13-01' is not a date (expected 2026-03-09 or 2026-03-09T10:30); "
        "correct the row"
    )
    assert (fault.file, fault.line, fault.place, fault.words) == (
        "infusions.csv",
        2,
        "line 2, infused_on",
        "2026-13-01",
    )
    assert "2026-13-01" not in fault.place + fault.reason


@pytest.mark.parametrize("value", ["a'b\"c", "x" * 500, "tab\there", "{expected}", "a\u2028b", "日本"])
def test_a_fault_is_one_short_line_whatever_the_value(folder, value):
    put(folder, "goals.csv", goal(metric=value))
    (fault,) = read_study(folder).faults
    assert len(str(fault).splitlines()) == 1
    assert len(str(fault)) < 450


def test_each_problem_of_a_row_is_named_and_the_good_rows_are_used(folder):
    put(folder, "goals.csv", goal(metric="strides", set_on="", status="done"), goal(goal_id="G2"))
    study = read_study(folder)
    assert named(study) == [("goals.csv", 2, "metric"), ("goals.csv", 2, "set_on"), ("goals.csv", 2, "status")]
    assert "set_on: is empty (expected 2026-03-09)" in str(study.faults[1])
    assert [g.goal_id for g in study.rows.goals] == ["G2"]


@pytest.mark.parametrize("value", ["", "P 01", "P.01", "../P01", "Ä", "x" * 65, "P01\x00", "none/"])
def test_a_participant_id_is_plain(folder, value):
    with (folder / "participants.csv").open("a", encoding="utf-8") as file:
        file.write(f"{value},Europe/Berlin,,\n")
    study = read_study(folder)
    assert named(study) == [("participants.csv", 4, "participant_id")]
    assert len(study.rows.participants) == 2


@pytest.mark.parametrize("value", ["Mars", "america/new_york", "../etc/passwd", "America", "posix/UTC", "EST5XYZ", "/"])
def test_a_time_zone_that_is_none_is_a_fault(folder, value):
    put(folder, "participants.csv", f"P01,{value},,", "P02,,,")
    put(folder, "zones.csv", f"P02,2026-03-14,{value}")
    for name in ("infusions.csv", "goals.csv", "holds.csv"):
        put(folder, name)
    assert named(read_study(folder)) == [("participants.csv", 2, "timezone"), ("zones.csv", 2, "timezone")]


@pytest.mark.parametrize("value", ["1", "yes", "wahr"])
def test_a_truth_that_is_neither_is_a_fault(folder, value):
    put(folder, "participants.csv", f"P01,,,{value}", "P02,,,TRUE")
    for name in ("infusions.csv", "goals.csv", "holds.csv", "zones.csv"):
        put(folder, name)
    study = read_study(folder)
    assert named(study) == [("participants.csv", 2, "foot_step_goals")]
    assert study.rows.participants[0].foot_step_goals is True


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("2026-03-09", date(2026, 3, 9)),
        ("2026-03-09T23:59", date(2026, 3, 9)),
        ("2026-03-09 00:00:00", date(2026, 3, 9)),
        ("2026-03-09T02:00Z", date(2026, 3, 8)),
        ("2026-03-09T02:00+02:00", date(2026, 3, 8)),
        ("2026-03-08T23:00-0700", date(2026, 3, 9)),
        ("2026-03-08T02:30", date(2026, 3, 8)),  # an hour that does not exist at the clinic: the date is plain
    ],
)
def test_the_day_of_an_infusion_is_the_clinics(folder, written, expected):
    put(folder, "infusions.csv", f"I1,P01,{written},,")
    put(folder, "goals.csv")
    assert [i.infused_on for i in read_study(folder).rows.infusions] == [expected]


NO_DATES = (
    "09.13.2026", "3/9/2026", "2026-3-32", "20260309", "9.3.26", "3/9/26", "9 March", "9-jui-2026",
    "0:00", "2026-02-29", "0206-03-09", "20260-03-09", "2026-W10-1", "46090",
    "2026-03-09T25:61", "2026-03-09T10", "2026-03-09T10:30+25:00", "9999-12-31T23:00-14:00", "tomorrow", "",
)  # fmt: skip


@pytest.mark.parametrize("value", NO_DATES)
def test_an_infusion_date_that_is_none_is_a_fault(folder, value):
    put(folder, "infusions.csv", f"I1,P01,{value},,", "I2,P01,2026-03-30,,")
    put(folder, "goals.csv")
    study = read_study(folder)
    assert named(study) == [("infusions.csv", 2, "infused_on")]
    assert [i.infusion_id for i in study.rows.infusions] == ["I2"]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("goal_id", ""),
        ("goal_id", "a\x07b"),
        ("version", "0"),
        ("version", "1.0"),
        ("version", "-1"),
        ("version", "１"),
        ("version", "one"),
        ("participant_id", "P99"),
        ("participant_id", ""),
        ("infusion_id", "I99"),
        ("from_week", "0"),
        ("to_week", "521"),
        ("kind", "monthly_total"),
        ("kind", "weekly"),
        ("metric", "strides"),
        ("metric", ""),
        ("target", ""),
        ("target", "0"),
        ("target", "0.000"),
        ("target", "-5"),
        ("target", "1e3"),
        ("target", "ten"),
        ("target", "nan"),
        ("target", "7,000"),
        ("target", "1.500"),
        ("target", "7 00"),
        ("target", "1,234,5"),
        ("target", "1.234.567.890"),
        ("target", "10.1234"),
        ("target", "1" * 10),
        ("target", "10;;12"),
        ("target", "10;12;"),
        ("target", "10;0"),
        ("target", "٣"),
        ("per_day", "10"),
        ("derivation", "baseline:10"),
        ("set_on", "03/04/2026"),
        ("set_on", "2026-03-09T10:30"),
        ("effective_from", "soon"),
        ("correction", "yes"),
        ("status", "paused"),
    ],
)
def test_a_goal_cell_that_cannot_be_is_a_fault_of_that_cell(folder, column, value):
    put(folder, "goals.csv", goal(**{column: value}), goal(goal_id="G2"))
    study = read_study(folder)
    assert named(study) == [("goals.csv", 2, column)]
    assert study.faults[0].words == value
    assert [g.goal_id for g in study.rows.goals] == ["G2"]


@pytest.mark.parametrize("weeks", [("3", "2"), ("5", "")])
def test_weeks_run_forward(folder, weeks):
    put(folder, "goals.csv", goal(from_week=weeks[0], to_week=weeks[1]))
    assert named(read_study(folder)) == [("goals.csv", 2, "to_week")]


def test_the_last_week_can_be_520(folder):
    assert only_goal(folder, from_week="520", to_week="520").to_week == 520


def test_numbers_are_kept_exactly(folder):
    found = only_goal(folder, target="0.1; 999999999.999;007.50")
    assert found.targets == (Decimal("0.1"), Decimal("999999999.999"), Decimal("7.5"))


@pytest.mark.parametrize("kind", ["days_with", "streak"])
class TestDayCounts:
    @pytest.mark.parametrize("target", ["8", "2.5", "3;8"])
    def test_count_whole_days_of_a_week(self, folder, kind, target):
        put(folder, "goals.csv", goal(kind=kind, target=target, per_day="10"))
        assert named(read_study(folder)) == [("goals.csv", 2, "target")]

    @pytest.mark.parametrize("per_day", ["", "0", "-1", "10,500", "10;12"])
    def test_need_the_value_that_makes_a_day_count(self, folder, kind, per_day):
        put(folder, "goals.csv", goal(kind=kind, target="3", per_day=per_day))
        assert named(read_study(folder)) == [("goals.csv", 2, "per_day")]

    def test_may_derive_that_value_and_keep_their_target(self, folder, kind):
        found = only_goal(folder, kind=kind, target="3;4", derivation="percentile:60")
        assert (found.targets, found.per_day, found.derivation) == ((3, 4), None, "percentile:60")

    def test_need_a_target_beside_a_derivation(self, folder, kind):
        put(folder, "goals.csv", goal(kind=kind, target="", derivation="percentile:60"))
        assert named(read_study(folder)) == [("goals.csv", 2, "target")]

    def test_take_no_per_day_beside_a_derivation(self, folder, kind):
        put(folder, "goals.csv", goal(kind=kind, target="3", per_day="10", derivation="percentile:60"))
        assert named(read_study(folder)) == [("goals.csv", 2, "per_day")]


@pytest.mark.parametrize("kind", ["weekly_total", "daily_mean"])
@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("baseline_pct:10", "baseline_pct:10"),
        ("baseline_pct: 12.50", "baseline_pct:12.5"),
        ("baseline_plus:1500", "baseline_plus:1500"),
        ("baseline_plus:0", "baseline_plus:0"),
        ("percentile:60", "percentile:60"),
    ],
)
def test_a_derived_target_is_left_empty(folder, kind, written, kept):
    found = only_goal(folder, kind=kind, target="", derivation=written)
    assert (found.derivation, found.targets, found.per_day) == (kept, (), None)
    put(folder, "goals.csv", goal(kind=kind, derivation=written))
    assert named(read_study(folder)) == [("goals.csv", 2, "target")]


@pytest.mark.parametrize(
    "value", ["percentile:0", "percentile:100", "percentile:", "baseline_pct", "baseline_pct:-5", "baseline_plus:1,500"]
)
def test_a_derivation_that_cannot_be_is_a_fault(folder, value):
    put(folder, "goals.csv", goal(target="", derivation=value))
    assert named(read_study(folder)) == [("goals.csv", 2, "derivation")]


def test_a_hold_ends_after_it_begins_and_may_last_one_day(folder):
    put(folder, "holds.csv", "P01,2026-03-13,2026-03-12,", "P01,2026-03-13,2026-03-13,", "P01,2026-03-13,,")
    study = read_study(folder)
    assert named(study) == [("holds.csv", 2, "to_date"), ("holds.csv", 4, "to_date")]
    assert len(study.rows.holds) == 1


# Rows that depend on others ------------------------------------------------------------------------------------------
def test_every_row_of_an_unknown_participant_is_named(folder):
    put(folder, "infusions.csv", "I9,P09,2026-03-09,,")
    put(folder, "goals.csv", goal(participant_id="P09"))
    put(folder, "holds.csv", "P09,2026-03-12,2026-03-13,")
    put(folder, "zones.csv", "P09,2026-03-14,Europe/Berlin")
    study = read_study(folder)
    files = ["infusions.csv", "goals.csv", "holds.csv", "zones.csv"]
    assert named(study) == [(file, 2, "participant_id") for file in files]
    assert (study.rows.infusions, study.rows.goals, study.rows.holds, study.rows.zones) == ((), (), (), ())


def test_a_mistake_in_a_participants_row_makes_no_other_row_of_theirs_bad(folder):
    put(folder, "participants.csv", "P01,Mars,,", "P02,,,")
    study = read_study(folder)
    assert named(study) == [("participants.csv", 2, "timezone")]
    assert set(study.held_people) == {"P01"}
    assert {"P01", "P02"} == {g.participant_id for g in study.rows.goals} == set(study.people)


def test_a_goal_of_a_bad_infusion_is_named(folder):
    put(folder, "infusions.csv", "I1,P01,soon,,", "I3,P02,2026-03-10,,")
    assert named(read_study(folder)) == [("infusions.csv", 2, "infused_on"), ("goals.csv", 2, "infusion_id")]


def test_a_goal_of_somebody_elses_infusion_is_a_fault(folder):
    put(folder, "goals.csv", goal(infusion_id="I3"))
    (fault,) = read_study(folder).faults
    assert (fault.place, fault.found) == ("line 2, infusion_id", "is another participant's infusion")


def test_of_two_rows_with_one_key_the_second_is_the_bad_one(folder):
    put(folder, "participants.csv", "P01,,,", "P02,,,", "P01,Europe/Berlin,,")
    put(folder, "infusions.csv", "I1,P01,2026-03-09,,", "I1,P02,2026-03-10,,", "I3,P02,2026-03-11,,")
    put(folder, "goals.csv", goal(version="1"), goal(target="10"), goal(version="01"), goal(version="2", target="11"))
    put(folder, "zones.csv", "P01,2026-03-14,Europe/Berlin", "P01,2026-03-14,Asia/Tokyo")
    study = read_study(folder)
    assert named(study) == [
        ("participants.csv", 4, "participant_id"),
        ("infusions.csv", 3, "infusion_id"),
        ("goals.csv", 3, "version"),
        ("goals.csv", 4, "version"),
        ("zones.csv", 3, "from_date"),
    ]
    assert study.rows.participants[0].timezone is None
    assert [g.targets for g in study.rows.goals] == [(150,), (11,)]
    assert study.rows.zones[0].timezone == "Europe/Berlin"


def test_a_bad_first_row_does_not_make_its_double_the_good_one(folder):
    put(folder, "infusions.csv", "I1,P01,soon,,", "I1,P01,2026-03-09,,")
    put(folder, "goals.csv")
    study = read_study(folder)
    assert named(study) == [("infusions.csv", 2, "infused_on"), ("infusions.csv", 3, "infusion_id")]
    assert study.rows.infusions == ()


def test_the_second_of_two_infusions_of_one_person_on_one_date_is_quarantined_with_its_goals(folder):
    put(folder, "infusions.csv", "I1,P01,2026-03-09T09:00,,", "I2,P01,2026-03-09T15:00,stopped_early,")
    put(folder, "goals.csv", goal(infusion_id="I1"), goal(goal_id="G2", infusion_id="I2"))
    study = read_study(folder)
    assert named(study) == [("infusions.csv", 3, "infused_on"), ("goals.csv", 3, "infusion_id")]
    assert [i.infusion_id for i in study.rows.infusions] == ["I1"]


def test_infusions_that_did_not_happen_or_are_another_persons_share_a_date(folder):
    rows = (
        "I1,P01,2026-03-09,cancelled,",
        "I2,P01,2026-03-09,,",
        "I3,P01,2026-03-09,scheduled,",
        "I4,P02,2026-03-09,,",
    )
    put(folder, "infusions.csv", *rows)
    put(folder, "goals.csv")
    study = read_study(folder)
    assert (study.faults, len(study.rows.infusions)) == ([], 4)


# Versions ------------------------------------------------------------------------------------------------------------
def test_a_correction_without_a_date_waits_for_that_of_the_version_it_corrects(folder):
    put(folder, "goals.csv", goal(), goal(version="2", correction="TRUE", set_on="2026-03-20"))
    study = read_study(folder)
    assert study.faults == []
    assert [g.effective_from for g in study.rows.goals] == [date(2026, 3, 9), None]


def test_an_effective_from_is_kept_as_written(folder):
    assert only_goal(folder, effective_from="2026-03-01").effective_from == date(2026, 3, 1)


@pytest.mark.parametrize("version", ["", "1", "2"])
def test_a_correction_corrects_an_earlier_version(folder, version):
    put(folder, "goals.csv", goal(version=version, correction="true", effective_from="2026-03-01"))
    assert named(read_study(folder)) == [("goals.csv", 2, "correction")]


def test_a_correction_that_takes_the_date_of_a_bad_version_is_named(folder):
    later = goal(version="3", correction="true", set_on="2026-03-20")
    put(folder, "goals.csv", goal(), goal(version="2", set_on="soon"), later)
    assert named(read_study(folder)) == [("goals.csv", 3, "set_on"), ("goals.csv", 4, "effective_from")]


def test_a_correction_with_its_own_date_stands_without_the_bad_version(folder):
    later = goal(version="2", correction="true", effective_from="2026-03-09")
    put(folder, "goals.csv", goal(target="1O"), later)
    study = read_study(folder)
    assert named(study) == [("goals.csv", 2, "target")]
    assert [g.version for g in study.rows.goals] == [2]


def test_a_later_version_keeps_the_participant_and_may_change_kind_and_metric(folder):
    second = goal(version="2", kind="daily_mean", metric="steps", target="7000")
    put(folder, "goals.csv", goal(version="3", participant_id="P02"), second, goal())
    study = read_study(folder)
    assert named(study) == [("goals.csv", 2, "participant_id")]
    assert [(g.version, g.kind) for g in study.rows.goals] == [(2, "daily_mean"), (1, "weekly_total")]


# What the rest of the product gets -----------------------------------------------------------------------------------
def test_where_a_participant_was_says_how_it_is_known(folder):
    put(folder, "participants.csv", "P01,America/Chicago,,", "P02,,,", "P03,,,", "P04,America/Chicago,,")
    put(folder, "zones.csv", "P03,2026-03-20,Asia/Tokyo", "P03,2026-03-14,Europe/Berlin", "P04,2026-03-14,Asia/Tokyo")
    study = read_study(folder)
    moves = ((date(2026, 3, 14), "Europe/Berlin"), (date(2026, 3, 20), "Asia/Tokyo"))
    assert study.zone_log("P01") == ZoneLog("participant_home", "America/Chicago", clinic="America/New_York")
    assert study.zone_log("P02") == ZoneLog("assumed", "America/New_York", clinic="America/New_York")
    assert study.zone_log("P03") == ZoneLog("zone_log", "America/New_York", moves, clinic="America/New_York")
    assert study.zone_log("P04").source == "zone_log"
    with pytest.raises(KeyError):
        study.zone_log("P05")


def test_the_frames_are_the_tables_of_the_store(folder):
    with closing(open_store(folder / "warehouse")) as store:
        for table, frame in control_frames(read_study(folder)).items():
            stored = dict(store.frame(f"FROM {table}").schema)
            assert dict(frame.schema) == stored, f"models/study/rows.py and the store differ in {table}: a migration"


def test_the_frames_hold_the_rows(folder):
    study = read_study(folder)
    frames = control_frames(study)
    assert list(frames) == [
        "study", "participant", "infusion", "goal", "hold", "attendance", "attendance_part", "outcome", "covariate",
    ]  # fmt: skip
    assert frames["study"].row(0) == (
        "Riverside",
        "America/New_York",
        "iso",
        False,
        True,
        "until_next",
        4,
        7,
        "scale",
        "prorate",
    )
    columns = ("participant_id", "timezone", "source_priority", "foot_step_goals", "zones")
    assert frames["participant"].select(columns).rows() == [
        ("P01", "America/Chicago", "garmin;apple_watch", True, study.zone_log("P01").fingerprint),
        ("P02", "America/New_York", None, False, study.zone_log("P02").fingerprint),
    ]
    assert frames["goal"]["targets"].to_list() == [[Decimal(10), Decimal(12), Decimal("15.5")], [5], [], [7000]]
    assert frames["goal"]["effective_from"].to_list()[-1] is None
    assert frames["hold"].rows() == [("P01", date(2026, 3, 12), date(2026, 3, 13))]


def test_reading_changes_nothing_in_the_folder(folder):
    before = {p.name: p.read_bytes() for p in folder.iterdir()}
    read_study(folder)
    assert {p.name: p.read_bytes() for p in folder.iterdir()} == before


CELLS = [
    (name, row, column)
    for name, content in FILES.items()
    if name.endswith(".csv")
    for row, cells in enumerate(csv.reader(io.StringIO(content)))
    for column in range(len(cells))
]
NASTY = st.sampled_from(["", '"', ";", ",", "\n", "\r", '"\n', "\x00", "1", "true", "P02", "I3", "2026-03-10", "10;12"])
RELATIONS = ("participants", "infusions", "goals", "holds", "zones", "attendance", "outcomes")


@settings(deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    cell=st.sampled_from(CELLS),
    value=NASTY | st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
    as_bytes=st.none() | st.binary(max_size=6),
    quoted=st.booleans(),
)
def test_whatever_is_typed_into_one_cell_rows_stay_or_are_named(tmp_path, cell, value, as_bytes, quoted):
    name, row, column = cell
    shutil.rmtree(tmp_path / "s", ignore_errors=True)
    (tmp_path / "s").mkdir()
    for other, content in FILES.items():
        (tmp_path / "s" / other).write_text(content, encoding="utf-8")
    cells = [line.split(",") for line in FILES[name].splitlines()]  # no cell of the sound study needs quoting
    typed = '"' + value.replace('"', '""') + '"' if quoted else value
    cells[row][column] = "@@"
    text = "".join(",".join(line) + "\n" for line in cells).encode()
    (tmp_path / "s" / name).write_bytes(text.replace(b"@@", typed.encode() if as_bytes is None else as_bytes))
    try:
        study = read_study(tmp_path / "s")
    except StudyError as error:
        assert len(str(error).splitlines()) == 1  # noqa: PT017
        return
    control_frames(study)
    if not study.faults:
        for relation in RELATIONS:
            rows = FILES[f"{relation}.csv"].count("\n") - 1
            assert len(getattr(study.rows, relation)) == rows
    for fault in study.faults:
        assert len(str(fault).splitlines()) == 1
