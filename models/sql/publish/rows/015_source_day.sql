SELECT participant_id, local_date, rank, source, device_class, steps, in_minutes(wear_ms) AS wear_minutes,
       coalesce(wear_method, 'none') AS wear_method, is_partial
FROM source_day SEMI JOIN participant USING (participant_id)
ORDER BY participant_id, local_date, rank
