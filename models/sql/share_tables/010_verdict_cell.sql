-- Rule: R15.5
-- Grain: one row per post-infusion week and status, and the totals over each (NULL).
CREATE OR REPLACE TEMP TABLE verdict_cell AS
SELECT g.week, g.status AS state, count(*) AS n, count(DISTINCT g.participant_id) AS people
FROM published.goal_week g SEMI JOIN followed f ON f.infusion_id = g.infusion_id
GROUP BY CUBE (g.week, g.status);
