SELECT s.sha256, participant_id, s.size_bytes, s.connector, s.connector_version, s.source,
       as_instant(s.first_seen_at) AS first_seen_at, as_instant(s.loaded_at) AS loaded_at, s.status,
       s.covers_from, s.covers_to, s.rows
FROM source_file s JOIN participant USING (participant_id)
ORDER BY participant_id, sha256, status
