-- Rule: R1.1, R2.7, R2.10, R2.12, R2.13, R2.16, R2.17, R3.4, R3.6, R4.5, R4.7, R5.9
-- Grain: one row per participant and touched local_date, as in table `day`.
CREATE OR REPLACE TEMP TABLE resolved_day AS
WITH base AS (
    SELECT t.participant_id, t.local_date, t.begins, t.ends, c.* EXCLUDE (participant_id, local_date),
           f.* EXCLUDE (participant_id, local_date), m.* EXCLUDE (participant_id, local_date),
           w.* EXCLUDE (participant_id, local_date),
           c.kind IN ('minutes', 'alone') AND (f.has_cadence OR c.steps = 0) AS by_cadence,
           by_cadence AND coalesce(p.is_true, TRUE) AND coalesce(p.placed_steps, 0) = c.steps AS by_true_minutes,
           p.peak_1, p.peak_30_steps, p.cadence_bands, l.light_ms,
           o.walking_ms AS total_walking_ms, o.moderate_ms AS total_moderate_ms, o.vigorous_ms AS total_vigorous_ms,
           o.mvpa_ms AS total_mvpa_ms
    FROM touched_day t
    LEFT JOIN chosen c USING (participant_id, local_date)
    LEFT JOIN day_facts f USING (participant_id, local_date)
    LEFT JOIN measured m USING (participant_id, local_date)
    LEFT JOIN written w USING (participant_id, local_date)
    LEFT JOIN paced_day p USING (participant_id, local_date)
    LEFT JOIN light_day l USING (participant_id, local_date)
    LEFT JOIN device_day o ON o.device_id = c.device_id AND o.local_date = t.local_date AND c.kind = 'total'
),
intensity AS (
    SELECT *,
           CASE WHEN kind = 'total' AND coalesce(total_moderate_ms, total_vigorous_ms, total_mvpa_ms) IS NOT NULL
                THEN 'total'
                WHEN kind = 'minutes' AND has_judged_minutes THEN 'minutes'
                WHEN kind = 'minutes' AND coalesce(base.moderate_ms, base.vigorous_ms, base.mvpa_ms) IS NOT NULL
                THEN 'counter'
                WHEN by_cadence THEN 'cadence' END AS intensity_from
    FROM base
),
measures AS (
    SELECT *,
           CASE intensity_from WHEN 'total' THEN total_moderate_ms WHEN 'counter' THEN moderate_ms
                WHEN 'minutes' THEN coalesce(moderate, 0) WHEN 'cadence' THEN coalesce(moderate, 0) END
                    AS moderate_reported,
           CASE intensity_from WHEN 'total' THEN total_vigorous_ms WHEN 'counter' THEN vigorous_ms
                WHEN 'minutes' THEN coalesce(vigorous, 0) WHEN 'cadence' THEN coalesce(vigorous, 0) END
                    AS vigorous_reported,
           CASE WHEN by_cadence THEN coalesce(walking, 0) ELSE walking END AS walking_placed,
           CASE WHEN kind = 'total' THEN total_walking_ms WHEN NOT by_cadence THEN device_walking_ms END
               AS walking_reported,
           CASE WHEN workout IS NOT NULL OR extra_workout IS NOT NULL
                THEN coalesce(workout, 0) + coalesce(extra_workout, 0) END AS workouts
    FROM intensity
),
settled AS (
    SELECT *, greatest(walking_placed, walking_reported, walking_total) AS walking_ms,
           coalesce(moderate_reported + vigorous_reported, total_mvpa_ms,
                    CASE WHEN intensity_from = 'counter' THEN mvpa_ms END) AS mvpa_reported
    FROM measures
),
moved AS (
    SELECT *,
           CASE WHEN intensity_from IN ('minutes', 'cadence')
                THEN coalesce(exercise, 0) + greatest(0, coalesce(extra_workout, 0) - coalesce(unlabelled, 0))
                ELSE greatest(mvpa_reported, workouts) END AS exercise_ms
    FROM settled
)
SELECT participant_id, local_date,
       CASE WHEN kind IS NULL AND sources IS NULL THEN 'no_data'
            -- as where a device counted them (090_candidate)
            WHEN steps IS NULL AND is_implausible(session_steps) THEN 'implausible'
            WHEN is_clock_suspect AND day_state = 'valid' THEN 'insufficient_wear'
            ELSE coalesce(day_state, 'insufficient_wear') END AS day_state,
       coalesce(NOT is_complete OR is_late, FALSE) AS is_partial, coalesce(is_late, FALSE) AS is_morning_unseen,
       coalesce(steps, session_steps) AS steps,
       walking_ms, device_walking_ms,
       CASE WHEN walking_ms IS NULL THEN 'none'
            WHEN walking_reported IS NOT NULL AND walking_reported = walking_ms THEN 'device'
            WHEN by_cadence THEN 'cadence' ELSE 'session' END AS walking_method,
       CASE WHEN by_cadence THEN coalesce(brisk, 0) END AS brisk_ms,
       moderate_reported AS moderate_ms, vigorous_reported AS vigorous_ms, mvpa_reported AS mvpa_ms,
       moderate_reported + 2 * vigorous_reported AS mvpa_equivalent_ms,
       CASE WHEN mvpa_reported IS NULL THEN 'none' WHEN intensity_from = 'cadence' THEN 'cadence' ELSE 'device' END
           AS intensity_method,
       exercise_ms,
       CASE WHEN exercise_ms IS NULL THEN 'none' WHEN intensity_from IN ('minutes', 'cadence')
                THEN if(intensity_from = 'minutes', 'device', 'cadence')
            WHEN exercise_ms = mvpa_reported THEN 'device' ELSE 'session' END AS exercise_method,
       workouts AS workout_ms,
       greatest(strength, strength_total) AS strength_ms, greatest(yoga, yoga_total) AS yoga_ms,
       greatest(dance, dance_total) AS dance_ms,
       -- a diary walk without a time that is longer than what was seen of walking lengthens movement by the difference
       CASE WHEN coalesce(walking_ms, exercise_ms, movement, yoga_total) IS NOT NULL THEN greatest(
           coalesce(movement, 0) + coalesce(walking_ms, 0) - coalesce(greatest(walking_placed, walking_reported), 0)
               + greatest(0, coalesce(extra_workout, 0) + coalesce(extra_yoga, 0) - coalesce(unlabelled, 0)),
           walking_ms, exercise_ms) END AS movement_ms,
       greatest(massage, massage_total) AS massage_ms,
       CASE WHEN kind = 'minutes' THEN wear_ms END AS wear_ms, coalesce(wear_method, 'none') AS wear_method,
       greatest(0, epoch_ms(ends) - epoch_ms(begins)) AS day_ms,
       coalesce(is_logged, FALSE) AS is_logged,
       -- what the clinic keeps comes last, and is nothing that the person handed over
       coalesce(source, nullif(string_split(sources, ';')[1], 'attendance')) AS primary_source, sources,
       nullif(concat_ws(';',
           CASE WHEN ends <= begins THEN 'date_skipped'
                WHEN abs(epoch_ms(ends) - epoch_ms(begins) - 86400000) > 3600000 THEN 'tz_changed' END,
           CASE WHEN is_clock_suspect THEN 'clock_suspect' END,
           CASE WHEN is_late THEN 'morning_unseen' END,
           CASE WHEN kind = 'minutes' AND is_filled THEN 'gap_filled' END,
           CASE WHEN kind = 'minutes' AND is_typed THEN 'typed_in' END,
           CASE WHEN by_total THEN 'total_preferred' END,
           CASE WHEN intensity_from IN ('total', 'counter') AND workouts > 0 AND mvpa_reported > 0
                THEN 'exercise_larger_of_two' END,
           CASE WHEN kind = 'total' AND walking_reported > 0 AND (walking_placed > 0 OR exercise_ms > 0)
                THEN 'movement_larger_of_two' END,
           CASE WHEN steps IS NULL AND session_steps IS NOT NULL THEN 'session_steps' END,
           CASE WHEN has_implausible_minute THEN 'implausible_minute' END,
           CASE WHEN day_basis = 'utc' THEN 'utc_day' END,
           CASE WHEN coalesce(walking_total, extra_workout, yoga_total, massage_total) IS NOT NULL
                THEN 'entry_without_time' END
       ), '') AS flags,
       light_ms,
       CASE WHEN by_true_minutes THEN coalesce(peak_1, 0) END AS peak_1_cadence,
       CASE WHEN by_true_minutes THEN coalesce(peak_30_steps, 0) END AS peak_30_steps,
       CASE WHEN by_true_minutes THEN coalesce(longest_walking, 0) END AS longest_walking_ms,
       CASE WHEN by_true_minutes THEN coalesce(cadence_bands, [0, 0, 0, 0, 0, 0, 0]) END AS cadence_bands
FROM moved;
