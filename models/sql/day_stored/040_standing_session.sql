-- Rule: R6.3
-- Grain: one row per session that no newer export replaced, of people with a touched day.
DELETE FROM standing_session WHERE participant_id IN (SELECT participant_id FROM touched_day);
INSERT INTO standing_session SELECT participant_id, file_id, session_id FROM session_current WHERE file_id > 0;
