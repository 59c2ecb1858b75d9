-- What every device said of the day, whether it was used, and why. Parameters: who, day.
SELECT d.source, d.device_class, d.rank, d.steps, d.wear_ms // 60000 AS wear_minutes, d.wear_method, d.is_complete AS is_whole,
       nullif(d.is_late, FALSE) AS morning_unseen, nullif(d.is_suspect, FALSE) AS clock_suspect,
       d.walking_ms // 60000 AS vendor_walking_minutes,
       CASE WHEN u.minutes IS NOT NULL THEN u.minutes || ' minutes with steps used'
            WHEN c.device_id = d.device_id THEN 'its count of the day used'
            WHEN d.rank = 1 AND d.wear_ms > 0 THEN 'worn: its zeros are the day''s'
            ELSE 'set aside' END AS role,
       CASE WHEN u.minutes IS NOT NULL AND d.rank = 1 THEN 'best source that day'
            WHEN u.minutes IS NOT NULL THEN 'fills minutes that no better source covers'
            WHEN c.device_id = d.device_id AND c.best_kind = 'minutes' THEN 'the better source was worn too little'
            WHEN c.device_id = d.device_id THEN 'best source whose day is valid'
            WHEN d.rank = 1 THEN 'best source that day'
            WHEN c.kind = 'minutes' AND NOT d.has_minutes THEN 'a total is never combined with minutes'
            WHEN c.kind = 'minutes' THEN 'a better source covers all its minutes'
            ELSE 'another source was taken for the day' END AS why
FROM device_day d
JOIN chosen c USING (participant_id, local_date)
LEFT JOIN (
    SELECT f.device_id, count(*) AS minutes
    FROM foot_minute f
    JOIN device_day y ON y.device_id = f.device_id AND y.local_date = f.local_date
    LEFT JOIN minute_source m ON m.participant_id = f.participant_id AND m.local_date = f.local_date
                             AND m.minute = f.minute
    WHERE f.steps > 0 AND coalesce(m.rank, y.rank) = y.rank
    GROUP BY ALL
) u ON u.device_id = d.device_id AND c.kind = 'minutes'
WHERE d.participant_id = $who AND d.local_date = $day
UNION ALL BY NAME
SELECT d.source, d.device_class, 'set aside' AS role, 'may be a copy of a wearable that was read itself' AS why
FROM copy_day c JOIN device d USING (device_id) WHERE c.participant_id = $who AND c.local_date = $day
ORDER BY rank NULLS LAST, source
