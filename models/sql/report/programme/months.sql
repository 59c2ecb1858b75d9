-- The same by site and the month in which the week ended: not of rows that were sent as `share`, without dates.
WITH person AS (
    SELECT site, date_trunc('month', week_end)::DATE AS month, participant_id,
           count(*) FILTER (status = 'met') AS met, count(*) FILTER (status IN ('partly_met', 'missed')) AS missed,
           count(*) FILTER (status = 'insufficient_data') AS insufficient_data
    FROM goal_week WHERE status IN ('met', 'partly_met', 'missed', 'insufficient_data') GROUP BY ALL)
SELECT site, month, sum(met)::BIGINT AS met, sum(missed)::BIGINT AS missed,
       sum(insufficient_data)::BIGINT AS insufficient_data, count(*) FILTER (met > 0) AS met_people,
       count(*) FILTER (missed > 0) AS missed_people,
       count(*) FILTER (insufficient_data > 0) AS insufficient_data_people, count(*) AS people
FROM person GROUP BY site, month ORDER BY site, month
