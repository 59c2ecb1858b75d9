-- Rule: R15.1, R15.2, R15.3, R15.4
-- Grain: one row per participant, study day and scale.
CREATE TABLE rows.outcome AS
SELECT key_of('participant', o.participant_id) AS participant_key, d.study_day,
       common_or_other('scale', o.scale) AS scale, o.score
FROM published.outcome o JOIN shared_day d ON d.participant_id = o.participant_id AND d.local_date = o.date
ORDER BY participant_key, scale, study_day;
