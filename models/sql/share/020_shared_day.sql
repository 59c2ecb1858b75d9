-- Rule: R15.1
-- Grain: one row per participant and local_date that is shared.
CREATE OR REPLACE TEMP TABLE shared_day AS
SELECT w.participant_id, w.local_date, w.local_date - f.first_on AS study_day
FROM published.infusion_window w JOIN followed f USING (participant_id, infusion_id)
UNION
SELECT participant_id, first_on - n::INTEGER, -n::INTEGER
FROM (SELECT DISTINCT participant_id, first_on FROM followed), range(1, 15) AS r(n);
