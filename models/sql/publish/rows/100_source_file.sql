-- Rule: R6.1, R6.6, R14.2
-- Grain: one row per file of the inbox, a participant's; a content may be there several times.
SELECT s.sha256, participant_id, s.size_bytes, s.connector, s.connector_version, s.source,
       as_instant(s.first_seen_at) AS first_seen_at, as_instant(s.loaded_at) AS loaded_at,
       CASE s.status WHEN 'unknown' THEN 'ignored' ELSE s.status END AS status, s.covers_from, s.covers_to, s.rows
FROM source_file s JOIN participant USING (participant_id)
WHERE s.status <> 'withdrawn'
ORDER BY participant_id, sha256, status
