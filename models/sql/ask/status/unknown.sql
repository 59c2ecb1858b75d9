-- Files that no reader knows, by the export they lie in; `looks`: what some of them are, where that has a name.
SELECT participant_id, export, count(*) AS files,
       list_sort(list_distinct(list(note) FILTER (note <> '' AND NOT contains(note, 'no reader knows'))))[:2] AS looks
FROM (
    SELECT participant_id, note,
           CASE WHEN contains(path, '!/') AND NOT is_packed_alone(split_part(path, '!/', 1))
                THEN split_part(path, '!/', 1)
                WHEN split_part(path, '/', 3) = '' THEN participant_id
                ELSE array_to_string(string_split(path, '/')[:2], '/') END AS export
    FROM known_file WHERE status = 'unknown'
) GROUP BY ALL ORDER BY ALL
