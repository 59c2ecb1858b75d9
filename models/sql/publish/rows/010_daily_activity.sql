-- Rule: R4.10, R14.1
-- Grain: one row per participant and local_date, without a gap from the first day with data to the last.
SELECT d.participant_id, d.local_date, d.day_state, d.is_partial, d.steps,
       in_minutes(d.walking_ms) AS walking_minutes, d.walking_method, in_minutes(d.brisk_ms) AS brisk_minutes,
       in_minutes(d.moderate_ms) AS moderate_minutes, in_minutes(d.vigorous_ms) AS vigorous_minutes,
       in_minutes(d.mvpa_ms) AS mvpa_minutes, in_minutes(d.mvpa_equivalent_ms) AS mvpa_equivalent_minutes,
       d.intensity_method, in_minutes(d.exercise_ms) AS exercise_minutes, d.exercise_method,
       in_minutes(d.workout_ms) AS workout_minutes, in_minutes(d.strength_ms) AS strength_minutes,
       in_minutes(d.yoga_ms) AS yoga_minutes, in_minutes(d.dance_ms) AS dance_minutes,
       in_minutes(d.movement_ms) AS movement_minutes, in_minutes(d.massage_ms) AS massage_minutes,
       in_minutes(d.wear_ms) AS wear_minutes, d.wear_method, (d.day_ms // 60000)::INTEGER AS day_minutes,
       d.primary_source, d.sources, d.flags,
       in_minutes(d.light_ms) AS light_minutes, d.peak_1_cadence,
       round(d.peak_30_steps / 30, 3)::DECIMAL(18, 3) AS peak_30_cadence,
       in_minutes(d.longest_walking_ms) AS longest_walking_bout_minutes,
       d.cadence_bands[1]::INTEGER AS cadence_1_19_minutes,
       d.cadence_bands[2]::INTEGER AS cadence_20_39_minutes,
       d.cadence_bands[3]::INTEGER AS cadence_40_59_minutes,
       d.cadence_bands[4]::INTEGER AS cadence_60_79_minutes,
       d.cadence_bands[5]::INTEGER AS cadence_80_99_minutes,
       d.cadence_bands[6]::INTEGER AS cadence_100_119_minutes,
       d.cadence_bands[7]::INTEGER AS cadence_120_minutes
FROM day d SEMI JOIN participant USING (participant_id)
ORDER BY participant_id, local_date
