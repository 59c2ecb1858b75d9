-- Rule: R9.2, R9.4, R9.5, R9.6, R10.12
-- Grain: one row per goal, infusion and post-infusion week that is judged, with the version that rules it.
-- Amounts as in 030_metric_unit, days in thousandths. A target that rises is here as it begins (204_step_target).
CREATE OR REPLACE TEMP TABLE week_case AS
WITH applied AS (
    SELECT
        v.version_key,
        w.week_key,
        w.infusion_key,
        w.week,
        w.week_start,
        v.metric,
        v.is_logged_metric,
        v.speaks_from,
        v.speaks_until,
        -- days before the goal began
        (
            CASE
                WHEN v.goal_begins <= w.week_start THEN 0
                WHEN v.goal_begins - w.week_start >= 7 THEN 127
                ELSE (1 << (v.goal_begins - w.week_start)::INTEGER) - 1
            END
        )::UTINYINT AS before_goal_set,
        w.eligible_set & ~before_goal_set AS eligible_set,
        w.infusion_set,
        w.left_set,
        w.hold_set,
        before_goal_set & (w.eligible_set | w.skipped_set) AS not_in_force_set,
        w.skipped_set & ~before_goal_set AS skipped_set,
        (
            CASE
                WHEN getvariable('as_of') <= w.week_start THEN 0
                WHEN getvariable('as_of') - w.week_start >= 7 THEN 127
                ELSE (1 << (getvariable('as_of') - w.week_start)::INTEGER) - 1
            END
        )::UTINYINT AS over_set,
        d.per_day,
        d.targets[least(w.week, len(d.targets))] AS target,
        v.targets[least(w.week, len(v.targets))] AS target_agreed,
        d.baseline_value,
        d.baseline_days,
        d.baseline_as_of,
        in_amounts(d.per_day, v.unit) AS per_day_amount,
        CASE WHEN v.counts_days THEN 1000 ELSE v.unit END AS one,
        in_amounts(target, one) AS target_amount
    FROM goal_version AS v
    INNER JOIN version_target AS d ON v.version_key = d.version_key
    INNER JOIN infusion_week AS w
        ON v.person_key = w.person_key
        AND w.week BETWEEN v.from_week AND v.to_week
        AND (v.infusion_id IS NULL OR v.infusion_id = w.infusion_id)
    WHERE v.goal_status <> 'cancelled'
)

SELECT
    (a.version_key::BIGINT << 36) + a.week_key AS case_key,
    a.* EXCLUDE (speaks_from, speaks_until, before_goal_set, over_set),
    s.n_days AS eligible_days,
    a.week_start + s.first_day AS first_eligible,
    a.week_start + s.last_day AS last_eligible,
    a.eligible_set & a.over_set AS judged_set
FROM applied AS a
INNER JOIN day_set AS s ON a.eligible_set = s.days
WHERE
    a.week_start + coalesce(s.first_day, 0) >= a.speaks_from
    AND a.week_start + coalesce(s.first_day, 0) < a.speaks_until;
