-- Why this person's numbers stand as they were; no row for whom they are today's.
SELECT participant_id, held_reason FROM participant WHERE held_reason IS NOT NULL
ORDER BY held_reason
