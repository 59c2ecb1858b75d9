-- Grain: goal x version.
CREATE TABLE out.goal AS
SELECT goal_id, version, participant_id, infusion_id, from_week, to_week, kind, metric, targets, per_day, derivation, set_on,
       effective_from, correction, status
FROM goal ORDER BY participant_id, goal_id, version;

COMMENT ON TABLE out.goal IS 'The versions of the goals, as understood.';
COMMENT ON COLUMN out.goal.goal_id IS 'Goal.';
COMMENT ON COLUMN out.goal.version IS 'Version.';
COMMENT ON COLUMN out.goal.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.goal.infusion_id IS 'For which infusion. NULL: every one of the participant.';
COMMENT ON COLUMN out.goal.from_week IS 'First post-infusion week.';
COMMENT ON COLUMN out.goal.to_week IS 'Last post-infusion week.';
COMMENT ON COLUMN out.goal.kind IS 'weekly_total, daily_mean, days_with or streak.';
COMMENT ON COLUMN out.goal.metric IS 'A metric of daily_activity.';
COMMENT ON COLUMN out.goal.targets IS 'Target per week, the last one holds on. Empty: derived.';
COMMENT ON COLUMN out.goal.per_day IS 'The value that makes a day count. NULL: not such a goal, or derived.';
COMMENT ON COLUMN out.goal.derivation IS 'How the number is derived. NULL: fixed.';
COMMENT ON COLUMN out.goal.set_on IS 'When it was set.';
COMMENT ON COLUMN out.goal.effective_from IS 'From when it is in force. NULL: as the version it corrects.';
COMMENT ON COLUMN out.goal.correction IS 'It corrects a mistake and reaches back.';
COMMENT ON COLUMN out.goal.status IS 'active, on_hold or cancelled.';
