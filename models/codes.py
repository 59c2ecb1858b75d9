"""What each code means that a published column can hold: a state, reason, cause, flag or class, each in one place.

The relation `code` and the comments of the published columns (models/sql/publish/form, where `{codes}` or `{names}`
stands) are made from here. A new code is a line here; so is a new column that holds codes, in COLUMNS.
"""

from __future__ import annotations

from collections.abc import Iterator

_BOTH_WAYS = {
    "next_infusion": "the next infusion has begun",
    "left": "after the last date that counts of somebody who left",
}
_CAUSES = {
    "first_verdict": "there was none before, or none that could be given",
    "infusion_moved": "the date of an infusion is another",
    "infusion_cancelled": "an infusion did not happen",
    "infusion_added": "an infusion was added",
    "infusion_changed": "an infusion belongs to another course",
    "correction": "a version that corrects a mistake rules now",
    "goal_changed": "the goal or its version is another, or it is no longer asked",
    "participant_changed": "the person's row is another, or the person is gone",
    "hold_changed": "other days are on hold",
    "zone_changed": "the dates were cut by other time zones",
    "file_moved": "a file belongs to another person",
    "file_unloaded": "a file was taken out by hand",
    "corrected_data": "days were told again by a newer export, or a session at the clinic is another",
    "settings_changed": "study.toml says something else",
    "code_changed": "another version of stepwindow judged, or read a file again",
    "late_data": "a file or a session at the clinic came later",
    "time_passed": "the week went on, or the days of grace ended",
}
_REASONS = {
    "lower_bound": "what was seen is enough by itself, though a day gave nothing",
    "unreachable": "the week runs, and its number of days cannot be reached any more",
    "awaiting_data": "the week is over, and files are waited for",
    "control_row_unusable": "a row of a control file cannot be used, and no verdict stands",
    **_BOTH_WAYS,
    "on_hold": "the days, or the goal, are excused",
    "goal_not_in_force": "no version of the goal was in force",
    "not_applicable": "step goals do not apply to this person",
    "baseline_unavailable": "too few days to derive the target from",
    "window_too_short": "fewer than four days count, or fewer than the run of days has",
    "window_truncated": "cut short, in a study that judges whole weeks only",
    "no_log": "nothing at all was logged in the week, which does not say that nothing was done",
    "no_data": "nothing was seen",
    "not_met_degree_unknown": "out of reach, and unseen days hide by how much",
    "undecidable_missing_days": "unseen days could decide it either way",
    "too_few_valid_days": "valid days are fewer than four sevenths of those that count",
}
_CUT = {
    **_BOTH_WAYS,
    "hold": "excused on clinical grounds",
    "date_skipped": "a date that crossing the date line left out",
}
_WHY_NOT = {"day_0": "the day of the infusion itself", "infusion_day": "the day of another infusion", **_CUT}
_NOT_OVER = {"not_over": "the day is not over as of the last run"}
_DEVICE_CLASSES = {
    "study": "a device of the study's own",
    "wrist": "worn on the wrist",
    "ring": "worn on a finger",
    "clip": "clipped on, or worn elsewhere on the body",
    "phone": "a phone, which proves no wear",
    "unknown": "not known; it may be a copy of another source",
    "self_report": "typed in by hand",
}
VOCABULARIES: dict[str, dict[str, str]] = {
    "day_state": {
        "valid": "worn at least 600 minutes (or a complete daily count of at least 1,000 steps where wear cannot be "
        "known)",
        "insufficient_wear": "something was seen, less than that, or a clock is not believed (clock_suspect in flags): "
        "its figures are lower bounds",
        "implausible": "over 45,000 steps",
        "no_data": "nothing",
    },
    "method": {
        "device": "the vendor's or the device's own figure",
        "cadence": "from steps by the minute",
        "session": "from recorded or written activities only",
        "none": "not known",
    },
    "wear_method": {
        "hr": "a heart rate was measured, at least every quarter of an hour half of the time",
        "steps": "from runs of minutes without steps",
        "none": "only a count exists",
    },
    "flag": {
        "gap_filled": "minutes of a lower-ranked source fill those that no better one covers",
        "typed_in": "some of the steps were typed in by hand",
        "total_preferred": "a phone's valid count was taken before a badly worn watch",
        "exercise_larger_of_two": "exercise is the larger of two totals that cannot be united",
        "movement_larger_of_two": "movement is the larger of two totals that cannot be united",
        "session_steps": "the steps are those of sessions: nothing else counted any",
        "implausible_minute": "a minute had more than 250 steps: they count, its cadence does not",
        "utc_day": "the vendor's total is of a UTC day",
        "entry_without_time": "an entry without a start time added minutes",
        "tz_changed": "the date was more than an hour longer or shorter than 24 hours: a journey",
        "date_skipped": "crossing the date line left this date out",
        "clock_suspect": "the clock of a device was three hours or more off every zone the person is known in: the day "
        "is never valid",
        "morning_unseen": "the data begin late with counters that were running already: minutes are lower bounds",
    },
    "device_class": _DEVICE_CLASSES,
    "metric": {
        "steps": "steps",
        "walking_minutes": "minutes of walking",
        "brisk_minutes": "minutes at 100 steps a minute or more",
        "moderate_minutes": "minutes of moderate intensity",
        "vigorous_minutes": "minutes of vigorous intensity",
        "mvpa_minutes": "minutes of moderate to vigorous intensity",
        "mvpa_equivalent_minutes": "moderate plus twice vigorous minutes",
        "exercise_minutes": "minutes of moderate to vigorous intensity or inside a workout, each once",
        "movement_minutes": "minutes of walking, exercise, yoga or dance, each once",
        "workout_minutes": "minutes of workouts recorded or written down",
        "strength_minutes": "minutes of strength training recorded or written down",
        "yoga_minutes": "minutes of yoga recorded or written down",
        "dance_minutes": "minutes of dance recorded or written down",
        "massage_minutes": "minutes of massage recorded or written down, never movement",
    },
    "goal_kind": {
        "weekly_total": "the sum of the week",
        "daily_mean": "the mean of its days",
        "days_with": "the number of days with enough",
        "streak": "the longest run of such days",
    },
    "verdict": {
        "upcoming": "not begun",
        "in_progress": "running, or waiting for files",
        "met": "the target is reached",
        "partly_met": "at least half",
        "missed": "less than half, and enough was seen to say so",
        "insufficient_data": "cannot be said",
        "superseded": "replaced, or no day of it counts",
    },
    "reason": _REASONS,
    "reason_of_then": _REASONS | {f: m for f, m in _CAUSES.items() if f not in ("first_verdict", "time_passed")},
    "basis": {
        "observed": "every eligible day counted was seen",
        "estimated": "mean of the valid days, for a total times the eligible days",
    },
    "cut_by": _CUT | {"goal_not_in_force": "the goal began later"},
    "cause": _CAUSES,
    "why_not": _WHY_NOT,
    "why_not_of_date": _WHY_NOT | _NOT_OVER | {
        "no_infusion": "no infusion of the person happened",
        "before_infusion": "before the first infusion",
        "not_followed": "in no week that is followed",
    },
    "why_not_of_goal": _WHY_NOT | _NOT_OVER | {"goal_not_in_force": "the goal began later"},
    "phase": {
        "before": "before the first infusion",
        "infusion_day": "the day of the infusion itself",
        "window": "in the weeks that are followed after it",
        "after": "later than those, or the infusion has none",
    },
    "activity": {
        "walking": "walking", "hiking": "hiking", "running": "running", "cycling": "cycling",
        "swimming": "swimming", "yoga": "yoga", "pilates": "pilates", "tai_chi": "tai chi",
        "stretching": "stretching", "dance": "dance", "strength": "strength training",
        "aerobics": "aerobics", "hiit": "intervals of high intensity",
        "sport": "a sport or game", "massage": "massage, never movement", "breathwork": "breathing exercises",
        "meditation": "meditation", "other": "anything else, or a word that is not known",
    },
    "modality": {
        "sensed": "by a device",
        "self_reported": "written down or typed in by the person",
        "clinic_recorded": "written down by the clinic (attendance)",
    },
    "role": {
        "physician": "a physician", "psychiatrist": "a psychiatrist", "psychologist": "a psychologist",
        "nurse": "a nurse", "therapist": "a therapist", "physiotherapist": "a physiotherapist",
        "coordinator": "a coordinator of the study", "patient": "the person", "other": "none that is known here",
    },
    "language": {"en": "English", "de": "German", "es": "Spanish", "fr": "French"},
    "infusion_status": {
        "completed": "it happened",
        "stopped_early": "it happened, and was ended before its time",
        "scheduled": "it is planned",
        "cancelled": "it did not happen",
    },
    "goal_status": {
        "active": "in use",
        "on_hold": "not judged for now",
        "cancelled": "no longer asked",
    },
    "file_status": {
        "loaded": "its rows count",
        "duplicate": "its content was known",
        "rejected": "refused as a whole (rejection)",
        "ignored": "it holds nothing that is needed, or no reader knows it in an export whose other files are known",
        "unloaded": "taken out by hand (`stepwindow unload`)",
    },
    "not_used": {
        "rejected_file": "a file of the inbox, or records of it",
        "inbox": "a thing in the inbox that is not opened",
        "unknown_folder": "a folder of nobody who is known",
        "control_file": "a row of a control file",
        "lost_rows": "a control file that is not believed",
        "alarm": "the inbox as a whole",
        "plug_in": "a reader of another package",
    },
    "command": {
        "nightly": "what is new",
        "backfill": "again, or in part",
        "unload": "after a file was taken out by hand",
        "forget": "after a person was taken out",
    },
    "run_outcome": {
        "clean": "everything new was used",
        "with rejections": "something new was not used, or there is an alarm for the study",
        "with people held": "somebody stands as before (participant.held_reason)",
        "killed": "it began, and never came to its end",
    },
    "anchor": {
        "until_next": "to the last infusion before it",
        "overlapping": "to every infusion whose weeks it lies in; never add over infusions",
        "course": "to the last infusion of a course; the others have no weeks",
    },
    "estimate": {
        "scale": "from the days that were seen",
        "none": "not at all",
    },
    "truncation": {
        "prorate": "its target is made smaller with its days",
        "flag": "no verdict but met",
    },
    "dates": {
        "iso": "only dates that can be read in one way",
        "month_first": "as month, day, year",
        "day_first": "as day, month, year",
    },
}  # fmt: skip
# Which published columns hold them.
COLUMNS: dict[str, tuple[str, ...]] = {
    "day_state": ("daily_activity.day_state", "person_day.day_state", "verdict_evidence.day_state"),
    "method": tuple(f"daily_activity.{what}_method" for what in ("walking", "intensity", "exercise")),
    "wear_method": ("daily_activity.wear_method", "source_day.wear_method"),
    "flag": ("daily_activity.flags",),  # joined by ;
    "device_class": ("source_day.device_class",),
    "metric": ("goal.metric", "goal_week.metric", "goal_week_history.metric"),
    "goal_kind": ("goal.kind", "goal_week.kind", "goal_week_history.kind"),
    "verdict": (
        "goal_week.status", "goal_week_history.status", "post_lock_difference.frozen_status",
        "post_lock_difference.status",
    ),
    "reason": ("goal_week.reason", "post_lock_difference.frozen_reason", "post_lock_difference.reason"),
    "reason_of_then": ("goal_week_history.reason",),
    "basis": ("goal_week.basis", "goal_week_history.basis"),
    "cut_by": ("goal_week.truncated_by", "goal_week_history.truncated_by"),  # joined by ;
    "cause": ("goal_week_history.cause", "post_lock_difference.cause"),
    "why_not": ("infusion_window.why_not",),
    "why_not_of_date": ("person_day.why_not",),
    "why_not_of_goal": ("verdict_evidence.why_not",),
    "phase": ("person_day.phase",),
    "activity": ("session.activity", "attendance.activity"),
    "modality": ("session.modality",),
    "role": ("attendance.led_by", "goal.set_by", "goal.cleared_by"),
    "language": ("participant.language",),
    "infusion_status": ("infusion.status",),
    "goal_status": ("goal.status",),
    "file_status": ("source_file.status",),
    "not_used": ("rejection.kind",),
    "command": ("run.command",),
    "run_outcome": ("run.outcome",),
    "anchor": ("study.anchor",),
    "estimate": ("study.estimate",),
    "truncation": ("study.truncation",),
    "dates": ("study.dates",),
}  # fmt: skip
# Those that hold several in one text, joined by ;
JOINED = ("daily_activity.flags", "goal_week.truncated_by", "goal_week_history.truncated_by")


def codes_of(column: str) -> dict[str, str]:
    """The codes that a published column (`relation.column`) can hold, with what they mean; none: it holds no codes."""
    return next((VOCABULARIES[name] for name, columns in COLUMNS.items() if column in columns), {})


def code_rows() -> list[tuple[str, str, str, str]]:
    """(relation, column, code, meaning) of every code, in the order that they have here."""
    return [
        (*column.split("."), code, meaning)  # type: ignore[misc]
        for vocabulary, columns in COLUMNS.items()
        for column in columns
        for code, meaning in VOCABULARIES[vocabulary].items()
    ]


def in_comments() -> Iterator[tuple[str, str, str]]:
    """(column, its codes with what they mean, its codes alone), as a comment says them."""
    for vocabulary, columns in COLUMNS.items():
        codes = VOCABULARIES[vocabulary]
        meanings = "; ".join(f"{code}: {meaning}" for code, meaning in codes.items())
        *names, last = codes
        for column in columns:
            yield column, meanings, f"{', '.join(names)} or {last}"
