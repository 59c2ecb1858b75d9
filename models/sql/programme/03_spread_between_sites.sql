-- How far do sites lie apart in the share of goals that are met, week by week after an infusion?
-- A row is a post-infusion week. The numbers are those of sites, each counted once however large it is: of its judged
-- weeks, the percentage that was met. Sites with fewer than 10 judged weeks are left out: so few scatter by chance
-- alone. Much of what is left of the spread is chance, too, and who comes to which site.
WITH by_site AS (
    SELECT site, week, count(*) AS goals, 100 * count(*) FILTER (status = 'met') / goals AS percent
    FROM goal_week WHERE status IN ('met', 'partly_met', 'missed', 'insufficient_data')
    GROUP BY site, week
)
SELECT week, count(*) AS sites, sum(goals)::BIGINT AS goals, round(min(percent), 1) AS least_percent,
       round(quantile_cont(percent, 0.25), 1) AS lower_quartile_percent, round(median(percent), 1) AS median_percent,
       round(quantile_cont(percent, 0.75), 1) AS upper_quartile_percent, round(max(percent), 1) AS most_percent
FROM by_site
WHERE goals >= 10
GROUP BY week
ORDER BY week;
