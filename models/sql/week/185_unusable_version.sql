-- The goal versions that are not judged by the rows that there are: a row of the control files cannot be used (`unusable`).
-- GRAIN: one row per version of such a goal, or of any goal of such a person.
CREATE OR REPLACE TEMP TABLE unusable_version AS
SELECT v.version_key
FROM goal_version AS v
WHERE
    v.goal_id IN (SELECT goal_id FROM unusable WHERE goal_id IS NOT NULL)
    OR v.participant_id IN (SELECT participant_id FROM unusable WHERE goal_id IS NULL);
