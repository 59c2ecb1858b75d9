-- Goal-weeks by week and verdict.
SELECT week, status, count(*) AS n FROM goal_week WHERE status NOT IN ('superseded', 'upcoming')
GROUP BY ALL ORDER BY ALL
