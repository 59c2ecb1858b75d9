-- Rule: R12.1
-- Grain: one row per touched day that says something else than before, or is new: no other changes a week.
-- A day is known by a hash of 64 bits over all its columns.
CREATE OR REPLACE TEMP TABLE changed_day AS
WITH before AS (FROM day SEMI JOIN touched_day USING (participant_id, local_date)),
now AS (FROM day WHERE FALSE UNION ALL BY NAME FROM resolved_day)  -- the columns in the order of `day`
SELECT DISTINCT participant_id, local_date
FROM (
    SELECT participant_id, local_date, hash(now) AS row_hash, 1 AS n FROM now
    UNION ALL SELECT participant_id, local_date, hash(before), -1 FROM before
)
GROUP BY participant_id, local_date, row_hash HAVING sum(n) <> 0;
INSERT INTO unjudged_day
SELECT DISTINCT s.* FROM stale_day s
SEMI JOIN changed_day c ON c.participant_id = s.participant_id AND c.local_date = s.local_date;
