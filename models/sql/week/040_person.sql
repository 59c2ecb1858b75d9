-- Rule: R9.6, R8.8
-- Grain: one row per participant who is judged now (`asked`).
-- A short number for each: the large joins below compare whole numbers, not text.
CREATE OR REPLACE TEMP TABLE person AS
SELECT
    participant_id,
    row_number() OVER (ORDER BY participant_id)::INTEGER AS person_key,
    coalesce(foot_step_goals, TRUE) AS has_step_goals,
    left_on
FROM participant
WHERE participant_id IN (SELECT participant_id FROM asked);
