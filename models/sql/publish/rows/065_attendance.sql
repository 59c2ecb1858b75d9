-- Rule: R2.15
-- Grain: one row per usable row of attendance.csv.
SELECT participant_id, session_id, date, activity, minutes, as_instant(begins) AS start_time, led_by
FROM attendance SEMI JOIN participant USING (participant_id)
ORDER BY participant_id, date, session_id
