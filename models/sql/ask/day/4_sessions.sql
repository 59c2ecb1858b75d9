-- Sessions of the day, in UTC; one without a time is the last of its activity. Parameters: who, day.
SELECT p.source, p.activity, p.modality, p.start_time AS from_utc, p.end_time AS to_utc,
       (epoch_ms(p.end_time) - epoch_ms(p.start_time)) / 60000 AS minutes
FROM part p WHERE p.participant_id = $who AND p.local_date = $day
UNION ALL
SELECT s.source, s.activity, s.modality, NULL, NULL, s.timer_ms / 60000
FROM session_current s WHERE s.participant_id = $who AND s.local_date = $day AND s.start_time IS NULL
ORDER BY ALL
