-- Rule: R10.10, R10.11
-- Grain: one row per goal version whose target rises, infusion and week that has begun.
-- What a clock issued that was ahead is not issued. What is held or locked gets its target once it is judged again.
DELETE FROM issued_target WHERE participant_id IN (SELECT participant_id FROM asked) AND as_of > getvariable('as_of');
INSERT INTO issued_target BY NAME
SELECT w.goal_id, w.version, w.participant_id, w.infusion_id, w.week, w.week_start, t.target, t.reason,
       getvariable('as_of') AS as_of, getvariable('moment') AS issued_at
FROM step_week w JOIN step_target t USING (version_key, infusion_id, week)
WHERE w.issued_target IS NULL AND w.measure IS NOT NULL
  AND NOT coalesce(w.week_start + 6 < getvariable('locked_before')::DATE, FALSE)
  AND NOT EXISTS (FROM unusable u
                  WHERE u.participant_id = w.participant_id AND (u.goal_id IS NULL OR u.goal_id = w.goal_id));
