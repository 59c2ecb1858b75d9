-- Rule: R13.2, R14.2
-- Grain: one row per participant.
-- A goal that is held is told here, too: it may have no row of its own.
WITH of_goals AS (
    SELECT participant_id, string_agg('goal ' || goal_id || ': ' || reason, '; ' ORDER BY goal_id) AS reason
    FROM held_goal GROUP BY participant_id
)
SELECT participant_id, source_priority, coalesce(foot_step_goals, TRUE) AS foot_step_goals,
       coalesce(h.reason, o.reason) AS held_reason, coalesce(language, 'en') AS language
FROM participant LEFT JOIN held h USING (participant_id) LEFT JOIN of_goals o USING (participant_id)
ORDER BY participant_id
