-- What concerns nobody's page: control files, folders of unknown people.
SELECT DISTINCT place, reason, what_to_do FROM rejection r ANTI JOIN participant p USING (participant_id)
ORDER BY ALL LIMIT 50
