-- Rule: R11.7, R11.2, R11.11
-- Grain: one row per goal, infusion and post-infusion week, with the first line that holds.
-- The words of each line are in 180_verdict_rule.
CREATE OR REPLACE TEMP VIEW goal_week_decided AS
SELECT
    *,
    getvariable('as_of') <= last_eligible AS is_running,
    getvariable('as_of') <= last_eligible + grace_days AS is_in_grace,
    CASE
        -- a row of the control files that it rests on cannot be used, and nothing stands for it
        WHEN version_key IN (SELECT version_key FROM unusable_version) THEN 'row unusable'
        -- no day, nothing to judge, not begun, nothing to judge by
        WHEN eligible_days = 0 AND infusion_set <> 0 THEN 'taken by next infusion'
        WHEN eligible_days = 0 AND left_set <> 0 THEN 'after leaving'
        WHEN eligible_days = 0 AND hold_set <> 0 THEN 'all days on hold'
        WHEN eligible_days = 0 THEN 'not in force'
        WHEN goal_status = 'on_hold' THEN 'goal on hold'
        WHEN NOT is_applicable THEN 'not applicable'
        WHEN getvariable('as_of') < first_eligible THEN 'upcoming'
        WHEN target IS NULL OR (counts_days AND per_day IS NULL) THEN 'no baseline'
        -- what was seen is enough, at any time
        WHEN bound_n * target_d >= target_n * bound_d
            THEN CASE WHEN seen_days = eligible_days THEN 'met, all seen' ELSE 'met, days unseen' END
        WHEN is_running AND reach_n < target_n THEN 'running, unreachable'
        WHEN is_running THEN 'running'
        -- over, and not met by what was seen
        WHEN eligible_days < 4 OR (kind = 'streak' AND target_n > 1000 * eligible_days) THEN 'too short'
        WHEN eligible_days < 7 AND truncation = 'flag' THEN 'flagged'
        -- day counts and streaks: every unknown day either way
        WHEN counts_days AND reach_n < target_n AND 2 * bound_n >= target_n THEN 'partly met by count'
        WHEN counts_days AND 2 * reach_n < target_n THEN 'missed by count'
        -- undecided: files may still come
        WHEN is_in_grace AND valid_days < eligible_days THEN 'awaiting'
        WHEN (counts_days OR 7 * valid_days < 4 * eligible_days) AND NOT can_see THEN 'no log'
        WHEN (counts_days OR 7 * valid_days < 4 * eligible_days) AND NOT has_data THEN 'no data'
        WHEN counts_days AND reach_n < target_n THEN 'degree unknown'
        WHEN counts_days THEN 'undecidable'
        -- totals and means: scaled from enough valid days
        WHEN 7 * valid_days < 4 * eligible_days THEN 'too few days'
        WHEN estimate_rule = 'none' AND valid_days < eligible_days THEN 'undecidable'
        WHEN estimate_n * target_d >= target_n * estimate_d THEN 'met by estimate'
        WHEN 2 * estimate_n * target_d >= target_n * estimate_d THEN 'partly met by estimate'
        ELSE 'missed by estimate'
    END AS rule
FROM goal_week_measure;
