-- Files of the inbox (view `lying`) that the ledger does not have as they lie there.
-- Parameters: since, until (whose: names from `since` on, before `until`).
SELECT split_part(path, '/', 1) AS participant_id, path, modified_ns
FROM lying ANTI JOIN (
    FROM source_file ANTI JOIN passed_over USING (participant_id)
    WHERE participant_id >= $since AND ($until IS NULL OR participant_id < $until)
) USING (path, size_bytes, modified_ns)
ORDER BY participant_id, path
