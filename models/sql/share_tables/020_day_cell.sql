-- Rule: R15.5
-- Grain: one row per post-infusion week and state of the day, over the days that count, and the totals over each
-- (NULL).
CREATE OR REPLACE TEMP TABLE day_cell AS
SELECT w.week, coalesce(d.day_state, 'no_data') AS state, count(*) AS n, count(DISTINCT w.participant_id) AS people
FROM published.infusion_window w SEMI JOIN followed f ON f.infusion_id = w.infusion_id
LEFT JOIN published.daily_activity d USING (participant_id, local_date)
WHERE w.is_eligible
GROUP BY CUBE (w.week, coalesce(d.day_state, 'no_data'));
