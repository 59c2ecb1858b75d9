-- Files that no reader knows, by the export they lie in.
SELECT participant_id, export, count(*) AS files FROM (
    SELECT participant_id, CASE WHEN contains(path, '!/') AND NOT is_packed_alone(split_part(path, '!/', 1))
                                THEN split_part(path, '!/', 1)
                                WHEN split_part(path, '/', 3) = '' THEN participant_id
                                ELSE array_to_string(string_split(path, '/')[:2], '/') END AS export
    FROM known_file WHERE status = 'unknown'
) GROUP BY ALL ORDER BY ALL
