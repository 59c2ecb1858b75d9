-- Rule: R13.1
-- Grain: one row per goal version that a row of the control files keeps from being judged: of such a goal, or of such a
-- person.
CREATE OR REPLACE TEMP TABLE unusable_version AS
SELECT v.version_key
FROM goal_version AS v
WHERE
    v.goal_id IN (SELECT goal_id FROM unusable WHERE goal_id IS NOT NULL)
    OR v.participant_id IN (SELECT participant_id FROM unusable WHERE goal_id IS NULL);
