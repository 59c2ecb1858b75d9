-- Rule: R15.1, R15.2, R15.3
-- Grain: one row per goal, infusion and week, of the shared infusions.
-- No as_of: one date for everybody would line their calendars up; nor when a baseline was frozen.
CREATE TABLE rows.goal_week AS
SELECT key_of('goal', g.goal_id) AS goal_key, g.version, key_of('participant', g.participant_id) AS participant_key,
       key_of('infusion', g.infusion_id) AS infusion_key, g.week, g.week_start - f.first_on AS week_start_day,
       g.week_end - f.first_on AS week_end_day, g.kind, g.metric, g.target, g.target_reason, g.target_effective,
       g.value, g.percent, g.status, replace(g.reason, 'not_applicable', 'other') AS reason, g.basis,
       g.eligible_days, g.valid_days, g.is_truncated,
       replace(g.truncated_by, 'date_skipped', 'other') AS truncated_by, g.device_changed,
       g.per_day, g.target_agreed, g.baseline_value, g.baseline_days, g.interval_low, g.interval_high
FROM published.goal_week g JOIN followed f USING (participant_id, infusion_id)
ORDER BY participant_key, goal_key, infusion_key, week;
