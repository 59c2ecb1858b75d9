-- Files that count for somebody else, too: whoever is asked about, among everybody's (`store.`).
SELECT DISTINCT participant_id, left(sha256, 12) AS content, connector FROM source_file f
WHERE status = 'loaded' AND EXISTS (
    FROM store.source_file o
    WHERE o.sha256 = f.sha256 AND o.status = 'loaded' AND o.participant_id <> f.participant_id)
ORDER BY content, connector
