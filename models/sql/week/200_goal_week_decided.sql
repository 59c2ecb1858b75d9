-- Rule: R11.7, R11.2, R11.11
-- Grain: one value per call: the first line that holds of a goal-week `w` (190_goal_week_measure), with this effective
-- target. The words of each line are in 180_verdict_rule.
CREATE OR REPLACE TEMP MACRO goal_week_decided(w, target_n) AS CASE
    -- a row of the control files that it rests on cannot be used, and nothing stands for it
    WHEN w.is_unusable THEN 'row unusable'
    -- no day, nothing to judge, not begun, nothing to judge by
    WHEN w.eligible_days = 0 AND w.infusion_set <> 0 THEN 'taken by next infusion'
    WHEN w.eligible_days = 0 AND w.left_set <> 0 THEN 'after leaving'
    WHEN w.eligible_days = 0 AND w.hold_set <> 0 THEN 'all days on hold'
    WHEN w.eligible_days = 0 THEN 'not in force'
    WHEN w.goal_status = 'on_hold' THEN 'goal on hold'
    WHEN NOT w.is_applicable THEN 'not applicable'
    WHEN getvariable('as_of') < w.first_eligible THEN 'upcoming'
    WHEN target_n IS NULL OR (w.counts_days AND w.per_day IS NULL) THEN 'no baseline'
    -- what was seen is enough, at any time
    WHEN w.bound_n * w.target_d >= target_n * w.bound_d
        THEN CASE WHEN w.seen_days = w.eligible_days THEN 'met, all seen' ELSE 'met, days unseen' END
    WHEN w.is_running AND w.reach_n < target_n THEN 'running, unreachable'
    WHEN w.is_running THEN 'running'
    -- over, and not met by what was seen
    WHEN w.eligible_days < 4 OR (w.kind = 'streak' AND target_n > 1000 * w.eligible_days) THEN 'too short'
    WHEN w.eligible_days < 7 AND w.truncation = 'flag' THEN 'flagged'
    -- day counts and streaks: every unknown day either way
    WHEN w.counts_days AND w.reach_n < target_n AND 2 * w.bound_n >= target_n THEN 'partly met by count'
    WHEN w.counts_days AND 2 * w.reach_n < target_n THEN 'missed by count'
    -- undecided: files may still come
    WHEN w.is_in_grace AND w.valid_days < w.eligible_days THEN 'awaiting'
    WHEN (w.counts_days OR 7 * w.valid_days < 4 * w.eligible_days) AND NOT w.can_see THEN 'no log'
    WHEN (w.counts_days OR 7 * w.valid_days < 4 * w.eligible_days) AND NOT w.has_data THEN 'no data'
    WHEN w.counts_days AND w.reach_n < target_n THEN 'degree unknown'
    WHEN w.counts_days THEN 'undecidable'
    -- totals and means: scaled from enough valid days
    WHEN 7 * w.valid_days < 4 * w.eligible_days THEN 'too few days'
    WHEN w.estimate_rule = 'none' AND w.valid_days < w.eligible_days THEN 'undecidable'
    WHEN w.estimate_n * w.target_d >= target_n * w.estimate_d THEN 'met by estimate'
    WHEN 2 * w.estimate_n * w.target_d >= target_n * w.estimate_d THEN 'partly met by estimate'
    ELSE 'missed by estimate'
END;
