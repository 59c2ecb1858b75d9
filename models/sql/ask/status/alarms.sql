-- What is amiss with the study as a whole.
SELECT path, place, reason, what_to_do FROM known_alarm ORDER BY ALL
