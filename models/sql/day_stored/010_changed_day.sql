-- Rule: R12.1
-- Grain: one row per touched day that says something else than before, or is new: no other changes a week.
CREATE OR REPLACE TEMP TABLE changed_day AS
WITH before AS (FROM day SEMI JOIN touched_day USING (participant_id, local_date)),
now AS (FROM day WHERE FALSE UNION ALL BY NAME FROM resolved_day)  -- the columns in the order of `day`
SELECT DISTINCT participant_id, local_date
FROM ((FROM now EXCEPT FROM before) UNION ALL (FROM before EXCEPT FROM now));
INSERT INTO unjudged_day
SELECT DISTINCT s.* FROM stale_day s
SEMI JOIN changed_day c ON c.participant_id = s.participant_id AND c.local_date = s.local_date;
