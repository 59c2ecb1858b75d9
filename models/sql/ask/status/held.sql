-- Who is held.
SELECT participant_id, reason, what_to_do, since FROM known_held ORDER BY participant_id
