-- Rule: R15.1, R15.2, R15.3
-- Grain: one row per shared infusion.
-- No ordinal and no days since the previous one: they would tell of infusions that are not shared. Of those that are,
-- study_day has both.
CREATE TABLE rows.infusion AS
SELECT key_of('participant', i.participant_id) AS participant_key, key_of('infusion', i.infusion_id) AS infusion_key,
       i.infused_on - f.first_on AS study_day, i.status, key_of('course', i.course_id) AS course_key
FROM published.infusion i JOIN followed f USING (participant_id, infusion_id) ORDER BY participant_key, study_day;
