-- Files that could not be used.
FROM known_rejection ORDER BY participant_id, file, place
