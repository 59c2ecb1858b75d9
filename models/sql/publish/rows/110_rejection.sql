SELECT p.participant_id, r.sha256,
       CASE WHEN r.path LIKE '%.csv' AND r.participant_id IS NULL THEN r.path || ', ' ELSE '' END || r.place AS place,
       r.reason, r.what_to_do
FROM rejection r LEFT JOIN participant p USING (participant_id)
ORDER BY participant_id, sha256, place
