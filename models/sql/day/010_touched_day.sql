-- Rule: only days whose data changed are resolved again, of those who are asked about. Grain: participant x local_date.
-- A day's neighbours are read too (near_day), because wear runs across midnight (measurement section 15.15).
CREATE OR REPLACE TEMP TABLE touched_day AS
SELECT DISTINCT participant_id, local_date, begins, ends
FROM stale_day JOIN local_day USING (participant_id, local_date)
SEMI JOIN participant USING (participant_id) SEMI JOIN asked USING (participant_id);

CREATE OR REPLACE TEMP TABLE near_day AS
SELECT DISTINCT participant_id, local_date + d AS local_date
FROM touched_day, (VALUES (-1), (0), (1)) AS o(d);
