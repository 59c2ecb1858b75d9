-- Rule: R12.5
-- Grain: one row per noticed difference of a frozen goal, infusion and week; is_current is the last noticed.
-- Append-only.
CREATE TABLE out.post_lock_difference (
    goal_id VARCHAR NOT NULL,
    participant_id VARCHAR NOT NULL,
    infusion_id VARCHAR NOT NULL,
    week INTEGER NOT NULL,
    week_start DATE NOT NULL,
    week_end DATE NOT NULL,
    frozen_status VARCHAR,
    frozen_reason VARCHAR,
    frozen_value DECIMAL(24, 6),
    frozen_percent BIGINT,
    frozen_as_of DATE,
    status VARCHAR,
    reason VARCHAR,
    value DECIMAL(24, 6),
    percent BIGINT,
    as_of DATE NOT NULL,
    cause VARCHAR NOT NULL,
    is_current BOOLEAN NOT NULL,
    noticed_at TIMESTAMPTZ NOT NULL,
    run_id VARCHAR NOT NULL,
    PRIMARY KEY (goal_id, infusion_id, week, run_id)
);

COMMENT ON TABLE out.post_lock_difference IS 'What frozen verdicts would be by what became known after the lock date of study.toml. goal_week and its history keep what was frozen. One row per goal_id, infusion_id, week, run_id.';
COMMENT ON COLUMN out.post_lock_difference.goal_id IS 'Goal, as in goals.csv.';
COMMENT ON COLUMN out.post_lock_difference.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.post_lock_difference.infusion_id IS 'Infusion, as in infusions.csv.';
COMMENT ON COLUMN out.post_lock_difference.week IS 'Post-infusion week, as in goal_week.';
COMMENT ON COLUMN out.post_lock_difference.week_start IS 'First date of the week.';
COMMENT ON COLUMN out.post_lock_difference.week_end IS 'Last date of the week: before the lock date.';
COMMENT ON COLUMN out.post_lock_difference.frozen_status IS 'The frozen verdict, as in goal_week. NULL: there was none, the week came to exist after the lock.';
COMMENT ON COLUMN out.post_lock_difference.frozen_reason IS 'Its reason. NULL: none.';
COMMENT ON COLUMN out.post_lock_difference.frozen_value IS 'Its value, in the goal''s unit. NULL: none.';
COMMENT ON COLUMN out.post_lock_difference.frozen_percent IS 'Its percent. NULL: none.';
COMMENT ON COLUMN out.post_lock_difference.frozen_as_of IS 'The date it was given for. NULL: there was none.';
COMMENT ON COLUMN out.post_lock_difference.status IS 'What the verdict would be now; the frozen one again where it came back to it. NULL: the week no longer exists.';
COMMENT ON COLUMN out.post_lock_difference.reason IS 'Its reason. NULL: none.';
COMMENT ON COLUMN out.post_lock_difference.value IS 'Its value, in the goal''s unit. NULL: none.';
COMMENT ON COLUMN out.post_lock_difference.percent IS 'Its percent. NULL: none.';
COMMENT ON COLUMN out.post_lock_difference.as_of IS 'The date that would be given for.';
COMMENT ON COLUMN out.post_lock_difference.cause IS 'Why it would differ, as in goal_week_history.';
COMMENT ON COLUMN out.post_lock_difference.is_current IS 'The last one noticed of this goal, infusion and week.';
COMMENT ON COLUMN out.post_lock_difference.noticed_at IS 'When it was noticed.';
COMMENT ON COLUMN out.post_lock_difference.run_id IS 'The run that noticed it.';
