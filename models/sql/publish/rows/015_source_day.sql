-- Rule: R5.1, R5.2
-- Grain: one row per participant, local_date and device that has something to say of that day.
SELECT participant_id, local_date, rank, source, device_class, steps, in_minutes(wear_ms) AS wear_minutes,
       coalesce(wear_method, 'none') AS wear_method, is_partial
FROM source_day SEMI JOIN participant USING (participant_id)
ORDER BY participant_id, local_date, rank
