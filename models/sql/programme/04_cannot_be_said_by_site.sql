-- What cannot be said at each site, and why?
-- A row is a site and a reason of a judged week that cannot be said: `code` has the reasons in words. percent is of all
-- judged weeks of the site. A site where much cannot be said for want of days has a question for those who collect the
-- exports, not for its patients: nothing seen is not nothing done.
SELECT site, reason, count(*) AS weeks, count(DISTINCT COLUMNS('^participant_(id|key)$')) AS participants,
       round(100 * weeks / any_value(judged), 1) AS percent
FROM (
    SELECT *, count(*) OVER (PARTITION BY site) AS judged
    FROM goal_week WHERE status IN ('met', 'partly_met', 'missed', 'insufficient_data')
)
WHERE status = 'insufficient_data'
GROUP BY site, reason
ORDER BY site, weeks DESC, reason;
