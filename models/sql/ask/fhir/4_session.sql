-- Exercise that was recorded or written down. Parameters: who.
SELECT participant_id, session_id, activity, local_date, timer_minutes,
       CASE WHEN modality = 'sensed' THEN source END AS device
FROM session
WHERE participant_id = $who AND activity NOT IN ('massage', 'breathwork', 'meditation')
  AND local_date < (SELECT arg_max(as_of, run_number) FROM run)
ORDER BY local_date, session_id
