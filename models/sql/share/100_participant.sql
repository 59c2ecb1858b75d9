-- Rule: R15.1, R15.3
-- Grain: one row per participant with a shared infusion. Nothing else of the person is told.
CREATE TABLE rows.participant AS
SELECT DISTINCT key_of('participant', participant_id) AS participant_key FROM followed ORDER BY ALL;
