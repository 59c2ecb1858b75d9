-- What a row of a control file holds that cannot be used, beside what a step failed for: whether anything stands for it.
ALTER TABLE held ADD COLUMN stands TEXT;     -- verdicts | rows | nothing (models/store/held.py)
CREATE TABLE held_goal (                     -- goals whose row cannot be used, as of the last run
    goal_id TEXT, participant_id TEXT, reason TEXT, what_to_do TEXT, stands TEXT, since TIMESTAMP, run_id TEXT
);
CREATE TABLE unusable (                      -- whose verdicts are control_row_unusable when they are judged
    participant_id TEXT,
    goal_id TEXT,                            -- NULL: every goal of the person
    stands BOOLEAN                           -- the verdicts that there are already stand
);
CREATE TABLE judged_goal (                   -- how a goal that is held was judged last; gone once it is judged again
    goal_id TEXT, participant_id TEXT, as_of DATE, code_version TEXT, config_hash TEXT
);
