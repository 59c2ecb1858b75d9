-- Rule: R10.9, R10.10, R10.11
-- Grain: one row per goal version whose target rises, infusion and post-infusion week that has begun (203_step_week).
-- Week after week, for the verdict of one decides the target of the next: `target` and `reason` as they were issued, or
-- as they are issued now. Behind it what the next one asks for: `met_weeks`, those met in a row among the weeks judged,
-- and `judged_target`, that of the last week judged.
CREATE OR REPLACE TEMP TABLE step_target AS
WITH RECURSIVE chain AS (
    SELECT DISTINCT
        version_key,
        infusion_id,
        0::BIGINT AS place,
        NULL::INTEGER AS week,
        NULL::DECIMAL(18, 3) AS target,
        NULL::TEXT AS reason,
        NULL::TEXT AS status,
        []::INTEGER[] AS met_weeks,
        0::BIGINT AS lifts,
        0::BIGINT AS rises,
        NULL::INTEGER AS risen_in
    FROM step_week
    UNION ALL
    SELECT
        n.version_key,
        n.infusion_id,
        n.place,
        n.week,
        n.target,
        n.reason,
        coalesce(n.status, v.status) AS status,
        CASE coalesce(n.status, v.status)
            WHEN 'met' THEN list_append(n.met_weeks, n.week)
            WHEN 'partly_met' THEN []
            WHEN 'missed' THEN []
            ELSE n.met_weeks
        END AS met_weeks,
        n.lifts + (coalesce(n.status, v.status) = 'met' AND len(n.met_weeks) + 1 >= n.after_weeks)::BIGINT AS lifts,
        n.rises + n.has_risen::BIGINT AS rises,
        CASE WHEN n.has_risen THEN n.week ELSE n.risen_in END AS risen_in
    FROM (
        SELECT
            *,
            effective_target(m.measure, m.amount) AS target_n
        FROM (
            SELECT
                *,
                coalesce(i.target > i.target_before, FALSE) AS has_risen,
                in_amounts(i.target, i.measure.one) AS amount
            FROM (
                SELECT
                    w.version_key,
                    w.infusion_id,
                    w.place,
                    w.week,
                    w.status,
                    w.measure,
                    c.met_weeks,
                    c.lifts,
                    c.rises,
                    c.risen_in,
                    c.target AS target_before,
                    r.after_weeks,
                    -- a week that was met lifts the target once
                    len(c.met_weeks) >= r.after_weeks
                    AND (c.lifts > c.rises OR c.met_weeks[-1] >= c.risen_in) AS is_lifted,
                    c.target >= r.most AS is_most,
                    c.met_weeks[-r.after_weeks:] AS reached_by,
                    coalesce(
                        w.issued_target,
                        CASE
                            WHEN c.place = 0 THEN r.first_target
                            WHEN NOT coalesce(is_lifted, FALSE) OR coalesce(is_most, FALSE) THEN c.target
                            WHEN c.target + r.rise > r.most THEN r.most
                            ELSE c.target + r.rise
                        END
                    )::DECIMAL(18, 3) AS target,
                    coalesce(
                        w.issued_reason,
                        CASE
                            WHEN c.place = 0 THEN 'to begin with'
                            WHEN is_lifted AND is_most THEN 'as before: no more was agreed'
                            WHEN is_lifted AND r.after_weeks = 1 THEN 'because week ' || reached_by[1] || ' was met'
                            WHEN is_lifted
                                THEN 'because weeks ' || array_to_string(reached_by[:-2], ', ') || ' and '
                                    || reached_by[-1] || ' were met'
                            WHEN c.status = 'met'
                                THEN 'as before: ' || len(c.met_weeks) || ' of '
                                    || r.after_weeks || ' weeks in a row met'
                            WHEN c.status IN ('partly_met', 'missed')
                                THEN 'as before: week ' || c.week || ' was not met'
                            WHEN c.status = 'in_progress' THEN 'as before: week ' || c.week || ' was not judged yet'
                            ELSE 'as before: week ' || c.week || ' could not be said'
                        END
                    ) AS reason
                FROM chain AS c
                INNER JOIN step_week AS w
                    ON c.version_key = w.version_key AND c.infusion_id = w.infusion_id AND c.place + 1 = w.place
                INNER JOIN step_rule AS r ON w.version_key = r.version_key
            ) AS i
        ) AS m
    ) AS n
    LEFT JOIN verdict_rule AS v ON n.status IS NULL AND v.rule = goal_week_decided(n.measure, n.target_n)
)

SELECT
    c.version_key,
    c.infusion_id,
    c.week,
    c.target,
    c.reason
FROM chain AS c
WHERE c.place > 0;
