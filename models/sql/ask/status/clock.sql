-- Whose device had a clock that is not believed, in the last 28 days. Parameters: as_of.
SELECT participant_id, min(local_date) AS first, max(local_date) AS last, count(*) AS days FROM known_day
WHERE contains(flags, 'clock_suspect') AND local_date BETWEEN $as_of - 28 AND $as_of
GROUP BY participant_id ORDER BY participant_id
