-- Rule: R15.1, R15.2
-- Grain: one row per infusion and post-infusion week.
-- No count of weekend days: it would tell the day of the week of an infusion.
CREATE TABLE rows.weekly_activity AS
SELECT key_of('participant', w.participant_id) AS participant_key, key_of('infusion', w.infusion_id) AS infusion_key,
       w.week, w.week_start - f.first_on AS week_start_day, w.week_end - f.first_on AS week_end_day,
       w.* EXCLUDE (participant_id, infusion_id, week, week_start, week_end, weekend_days)
FROM published.weekly_activity w JOIN followed f USING (participant_id, infusion_id)
ORDER BY participant_key, infusion_key, week;
