SELECT p.participant_id, r.sha256,
       CASE WHEN r.path LIKE '%.csv' AND r.participant_id IS NULL THEN r.path || ', ' ELSE '' END || r.place AS place,
       r.reason, r.what_to_do
FROM rejection r LEFT JOIN participant p USING (participant_id)
-- of the study itself: rows of control files, things in nobody's folder, the folder of an unknown person as a whole;
-- what lies in the folder of somebody who is no longer in the study is not told
WHERE p.participant_id IS NOT NULL OR r.participant_id IS NULL OR r.path = r.participant_id
ORDER BY p.participant_id, r.sha256, place
