-- The day as it is resolved. Parameters: who, day.
SELECT day_state, is_partial, steps, walking_ms / 60000 AS walking_minutes, walking_method,
       mvpa_ms / 60000 AS mvpa_minutes, intensity_method, exercise_ms / 60000 AS exercise_minutes, exercise_method,
       movement_ms / 60000 AS movement_minutes, workout_ms / 60000 AS workout_minutes,
       strength_ms / 60000 AS strength_minutes, yoga_ms / 60000 AS yoga_minutes, dance_ms / 60000 AS dance_minutes,
       massage_ms / 60000 AS massage_minutes, wear_ms / 60000 AS wear_minutes, wear_method,
       day_ms // 60000 AS day_minutes, primary_source, sources, flags
FROM resolved_day WHERE participant_id = $who AND local_date = $day
