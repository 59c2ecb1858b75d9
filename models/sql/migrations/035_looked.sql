-- What lay in a person's folder of the inbox when a night looked and left nothing of it to be read
-- (models/store/looked.py). A row stands as long as the rest of it is as it was then.
CREATE TABLE looked (
    participant_id TEXT, lies BLOB,      -- a fingerprint of every path, size and time, and of what was refused
    files BIGINT,
    folders TEXT[], changed_ns BIGINT[], -- theirs, and when their names changed last; NULL where times tell nothing
    ledger UBIGINT,                      -- a fingerprint of their rows in source_file
    rests_on TEXT,                       -- of what else decides whether a file is read
    absent STRUCT(file_id INTEGER, inbox_path TEXT, is_gone BOOLEAN)[]  -- of the ledger, what lay there no more
);
