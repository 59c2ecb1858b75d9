-- How many of the agreed goals are met, week by week after an infusion?
-- A row is a post-infusion week, over everybody; only weeks that are over, and not those the next infusion took.
-- What cannot be said stays in sight: the true share lies between at_least_percent (nothing unsaid was met) and
-- at_most_percent (all of it was). A met goal needs fewer seen days than a missed one, so met / (met + missed) alone
-- would flatter. Weeks and goals differ in who is in them: a smaller share in week 4 need not be a decline.
WITH judged AS (
    SELECT * FROM goal_week WHERE status <> 'superseded' AND week_end < as_of
)
SELECT week, count(*) AS goals, count(DISTINCT participant_id) AS participants,
       count(*) FILTER (status = 'met') AS met, count(*) FILTER (status = 'partly_met') AS partly_met,
       count(*) FILTER (status = 'missed') AS missed,
       count(*) FILTER (status NOT IN ('met', 'partly_met', 'missed')) AS cannot_be_said,
       round(100 * met / goals, 1) AS at_least_percent,
       round(100 * (met + cannot_be_said) / goals, 1) AS at_most_percent
FROM judged
GROUP BY week
ORDER BY week;
