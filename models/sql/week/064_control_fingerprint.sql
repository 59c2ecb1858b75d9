-- Rule: R12.1
-- Grain: one row per participant who is judged now (040_person).
-- All that the control files say about a person and that something is judged by, as one short word: another word, and
-- all their weeks are judged again.
CREATE OR REPLACE TEMP TABLE control_fingerprint AS
WITH asked_goal AS (  -- a correction may take a goal from one person to another: all its versions concern both
    SELECT DISTINCT p.participant_id, g.goal_id
    FROM goal AS g
    INNER JOIN person AS p ON g.participant_id = p.participant_id
),

control_row AS (
    SELECT p.participant_id, p::TEXT AS line FROM (SELECT * EXCLUDE (language) FROM participant) AS p
    WHERE p.participant_id IN (SELECT participant_id FROM person)
    UNION ALL
    SELECT participant_id, infusion::TEXT FROM infusion
    WHERE participant_id IN (SELECT participant_id FROM person)
    UNION ALL
    SELECT DISTINCT o.participant_id, g::TEXT
    FROM (SELECT * EXCLUDE (set_by, cleared_by, cleared_on) FROM goal) AS g
    INNER JOIN asked_goal AS o ON g.goal_id = o.goal_id
    UNION ALL
    SELECT participant_id, hold::TEXT FROM hold
    WHERE participant_id IN (SELECT participant_id FROM person)
    UNION ALL
    -- what comes to be held, or comes free
    SELECT participant_id, 'unusable ' || coalesce(goal_id, '') FROM unusable
    WHERE participant_id IN (SELECT participant_id FROM person)
)

SELECT
    participant_id,
    md5(string_agg(line, '|' ORDER BY line)) AS control_fingerprint
FROM control_row
GROUP BY participant_id;
