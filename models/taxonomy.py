"""Every vocabulary of the product in one place. Sources: contract sections 3-5, measurement sections 2, 3 and 8."""

from __future__ import annotations

ACTIVITIES = (
    "walking", "hiking", "running", "cycling", "swimming", "yoga", "pilates", "tai_chi", "stretching", "dance",
    "strength", "aerobics", "hiit", "sport", "massage", "breathwork", "meditation", "other",
)  # fmt: skip
WALKS = ("walking", "hiking")
WORKOUTS = ("strength", "aerobics", "hiit", "sport", "running", "cycling", "swimming", "dance")

# Device classes, best first: who is believed when two devices saw the same minute (measurement section 4, layer 5).
DEVICE_CLASSES = ("study", "wrist", "ring", "clip", "phone", "unknown", "self_report")

# A device sees a passive metric without being told; a logged one exists only if somebody records it.
# The difference decides what "nothing recorded" means (measurement section 3.5).
PASSIVE_METRICS = (
    "steps", "walking_minutes", "brisk_minutes", "moderate_minutes", "vigorous_minutes", "mvpa_minutes",
    "mvpa_equivalent_minutes", "exercise_minutes", "movement_minutes",
)  # fmt: skip
LOGGED_METRICS = ("workout_minutes", "strength_minutes", "yoga_minutes", "dance_minutes", "massage_minutes")
METRICS = PASSIVE_METRICS + LOGGED_METRICS

GOAL_KINDS = ("weekly_total", "daily_mean", "days_with", "streak")
NO_READER = "a kind of file that no reader knows"  # how a file is called that is in no known export
DAY_STATES = ("valid", "insufficient_wear", "implausible", "no_data")
