-- Rule: R12.1
-- Grain: one row per participant.
-- All that the control files say about a person and that something is judged by, as one short word: another word, and
-- all their weeks are judged again.
CREATE OR REPLACE TEMP TABLE control_fingerprint AS
WITH control_row AS (
    SELECT p.participant_id, p::TEXT AS line FROM (SELECT * EXCLUDE (language) FROM participant) AS p
    UNION ALL
    SELECT participant_id, infusion::TEXT FROM infusion
    UNION ALL
    -- a correction may take a goal from one person to another: all its versions concern both
    SELECT DISTINCT o.participant_id, g::TEXT
    FROM (SELECT * EXCLUDE (set_by, cleared_by, cleared_on) FROM goal) AS g
    INNER JOIN goal AS o ON g.goal_id = o.goal_id
    UNION ALL
    SELECT participant_id, hold::TEXT FROM hold
    UNION ALL
    -- what comes to be held, or comes free
    SELECT participant_id, 'unusable ' || coalesce(goal_id, '') FROM unusable
)

SELECT
    participant_id,
    md5(string_agg(line, '|' ORDER BY line)) AS control_fingerprint
FROM control_row
WHERE participant_id IN (SELECT participant_id FROM participant)
GROUP BY participant_id;
