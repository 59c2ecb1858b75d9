-- What the ledger says of the files of some people, as far as it can concern files of theirs (`who` and of what `size`)
-- that are read now: other plain files of another size have another content, and are left out. Of two contents of a path
-- it is the later, whatever its size. What was withdrawn is as if never there. Whether one is due: what came of it does
-- not hold today.
-- Parameters: who, size, installed (readers by name), today, of_any_size (what is packed in the files may be known).
WITH wanted AS (SELECT unnest($who::TEXT[]) AS participant_id, unnest($size::BIGINT[]) AS size_bytes)
SELECT participant_id, path, size_bytes, modified_ns, sha256, status, zones, code_version,
       coalesce($today < holds_since, FALSE) OR coalesce($today >= holds_until, FALSE) AS is_due, connector
FROM source_file f SEMI JOIN wanted USING (participant_id)
WHERE NOT EXISTS (
    FROM source_file later WHERE later.participant_id = f.participant_id AND later.path = f.path
        AND later.file_id > f.file_id AND later.status <> 'withdrawn')
  AND status <> 'withdrawn' AND (
    (participant_id, size_bytes) IN (SELECT (participant_id, size_bytes) FROM wanted)
    OR $of_any_size OR contains(path, '!/') OR connector IN ('zip', 'tar', 'gzip')
    OR status = 'loaded' AND connector NOT IN (SELECT unnest($installed::TEXT[])))
ORDER BY file_id, first_seen_at
