-- Rule: R12.5
-- Grain: one row per locked goal-week that would be something else than was noted last.
CREATE OR REPLACE TEMP TABLE noted AS
SELECT goal_id, infusion_id, week, coalesce(b.participant_id, n.participant_id) AS participant_id,
       coalesce(b.week_start, n.week_start) AS week_start, coalesce(b.week_end, n.week_end) AS week_end,
       b.status AS frozen_status, b.reason AS frozen_reason, b.value AS frozen_value, b.percent AS frozen_percent,
       b.as_of AS frozen_as_of, n.status, n.reason, n.value, n.percent, getvariable('as_of') AS as_of, t.cause,
       TRUE AS is_current, getvariable('moment') AS noticed_at, getvariable('run_id') AS run_id
FROM goal_week_turn t
LEFT JOIN goal_week_now n USING (goal_id, infusion_id, week)
LEFT JOIN goal_week_before b USING (goal_id, infusion_id, week)
LEFT JOIN post_lock_difference d
    ON d.is_current AND d.goal_id = t.goal_id AND d.infusion_id = t.infusion_id AND d.week = t.week
WHERE t.is_locked AND (n.status, n.reason, n.value, n.percent) IS DISTINCT FROM
    CASE WHEN d.goal_id IS NULL THEN (b.status, b.reason, b.value, b.percent)
         ELSE (d.status, d.reason, d.value, d.percent) END;
UPDATE post_lock_difference SET is_current = FALSE
WHERE (goal_id, infusion_id, week) IN (SELECT (goal_id, infusion_id, week) FROM noted);
INSERT INTO post_lock_difference BY NAME FROM noted;
