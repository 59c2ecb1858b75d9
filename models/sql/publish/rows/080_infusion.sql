-- Rule: R8.1, R3.9
-- Grain: one row per infusion.
-- Whether it happened is part of the partition: those that did are counted among themselves.
SELECT infusion_id, participant_id, infused_on, status, nullif(course_id, '') AS course_id,
       CASE WHEN has_happened(status) THEN row_number() OVER by_date END::INTEGER AS ordinal,
       CASE WHEN has_happened(status) THEN infused_on - lag(infused_on) OVER by_date END::INTEGER AS days_since_previous
FROM infusion
WINDOW by_date AS (PARTITION BY participant_id, has_happened(status) ORDER BY infused_on, infusion_id)
ORDER BY participant_id, infused_on, infusion_id
