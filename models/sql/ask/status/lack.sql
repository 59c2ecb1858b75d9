-- Lists of sessions that lack some which an older list has.
SELECT participant_id, path, sessions FROM known_lack ORDER BY participant_id, path
