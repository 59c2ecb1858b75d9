-- Rule: R13.2, R14.2
-- Grain: one row per participant.
-- A goal that is held is told here, too: it may have no row of its own.
WITH of_goals AS (
    SELECT participant_id, string_agg('goal ' || goal_id || ': ' || reason, '; ' ORDER BY goal_id) AS reason,
           string_agg(DISTINCT what_to_do, '; ' ORDER BY what_to_do) AS what_to_do, min(since) AS since
    FROM held_goal GROUP BY participant_id
)
SELECT participant_id, source_priority, coalesce(foot_step_goals, TRUE) AS foot_step_goals, left_on,
       coalesce(h.reason, o.reason) AS held_reason, coalesce(h.what_to_do, o.what_to_do) AS held_what_to_do,
       as_instant(coalesce(h.since, o.since)) AS held_at,
       coalesce(language, 'en') AS language
FROM participant LEFT JOIN held h USING (participant_id) LEFT JOIN of_goals o USING (participant_id)
ORDER BY participant_id
