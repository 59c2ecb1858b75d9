-- What the ledger says of every file of some people; of two contents of a path the later comes later. What was withdrawn
-- is as if never there. Whether a file is due: what came of it does not hold today. Parameters: people, today.
SELECT participant_id, path, size_bytes, modified_ns, sha256, status, zones, code_version,
       coalesce($today < holds_since, FALSE) OR coalesce($today >= holds_until, FALSE) AS is_due, connector
FROM source_file SEMI JOIN (SELECT unnest($people::TEXT[]) AS participant_id) USING (participant_id)
WHERE status <> 'withdrawn'
ORDER BY file_id, first_seen_at
