-- Files that lie no more in one person's folder and do in another's.
SELECT file_id FROM whereabouts f
WHERE f.status = 'loaded' AND NOT f.lies AND EXISTS (
    FROM whereabouts o
    WHERE o.sha256 = f.sha256 AND o.participant_id <> f.participant_id AND o.lies
      AND o.status IN ('loaded', 'duplicate'))
