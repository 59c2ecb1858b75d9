-- Single records that cannot be are set aside (models/set_aside.py): the dates of which a file lacks one since then.
CREATE TABLE doubted_day (file_id INTEGER, participant_id TEXT, local_date DATE);
-- What comes of a file depends on the clock: the same does from the one date on, before the other (NULL: any).
ALTER TABLE source_file ADD COLUMN holds_since DATE;
ALTER TABLE source_file ADD COLUMN holds_until DATE;
UPDATE source_file SET holds_since = covers_to - 1 WHERE status = 'loaded';
