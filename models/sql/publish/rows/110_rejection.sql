SELECT p.participant_id, r.sha256,
       -- a row of a control file is told with the file's name; what lies outside of any folder has a name of its own
       CASE WHEN r.participant_id IS NULL AND r.place LIKE 'line %' THEN r.path || ', ' ELSE '' END || r.place AS place,
       r.reason, r.what_to_do
FROM rejection r LEFT JOIN participant p USING (participant_id)
ORDER BY participant_id, sha256, place
