-- Rule: R15.1, R15.2, R15.3, R15.4
-- Grain: one row per session at the clinic on a shared day.
CREATE TABLE rows.attendance AS
SELECT key_of('participant', a.participant_id) AS participant_key, key_of('session', a.session_id) AS session_key,
       d.study_day, common_or_other('activity', a.activity) AS activity, a.minutes,
       common_or_other('led_by', a.led_by) AS led_by
FROM published.attendance a JOIN shared_day d ON d.participant_id = a.participant_id AND d.local_date = a.date
ORDER BY participant_key, study_day, session_key;
