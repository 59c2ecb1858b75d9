-- The target that was issued for a week, of goals whose target rises, with the reason: no later file moves it.
CREATE TABLE issued_target (
    goal_id TEXT, version INTEGER, participant_id TEXT, infusion_id TEXT, week INTEGER, week_start DATE,
    target DECIMAL(18, 3), reason TEXT, as_of DATE, issued_at TIMESTAMP
);
ALTER TABLE goal_week ADD COLUMN target_reason TEXT;
ALTER TABLE verdict ADD COLUMN target_reason TEXT;
