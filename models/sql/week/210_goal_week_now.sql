-- Rule: R11.1, R11.8, R11.10, R11.12, R10.8, R10.12
-- Grain: one row per goal, infusion and post-infusion week: its verdict as of `as_of`.
-- After the published columns: what an explanation needs (the rule that decided, days and log as they were seen), and
-- what the verdict was judged from (schedule, agreement, days), by which a later one says why it differs.
CREATE OR REPLACE TEMP TABLE goal_week_now AS
WITH squared AS MATERIALIZED (
    SELECT
        d.*,
        r.status,
        r.reason,
        r.shows,
        r.shows <> 'nothing' AND d.eligible_days > 0 AS shows_target,
        r.shows IN ('seen', 'estimate') AS shows_value,
        CASE WHEN r.shows = 'estimate' THEN d.estimate_n ELSE d.bound_n END AS value_n,
        CASE WHEN r.shows = 'estimate' THEN d.estimate_d ELSE d.bound_d END AS value_d,
        CASE WHEN r.shows = 'estimate' AND d.valid_days < d.eligible_days THEN interval_square(d) END AS square
    FROM goal_week_ruled AS d
    LEFT JOIN verdict_rule AS r ON d.rule = r.rule
),

shown AS MATERIALIZED (  -- each step by itself: what is long would be written out anew wherever it is used
    SELECT
        *,
        root_up(square, ceil(sqrt(square::DOUBLE))::HUGEINT) AS half,
        1000 * valid_total * eligible_days AS middle,
        estimate_d * one AS parts,
        half_up(bound_n, bound_d * one) AS sure
    FROM squared
)

SELECT
    v.goal_id,
    v.version,
    a.participant_id,
    a.infusion_id,
    s.week,
    s.week_start,
    s.week_start + 6 AS week_end,
    v.kind,
    v.metric,
    s.target,
    s.target_reason,
    CASE
        WHEN s.shows_target AND s.is_prorated THEN half_up(s.target_n, s.target_d * s.one)
        WHEN s.shows_target THEN s.target
    END AS target_effective,
    CASE WHEN s.shows_value THEN half_up(s.value_n, s.value_d * s.one) END AS value,
    CASE
        WHEN s.shows_value AND s.target_n > 0
            THEN least((100 * s.value_n * s.target_d) // (s.target_n * s.value_d), 9223372036854775807)::BIGINT
    END AS percent,
    s.status,
    s.reason,
    CASE
        WHEN s.shows = 'seen' THEN 'observed'
        WHEN s.shows = 'estimate' THEN CASE WHEN s.valid_days = s.eligible_days THEN 'observed' ELSE 'estimated' END
    END AS basis,
    CASE
        WHEN s.square IS NOT NULL THEN greatest(half_up((s.middle - s.half) // s.parts, 1000), s.sure)
    END AS interval_low,
    CASE
        WHEN s.square IS NOT NULL THEN greatest(half_up((s.middle + s.half + s.parts - 1) // s.parts, 1000), s.sure)
    END AS interval_high,
    s.eligible_days,
    CASE WHEN s.shows_target THEN s.valid_days END AS valid_days,
    s.eligible_days < 7 AS is_truncated,
    nullif(
        concat_ws(
            ';',
            CASE WHEN s.infusion_set <> 0 THEN 'next_infusion' END,
            CASE WHEN s.left_set <> 0 THEN 'left' END,
            CASE WHEN s.hold_set <> 0 THEN 'hold' END,
            CASE WHEN s.not_in_force_set <> 0 THEN 'goal_not_in_force' END,
            CASE WHEN s.skipped_set <> 0 THEN 'date_skipped' END
        ),
        ''
    ) AS truncated_by,
    getvariable('as_of') AS as_of,
    coalesce(b.source <> w.source, FALSE) AS device_changed,
    s.rule,
    s.per_day,
    s.baseline_value,
    s.baseline_days,
    s.baseline_as_of,
    s.target_agreed,
    s.first_eligible,
    s.last_eligible,
    s.last_eligible + s.grace_days AS waits_until,
    bit_count(s.judged_set)::INTEGER AS days_over,
    s.seen_days,
    CASE WHEN s.counts_days THEN s.success_days END AS success_days,
    CASE WHEN s.counts_days THEN bit_count(s.possible_set)::INTEGER - s.success_days END AS unknown_days,
    CASE WHEN s.kind = 'streak' THEN s.longest_run END AS longest_run,
    CASE WHEN s.is_logged_metric THEN coalesce(s.log_is_open, FALSE) END AS log_is_open,
    a.infused_on,
    a.next_on,
    s.eligible_set,
    s.infusion_set,
    s.left_set,
    s.hold_set,
    s.skipped_set,
    v.goal_fingerprint,
    v.is_correction,
    g.version_key IS NOT NULL AS is_derived,
    g.before_date AS derives_until,
    s.days_fingerprint,
    s.days_fingerprint_then
FROM shown AS s
LEFT JOIN goal_version AS v ON s.version_key = v.version_key
LEFT JOIN anchor AS a ON s.infusion_key = a.infusion_key
LEFT JOIN baseline_source AS b ON s.infusion_key = b.infusion_key
LEFT JOIN week_source AS w ON s.week_key = w.week_key
LEFT JOIN derivation_window AS g ON s.version_key = g.version_key;
