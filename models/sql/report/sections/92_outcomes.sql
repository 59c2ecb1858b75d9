-- Scores of the clinic's scales. Parameters: as_of.
SELECT participant_id, scale, date, score FROM outcome WHERE date <= $as_of
ORDER BY scale, date
