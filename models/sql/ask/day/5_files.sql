-- Files that hold the day. Parameters: who, day.
SELECT f.path, f.connector, f.source, f.status, f.covers_from, f.covers_to,
       CASE WHEN EXISTS (
           FROM superseded s JOIN touched_day t ON s.covers_from < t.ends AND s.covers_to > t.begins
           WHERE s.file_id = f.file_id
       ) THEN 'a newer export replaces it here, as far as that one tells'
       WHEN EXISTS (FROM other_route o WHERE o.file_id = f.file_id AND o.local_date = $day)
       THEN 'another file copied more of its steps' ELSE '' END AS replaced
FROM source_file f
WHERE f.participant_id = $who AND $day BETWEEN f.covers_from AND f.covers_to ORDER BY ALL
