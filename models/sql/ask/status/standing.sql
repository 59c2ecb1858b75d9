-- Everything that is not used, as the last run left it.
FROM known_fault ORDER BY participant_id, file, place, found
