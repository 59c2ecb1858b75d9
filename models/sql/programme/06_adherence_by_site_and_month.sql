-- How does the share of goals that are met change from month to month at each site?
-- A row is a site and the month in which judged weeks ended. Both bounds as in adherence_by_site_and_week. Who is
-- followed changes from month to month, so a share that falls need not be a decline; the last month is not over. Not
-- of a programme that sends shares: they have no dates.
SELECT site, date_trunc('month', week_end)::DATE AS month, count(*) AS goals,
       count(DISTINCT participant_id) AS participants, count(*) FILTER (status = 'met') AS met,
       count(*) FILTER (status = 'insufficient_data') AS cannot_be_said,
       round(100 * met / goals, 1) AS at_least_percent,
       round(100 * (met + cannot_be_said) / goals, 1) AS at_most_percent
FROM goal_week
WHERE status IN ('met', 'partly_met', 'missed', 'insufficient_data')
GROUP BY site, month
ORDER BY site, month;
