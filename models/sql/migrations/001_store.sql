-- The store's first form. Instants are UTC (TIMESTAMP, milliseconds), durations milliseconds, dates local.
-- Large tables have no keys: rows are replaced by file, inside the transaction that writes the file's ledger row.

-- Ledger ------------------------------------------------------------------------------------------------------------
CREATE TABLE source_file (               -- one file (or zip member) of the inbox
    file_id INTEGER,                     -- number of the content: rows below carry it
    participant_id TEXT,
    path TEXT,                           -- inside the inbox; members as archive.zip!/member. May hold names: never published
    size_bytes BIGINT,
    modified_ns BIGINT,                  -- of the file on disk: an unchanged file is not hashed again
    sha256 TEXT,
    status TEXT,                         -- loaded | duplicate | rejected | ignored
    note TEXT,                           -- why ignored, what was new in it
    connector TEXT,
    connector_version INTEGER,
    code_version TEXT,                   -- a rejected file is tried again by another version
    zones TEXT,                          -- fingerprint of the zone log its dates were computed with
    source TEXT,                         -- labels of the sources in it, joined by ;
    covers_from DATE,
    covers_to DATE,
    rows BIGINT,
    first_seen_at TIMESTAMP,
    loaded_at TIMESTAMP
);
CREATE TABLE rejection (                 -- one thing not used
    participant_id TEXT, sha256 TEXT, path TEXT, place TEXT, reason TEXT, what_to_do TEXT, run_id TEXT
);
CREATE TABLE run (
    run_id TEXT, command TEXT, as_of DATE, started_at TIMESTAMP, ended_at TIMESTAMP, outcome TEXT, files_loaded INTEGER,
    files_rejected INTEGER, files_ignored INTEGER, files_duplicate INTEGER, days_resolved INTEGER, weeks_changed INTEGER,
    code_version TEXT, config_hash TEXT
);

-- Canonical rows ----------------------------------------------------------------------------------------------------
CREATE TABLE device (                    -- crosswalk: the pseudonym is a keyed digest of what the file said
    device_id INTEGER, participant_id TEXT, source TEXT, device_class TEXT, pseudonym TEXT
);
CREATE TABLE coverage (                  -- from the first to the last row of one file, per device and metric
    file_id INTEGER, device_id INTEGER, metric TEXT, covers_from TIMESTAMP, covers_to TIMESTAMP, tz_source TEXT
);
CREATE TABLE minute (                    -- true 60-second epochs; steps_spread: steps without a cadence
    file_id INTEGER, participant_id TEXT, device_id INTEGER, metric TEXT, start_time TIMESTAMP, local_date DATE,
    value INTEGER
);
CREATE TABLE reading (                   -- totals since the device's midnight
    file_id INTEGER, participant_id TEXT, device_id INTEGER, end_time TIMESTAMP, local_date DATE, activity_type SMALLINT,
    steps INTEGER, active_ms BIGINT, moderate_total_min INTEGER, vigorous_total_min INTEGER,
    moderate_increment_min INTEGER, vigorous_increment_min INTEGER
);
CREATE TABLE session (
    file_id INTEGER, participant_id TEXT, device_id INTEGER, session_id TEXT, activity TEXT, vendor_activity TEXT,
    start_time TIMESTAMP, end_time TIMESTAMP, local_date DATE, timer_ms BIGINT, steps INTEGER, modality TEXT
);
CREATE TABLE session_part (              -- when the timer ran, cut at local midnights
    file_id INTEGER, participant_id TEXT, session_id TEXT, start_time TIMESTAMP, end_time TIMESTAMP, local_date DATE
);
CREATE TABLE daily_total (               -- one figure of a vendor for a whole day
    file_id INTEGER, participant_id TEXT, device_id INTEGER, local_date DATE,
    metric TEXT,                         -- total_steps, total_walking_ms, total_moderate_ms, total_vigorous_ms, total_mvpa_ms
    value BIGINT, day_basis TEXT
);
CREATE TABLE attestation (file_id INTEGER, participant_id TEXT, local_date DATE);

-- Control files as understood ---------------------------------------------------------------------------------------
CREATE TABLE study (                     -- one row
    name TEXT, timezone TEXT, anchor TEXT, weeks INTEGER, grace_days INTEGER, estimate TEXT, truncation TEXT
);
CREATE TABLE participant (
    participant_id TEXT, timezone TEXT, source_priority TEXT, foot_step_goals BOOLEAN, zones TEXT
);
CREATE TABLE infusion (infusion_id TEXT, participant_id TEXT, infused_on DATE, status TEXT, course_id TEXT);
CREATE TABLE goal (
    goal_id TEXT, version INTEGER, participant_id TEXT, infusion_id TEXT, from_week INTEGER, to_week INTEGER, kind TEXT,
    metric TEXT,
    targets DECIMAL(18, 3)[],            -- one per post-infusion week, the last one holds on; empty where derived
    per_day DECIMAL(18, 3), derivation TEXT, set_on DATE, effective_from DATE, correction BOOLEAN, status TEXT
);
CREATE TABLE hold (participant_id TEXT, from_date DATE, to_date DATE);

-- Results -----------------------------------------------------------------------------------------------------------
CREATE TABLE stale_day (participant_id TEXT, local_date DATE);  -- to be resolved again
CREATE TABLE local_day (                 -- when a civil date began and ended for a person
    participant_id TEXT, local_date DATE, begins TIMESTAMP, ends TIMESTAMP
);
CREATE TABLE standing_session (          -- sessions that no newer export replaced
    participant_id TEXT, file_id INTEGER, session_id TEXT
);
CREATE TABLE day (                       -- resolved; minutes are kept as milliseconds, so that nothing is rounded twice
    participant_id TEXT, local_date DATE, day_state TEXT, is_partial BOOLEAN, steps INTEGER,
    walking_ms BIGINT, device_walking_ms BIGINT, walking_method TEXT, brisk_ms BIGINT, moderate_ms BIGINT,
    vigorous_ms BIGINT, mvpa_ms BIGINT, mvpa_equivalent_ms BIGINT, intensity_method TEXT, exercise_ms BIGINT,
    exercise_method TEXT, workout_ms BIGINT, strength_ms BIGINT, yoga_ms BIGINT, dance_ms BIGINT, movement_ms BIGINT,
    massage_ms BIGINT, wear_ms BIGINT, wear_method TEXT, day_ms BIGINT, is_logged BOOLEAN, primary_source TEXT,
    sources TEXT, flags TEXT
);
CREATE TABLE frozen_target (             -- a derived target as it was when it was first given: later files do not move it
    goal_id TEXT, version INTEGER, target DECIMAL(18, 3), n_valid INTEGER, as_of DATE, frozen_at TIMESTAMP
);
CREATE TABLE verdict (                   -- every verdict ever given; the current ones have is_current
    evaluation_id TEXT, goal_id TEXT, version INTEGER, participant_id TEXT, infusion_id TEXT, week INTEGER,
    week_start DATE, week_end DATE, kind TEXT, metric TEXT, target DECIMAL(18, 3), target_effective DECIMAL(24, 6),
    value DECIMAL(24, 6), percent BIGINT, status TEXT, reason TEXT, basis TEXT, eligible_days INTEGER,
    valid_days INTEGER, is_truncated BOOLEAN, truncated_by TEXT, as_of DATE, device_changed BOOLEAN,
    evaluated_at TIMESTAMP, code_version TEXT, config_hash TEXT, input_fingerprint TEXT, is_current BOOLEAN,
    supersedes TEXT, run_id TEXT,
    cause TEXT,                          -- why it was given (week/250_goal_week_turn.sql)
    infused_on DATE, next_on DATE, goal_fingerprint TEXT  -- the schedule and the agreement it was judged by
);

-- As of the last judging: what a night compares with, so that it judges again only what changed --------------------
CREATE TABLE judging (                   -- one row: how everything was judged last
    as_of DATE, code_version TEXT, config_hash TEXT, freezes BOOLEAN,
    lock_date DATE                       -- verdicts of weeks that ended before it are frozen. NULL: none
);
CREATE TABLE unjudged_day (participant_id TEXT, local_date DATE);  -- resolved since
CREATE TABLE judged_participant (        -- the control rows that concern a person, as a fingerprint
    participant_id TEXT, control_fingerprint TEXT
);
CREATE TABLE judged_infusion (           -- the infusions that had happened
    participant_id TEXT, infusion_id TEXT, infused_on DATE
);
CREATE TABLE goal_week (                 -- the current verdicts, and what each was judged from
    goal_id TEXT, version INTEGER, participant_id TEXT, infusion_id TEXT, week INTEGER, week_start DATE, week_end DATE,
    kind TEXT, metric TEXT, target DECIMAL(18, 3), target_effective DECIMAL(24, 6), value DECIMAL(24, 6),
    percent BIGINT, status TEXT, reason TEXT, basis TEXT, eligible_days INTEGER, valid_days INTEGER,
    is_truncated BOOLEAN, truncated_by TEXT, device_changed BOOLEAN, as_of DATE,
    rule TEXT, per_day DECIMAL(18, 3), infused_on DATE, next_on DATE, eligible_set UTINYINT, infusion_set UTINYINT,
    goal_fingerprint TEXT, is_correction BOOLEAN, is_derived BOOLEAN, derives_until DATE, days_fingerprint DECIMAL(38, 0),
    evaluation_id TEXT, evaluated_at TIMESTAMP
);
CREATE TABLE kept_window (               -- infusion_window of all people
    participant_id TEXT, infusion_id TEXT, local_date DATE, day_number INTEGER, week INTEGER, is_eligible BOOLEAN,
    why_not TEXT
);
CREATE TABLE kept_activity (             -- weekly_activity of all people
    participant_id TEXT, infusion_id TEXT, week INTEGER, week_start DATE, week_end DATE, eligible_days INTEGER,
    weekend_days INTEGER, days_over INTEGER, valid_days INTEGER, logged_days INTEGER, steps_total BIGINT,
    steps_mean DECIMAL(24, 6), steps_mean_days INTEGER, walking_minutes_total DECIMAL(24, 6),
    walking_minutes_mean DECIMAL(24, 6), walking_minutes_mean_days INTEGER, movement_minutes_total DECIMAL(24, 6),
    movement_minutes_mean DECIMAL(24, 6), movement_minutes_mean_days INTEGER, exercise_minutes_total DECIMAL(24, 6),
    exercise_minutes_mean DECIMAL(24, 6), exercise_minutes_mean_days INTEGER,
    mvpa_equivalent_minutes_total DECIMAL(24, 6), mvpa_equivalent_minutes_mean DECIMAL(24, 6),
    mvpa_equivalent_minutes_mean_days INTEGER, workout_minutes_total DECIMAL(24, 6),
    strength_minutes_total DECIMAL(24, 6), yoga_minutes_total DECIMAL(24, 6), dance_minutes_total DECIMAL(24, 6),
    massage_minutes_total DECIMAL(24, 6)
);
CREATE TABLE post_lock_difference (      -- what a frozen verdict would be now, each time that changes
    goal_id TEXT, infusion_id TEXT, week INTEGER, participant_id TEXT, week_start DATE, week_end DATE,
    frozen_status TEXT, frozen_reason TEXT, frozen_value DECIMAL(24, 6), frozen_percent BIGINT, frozen_as_of DATE,
    status TEXT, reason TEXT, value DECIMAL(24, 6), percent BIGINT, as_of DATE, cause TEXT, is_current BOOLEAN,
    noticed_at TIMESTAMP, run_id TEXT
);
