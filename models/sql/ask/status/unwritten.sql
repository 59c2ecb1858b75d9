-- Whose page of the report could not be written: found after publishing, so what is published does not know it yet.
SELECT participant_id, reason, what_to_do FROM known_held WHERE step = 'report' ORDER BY participant_id
