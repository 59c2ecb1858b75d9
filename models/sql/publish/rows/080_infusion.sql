-- Rule: R8.1, R3.9
-- Grain: one row per infusion.
SELECT infusion_id, participant_id, infused_on, status, nullif(course_id, '') AS course_id
FROM infusion
ORDER BY participant_id, infused_on, infusion_id
