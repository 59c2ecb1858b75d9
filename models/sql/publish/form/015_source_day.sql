-- Rule: R5.1, R5.2
-- Grain: one row per participant, local_date and device that has something to say of that day.
CREATE TABLE out.source_day (
    participant_id VARCHAR NOT NULL,
    local_date DATE NOT NULL,
    rank INTEGER NOT NULL,
    source VARCHAR NOT NULL,
    device_class VARCHAR NOT NULL,
    steps BIGINT,
    wear_minutes DECIMAL(18, 3),
    wear_method VARCHAR NOT NULL CHECK (wear_method IN ('hr', 'steps', 'none')),
    is_partial BOOLEAN NOT NULL
);

COMMENT ON TABLE out.source_day IS 'What each device says of a day by itself. Never add its rows: two devices saw the same walk. One row per participant_id, local_date, rank.';
COMMENT ON COLUMN out.source_day.participant_id IS 'Participant, as in participants.csv.';
COMMENT ON COLUMN out.source_day.local_date IS 'Civil date where the person was.';
COMMENT ON COLUMN out.source_day.rank IS 'Who is believed first that day: 1, then 2. Two devices of one source have two ranks.';
COMMENT ON COLUMN out.source_day.source IS 'Source, as in daily_activity.sources.';
COMMENT ON COLUMN out.source_day.device_class IS 'What kind of device it is. {codes}.';
COMMENT ON COLUMN out.source_day.steps IS 'Steps this device counted that day. NULL: it reported none (it was only worn).';
COMMENT ON COLUMN out.source_day.wear_minutes IS 'Minutes this device was on the body. NULL: cannot be known.';
COMMENT ON COLUMN out.source_day.wear_method IS 'How wear is known. {codes}.';
COMMENT ON COLUMN out.source_day.is_partial IS 'Its data do not reach over the whole date, or begin late with counters that were running already.';
