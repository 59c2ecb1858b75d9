SELECT infusion_id, participant_id, infused_on, status, nullif(course_id, '') AS course_id
FROM infusion
ORDER BY participant_id, infused_on, infusion_id
