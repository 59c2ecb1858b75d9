-- Rule: R11.7, R10.10
-- Grain: one row per goal, infusion and post-infusion week, with its target and the line that decides.
-- A target that rises is the one issued for the week; there is none before the week begins.
CREATE OR REPLACE TEMP TABLE goal_week_ruled AS
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
),

aimed AS (
    SELECT
        *,
        effective_target(t, t.target_amount) AS target_n
    FROM targeted AS t
)

SELECT
    *,
    goal_week_decided(w, w.target_n) AS rule
FROM aimed AS w;
