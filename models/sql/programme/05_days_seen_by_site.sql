-- How much of the days that count was seen at each site, week by week after an infusion?
-- A row is a site and a post-infusion week. days: those of all infusions that count and are over; valid: seen well
-- enough. Days near the end may still arrive, so the last weeks are seen least everywhere. It says how far numbers of
-- sites can be compared at all.
SELECT site, week, count(DISTINCT COLUMNS('^participant_(id|key)$')) AS participants,
       sum(days_over)::BIGINT AS days, sum(valid_days)::BIGINT AS valid,
       round(100 * valid / nullif(days, 0), 1) AS valid_percent
FROM weekly_activity
WHERE days_over > 0
GROUP BY site, week
ORDER BY site, week;
