-- What readers remarked of files that were loaded.
SELECT note, count(*) AS files, min(participant_id) AS one_of, min(path) AS path
FROM known_file WHERE status = 'loaded' AND note <> '' GROUP BY note ORDER BY files DESC, note
