-- Files that no reader takes and whose status changes, with what they look like (the `found` of their rejection, else
-- their note). In an export that is recognised they are unknown, or ignored where they travel with exports of any
-- vendor; elsewhere they are rejected, of those that travel one in an export for all that look alike. An export is an
-- archive, or a top folder of the person's; recognised is one with at least one file that a reader takes or knows as a
-- companion of what it takes. Parameters: found, travels.
WITH unread AS (
    SELECT w.*, CASE w.status WHEN 'rejected' THEN r.found ELSE s.note END AS looks, looks IN $travels AS travels,
           EXISTS (
               FROM whereabouts k
               WHERE k.participant_id = w.participant_id AND k.export = w.export AND k.lies IS DISTINCT FROM FALSE
                 AND k.connector NOT IN ('zip', 'tar', 'gzip') AND k.status <> 'withdrawn') AS is_recognised
    FROM whereabouts w
    JOIN source_file s USING (file_id, path)
    LEFT JOIN rejection r ON r.participant_id = w.participant_id AND r.path = w.path AND r.found IN $found
    WHERE w.status = 'rejected' AND r.found IS NOT NULL
       OR w.status = 'unknown'
       OR w.status = 'ignored' AND w.connector IS NULL AND s.note IN $travels
)
SELECT CASE WHEN is_recognised THEN IF(travels, 'ignored', 'unknown')
            WHEN travels AND export IS NOT NULL AND row_number() OVER (
                PARTITION BY participant_id, export, looks, is_recognised ORDER BY file_id) > 1 THEN 'ignored'
            ELSE 'rejected' END AS becomes,
       status, file_id, participant_id, path, sha256, looks
FROM unread
QUALIFY becomes <> status
ORDER BY participant_id, path
