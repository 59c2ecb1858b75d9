-- Rule: R2.10, R2.15, R3.7
-- Grain: one row per recorded or written activity that stands.
SELECT s.participant_id, s.session_id, d.source, s.activity, s.vendor_activity,
       as_instant(s.start_time) AS start_time, as_instant(s.end_time) AS end_time, s.local_date,
       in_minutes(s.timer_ms) AS timer_minutes, s.steps, s.modality,
       s.local_start_minute, s.local_end_date
FROM session s JOIN standing_session USING (participant_id, file_id, session_id) JOIN device d USING (device_id)
SEMI JOIN participant p ON p.participant_id = s.participant_id
UNION ALL
SELECT participant_id, session_id, 'attendance', activity, NULL, as_instant(begins), as_instant(ends), local_date,
       minutes, NULL, 'clinic_recorded', local_start_minute, local_end_date
FROM attendance SEMI JOIN participant USING (participant_id)
ORDER BY participant_id, local_date, start_time, session_id
