-- Files that could not be used.
SELECT participant_id, path, left(sha256, 12) AS content, place, reason, words, what_to_do FROM known_rejection
ORDER BY participant_id, path, place
