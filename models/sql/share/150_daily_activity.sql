-- Rule: R15.1, R15.2, R15.4
-- Grain: one row per participant and study day.
-- More than 23 hours of wear would tell the days of 23 and 25 hours, and those are dates. For the same reason there is
-- no length of the day, and of the flags only those that no clock or journey has to do with.
CREATE TABLE rows.daily_activity AS
SELECT key_of('participant', d.participant_id) AS participant_key, s.study_day, d.day_state, d.is_partial, d.steps,
       d.walking_minutes, d.walking_method, d.brisk_minutes, d.moderate_minutes, d.vigorous_minutes, d.mvpa_minutes,
       d.mvpa_equivalent_minutes, d.intensity_method, d.exercise_minutes, d.exercise_method, d.workout_minutes,
       d.strength_minutes, d.yoga_minutes, d.dance_minutes, d.movement_minutes, d.massage_minutes,
       CASE WHEN d.wear_minutes < 23 * 60 THEN floor(d.wear_minutes / 60)
            WHEN d.wear_minutes IS NOT NULL THEN 23 END::INTEGER AS wear_hours, d.wear_method,
       common_or_other('source', d.primary_source) AS primary_source,
       array_to_string(list_sort(list_distinct([CASE WHEN list_contains(c.labels, x) THEN x ELSE 'other' END
                                                for x IN string_split(d.sources, ';')])), ';') AS sources,
       nullif(array_to_string([x for x IN string_split(d.flags, ';') if x IN ('gap_filled', 'typed_in',
           'total_preferred', 'exercise_larger_of_two', 'movement_larger_of_two', 'session_steps', 'implausible_minute',
           'morning_unseen')], ';'), '') AS flags,
       d.light_minutes, d.peak_1_cadence, d.peak_30_cadence, d.longest_walking_bout_minutes,
       d.cadence_1_19_minutes, d.cadence_20_39_minutes, d.cadence_40_59_minutes, d.cadence_60_79_minutes,
       d.cadence_80_99_minutes, d.cadence_100_119_minutes, d.cadence_120_minutes
FROM published.daily_activity d JOIN shared_day s USING (participant_id, local_date)
CROSS JOIN (SELECT coalesce(list(label) FILTER (kind = 'source'), []) AS labels FROM common) c
ORDER BY participant_key, study_day;
