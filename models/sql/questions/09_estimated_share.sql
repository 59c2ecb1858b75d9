-- How much of the verdicts rests on estimates, and on how many days?
-- A row is a verdict and what it rests on, over all goal-weeks that are over. observed: every eligible day counted was
-- seen, or what was seen was enough by itself; estimated: the mean of the valid days times the eligible days, which
-- supposes that unseen days were like seen ones (often they were worse). Estimates are no ground for rewards or endpoints.
SELECT status, coalesce(basis, 'none') AS basis, count(*) AS goal_weeks,
       count(*) FILTER (reason = 'lower_bound') AS enough_by_itself, sum(eligible_days)::BIGINT AS eligible_days,
       sum(valid_days)::BIGINT AS valid_days, round(100 * sum(valid_days) / nullif(sum(eligible_days), 0), 1) AS seen_percent
FROM goal_week
WHERE status IN ('met', 'partly_met', 'missed', 'insufficient_data') AND week_end < as_of AND valid_days IS NOT NULL
GROUP BY ALL
ORDER BY ALL;
