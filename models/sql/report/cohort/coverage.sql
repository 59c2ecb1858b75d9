-- Days that count, by week and state. Parameters: as_of.
SELECT week, coalesce(day_state, 'no_data') AS day_state, count(*) AS n
FROM infusion_window LEFT JOIN daily_activity USING (participant_id, local_date)
WHERE is_eligible AND local_date < $as_of GROUP BY ALL ORDER BY ALL
