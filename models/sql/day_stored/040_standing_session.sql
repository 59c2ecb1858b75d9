-- Rule: the sessions that no newer export replaced. Grain: session of a person with a touched day.
DELETE FROM standing_session WHERE participant_id IN (SELECT participant_id FROM touched_day);
INSERT INTO standing_session SELECT participant_id, file_id, session_id FROM session_current;
