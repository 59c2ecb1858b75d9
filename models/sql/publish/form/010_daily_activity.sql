-- Rule: R4.10, R14.1
-- Grain: one row per participant and local_date, without a gap from the first day with data to the last.
-- No primary key is declared here, nor on the other relations that grow by the day: its index would cost half as much
-- again and make the file two fifths larger (benchmarks/publish.py). That the key named in each comment holds is
-- tested. Foreign keys are declared nowhere: DuckDB lets no transaction delete a row that others refer to and put it
-- back, which is how the file is renewed; and a history names goals and infusions that are gone.
CREATE TABLE out.daily_activity (
    participant_id VARCHAR NOT NULL,
    local_date DATE NOT NULL,
    day_state VARCHAR NOT NULL CHECK (day_state IN ('valid', 'insufficient_wear', 'implausible', 'no_data')),
    is_partial BOOLEAN NOT NULL,
    steps BIGINT,
    walking_minutes DECIMAL(18, 3),
    walking_method VARCHAR NOT NULL CHECK (walking_method IN ('device', 'cadence', 'session', 'none')),
    brisk_minutes DECIMAL(18, 3),
    moderate_minutes DECIMAL(18, 3),
    vigorous_minutes DECIMAL(18, 3),
    mvpa_minutes DECIMAL(18, 3),
    mvpa_equivalent_minutes DECIMAL(18, 3),
    intensity_method VARCHAR NOT NULL CHECK (intensity_method IN ('device', 'cadence', 'session', 'none')),
    exercise_minutes DECIMAL(18, 3),
    exercise_method VARCHAR NOT NULL CHECK (exercise_method IN ('device', 'cadence', 'session', 'none')),
    workout_minutes DECIMAL(18, 3),
    strength_minutes DECIMAL(18, 3),
    yoga_minutes DECIMAL(18, 3),
    dance_minutes DECIMAL(18, 3),
    movement_minutes DECIMAL(18, 3),
    massage_minutes DECIMAL(18, 3),
    wear_minutes DECIMAL(18, 3),
    wear_method VARCHAR NOT NULL CHECK (wear_method IN ('hr', 'steps', 'none')),
    day_minutes INTEGER NOT NULL,
    primary_source VARCHAR,
    sources VARCHAR,
    flags VARCHAR,
    light_minutes DECIMAL(18, 3),
    peak_1_cadence BIGINT,
    peak_30_cadence DECIMAL(18, 3),
    longest_walking_bout_minutes DECIMAL(18, 3),
    cadence_1_19_minutes INTEGER,
    cadence_20_39_minutes INTEGER,
    cadence_40_59_minutes INTEGER,
    cadence_60_79_minutes INTEGER,
    cadence_80_99_minutes INTEGER,
    cadence_100_119_minutes INTEGER,
    cadence_120_minutes INTEGER
);

COMMENT ON TABLE out.daily_activity IS 'What is known of every day, gaps between a person''s first and last day present as no_data. NULL is not known, 0 is known to be none. Devices are never added. Never add over metrics: walking, exercise, yoga and dance lie in movement, brisk in walking, moderate, vigorous and workouts in exercise, and mvpa_equivalent counts vigorous minutes twice. One row per participant_id, local_date.';
COMMENT ON COLUMN out.daily_activity.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.daily_activity.local_date IS 'Civil date where the person was.';
COMMENT ON COLUMN out.daily_activity.day_state IS 'What a day can prove. {codes}.';
COMMENT ON COLUMN out.daily_activity.is_partial IS 'The data of the primary source do not reach over the whole date, or begin late with counters that were running already (morning_unseen in flags): then steps are whole, and all minutes but those recorded are lower bounds.';
COMMENT ON COLUMN out.daily_activity.steps IS 'Steps, one source per minute. NULL: not known.';
COMMENT ON COLUMN out.daily_activity.walking_minutes IS 'Minutes of walking: at 60 steps a minute or more, or in recorded walks, each once. NULL: not known.';
COMMENT ON COLUMN out.daily_activity.walking_method IS 'Where walking_minutes is from. {codes}.';
COMMENT ON COLUMN out.daily_activity.brisk_minutes IS 'Minutes at 100 steps a minute or more. NULL: no steps by the minute.';
COMMENT ON COLUMN out.daily_activity.moderate_minutes IS 'Clock minutes of moderate intensity, never weighted. NULL: the source does not tell.';
COMMENT ON COLUMN out.daily_activity.vigorous_minutes IS 'Clock minutes of vigorous intensity, never weighted. NULL: the source does not tell.';
COMMENT ON COLUMN out.daily_activity.mvpa_minutes IS 'Clock minutes of moderate to vigorous intensity: the sum of both, or the vendor''s one figure. NULL: not reported.';
COMMENT ON COLUMN out.daily_activity.mvpa_equivalent_minutes IS 'Moderate plus twice vigorous minutes. NULL: the split is not known.';
COMMENT ON COLUMN out.daily_activity.intensity_method IS 'Where moderate, vigorous and MVPA minutes are from. {codes}.';
COMMENT ON COLUMN out.daily_activity.exercise_minutes IS 'Clock minutes that are MVPA or inside a recorded workout, each once; the larger of the two where only totals exist (flags). NULL: not known.';
COMMENT ON COLUMN out.daily_activity.exercise_method IS 'Where exercise_minutes is from. {codes}.';
COMMENT ON COLUMN out.daily_activity.workout_minutes IS 'Timer minutes of workouts recorded or written down. NULL: none logged that day, which is not 0.';
COMMENT ON COLUMN out.daily_activity.strength_minutes IS 'Timer minutes of strength training. NULL: none logged that day, which is not 0.';
COMMENT ON COLUMN out.daily_activity.yoga_minutes IS 'Timer minutes of yoga. NULL: none logged that day, which is not 0.';
COMMENT ON COLUMN out.daily_activity.dance_minutes IS 'Timer minutes of dance. NULL: none logged that day, which is not 0.';
COMMENT ON COLUMN out.daily_activity.movement_minutes IS 'Minutes of walking, exercise, yoga or dance, each once. Massage is not in it. NULL: not known.';
COMMENT ON COLUMN out.daily_activity.massage_minutes IS 'Minutes of massage, from the diary. Never movement. NULL: none logged that day, which is not 0.';
COMMENT ON COLUMN out.daily_activity.wear_minutes IS 'Minutes a device was on the body. NULL: cannot be known.';
COMMENT ON COLUMN out.daily_activity.wear_method IS 'How wear is known. {codes}.';
COMMENT ON COLUMN out.daily_activity.day_minutes IS 'Minutes of this local date: 1380, 1440 or 1500, others when travelling (up to 3000), 0 for a date that was skipped.';
COMMENT ON COLUMN out.daily_activity.primary_source IS 'The source believed first that day. NULL: none, or sessions at the clinic alone (attendance).';
COMMENT ON COLUMN out.daily_activity.sources IS 'Sources used that day, best first, joined by ;. NULL: none.';
COMMENT ON COLUMN out.daily_activity.flags IS 'Remarks joined by ; (in one text). {codes}. NULL: none.';
COMMENT ON COLUMN out.daily_activity.light_minutes IS 'Clock minutes that a device judged to be of light intensity. NULL: none told any.';
COMMENT ON COLUMN out.daily_activity.peak_1_cadence IS 'Steps of the best minute. NULL: no true minutes.';
COMMENT ON COLUMN out.daily_activity.peak_30_cadence IS 'Mean steps a minute of the 30 best minutes, which need not follow each other; minutes without steps are 0. NULL: no true minutes.';
COMMENT ON COLUMN out.daily_activity.longest_walking_bout_minutes IS 'The longest stretch of walking_minutes without a break. NULL: no true minutes.';
COMMENT ON COLUMN out.daily_activity.cadence_1_19_minutes IS 'Minutes at 1 to 19 steps a minute (incidental movement). NULL: no true minutes.';
COMMENT ON COLUMN out.daily_activity.cadence_20_39_minutes IS 'Minutes at 20 to 39 steps a minute (sporadic movement). NULL: no true minutes.';
COMMENT ON COLUMN out.daily_activity.cadence_40_59_minutes IS 'Minutes at 40 to 59 steps a minute (purposeful steps). NULL: no true minutes.';
COMMENT ON COLUMN out.daily_activity.cadence_60_79_minutes IS 'Minutes at 60 to 79 steps a minute (slow walking). NULL: no true minutes.';
COMMENT ON COLUMN out.daily_activity.cadence_80_99_minutes IS 'Minutes at 80 to 99 steps a minute (medium walking). NULL: no true minutes.';
COMMENT ON COLUMN out.daily_activity.cadence_100_119_minutes IS 'Minutes at 100 to 119 steps a minute (brisk walking). NULL: no true minutes.';
COMMENT ON COLUMN out.daily_activity.cadence_120_minutes IS 'Minutes at 120 or more, to 250 steps a minute (faster locomotion). NULL: no true minutes.';
