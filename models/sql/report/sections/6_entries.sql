-- Recorded activities.
SELECT participant_id, local_date, activity, timer_minutes, modality, source FROM session
ORDER BY local_date DESC, activity, timer_minutes, source
