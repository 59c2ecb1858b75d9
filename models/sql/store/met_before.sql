-- The files of `batch` that have to do with others: the ledger or the batch itself has their path or content, too, or a
-- coordinator took it out (`unloaded`). What is true of any other file is said by it alone.
SELECT file FROM batch b
WHERE status = 'known'
   OR EXISTS (FROM source_file f WHERE f.participant_id = b.participant_id AND f.path = b.path)
   OR EXISTS (FROM source_file f WHERE f.participant_id = b.participant_id AND f.sha256 = b.sha256)
   OR EXISTS (FROM unloaded u WHERE u.participant_id = b.participant_id AND u.sha256 = b.sha256)
UNION
SELECT file FROM batch QUALIFY count(*) OVER (PARTITION BY participant_id, path) > 1
UNION
SELECT file FROM batch WHERE sha256 IS NOT NULL QUALIFY count(*) OVER (PARTITION BY participant_id, sha256) > 1
