-- Rule: R16.1
-- Grain: one row per participant who is asked for something: who left and lets the study keep their data is not.
CREATE OR REPLACE TEMP VIEW asked_person AS
SELECT participant_id FROM participant CROSS JOIN study s WHERE coalesce(left_on >= s.as_of, TRUE);
