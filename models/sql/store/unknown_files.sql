-- Files that no reader knows and whose status changes: rejected ones whose export is recognised, unknown ones whose
-- export is no more. An export is an archive, or a top folder of the person's; recognised is one with at least one file
-- that a reader takes or knows as a companion of what it takes. Parameters: found.
SELECT status, file_id, participant_id, path, sha256
FROM (
    SELECT *, EXISTS (
        FROM whereabouts k
        WHERE k.participant_id = w.participant_id AND k.export = w.export AND k.lies IS DISTINCT FROM FALSE
          AND k.connector NOT IN ('zip', 'tar', 'gzip') AND k.status <> 'withdrawn') AS is_recognised
    FROM whereabouts w
) w
WHERE status = 'unknown' AND NOT is_recognised
   OR status = 'rejected' AND is_recognised AND EXISTS (
       FROM rejection r WHERE r.participant_id = w.participant_id AND r.path = w.path AND r.found = $found)
