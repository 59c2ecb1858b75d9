-- Files that could not be used.
SELECT r.participant_id, left(r.sha256, 12) AS content, any_value(f.connector) AS connector, r.place, r.reason,
       r.what_to_do
FROM rejection r LEFT JOIN source_file f USING (participant_id, sha256)
WHERE r.participant_id IS NOT NULL GROUP BY ALL
ORDER BY content, place, reason, what_to_do
