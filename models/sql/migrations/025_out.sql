-- A file that no longer counts keeps when that was, and the days that it told of: what its going changed is said with it.
ALTER TABLE source_file ADD COLUMN out_at TIMESTAMP;
ALTER TABLE source_file ADD COLUMN out_from DATE;
ALTER TABLE source_file ADD COLUMN out_to DATE;
