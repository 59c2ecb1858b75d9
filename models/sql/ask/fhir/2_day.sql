-- Days that are over. Parameters: who.
SELECT participant_id, local_date, day_state, steps, wear_minutes, day_minutes,
       CASE WHEN primary_source IN (SELECT source FROM source_day WHERE participant_id = $who)
            THEN primary_source END AS device
FROM daily_activity
WHERE participant_id = $who AND local_date < (SELECT arg_max(as_of, run_number) FROM run) ORDER BY local_date
