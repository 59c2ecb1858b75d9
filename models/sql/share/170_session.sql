-- Rule: R15.1, R15.2, R15.3, R15.4
-- Grain: one row per recorded activity on a shared day.
-- No time of the day: neither when it began nor whether it ran past midnight.
CREATE TABLE rows.session AS
SELECT key_of('participant', s.participant_id) AS participant_key, key_of('session', s.session_id) AS session_key,
       d.study_day, common_or_other('source', s.source) AS source, common_or_other('activity', s.activity) AS activity,
       s.timer_minutes,
       s.steps, s.modality
FROM published.session s JOIN shared_day d USING (participant_id, local_date)
ORDER BY participant_key, study_day, session_key;
