-- What was written since the last publishing (models/store/noted.py): rows taken out (-1) or put in (+1) of a table
-- (`source`) that published rows are made of. There are none where the store remembers no file.
CREATE TABLE unpublished (
    source TEXT, participant_id TEXT,    -- no table but `person`: all that is published of them is to be compared
    local_date DATE,                     -- the date that the row is about,
    part TEXT,                           -- or the infusion, session or content. Neither: the person as a whole
    row_hash UBIGINT,                    -- NULL: the row became another one, and what it was is not told
    n TINYINT
);
ALTER TABLE published ADD COLUMN as_of DATE;  -- of the last judging when it was published
DELETE FROM published;
