-- Files that were renamed, moved within the person's folder, packed or unpacked, each with the duplicate whose place it
-- takes.
CREATE OR REPLACE TEMP TABLE followed AS
SELECT f.file_id, f.participant_id, f.sha256, f.path AS path_before, d.file_id AS duplicate, d.path, d.modified_ns,
       d.export AS bundle
FROM gone_file f JOIN present_file d USING (participant_id, sha256)
WHERE f.status NOT IN ('duplicate', 'withdrawn') AND d.status = 'duplicate'
QUALIFY row_number() OVER (PARTITION BY f.file_id ORDER BY d.path) = 1
    AND row_number() OVER (PARTITION BY d.file_id ORDER BY f.file_id) = 1
