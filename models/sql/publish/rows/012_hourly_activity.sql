-- Rule: R2.18, R14.1
-- Grain: one row per participant, local_date and hour of it that the clock showed.
SELECT participant_id, local_date, local_hour::INTEGER AS local_hour, steps, in_minutes(walking_ms) AS walking_minutes,
       in_minutes(moderate_ms) AS moderate_minutes, in_minutes(vigorous_ms) AS vigorous_minutes,
       in_minutes(wear_ms) AS worn_minutes
FROM (
    SELECT participant_id, local_date, unnest(hours) AS local_hour, unnest(steps) AS steps,
           unnest(walking_ms) AS walking_ms, unnest(moderate_ms) AS moderate_ms, unnest(vigorous_ms) AS vigorous_ms,
           unnest(wear_ms) AS wear_ms
    FROM day_hours SEMI JOIN participant USING (participant_id)
    WHERE (SELECT bool_or(hourly) FROM study)
)
ORDER BY participant_id, local_date, local_hour
