-- How many of the agreed goals are met at each site, week by week after an infusion?
-- A row is a site and a post-infusion week, over judged weeks. What cannot be said stays in sight: the true share lies
-- between at_least_percent (nothing unsaid was met) and at_most_percent (all of it was). Sites differ in who comes to
-- them, in what they agree on and in how much their devices see: a smaller share is no worse site.
SELECT site, week, count(*) AS goals, count(DISTINCT COLUMNS('^participant_(id|key)$')) AS participants,
       count(*) FILTER (status = 'met') AS met, count(*) FILTER (status = 'partly_met') AS partly_met,
       count(*) FILTER (status = 'missed') AS missed,
       count(*) FILTER (status = 'insufficient_data') AS cannot_be_said,
       round(100 * met / goals, 1) AS at_least_percent,
       round(100 * (met + cannot_be_said) / goals, 1) AS at_most_percent
FROM goal_week
WHERE status IN ('met', 'partly_met', 'missed', 'insufficient_data')
GROUP BY site, week
ORDER BY site, week;
