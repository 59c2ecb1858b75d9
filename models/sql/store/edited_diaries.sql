-- Diaries that were edited in place: another content lies at the path, and theirs nowhere else.
SELECT file_id FROM gone_file f
WHERE f.status = 'loaded' AND f.connector = 'diary' AND EXISTS (
    FROM present_file o WHERE o.participant_id = f.participant_id AND o.path = f.path AND o.sha256 <> f.sha256)
