-- Who is followed and quiet. Followed: a day after an infusion, today or in the days that a week waits for files.
-- Quiet: no day with data in these. Parameters: as_of, grace_days.
SELECT p.participant_id, d.data_until, $as_of - d.data_until AS days_ago
FROM participant p LEFT JOIN (
    SELECT participant_id, max(local_date) AS data_until FROM (
        SELECT participant_id, local_date FROM known_day WHERE day_state <> 'no_data'
        UNION ALL SELECT participant_id, covers_to FROM known_file WHERE connector = 'diary' AND status = 'loaded'
    ) GROUP BY participant_id
) d USING (participant_id)
SEMI JOIN (
    SELECT participant_id FROM known_window WHERE why_not IS DISTINCT FROM 'left' GROUP BY participant_id, infusion_id
    HAVING $as_of - greatest($grace_days, 1) > min(local_date) AND $as_of - 1 <= max(local_date)
) w USING (participant_id)
WHERE d.data_until IS NULL OR $as_of - d.data_until > greatest($grace_days, 1)
ORDER BY d.data_until NULLS FIRST, participant_id
