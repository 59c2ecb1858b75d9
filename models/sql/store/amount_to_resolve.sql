-- Who was asked about and has stale days, or moved, and how much there is to resolve of them: minutes and readings.
-- Parameters: moved (people), a_day (what a day counts for by itself).
SELECT participant_id, sum(amount)
FROM (
    SELECT participant_id, $a_day AS amount FROM stale_day
    UNION ALL SELECT participant_id, len(samples) FROM minutes SEMI JOIN stale_day USING (participant_id, local_date)
    UNION ALL SELECT participant_id, len(samples) FROM readings SEMI JOIN stale_day USING (participant_id, local_date)
    UNION ALL SELECT unnest($moved::TEXT[]), 0
)
SEMI JOIN participant USING (participant_id) SEMI JOIN asked USING (participant_id)
GROUP BY participant_id ORDER BY participant_id;
