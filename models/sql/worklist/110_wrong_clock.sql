-- Rule: R16.4
-- Grain: one row per participant of whom a device had a clock that is not believed, in the last 28 days.
CREATE OR REPLACE TEMP VIEW wrong_clock AS
SELECT participant_id, min(local_date) AS since, max(local_date) AS until, count(*) AS days
FROM daily_activity SEMI JOIN asked_person USING (participant_id) CROSS JOIN study s
WHERE contains(flags, 'clock_suspect') AND local_date BETWEEN s.as_of - 28 AND s.as_of
GROUP BY participant_id;
