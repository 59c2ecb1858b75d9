-- Infusions.
SELECT participant_id, infusion_id, infused_on, status, course_id FROM infusion
ORDER BY infused_on, infusion_id
