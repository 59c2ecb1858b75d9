-- People who are held, and how each person was judged last: a held person is not judged with the others, and goes on from
-- where they were left.
CREATE TABLE held (                      -- as of the last run; empty on most days
    participant_id TEXT,
    step TEXT,                           -- what could not be done for them
    reason TEXT, what_to_do TEXT,
    since TIMESTAMP,                     -- of the first of the runs in a row that found it
    run_id TEXT                          -- the last of them
);
ALTER TABLE judged_participant ADD COLUMN as_of DATE;
ALTER TABLE judged_participant ADD COLUMN code_version TEXT;
ALTER TABLE judged_participant ADD COLUMN config_hash TEXT;
ALTER TABLE judged_participant ADD COLUMN freezes BOOLEAN;
ALTER TABLE judged_participant ADD COLUMN lock_date DATE;
UPDATE judged_participant
SET as_of = j.as_of, code_version = j.code_version, config_hash = j.config_hash, freezes = j.freezes, lock_date = j.lock_date
FROM judging j;
