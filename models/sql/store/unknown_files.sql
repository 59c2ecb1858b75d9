-- Files that no reader knows and whose status changes: rejected ones whose export is recognised, unknown ones whose
-- export is no more. An export is an archive, or a top folder of the person's; recognised is one with at least one file
-- that a reader takes or knows as a companion of what it takes. What was unpacked into the person's own folder is one,
-- too: five files or more that no reader knows, beside parts of an account's archive. Fewer are told one by one.
-- Parameters: found.
WITH placed AS (
    SELECT w.*, coalesce(w.export, w.participant_id) AS place, s.kind,
           w.status = 'unknown' OR w.status = 'rejected' AND EXISTS (
               FROM rejection r WHERE r.participant_id = w.participant_id AND r.path = w.path AND r.found = $found
           ) AS has_no_reader
    FROM whereabouts w JOIN source_file s USING (file_id)
),
recognised AS (
    SELECT participant_id, place FROM placed
    WHERE lies IS DISTINCT FROM FALSE
    GROUP BY participant_id, place
    HAVING bool_or(connector NOT IN ('zip', 'tar', 'gzip') AND status <> 'withdrawn'
                   AND (export IS NOT NULL OR coalesce(kind IN ('archive', 'history'), FALSE)))
       AND (bool_or(export IS NOT NULL) OR count(*) FILTER (has_no_reader) >= 5)
)
SELECT p.status, p.file_id, p.participant_id, p.path, p.sha256
FROM placed p LEFT JOIN recognised k USING (participant_id, place)
WHERE p.status = 'unknown' AND k.place IS NULL OR p.status = 'rejected' AND p.has_no_reader AND k.place IS NOT NULL
