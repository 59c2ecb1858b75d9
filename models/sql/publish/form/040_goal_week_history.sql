-- Rule: R12.2, R12.3
-- Grain: one row per verdict ever given.
-- Append-only.
CREATE TABLE out.goal_week_history (
    evaluation_id VARCHAR NOT NULL,
    goal_id VARCHAR NOT NULL,
    version INTEGER,
    participant_id VARCHAR NOT NULL,
    infusion_id VARCHAR NOT NULL,
    week INTEGER NOT NULL,
    week_start DATE NOT NULL,
    week_end DATE NOT NULL,
    kind VARCHAR CHECK (kind IN ('weekly_total', 'daily_mean', 'days_with', 'streak')),
    metric VARCHAR,
    target DECIMAL(18, 3),
    target_effective DECIMAL(24, 6),
    value DECIMAL(24, 6),
    percent BIGINT,
    status VARCHAR NOT NULL CHECK (status IN ('upcoming', 'in_progress', 'met', 'partly_met', 'missed',
        'insufficient_data', 'superseded')),
    reason VARCHAR,
    basis VARCHAR CHECK (basis IN ('observed', 'estimated')),
    eligible_days INTEGER NOT NULL,
    valid_days INTEGER,
    is_truncated BOOLEAN NOT NULL,
    truncated_by VARCHAR,
    as_of DATE NOT NULL,
    evaluated_at TIMESTAMPTZ NOT NULL,
    device_changed BOOLEAN NOT NULL,
    is_current BOOLEAN NOT NULL,
    supersedes VARCHAR,
    cause VARCHAR NOT NULL,
    input_fingerprint VARCHAR,
    code_version VARCHAR NOT NULL,
    config_hash VARCHAR NOT NULL,
    run_id VARCHAR NOT NULL,
    target_reason VARCHAR,
    per_day DECIMAL(18, 3),
    baseline_value DECIMAL(24, 6),
    baseline_days INTEGER,
    baseline_as_of DATE,
    target_agreed DECIMAL(18, 3),
    interval_low DECIMAL(24, 6),
    interval_high DECIMAL(24, 6)
);

COMMENT ON TABLE out.goal_week_history IS 'Every verdict ever given; a row is added only when a verdict changes. A verdict that a moved, cancelled or added infusion or a correction replaced, or whose week no longer exists, is closed by a row superseded, with the cause as its reason. Never add or count over all rows: one goal-week has as many as it had verdicts (is_current: the last). One row per evaluation_id.';
COMMENT ON COLUMN out.goal_week_history.evaluation_id IS 'This verdict (random).';
COMMENT ON COLUMN out.goal_week_history.goal_id IS 'Goal, as in goals.csv.';
COMMENT ON COLUMN out.goal_week_history.version IS 'Version of the goal that rules this week. NULL: none in force.';
COMMENT ON COLUMN out.goal_week_history.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.goal_week_history.infusion_id IS 'Infusion, as in infusions.csv.';
COMMENT ON COLUMN out.goal_week_history.week IS 'Post-infusion week: week w is days 7(w-1)+1 to 7w after the infusion.';
COMMENT ON COLUMN out.goal_week_history.week_start IS 'First date of the week.';
COMMENT ON COLUMN out.goal_week_history.week_end IS 'Last date of the week.';
COMMENT ON COLUMN out.goal_week_history.kind IS 'What is compared with the target. {codes}. NULL: no version in force.';
COMMENT ON COLUMN out.goal_week_history.metric IS 'The metric judged, a column of daily_activity. NULL: no version in force.';
COMMENT ON COLUMN out.goal_week_history.target IS 'The target of this week: minutes or steps, or days where kind counts days; where it rises with the weeks that were met, the one issued when the week began. NULL: it cannot be derived, it is not issued yet, or no version in force.';
COMMENT ON COLUMN out.goal_week_history.target_effective IS 'Target after truncation, in the unit of target. NULL: not judged.';
COMMENT ON COLUMN out.goal_week_history.value IS 'What the verdict rests on, in the unit of target: observed, or estimated (basis). NULL: cannot be said.';
COMMENT ON COLUMN out.goal_week_history.percent IS '100 x value / target_effective, rounded down. NULL: cannot be said.';
COMMENT ON COLUMN out.goal_week_history.status IS 'The verdict. {codes}.';
COMMENT ON COLUMN out.goal_week_history.reason IS 'Why, where the status alone does not say it. {codes}. NULL: nothing to add.';
COMMENT ON COLUMN out.goal_week_history.basis IS 'What value rests on. {codes}. NULL: no value.';
COMMENT ON COLUMN out.goal_week_history.eligible_days IS 'Days of the week that count.';
COMMENT ON COLUMN out.goal_week_history.valid_days IS 'Eligible days that were seen well enough: the n beside value. NULL: not judged.';
COMMENT ON COLUMN out.goal_week_history.is_truncated IS 'Fewer than seven eligible days.';
COMMENT ON COLUMN out.goal_week_history.truncated_by IS 'What took days of the week, joined by ; (in one text). {codes}. NULL: whole week.';
COMMENT ON COLUMN out.goal_week_history.as_of IS 'The date the verdict was given for: days before it are over.';
COMMENT ON COLUMN out.goal_week_history.evaluated_at IS 'When this verdict was reached.';
COMMENT ON COLUMN out.goal_week_history.device_changed IS 'The week''s usual source is not that of the baseline window.';
COMMENT ON COLUMN out.goal_week_history.is_current IS 'It stands in goal_week. False: replaced, or a closing row.';
COMMENT ON COLUMN out.goal_week_history.supersedes IS 'The verdict this one replaced. NULL: the first.';
COMMENT ON COLUMN out.goal_week_history.cause IS 'Why it was given. {codes}.';
COMMENT ON COLUMN out.goal_week_history.input_fingerprint IS 'Fingerprint of the days it was judged from: which count, state and amount of each finished one in the metric, log. NULL: a closing row.';
COMMENT ON COLUMN out.goal_week_history.code_version IS 'Version of stepwindow.';
COMMENT ON COLUMN out.goal_week_history.config_hash IS 'Fingerprint of the settings of study.toml.';
COMMENT ON COLUMN out.goal_week_history.run_id IS 'The run that gave it.';
COMMENT ON COLUMN out.goal_week_history.target_reason IS 'Why a target that rises with the weeks that were met is what it is: to begin with; because week 2 was met; as before, and why. Issued once, by the verdicts of then. NULL: another target, or not issued yet.';
COMMENT ON COLUMN out.goal_week_history.per_day IS 'What a day needs, in steps or minutes, where kind counts days; derived where the goal says so. NULL: it does not count days, it cannot be derived, or given before it was kept.';
COMMENT ON COLUMN out.goal_week_history.baseline_value IS 'What a day came to in the days the target is derived from, in steps or minutes of metric: their mean, or of percentile:p the one at its place; nothing is added yet. It stays as it was frozen, whatever baseline says now. NULL: the target is not derived, there were too few days, or given before it was kept.';
COMMENT ON COLUMN out.goal_week_history.baseline_days IS 'How many days the target is derived from: the n beside baseline_value, also where that was not kept. NULL: the target is not derived, or there were too few days.';
COMMENT ON COLUMN out.goal_week_history.baseline_as_of IS 'When the baseline, and the target with it, was frozen: the date of the first run in which the version was in force and there were enough days. NULL: not frozen yet, or as baseline_days.';
COMMENT ON COLUMN out.goal_week_history.target_agreed IS 'The target of this week as goals.csv has it for this version, in the unit of target; target is what was issued for the week. NULL: goals.csv names none (it is derived), or no version in force, or given before it was kept.';
COMMENT ON COLUMN out.goal_week_history.interval_low IS 'Where value is estimated: with interval_high, the ends of an interval meant to hold, 9 times in 10, what value would be had every eligible day been seen; in the unit of target. It takes for granted that days are missing at random. It decides no verdict. NULL: value is not estimated; also given before there were intervals.';
COMMENT ON COLUMN out.goal_week_history.interval_high IS 'The upper end of the interval that begins with interval_low, in the unit of target. NULL: as there.';
