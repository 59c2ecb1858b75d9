-- Grain: goal x infusion x week: the current verdict.
-- A row that was not judged again because nothing of its own changed stands as of the last judging like the others; a
-- frozen one (its week ended before the lock) as of the run that froze it.
CREATE TABLE out.goal_week AS
SELECT g.goal_id, g.version, g.participant_id, g.infusion_id, g.week, g.week_start, g.week_end, g.kind, g.metric, g.target,
       g.target_effective, g.value, g.percent, g.status, g.reason, g.basis, g.eligible_days, g.valid_days, g.is_truncated,
       g.truncated_by, CASE WHEN g.week_end < j.lock_date THEN g.as_of ELSE j.as_of END AS as_of, g.evaluated_at,
       g.device_changed
FROM goal_week g CROSS JOIN judging j SEMI JOIN participant p ON g.participant_id = p.participant_id
ORDER BY g.participant_id, g.goal_id, g.infusion_id, g.week;

COMMENT ON TABLE out.goal_week IS 'The current verdict of every goal in every post-infusion week. Never missed because of days nobody saw; a count, not advice.';
COMMENT ON COLUMN out.goal_week.goal_id IS 'Goal, as in goals.csv.';
COMMENT ON COLUMN out.goal_week.version IS 'Version of the goal that rules this week. NULL: none in force.';
COMMENT ON COLUMN out.goal_week.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.goal_week.infusion_id IS 'Infusion, as in infusions.csv.';
COMMENT ON COLUMN out.goal_week.week IS 'Post-infusion week: week w is days 7(w-1)+1 to 7w after the infusion.';
COMMENT ON COLUMN out.goal_week.week_start IS 'First date of the week.';
COMMENT ON COLUMN out.goal_week.week_end IS 'Last date of the week.';
COMMENT ON COLUMN out.goal_week.kind IS 'weekly_total, daily_mean, days_with or streak.';
COMMENT ON COLUMN out.goal_week.metric IS 'A metric of daily_activity.';
COMMENT ON COLUMN out.goal_week.target IS 'What was agreed for this week: minutes or steps, or days.';
COMMENT ON COLUMN out.goal_week.target_effective IS 'Target after truncation. NULL: not judged.';
COMMENT ON COLUMN out.goal_week.value IS 'What the verdict rests on: observed, or estimated (basis). NULL: cannot be said.';
COMMENT ON COLUMN out.goal_week.percent IS '100 x value / target_effective, rounded down. NULL: cannot be said.';
COMMENT ON COLUMN out.goal_week.status IS 'upcoming, in_progress, met, partly_met, missed, insufficient_data or superseded.';
COMMENT ON COLUMN out.goal_week.reason IS 'Why, where the status alone does not say it. NULL: nothing to add.';
COMMENT ON COLUMN out.goal_week.basis IS 'observed: every eligible day counted was seen; estimated: mean of the valid days times the eligible days. NULL: no value.';
COMMENT ON COLUMN out.goal_week.eligible_days IS 'Days of the week that count.';
COMMENT ON COLUMN out.goal_week.valid_days IS 'Eligible days that were seen well enough. NULL: not judged.';
COMMENT ON COLUMN out.goal_week.is_truncated IS 'Fewer than seven eligible days.';
COMMENT ON COLUMN out.goal_week.truncated_by IS 'next_infusion, hold, goal_not_in_force, date_skipped, joined by ;. NULL: whole week.';
COMMENT ON COLUMN out.goal_week.as_of IS 'The date the verdict is given for: days before it are over. Of a frozen week: when it was frozen.';
COMMENT ON COLUMN out.goal_week.evaluated_at IS 'When this verdict was first reached (UTC).';
COMMENT ON COLUMN out.goal_week.device_changed IS 'The week''s usual source is not that of the baseline window.';
