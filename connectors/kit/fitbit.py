"""What travels with exports of the Fitbit app and holds nothing we need."""

from __future__ import annotations

# By its header, or by its name inside a Takeout folder.
COMPANION_HEADERS = {
    ("timestamp", "steps", "distance millimeters"): "live pace: repeats the tracker's steps of an exercise",
    ("timestamp", "distance"): "distance",
    ("timestamp", "calories"): "calories",
    ("timestamp", "kilocalories"): "calories",
    ("timestamp", "floors"): "floors",
    ("sleep_id", "sleep_type"): "sleep",
    ("sleep_id", "sleep_stage_id"): "sleep",
    ("sleep_log_entry_id", "overall_score"): "sleep",
}
COMPANION_NAMES = {
    r"daily_": "a daily value of a family not needed here",
    r"resting_heart_rate": "a resting heart rate is a value, not a sign of wear",
    r"(user)?sleep|.*sleep score|.*(spo2|oxygen|respirat|snore|temperature|variability|hrv)": "sleep and night values",
    r"(distance|calories|floors|altitude|elevation|active_energy|swim_|sedentary|time_in_heart_rate_zone|calories_in_"
    r"|cardio_load|micro_|live_pace|demographic|run_vo2|badge|estimated_)": "a family not needed here",
    r"(weight|height|body|food|water|nutrition|menstrual|glucose|blood|ecg|afib|stress|mindful)": "health values",
    r"(coarse|weather|location)": "places: never read",
    r"(profile|devices|trackers|account|user(?!exercises)|coach|goal|app|calibration|weekly|workoutsummar|social"
    r"|friends|premium|notification|commerce|email)": "account settings",
}
