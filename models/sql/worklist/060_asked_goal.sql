-- Rule: R16.3
-- Grain: one row per goal of which a week runs, comes, or ended at most 28 days ago: of these it is asked whether the
-- files can tell them.
CREATE OR REPLACE TEMP VIEW asked_goal AS
SELECT participant_id, goal_id, min(week_start) AS since FROM goal_week SEMI JOIN asked_person USING (participant_id)
CROSS JOIN study s
WHERE status <> 'superseded' AND week_end >= s.as_of - 28 GROUP BY participant_id, goal_id;
