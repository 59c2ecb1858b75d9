-- Rule: R12.6
-- Grain: one row per participant and date that has a `day` row and is over.
CREATE OR REPLACE TEMP VIEW judged_day AS
SELECT
    p.person_key,
    d.* EXCLUDE (participant_id)
FROM day AS d
INNER JOIN person AS p ON d.participant_id = p.participant_id
WHERE d.local_date < getvariable('as_of');
