-- What is amiss with the study as a whole.
FROM known_alarm ORDER BY file, place, found
