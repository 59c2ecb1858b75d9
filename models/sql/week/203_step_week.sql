-- Rule: R10.9, R10.10
-- Grain: one row per goal version whose target rises, infusion and post-infusion week that has begun, in their order.
-- What is known of it without its target: the measures of a week that is judged now, the verdict of any other, and of a
-- locked one; and the target that was issued. One that a clock had issued that was ahead was not: its date is to come.
CREATE OR REPLACE TEMP TABLE step_week AS
WITH known AS (
    SELECT
        m.version_key,
        a.infusion_id,
        m.week,
        m.week_start,
        m AS measure,
        l.status
    FROM goal_week_measure AS m
    INNER JOIN step_rule AS r ON m.version_key = r.version_key
    INNER JOIN anchor AS a ON m.infusion_key = a.infusion_key
    LEFT JOIN goal_week AS l
        ON r.goal_id = l.goal_id
        AND r.version = l.version
        AND a.infusion_id = l.infusion_id
        AND m.week = l.week
        AND l.week_end < getvariable('locked_before')::DATE
    UNION ALL BY NAME
    SELECT
        r.version_key,
        g.infusion_id,
        g.week,
        g.week_start,
        g.status
    FROM goal_week AS g
    INNER JOIN step_rule AS r ON g.goal_id = r.goal_id AND g.version = r.version
    WHERE NOT is_judged_now(g.participant_id, g.infusion_id, g.week)
)

SELECT
    k.*,
    r.goal_id,
    r.version,
    r.participant_id,
    i.target AS issued_target,
    i.reason AS issued_reason,
    row_number() OVER (PARTITION BY k.version_key, k.infusion_id ORDER BY k.week) AS place
FROM known AS k
INNER JOIN step_rule AS r ON k.version_key = r.version_key
LEFT JOIN issued_target AS i
    ON r.goal_id = i.goal_id
    AND r.version = i.version
    AND k.infusion_id = i.infusion_id
    AND k.week = i.week
    AND k.week_start = i.week_start
    AND (i.as_of <= getvariable('as_of') OR NOT coalesce(getvariable('is_judging')::BOOLEAN, FALSE))
WHERE
    k.week_start <= getvariable('as_of')
    AND r.effective_from <= getvariable('as_of')
    AND r.effective_from <= k.week_start + 6;
