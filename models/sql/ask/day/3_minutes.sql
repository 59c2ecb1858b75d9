-- Which source the steps of each stretch of consecutive minutes came from, in UTC. Parameters: who, day.
SELECT source, min(minute) AS from_utc, max(minute) + INTERVAL 1 MINUTE AS to_utc, sum(steps)::BIGINT AS steps
FROM (
    SELECT *, count(*) FILTER (is_new) OVER (ORDER BY minute) AS run
    FROM (
        SELECT f.minute, f.steps, y.source,
               coalesce(y.source <> lag(y.source) OVER (ORDER BY f.minute), TRUE) AS is_new
        FROM foot_minute f
        JOIN device_day y ON y.device_id = f.device_id AND y.local_date = f.local_date
        JOIN chosen c ON c.participant_id = f.participant_id AND c.local_date = f.local_date
        LEFT JOIN minute_source m ON m.participant_id = f.participant_id AND m.local_date = f.local_date
                                 AND m.minute = f.minute
        WHERE f.steps > 0 AND f.participant_id = $who AND f.local_date = $day
          AND CASE WHEN c.kind = 'minutes' THEN coalesce(m.rank, y.rank) = y.rank
                   ELSE c.kind = 'alone' AND c.device_id = f.device_id END
    )
)
GROUP BY source, run ORDER BY from_utc
