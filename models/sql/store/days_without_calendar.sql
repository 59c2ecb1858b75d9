-- Dates that are about to be resolved, or that a move skipped, of which nobody said when they began and ended.
-- Parameters: who, day (the dates before moves).
FROM (SELECT participant_id, local_date FROM stale_day SEMI JOIN participant USING (participant_id)
      UNION SELECT unnest($who::VARCHAR[]), unnest($day::DATE[])) SEMI JOIN asked USING (participant_id)
ANTI JOIN local_day USING (participant_id, local_date)
