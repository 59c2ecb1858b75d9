-- Files of the inbox that the ledger does not have as they lie there. Parameters: who, path, size, modified.
WITH lying AS (
    SELECT unnest($who::TEXT[]) AS participant_id, unnest($path::TEXT[]) AS path,
           unnest($size::BIGINT[]) AS size_bytes, unnest($modified::BIGINT[]) AS modified_ns
)
SELECT l.participant_id, l.path, l.modified_ns
FROM lying l ANTI JOIN source_file f USING (participant_id, path, size_bytes, modified_ns)
ORDER BY l.participant_id, l.path
