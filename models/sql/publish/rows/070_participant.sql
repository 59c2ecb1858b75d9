SELECT participant_id, source_priority, coalesce(foot_step_goals, TRUE) AS foot_step_goals, h.reason AS held_reason
FROM participant LEFT JOIN held h USING (participant_id)
ORDER BY participant_id
