-- Rule: R11.7, R10.10
-- Grain: one row per goal, infusion and post-infusion week, with its target and the line that decides.
-- A target that rises is the one issued for the week; there is none before the week begins.
CREATE OR REPLACE TEMP VIEW goal_week_ruled AS
WITH targeted AS (
    SELECT
        m.* EXCLUDE (target, target_amount),
        CASE WHEN r.version_key IS NULL THEN m.target ELSE t.target END AS target,
        CASE WHEN r.version_key IS NULL THEN m.target_amount ELSE in_amounts(t.target, m.one) END AS target_amount,
        t.reason AS target_reason
    FROM goal_week_measure AS m
    LEFT JOIN anchor AS a ON m.infusion_key = a.infusion_key
    LEFT JOIN step_rule AS r ON m.version_key = r.version_key
    LEFT JOIN step_target AS t
        ON m.version_key = t.version_key AND a.infusion_id = t.infusion_id AND m.week = t.week
)

SELECT
    *,
    effective_target(w, w.target_amount) AS target_n,
    goal_week_decided(w, target_n) AS rule
FROM targeted AS w;
