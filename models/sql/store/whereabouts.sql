-- Whether each file of the ledger (view `ledger`) lies in the inbox. `lies`: TRUE there, FALSE gone (or another content
-- lies at its path), NULL: not known now. `export`: the archive, else the top folder, that a file belongs to; NULL: it
-- lies by itself, also in a .gz of its own. Parameters: who, path, size, modified (what lies there), only, unseen.
CREATE OR REPLACE TEMP TABLE whereabouts AS
WITH lying AS (
    SELECT unnest($who::TEXT[]) AS participant_id, unnest($path::TEXT[]) AS path,
           unnest($size::BIGINT[]) AS size_bytes, unnest($modified::BIGINT[]) AS modified_ns
),
place AS (
    SELECT l.*, count(f.path) > 0 AS is_known
    FROM lying l LEFT JOIN ledger f USING (participant_id, path, size_bytes, modified_ns) GROUP BY ALL
),
unseen AS (SELECT unnest($unseen::TEXT[]) AS path)
SELECT f.file_id, f.participant_id, f.path, f.size_bytes, f.modified_ns, f.sha256, f.status, f.connector,
       split_part(f.path, '!/', 1) AS inbox_path,
       CASE WHEN f.path <> inbox_path AND NOT is_packed_alone(inbox_path) THEN inbox_path
            WHEN split_part(f.path, '/', 3) <> '' THEN concat_ws('/', f.participant_id, split_part(f.path, '/', 2))
       END AS export,
       CASE WHEN f.participant_id <> coalesce($only, f.participant_id) THEN NULL
            WHEN itself.path IS NOT NULL THEN
                CASE WHEN itself.is_known
                     THEN f.size_bytes = itself.size_bytes AND f.modified_ns = itself.modified_ns END
            WHEN archive.path IS NOT NULL THEN
                CASE WHEN archive.is_known THEN f.modified_ns = archive.modified_ns END
            WHEN EXISTS (FROM unseen u WHERE f.path = u.path OR starts_with(f.path, u.path || '/')) THEN NULL
            ELSE FALSE
       END AS lies
FROM ledger f
LEFT JOIN place itself ON f.participant_id = itself.participant_id AND f.path = itself.path
LEFT JOIN place archive
  ON f.participant_id = archive.participant_id AND f.path <> split_part(f.path, '!/', 1)
 AND split_part(f.path, '!/', 1) = archive.path
