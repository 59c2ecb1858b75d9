-- Rule: R6.7
-- Grain: one row per participant and local_date that is resolved again, of those who are asked about; `hours`: what the
-- clock showed in each hour of it.
-- near_day: one row per such date and the dates beside it, which are read too.
CREATE OR REPLACE TEMP TABLE touched_day AS
SELECT DISTINCT participant_id, local_date, begins, ends, coalesce(hours, range(24)) AS hours
FROM stale_day JOIN local_day USING (participant_id, local_date)
SEMI JOIN participant USING (participant_id) SEMI JOIN asked USING (participant_id);

CREATE OR REPLACE TEMP TABLE near_day AS
SELECT DISTINCT participant_id, local_date + d AS local_date
FROM touched_day, (VALUES (-1), (0), (1)) AS o(d);
