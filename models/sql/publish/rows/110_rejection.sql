-- Rule: R14.2, R7.2
-- Grain: one row per thing not used.
SELECT p.participant_id, r.kind, r.sha256,
       -- a row of a control file is told with the file's name; what lies outside of any folder has a name of its own
       CASE WHEN r.kind = 'control_file' THEN r.path || ', ' ELSE '' END || r.place AS place,
       r.reason, r.what_to_do
FROM rejection r LEFT JOIN participant p USING (participant_id)
-- of the study itself: rows of control files, things in nobody's folder, the folder of an unknown person as a whole;
-- what lies in the folder of somebody who is no longer in the study is not told
WHERE p.participant_id IS NOT NULL OR r.participant_id IS NULL OR r.path = r.participant_id
ORDER BY participant_id, sha256, place
