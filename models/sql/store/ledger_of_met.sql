-- The rows of the ledger that have the path or the content of a file in `met`.
FROM source_file f
WHERE EXISTS (FROM met m WHERE m.participant_id = f.participant_id AND m.path = f.path)
   OR EXISTS (FROM met m WHERE m.participant_id = f.participant_id AND m.sha256 = f.sha256)
