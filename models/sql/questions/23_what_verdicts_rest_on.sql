-- What does each verdict rest on?
-- A row is a verdict of a week that is over. Of its days that count: known (they gave an amount, if only a lower bound:
-- lower_bounds of them) and unknown. reached: days known to have reached what a day needs (NULL: the goal counts no
-- days). largest_day_percent: the share of the largest day in what was seen, where the goal is a total or a mean; 14
-- where seven days are alike, and a verdict of 60 stands on one day. left_out: why other days of the week do not count.
-- Verdicts of goals and people that are held, and frozen ones that what came later would change, have no evidence here
-- (verdict_evidence).
SELECT g.participant_id, g.goal_id, g.infusion_id, g.week, g.status, g.reason, round(g.value, 1) AS value,
       round(g.target_effective, 1) AS target_effective, count(*) FILTER (e.counts) AS days, count(e.value) AS known,
       count(*) FILTER (e.counts AND e.value IS NULL) AS unknown,
       count(e.value) FILTER (e.day_state = 'insufficient_wear' AND g.metric NOT IN ('workout_minutes',
           'strength_minutes', 'yoga_minutes', 'dance_minutes', 'massage_minutes')) AS lower_bounds,
       CASE WHEN g.kind IN ('days_with', 'streak') THEN count(*) FILTER (e.value >= e.threshold) END AS reached,
       CASE WHEN g.kind IN ('weekly_total', 'daily_mean')
            THEN round(100 * max(e.value) / nullif(sum(e.value), 0), 1) END AS largest_day_percent,
       string_agg(DISTINCT e.why_not, ';' ORDER BY e.why_not) AS left_out
FROM goal_week g JOIN verdict_evidence e USING (goal_id, infusion_id, week)
WHERE g.week_end < g.as_of AND g.status <> 'superseded'
GROUP BY g.participant_id, g.goal_id, g.infusion_id, g.week, g.week_start, g.kind, g.metric, g.status, g.reason,
    g.value, g.target_effective
ORDER BY g.participant_id, g.goal_id, g.week_start, g.infusion_id, g.week;
