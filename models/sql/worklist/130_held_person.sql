-- Rule: R16.4
-- Grain: one row per participant who is held, or a goal of theirs.
CREATE OR REPLACE TEMP VIEW held_person AS
SELECT p.participant_id, p.held_reason, p.held_what_to_do, r.as_of AS since
FROM participant p
ASOF LEFT JOIN (FROM run WHERE outcome IS DISTINCT FROM 'killed') r ON p.held_at >= r.started_at
WHERE p.held_reason IS NOT NULL;
