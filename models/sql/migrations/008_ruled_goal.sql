-- What was agreed when a version of a goal ruled its first week: a line of goals.csv that says otherwise since was changed
-- without a new version, and is named for as long as it does.
CREATE TABLE ruled_goal (
    goal_id TEXT, version INTEGER, participant_id TEXT, infusion_id TEXT, from_week INTEGER, to_week INTEGER, kind TEXT,
    metric TEXT, targets DECIMAL(18, 3)[], per_day DECIMAL(18, 3), derivation TEXT, effective_from DATE,
    correction BOOLEAN, status TEXT, ruled_at TIMESTAMP
);
