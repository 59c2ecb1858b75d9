-- Files by reader.
SELECT participant_id, connector, count(*) AS files, min(covers_from) AS covers_from,
       max(covers_to) AS covers_to
FROM source_file WHERE status = 'loaded' GROUP BY ALL
ORDER BY connector
