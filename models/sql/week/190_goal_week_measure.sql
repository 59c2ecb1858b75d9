-- Rule: R11.6, R11.8, R11.9, R1.3
-- Grain: one row per goal, infusion and post-infusion week.
-- Fractions of whole numbers, numerator (`_n`) and denominator (`_d`), in amounts (030_metric_unit) or thousandths of a
-- day. `target`: after truncation (187_effective_target). `bound`: the lower bound. `reach`: what day counts come to if
-- every unknown day succeeds.
CREATE OR REPLACE TEMP VIEW goal_week_measure AS
WITH seen AS (
    SELECT
        c.*,
        v.kind,
        v.counts_days,
        v.unit,
        v.goal_status,
        v.has_step_goals OR v.metric <> 'steps' AS is_applicable,
        t.grace_days,
        t.estimate AS estimate_rule,
        t.truncation,
        c.version_key IN (SELECT version_key FROM unusable_version) AS is_unusable,
        getvariable('as_of') <= c.last_eligible AS is_running,
        getvariable('as_of') <= c.last_eligible + t.grace_days AS is_in_grace,
        c.eligible_days BETWEEN 4 AND 6 AND t.truncation = 'prorate' AS is_prorated,
        s.log_is_open,
        s.days_fingerprint,
        s.days_fingerprint_then,
        -- nothing is known of a logged metric while the week's log is closed
        s.case_key IS NOT NULL AND (s.log_is_open OR NOT c.is_logged_metric) AS can_see,
        can_see AND s.raw_has_data AS has_data,
        CASE WHEN can_see THEN s.raw_valid_set ELSE 0::UTINYINT END AS valid_set,
        CASE WHEN can_see THEN s.raw_success_set ELSE 0::UTINYINT END AS success_set,
        c.eligible_set & ~(valid_set & ~success_set) AS possible_set,
        bit_count(valid_set)::INTEGER AS valid_days,
        CASE WHEN can_see THEN bit_count(s.raw_seen_set)::INTEGER ELSE 0 END AS seen_days,
        CASE WHEN can_see THEN coalesce(s.raw_valid_total, 0) ELSE 0 END AS valid_total,
        CASE WHEN can_see THEN coalesce(s.raw_valid_squares, 0) ELSE 0 END AS valid_squares,
        CASE WHEN can_see THEN coalesce(s.raw_seen_total, 0) ELSE 0 END AS seen_total
    FROM week_case AS c
    LEFT JOIN goal_version AS v ON c.version_key = v.version_key
    CROSS JOIN study AS t
    LEFT JOIN goal_week_seen AS s ON c.case_key = s.case_key
)

SELECT
    w.*,
    done.n_days AS success_days,
    done.longest_run,
    CASE WHEN w.is_prorated AND w.kind = 'weekly_total' THEN 7 ELSE 1 END AS target_d,
    CASE w.kind
        WHEN 'days_with' THEN 1000 * done.n_days
        WHEN 'streak' THEN 1000 * done.longest_run
        ELSE w.seen_total
    END AS bound_n,
    CASE WHEN w.kind = 'daily_mean' THEN greatest(w.eligible_days, 1) ELSE 1 END AS bound_d,
    CASE w.kind
        WHEN 'days_with' THEN 1000 * possible.n_days
        WHEN 'streak' THEN 1000 * possible.longest_run
    END AS reach_n,
    greatest(w.seen_total * w.valid_days, w.valid_total * w.eligible_days) AS estimate_n,
    bound_d * greatest(w.valid_days, 1) AS estimate_d
FROM seen AS w
LEFT JOIN day_set AS done ON w.success_set = done.days
LEFT JOIN day_set AS possible ON w.possible_set = possible.days;
