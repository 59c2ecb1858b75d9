-- Files that lie no more in one person's folder and do in another's. Parameter: elsewhere, contents that lie in folders
-- of people of other shards.
SELECT file_id FROM gone_file f
WHERE f.status = 'loaded' AND (f.sha256 IN (SELECT unnest($elsewhere::TEXT[])) OR EXISTS (
    FROM present_file o
    WHERE o.sha256 = f.sha256 AND o.participant_id <> f.participant_id AND o.status IN ('loaded', 'duplicate')))
