-- What each reader has read.
SELECT connector, connector_version AS version, count(*) AS files, min(path) AS path, min(participant_id) AS one_of
FROM known_file WHERE status = 'loaded' GROUP BY connector, connector_version ORDER BY connector, version
