-- Rule: R11.1, R10.12
-- Grain: one row per goal, infusion and week: the current verdict.
CREATE TABLE out.goal_week (
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
    is_held BOOLEAN NOT NULL DEFAULT FALSE,
    target_reason VARCHAR,
    per_day DECIMAL(18, 3),
    baseline_value DECIMAL(24, 6),
    baseline_days INTEGER,
    baseline_as_of DATE,
    target_agreed DECIMAL(18, 3),
    interval_low DECIMAL(24, 6),
    interval_high DECIMAL(24, 6),
    PRIMARY KEY (goal_id, infusion_id, week)
);

COMMENT ON TABLE out.goal_week IS 'The current verdict of every goal in every post-infusion week. Never missed because of days nobody saw; a count, not advice. Under overlapping (study.anchor) a date lies in the weeks of several infusions: never add value, eligible_days or valid_days over infusions. One row per goal_id, infusion_id, week.';
COMMENT ON COLUMN out.goal_week.goal_id IS 'Goal, as in goals.csv.';
COMMENT ON COLUMN out.goal_week.version IS 'Version of the goal that rules this week. NULL: none in force.';
COMMENT ON COLUMN out.goal_week.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.goal_week.infusion_id IS 'Infusion, as in infusions.csv.';
COMMENT ON COLUMN out.goal_week.week IS 'Post-infusion week: week w is days 7(w-1)+1 to 7w after the infusion.';
COMMENT ON COLUMN out.goal_week.week_start IS 'First date of the week.';
COMMENT ON COLUMN out.goal_week.week_end IS 'Last date of the week.';
COMMENT ON COLUMN out.goal_week.kind IS 'What is compared with the target. {codes}. NULL: no version in force.';
COMMENT ON COLUMN out.goal_week.metric IS 'The metric judged, a column of daily_activity. NULL: no version in force.';
COMMENT ON COLUMN out.goal_week.target IS 'The target of this week: minutes or steps, or days where kind counts days; where it rises with the weeks that were met, the one issued when the week began. NULL: it cannot be derived, it is not issued yet, or no version in force.';
COMMENT ON COLUMN out.goal_week.target_effective IS 'Target after truncation, in the unit of target. NULL: not judged.';
COMMENT ON COLUMN out.goal_week.value IS 'What the verdict rests on, in the unit of target: observed, or estimated (basis). NULL: cannot be said.';
COMMENT ON COLUMN out.goal_week.percent IS '100 x value / target_effective, rounded down. NULL: cannot be said.';
COMMENT ON COLUMN out.goal_week.status IS 'The verdict. {codes}.';
COMMENT ON COLUMN out.goal_week.reason IS 'Why, where the status alone does not say it. {codes}. NULL: nothing to add.';
COMMENT ON COLUMN out.goal_week.basis IS 'What value rests on. {codes}. NULL: no value.';
COMMENT ON COLUMN out.goal_week.eligible_days IS 'Days of the week that count.';
COMMENT ON COLUMN out.goal_week.valid_days IS 'Eligible days that were seen well enough: the n beside value. NULL: not judged.';
COMMENT ON COLUMN out.goal_week.is_truncated IS 'Fewer than seven eligible days.';
COMMENT ON COLUMN out.goal_week.truncated_by IS 'What took days of the week, joined by ; (in one text). {codes}. NULL: whole week.';
COMMENT ON COLUMN out.goal_week.as_of IS 'The date the verdict is given for: days before it are over. Of a frozen week: when it was frozen.';
COMMENT ON COLUMN out.goal_week.evaluated_at IS 'When this verdict was first reached.';
COMMENT ON COLUMN out.goal_week.device_changed IS 'The week''s usual source is not that of the baseline window.';
COMMENT ON COLUMN out.goal_week.is_held IS 'Not judged anew: it stands as it was published before (participant.held_reason), or nothing stood (reason control_row_unusable).';
COMMENT ON COLUMN out.goal_week.target_reason IS 'Why a target that rises with the weeks that were met is what it is: to begin with; because week 2 was met; as before, and why. Issued once, by the verdicts of then. NULL: another target, or not issued yet.';
COMMENT ON COLUMN out.goal_week.per_day IS 'What a day needs, in steps or minutes, where kind counts days; derived where the goal says so. NULL: it does not count days, or it cannot be derived.';
COMMENT ON COLUMN out.goal_week.baseline_value IS 'What a day came to in the days the target is derived from, in steps or minutes of metric: their mean, or of percentile:p the one at its place; nothing is added yet. It stays as it was frozen, whatever baseline says now. NULL: the target is not derived, there were too few days, or it was frozen before it was kept.';
COMMENT ON COLUMN out.goal_week.baseline_days IS 'How many days the target is derived from: the n beside baseline_value, also where that was not kept. NULL: the target is not derived, or there were too few days.';
COMMENT ON COLUMN out.goal_week.baseline_as_of IS 'When the baseline, and the target with it, was frozen: the date of the first run in which the version was in force and there were enough days. NULL: not frozen yet, or as baseline_days.';
COMMENT ON COLUMN out.goal_week.target_agreed IS 'The target of this week as goals.csv has it for this version, in the unit of target; target is what was issued for the week. NULL: goals.csv names none (it is derived), or no version in force.';
COMMENT ON COLUMN out.goal_week.interval_low IS 'Where value is estimated: with interval_high, the ends of an interval meant to hold, 9 times in 10, what value would be had every eligible day been seen; in the unit of target. It takes for granted that days are missing at random. It decides no verdict. NULL: value is not estimated; also frozen before there were intervals.';
COMMENT ON COLUMN out.goal_week.interval_high IS 'The upper end of the interval that begins with interval_low, in the unit of target. NULL: as there.';
