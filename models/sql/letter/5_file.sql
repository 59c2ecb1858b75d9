-- By which reader a person's files were read, and how far they reach; the furthest first. Parameters: who.
SELECT participant_id, connector, max(covers_to) AS covers_to FROM source_file
WHERE status = 'loaded' AND participant_id IN (SELECT unnest($who::TEXT[]))
GROUP BY ALL ORDER BY participant_id, covers_to DESC NULLS LAST, connector
