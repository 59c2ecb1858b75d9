-- Of which control files the tables of them are, as a fingerprint (models/study/kept.py): one row, or none where that is
-- not known.
CREATE TABLE written_control (fingerprint VARCHAR NOT NULL);
