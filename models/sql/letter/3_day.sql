-- The days of some weeks. Parameters: who, infusions, weeks.
WITH asked AS (SELECT unnest($infusions::TEXT[]) AS infusion_id, unnest($weeks::INTEGER[]) AS week)
SELECT w.participant_id, infusion_id, week, local_date, is_eligible, coalesce(day_state, 'no_data') AS day_state, steps
FROM infusion_window w JOIN asked USING (infusion_id, week) LEFT JOIN daily_activity d USING (participant_id, local_date)
WHERE w.participant_id IN (SELECT unnest($who::TEXT[]))
ORDER BY w.participant_id, local_date
