-- Rule: R6.3
-- Grain: one row per session that no newer export replaced, of people with a touched day. Most stand as they stood: only
-- what differs is written.
DELETE FROM standing_session AS s
WHERE participant_id IN (SELECT participant_id FROM touched_day) AND NOT EXISTS (
    FROM session_current c
    WHERE c.participant_id = s.participant_id AND c.file_id = s.file_id AND c.session_id = s.session_id);
INSERT INTO standing_session
SELECT participant_id, file_id, session_id FROM session_current
ANTI JOIN standing_session USING (participant_id, file_id, session_id)
WHERE file_id > 0;
