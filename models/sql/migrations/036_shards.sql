-- Over how many stores the participants are spread (models/store/shards.py): one row; none before the first run.
CREATE TABLE division (shards INTEGER NOT NULL);
INSERT INTO division SELECT 1 WHERE EXISTS (FROM source_file) OR EXISTS (FROM participant);
