-- Rule: R16.2
-- Grain: one row per participant who is followed and silent, with the days to ask for: those after the last date of
-- which anything is known, and that date, where a device saw the beginning of it alone.
CREATE OR REPLACE TEMP VIEW silent AS
SELECT participant_id, u.data_until, u.files_until, u.connector,
       min(local_date) FILTER (u.data_until IS NULL OR local_date > u.data_until) AS since,
       list(DISTINCT local_date ORDER BY local_date) AS days, coalesce(any_value(g.only_logged), FALSE) AS only_logged
FROM unseen_day SEMI JOIN followed USING (participant_id, infusion_id) JOIN data_until u USING (participant_id)
CROSS JOIN study s LEFT JOIN daily_activity d USING (participant_id, local_date)
LEFT JOIN (
    SELECT participant_id, bool_and(is_logged_metric(metric)) AS only_logged FROM goal_week
    WHERE status <> 'superseded' GROUP BY participant_id) g USING (participant_id)
WHERE u.data_until IS NULL OR local_date > u.data_until
    OR (local_date = u.data_until AND d.day_state = 'insufficient_wear' AND d.primary_source <> 'diary')
GROUP BY participant_id, u.data_until, u.files_until, u.connector, s.as_of, s.grace_days
HAVING s.as_of - since >= greatest(s.grace_days, 1);
