-- Sessions of the day, in UTC. Parameters: who, day.
SELECT p.source, p.activity, p.modality, p.start_time AS from_utc, p.end_time AS to_utc
FROM part p WHERE p.participant_id = $who AND p.local_date = $day ORDER BY ALL
