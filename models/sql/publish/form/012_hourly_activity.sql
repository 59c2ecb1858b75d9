-- Rule: R2.18, R14.1
-- Grain: one row per participant, local_date and hour of it that the clock showed.
CREATE TABLE out.hourly_activity (
    participant_id VARCHAR NOT NULL,
    local_date DATE NOT NULL,
    local_hour INTEGER NOT NULL CHECK (local_hour <= 23),
    steps BIGINT,
    walking_minutes DECIMAL(18, 3),
    moderate_minutes DECIMAL(18, 3),
    vigorous_minutes DECIMAL(18, 3),
    worn_minutes DECIMAL(18, 3)
);

COMMENT ON TABLE out.hourly_activity IS 'The days of daily_activity that are read by minutes, by the hour, one source per minute as the day is resolved. Over a day each column sums to the day''s figure, or is NULL throughout: the day''s figure has no place on the clock. Empty where study.toml says [publish] hourly = false, and by default above 1,000 people. One row per participant_id, local_date, local_hour.';
COMMENT ON COLUMN out.hourly_activity.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.hourly_activity.local_date IS 'Civil date where the person was.';
COMMENT ON COLUMN out.hourly_activity.local_hour IS 'The hour that the clock showed, 0 to 23. An hour that comes twice in autumn is one row, the sum of both; one that is left out in spring has no row.';
COMMENT ON COLUMN out.hourly_activity.steps IS 'Steps. NULL: not known, also of an hour in which nothing was worn.';
COMMENT ON COLUMN out.hourly_activity.walking_minutes IS 'Minutes of walking, as in daily_activity. NULL: not known, also of an hour in which nothing was worn.';
COMMENT ON COLUMN out.hourly_activity.moderate_minutes IS 'Clock minutes of moderate intensity. NULL: not known, also of an hour in which nothing was worn.';
COMMENT ON COLUMN out.hourly_activity.vigorous_minutes IS 'Clock minutes of vigorous intensity. NULL: not known, also of an hour in which nothing was worn.';
COMMENT ON COLUMN out.hourly_activity.worn_minutes IS 'Minutes a device was on the body: with less than the full hour the other figures are lower bounds. NULL: cannot be known.';
