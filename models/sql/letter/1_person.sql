-- Who gets a letter. Parameters: who.
SELECT * FROM participant WHERE participant_id IN (SELECT unnest($who::TEXT[])) ORDER BY participant_id
