SELECT participant_id, source_priority, coalesce(foot_step_goals, TRUE) AS foot_step_goals FROM participant
ORDER BY participant_id
