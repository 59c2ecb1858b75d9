-- From the first to the last date of the exports in `bundle` and of the files in `single`, by reader.
SELECT l.participant_id, l.connector, min(l.covers_from) AS first, max(l.covers_to) AS last
FROM source_file s
SEMI JOIN bundle b ON b.participant_id = s.participant_id AND b.export = s.export
JOIN source_file l ON l.participant_id = s.participant_id AND l.sha256 = s.sha256
WHERE l.status = 'loaded' AND l.kind = 'archive' AND l.covers_from IS NOT NULL
GROUP BY l.participant_id, l.connector, s.export
UNION ALL
SELECT participant_id, connector, covers_from, covers_to FROM source_file SEMI JOIN single USING (file_id)
WHERE status = 'loaded' AND kind IS DISTINCT FROM 'selection' AND covers_from IS NOT NULL
