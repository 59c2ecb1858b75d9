-- Rule: R12.2, R12.3, R12.4, R12.5
-- Grain: one row per goal, infusion and post-infusion week that is new, says something else, is gone, or is frozen.
-- Of several causes the first line of the last CASE counts. A week that comes back says what brought it back: an
-- infusion_added after an infusion_cancelled, else what took it. Days of the week itself tell more than those that its
-- target comes from.
CREATE OR REPLACE TEMP TABLE goal_week_turn AS
WITH pair AS (
    SELECT
        coalesce(n.goal_id, b.goal_id) AS goal_id,
        coalesce(n.infusion_id, b.infusion_id) AS infusion_id,
        coalesce(n.week, b.week) AS week,
        coalesce(n.participant_id, b.participant_id) AS participant_id,
        coalesce(n.week_start, b.week_start) AS week_start,
        greatest(n.week_end, b.week_end) AS week_end,
        coalesce(b.is_locked, n.week_end < getvariable('locked_before')::DATE, FALSE) AS is_locked,
        b.goal_id IS NULL AS is_new,
        coalesce(b.reason = 'control_row_unusable', FALSE) AS was_unusable,
        n.goal_id IS NULL AS is_gone,
        CASE WHEN NOT was_unusable THEN b.evaluation_id END AS evaluation_before,
        b.version AS version_before,
        n.infused_on <> b.infused_on AS is_moved,
        n.infusion_set <> b.infusion_set AS is_cut_anew,
        n.eligible_set <> b.eligible_set AS has_other_days,
        n.left_set <> b.left_set AS has_left_otherwise,
        n.hold_set <> b.hold_set AS has_other_holds,
        n.skipped_set <> b.skipped_set AS has_other_dates,
        n.goal_fingerprint <> b.goal_fingerprint AS is_agreed_anew,
        (n.reason IS NOT DISTINCT FROM 'not_applicable') <> (b.reason IS NOT DISTINCT FROM 'not_applicable')
            AS applies_otherwise,
        n.is_correction,
        (n.target, n.per_day) IS DISTINCT FROM (b.target, b.per_day) AS has_other_target,
        has_other_target OR n.device_changed <> b.device_changed AS has_other_baseline,
        (n.days_fingerprint_then IS DISTINCT FROM b.days_fingerprint AND n.as_of >= b.as_of)
        OR (n.is_derived AND has_other_target AND b.as_of >= n.derives_until)
        OR n.as_of = b.as_of AS is_known_differently,
        (
            n.version, n.participant_id, n.week_start, n.week_end, n.kind, n.metric, n.target, n.target_effective,
            n.value, n.percent, n.status, n.reason, n.basis, n.eligible_days, n.valid_days, n.is_truncated,
            n.truncated_by, n.device_changed, n.per_day, n.target_agreed
        ) IS DISTINCT FROM (
            b.version, b.participant_id, b.week_start, b.week_end, b.kind, b.metric, b.target, b.target_effective,
            b.value, b.percent, b.status, b.reason, b.basis, b.eligible_days, b.valid_days, b.is_truncated,
            b.truncated_by, b.device_changed, b.per_day, b.target_agreed
        )
        -- one that was given before there were intervals says the same
        OR coalesce(n.interval_low <> b.interval_low OR n.interval_high <> b.interval_high, FALSE) AS says_otherwise
    FROM goal_week_now AS n
    FULL JOIN goal_week_before AS b ON n.goal_id = b.goal_id AND n.infusion_id = b.infusion_id AND n.week = b.week
),

-- the last row of weeks that were gone
ended AS (
    SELECT
        goal_id,
        infusion_id,
        week,
        arg_max(evaluation_id, rowid) AS evaluation_before,
        arg_max(cause, rowid) AS ended_by
    FROM verdict
    WHERE status = 'superseded' AND reason = cause
    GROUP BY goal_id, infusion_id, week
),

corrected AS (
    SELECT
        goal_id,
        max(version) AS version
    FROM goal
    WHERE correction
    GROUP BY goal_id
),

turned AS (
    SELECT
        p.* EXCLUDE (evaluation_before),
        coalesce(p.evaluation_before, e.evaluation_before) AS evaluation_before,
        e.ended_by,
        l.goal_id IS NOT NULL AND l.config_hash <> getvariable('config_hash')::TEXT AS has_other_settings,
        l.goal_id IS NOT NULL AND l.code_version <> getvariable('code_version')::TEXT AS has_other_code,
        own.change AS own_change,
        (
            SELECT arg_min(i.change, i.rank)
            FROM infusion_change AS i
            WHERE i.participant_id = p.participant_id AND i.since <= p.week_end AND NOT p.is_new
        ) AS near_change,
        -- days of the week itself tell more than those its target comes from
        (
            SELECT arg_min(d.cause, (d.local_date < p.week_start, d.rank))
            FROM day_cause AS d
            WHERE d.participant_id = p.participant_id AND d.local_date <= p.week_end AND p.is_known_differently
        ) AS day_cause
    FROM pair AS p
    LEFT JOIN ended AS e ON p.is_new AND p.goal_id = e.goal_id AND p.infusion_id = e.infusion_id AND p.week = e.week
    LEFT JOIN infusion_change AS own
        ON p.is_gone AND p.participant_id = own.participant_id AND p.infusion_id = own.infusion_id
    LEFT JOIN judged_goal AS l ON p.goal_id = l.goal_id
    WHERE p.says_otherwise OR p.is_locked
)

SELECT
    row_number() OVER (ORDER BY t.goal_id, t.infusion_id, t.week) AS turn,
    t.goal_id,
    t.infusion_id,
    t.week,
    t.is_locked,
    t.is_new,
    t.is_gone,
    t.evaluation_before,
    CASE
        WHEN t.is_new AND t.ended_by = 'infusion_cancelled' THEN 'infusion_added'
        WHEN t.is_new AND t.ended_by = 'infusion_added' THEN 'infusion_cancelled'
        WHEN t.is_new THEN coalesce(t.ended_by, 'first_verdict')
        WHEN t.was_unusable THEN 'first_verdict'
        WHEN t.is_gone AND t.participant_id NOT IN (SELECT participant_id FROM person) THEN 'participant_changed'
        WHEN t.is_gone AND t.own_change = 'infusion_cancelled' THEN t.own_change
        WHEN t.is_gone AND NOT a.carries_weeks AND t.near_change IS NOT NULL THEN t.near_change
        WHEN t.is_gone AND c.version > t.version_before THEN 'correction'
        WHEN t.is_gone AND getvariable('settings_changed') THEN 'settings_changed'
        WHEN t.is_gone THEN 'goal_changed'
        WHEN t.is_moved THEN 'infusion_moved'
        WHEN t.is_cut_anew AND t.near_change IS NOT NULL THEN t.near_change
        WHEN t.has_other_baseline AND NOT t.is_agreed_anew AND t.near_change IS NOT NULL THEN t.near_change
        WHEN t.is_agreed_anew AND t.is_correction THEN 'correction'
        WHEN t.is_agreed_anew THEN 'goal_changed'
        WHEN t.applies_otherwise OR t.has_left_otherwise THEN 'participant_changed'
        WHEN t.has_other_holds THEN 'hold_changed'
        WHEN t.has_other_dates THEN 'zone_changed'
        WHEN t.has_other_days AND NOT t.is_cut_anew THEN 'goal_changed'
        WHEN t.day_cause NOT IN ('late_data', 'code_changed') THEN t.day_cause
        WHEN getvariable('settings_changed') OR t.has_other_settings THEN 'settings_changed'
        WHEN getvariable('code_changed') OR t.has_other_code OR t.day_cause = 'code_changed' THEN 'code_changed'
        WHEN t.is_known_differently THEN 'late_data'
        ELSE 'time_passed'
    END AS cause
FROM turned AS t
LEFT JOIN corrected AS c ON t.goal_id = c.goal_id
LEFT JOIN anchor AS a ON t.infusion_id = a.infusion_id;
