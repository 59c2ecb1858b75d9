"""Every vocabulary of the product in one place; docs/rules.md says what the words mean (R2.7, R4.5, R9.1).

SQL has them by the macros of models/store/connect.py.
"""

from __future__ import annotations

ACTIVITIES = (
    "walking", "hiking", "running", "cycling", "swimming", "yoga", "pilates", "tai_chi", "stretching", "dance",
    "strength", "aerobics", "hiit", "sport", "massage", "breathwork", "meditation", "other",
)  # fmt: skip
WALKS = ("walking", "hiking")
WORKOUTS = ("strength", "aerobics", "hiit", "sport", "running", "cycling", "swimming", "dance")

# Device classes, best first: who is believed when two devices saw the same minute (R5.2).
DEVICE_CLASSES = ("study", "wrist", "ring", "clip", "phone", "unknown", "self_report")
WEARABLES = DEVICE_CLASSES[:4]  # on the body for as long as they are worn

# A device sees a passive metric without being told; a logged one exists only if somebody records it.
# The difference decides what "nothing recorded" means (R2.13, R11.4).
PASSIVE_METRICS = (
    "steps", "walking_minutes", "brisk_minutes", "moderate_minutes", "vigorous_minutes", "mvpa_minutes",
    "mvpa_equivalent_minutes", "exercise_minutes", "movement_minutes",
)  # fmt: skip
LOGGED_METRICS = ("workout_minutes", "strength_minutes", "yoga_minutes", "dance_minutes", "massage_minutes")
METRICS = PASSIVE_METRICS + LOGGED_METRICS

GOAL_KINDS = ("weekly_total", "daily_mean", "days_with", "streak")
# Who set a goal, cleared it or led a session, as far as that is stored and published: what they are, never who (R9.8).
ROLES = (
    "physician", "psychiatrist", "psychologist", "nurse", "therapist", "physiotherapist", "coordinator", "patient",
    "other",
)  # fmt: skip
LANGUAGES = ("en", "de", "es", "fr")  # of a letter: flows/letter/words
INFUSED = ("completed", "stopped_early")  # states of an infusion that happened: only these begin and cut weeks
# Acceleration in mg from which a minute is light, moderate, vigorous: what research programs print of it depends on it
# (R2.14). A study that agreed on others says so in study.toml.
CUT_POINTS = "L40M100V400"
CUT_POINTS_FORM = r"L\d{1,4}(?:\.\d{1,4})?M\d{1,4}(?:\.\d{1,4})?V\d{1,4}(?:\.\d{1,4})?"
NO_READER = "a kind of file that no reader knows"  # how a file is called that is in no known export
PLUG_INS = "stepwindow.connectors"  # entry points by which other packages bring readers (docs/plugins.md)
