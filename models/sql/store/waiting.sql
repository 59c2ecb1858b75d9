-- Files of the inbox (view `lying`) that the ledger does not have as they lie there.
SELECT split_part(path, '/', 1) AS participant_id, path, modified_ns
FROM lying ANTI JOIN source_file USING (path, size_bytes, modified_ns)
ORDER BY participant_id, path
