-- Lists of three or more activities of which none is of a kind that is known: any walk in them is hidden.
SELECT participant_id, path, source, sessions, such_as FROM known_nameless ORDER BY participant_id, path, source
