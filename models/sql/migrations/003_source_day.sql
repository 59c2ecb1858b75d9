-- What each device says of a day by itself, and where each infusion's baseline lies: published, so that analysts can ask
-- about agreement of devices and change against baseline without resolving anything again.
CREATE TABLE source_day (
    participant_id TEXT, local_date DATE, rank INTEGER, source TEXT, device_class TEXT, steps INTEGER, wear_ms BIGINT,
    wear_method TEXT, is_partial BOOLEAN
);
CREATE TABLE kept_baseline (             -- of every infusion that happened: the 14 days before `before_date`
    participant_id TEXT, infusion_id TEXT, before_date DATE
);
-- every day is resolved once more: the days say the same, and source_day is filled
INSERT INTO stale_day (participant_id, local_date) SELECT participant_id, local_date FROM day;
