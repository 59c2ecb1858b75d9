-- Rule: R16.4
-- Grain: one row per participant with goals whose last version nobody cleared, where the study asks for
-- it: goals that are active and rule a week that runs, comes, or ended at most 28 days ago.
CREATE OR REPLACE TEMP VIEW uncleared_goal AS
WITH agreed AS (
    SELECT participant_id, goal_id, status, cleared_on, coalesce(set_on, effective_from) AS since FROM goal
    QUALIFY row_number() OVER (PARTITION BY goal_id ORDER BY version DESC) = 1)
SELECT a.participant_id, min(a.since) AS since, list(a.goal_id ORDER BY a.goal_id) AS goals
FROM agreed a SEMI JOIN asked_goal k ON k.goal_id = a.goal_id CROSS JOIN study s
WHERE s.clearance AND a.status = 'active' AND a.cleared_on IS NULL GROUP BY a.participant_id;
