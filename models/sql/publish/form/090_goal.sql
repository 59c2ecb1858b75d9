-- Rule: R9.1
-- Grain: one row per goal and version.
CREATE TABLE out.goal (
    goal_id VARCHAR NOT NULL,
    version INTEGER NOT NULL,
    participant_id VARCHAR NOT NULL,
    infusion_id VARCHAR,
    from_week INTEGER,
    to_week INTEGER,
    kind VARCHAR NOT NULL CHECK (kind IN ('weekly_total', 'daily_mean', 'days_with', 'streak')),
    metric VARCHAR NOT NULL,
    targets DECIMAL(18, 3)[],
    per_day DECIMAL(18, 3),
    derivation VARCHAR,
    set_on DATE,
    effective_from DATE,
    correction BOOLEAN NOT NULL,
    status VARCHAR NOT NULL CHECK (status IN ('active', 'on_hold', 'cancelled')),
    set_by VARCHAR,
    cleared_by VARCHAR,
    cleared_on DATE,
    PRIMARY KEY (goal_id, version)
);

COMMENT ON TABLE out.goal IS 'The versions of the goals, as understood. One row per goal_id, version.';
COMMENT ON COLUMN out.goal.goal_id IS 'Goal, as in goals.csv.';
COMMENT ON COLUMN out.goal.version IS 'Version of the goal.';
COMMENT ON COLUMN out.goal.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.goal.infusion_id IS 'For which infusion. NULL: every one of the participant.';
COMMENT ON COLUMN out.goal.from_week IS 'First post-infusion week it is for. NULL: 1.';
COMMENT ON COLUMN out.goal.to_week IS 'Last post-infusion week it is for. NULL: the study''s weeks.';
COMMENT ON COLUMN out.goal.kind IS 'What is compared with the target. {codes}.';
COMMENT ON COLUMN out.goal.metric IS 'The metric judged, a column of daily_activity.';
COMMENT ON COLUMN out.goal.targets IS 'Target per post-infusion week in minutes, steps or days; the last one holds on. Empty or NULL: derived.';
COMMENT ON COLUMN out.goal.per_day IS 'Minutes or steps that make a day count. NULL: not such a goal, or derived.';
COMMENT ON COLUMN out.goal.derivation IS 'How the number is derived. NULL: fixed.';
COMMENT ON COLUMN out.goal.set_on IS 'Date it was set. NULL: not reported.';
COMMENT ON COLUMN out.goal.effective_from IS 'Date from which it is in force. NULL: as the version it corrects.';
COMMENT ON COLUMN out.goal.correction IS 'It corrects a mistake and reaches back.';
COMMENT ON COLUMN out.goal.status IS 'What became of it. {codes}.';
COMMENT ON COLUMN out.goal.set_by IS 'Who set it, by role: {names} (none that is known here). NULL: not reported.';
COMMENT ON COLUMN out.goal.cleared_by IS 'Who of the care team cleared it, by role: {names} (none that is known here). NULL: not reported.';
COMMENT ON COLUMN out.goal.cleared_on IS 'Date on which the care team cleared it. Nothing is judged by it. NULL: not reported.';
