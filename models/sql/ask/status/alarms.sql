-- The alarms: what is wrong with the study itself, not with a file or a row.
FROM known_alarm ORDER BY file, place, found
