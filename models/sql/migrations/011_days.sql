-- Days whose morning nobody saw, and dates on which the clock of a device is not believed.
ALTER TABLE day ADD COLUMN is_morning_unseen BOOLEAN;  -- what is told by the minute is a lower bound (day/045_late_start.sql)
CREATE TABLE suspect_day (               -- a file whose clock no zone of the person explains, and the dates it gave
    file_id INTEGER, participant_id TEXT, local_date DATE
);
INSERT INTO stale_day (participant_id, local_date, cause) SELECT participant_id, local_date, 'code_changed' FROM day;
-- files that were dated by a distance from UTC of their own are read again, with the archives they lie in: nobody had
-- asked how far off it was
UPDATE source_file SET zones = ''
FROM (SELECT DISTINCT participant_id, path FROM source_file SEMI JOIN coverage c
      ON c.file_id = source_file.file_id AND c.tz_source = 'record_offset') AS told
WHERE source_file.participant_id = told.participant_id
  AND source_file.path IN (told.path, split_part(told.path, '!/', 1));
