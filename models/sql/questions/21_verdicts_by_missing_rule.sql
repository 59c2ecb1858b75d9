-- What would the verdicts be under other rules for unseen days?
-- A row is a published verdict of weeks that are over; the other columns count what these weeks would be under two
-- other rules. zero: on an unseen day nothing was done, what was seen is all there was. mean: an unseen day was as the
-- mean of the week's days that are known in full, and a poorly worn one at least so (published verdicts suppose that of
-- totals and means alone, from four sevenths of the days on); mean_unknown: there is no such day. For each the week's
-- amount against target_effective: met, partly (from half on), missed. zero is the lower bound of every rule, so that
-- what it meets is met by all. mean is no upper bound, for an unseen day may have been livelier: what both miss may
-- have been met. insufficient_data that zero makes missed is why zero is not used: nobody saw those days.
WITH judged AS (
    SELECT goal_id, infusion_id, week, status, kind, target_effective,
           metric IN ('workout_minutes', 'strength_minutes', 'yoga_minutes', 'dance_minutes', 'massage_minutes')
               AS is_logged,
           metric <> 'steps' AS in_minutes
    FROM goal_week
    WHERE status IN ('met', 'partly_met', 'missed', 'insufficient_data') AND week_end < as_of AND target_effective > 0
),
given AS (
    SELECT j.*, e.local_date, e.value::DOUBLE AS amount, e.threshold,
           e.value IS NOT NULL AND (j.is_logged OR e.day_state = 'valid'
               AND NOT (j.in_minutes AND contains(coalesce(d.flags, ''), 'morning_unseen'))) AS is_in_full
    FROM judged j JOIN verdict_evidence e USING (goal_id, infusion_id, week)
    LEFT JOIN daily_activity d ON d.participant_id = e.participant_id AND d.local_date = e.local_date
    WHERE e.counts
),
seen AS (
    SELECT goal_id, infusion_id, week,
           sum(amount) FILTER (is_in_full) / nullif(count(*) FILTER (is_in_full), 0) AS usual
    FROM given GROUP BY ALL
),
supposed AS (
    SELECT g.*, rule, rule = 'zero' OR g.is_in_full OR s.usual IS NOT NULL AS is_known,
           CASE WHEN g.is_in_full OR rule = 'zero' THEN coalesce(g.amount, 0)
                ELSE greatest(coalesce(g.amount, 0), s.usual) END AS supposed_amount,
           coalesce(supposed_amount >= g.threshold, FALSE) AS reaches,
           g.local_date - row_number() OVER (PARTITION BY goal_id, infusion_id, week, rule, reaches
                                             ORDER BY g.local_date)::INTEGER AS run
    FROM given g JOIN seen s USING (goal_id, infusion_id, week) CROSS JOIN (VALUES ('zero'), ('mean')) rules(rule)
),
counted AS (
    SELECT *, count(*) OVER (PARTITION BY goal_id, infusion_id, week, rule, reaches, run) AS run_days FROM supposed
),
decided AS (
    SELECT status, rule, bool_and(is_known) AS is_known, any_value(target_effective)::DOUBLE AS needed,
           round(CASE kind WHEN 'weekly_total' THEN sum(supposed_amount)
                           WHEN 'daily_mean' THEN sum(supposed_amount) / count(*)
                           WHEN 'days_with' THEN count(*) FILTER (reaches)
                           ELSE coalesce(max(run_days) FILTER (reaches), 0) END, 6) AS reached
    FROM counted GROUP BY goal_id, infusion_id, week, status, kind, rule
)
SELECT status, count(*) FILTER (rule = 'zero') AS goal_weeks,
       count(*) FILTER (rule = 'zero' AND reached >= needed) AS zero_met,
       count(*) FILTER (rule = 'zero' AND reached < needed AND reached >= needed / 2) AS zero_partly,
       count(*) FILTER (rule = 'zero' AND reached < needed / 2) AS zero_missed,
       count(*) FILTER (rule = 'mean' AND is_known AND reached >= needed) AS mean_met,
       count(*) FILTER (rule = 'mean' AND is_known AND reached < needed AND reached >= needed / 2) AS mean_partly,
       count(*) FILTER (rule = 'mean' AND is_known AND reached < needed / 2) AS mean_missed,
       count(*) FILTER (rule = 'mean' AND NOT is_known) AS mean_unknown
FROM decided
GROUP BY status
ORDER BY status;
