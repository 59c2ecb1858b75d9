-- A short number for every participant: the large joins below compare whole numbers, not text.
-- Step goals apply unless `foot_step_goals` says no (a wheelchair user).
-- Only those who are judged now (`asked`).
-- GRAIN: one row per participant.
CREATE OR REPLACE TEMP TABLE person AS
SELECT
    participant_id,
    row_number() OVER (ORDER BY participant_id)::INTEGER AS person_key,
    coalesce(foot_step_goals, TRUE) AS has_step_goals
FROM participant
WHERE participant_id IN (SELECT participant_id FROM asked);
