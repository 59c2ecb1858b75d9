-- Rule: R7.3
-- Grain: one row per person and date that a row of a diary claims which was set aside: what its entries say is a lower
-- bound there.
CREATE OR REPLACE TEMP VIEW doubted_entry AS
SELECT DISTINCT
    p.person_key,
    q.local_date
FROM doubted_day AS q
INNER JOIN source_file AS f ON q.file_id = f.file_id AND f.connector = 'diary'
INNER JOIN person AS p ON q.participant_id = p.participant_id;
