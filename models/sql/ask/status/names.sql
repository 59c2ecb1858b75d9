-- The paths of files that are not used, or count for several people, by content. Parameters: shared (contents of those).
SELECT left(sha256, 12) AS content, list(DISTINCT path ORDER BY path) AS paths FROM known_file
WHERE path IS NOT NULL AND (status = 'rejected' OR left(sha256, 12) IN (SELECT unnest($shared::TEXT[])))
GROUP BY ALL ORDER BY content
