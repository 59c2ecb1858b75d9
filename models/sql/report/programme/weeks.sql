-- Judged goal-weeks by site: how many were met, partly met or missed (missed), and cannot be said
-- (insufficient_data), each with how many people that is. In rows that were sent as `share` a person is a key.
WITH person AS (
    SELECT site, COLUMNS('^participant_(id|key)$') AS who, count(*) FILTER (status = 'met') AS met,
           count(*) FILTER (status IN ('partly_met', 'missed')) AS missed,
           count(*) FILTER (status = 'insufficient_data') AS insufficient_data
    FROM goal_week WHERE status IN ('met', 'partly_met', 'missed', 'insufficient_data') GROUP BY ALL)
SELECT site, sum(met)::BIGINT AS met, sum(missed)::BIGINT AS missed,
       sum(insufficient_data)::BIGINT AS insufficient_data, count(*) FILTER (met > 0) AS met_people,
       count(*) FILTER (missed > 0) AS missed_people,
       count(*) FILTER (insufficient_data > 0) AS insufficient_data_people, count(*) AS people
FROM person GROUP BY site ORDER BY site
