SELECT * REPLACE (as_instant(started_at) AS started_at, as_instant(ended_at) AS ended_at)
FROM (FROM run UNION ALL BY NAME FROM this_run)
ORDER BY run_number, run_id
