-- noted: one row per table, person and part of what is theirs, of which something else is stored than when it was
-- published last (models/store/noted.py), of the people in `publishing`; what is about nobody is told as well.
-- What was taken out and put back as it was cancels out; a row without a hash does not.
CREATE OR REPLACE TEMP TABLE noted AS
SELECT DISTINCT source, participant_id, local_date, part
FROM (
    SELECT source, participant_id, local_date, part, row_hash FROM unpublished
    WHERE participant_id IS NULL OR participant_id IN (FROM publishing)
    GROUP BY ALL HAVING row_hash IS NULL OR sum(n) <> 0
);
