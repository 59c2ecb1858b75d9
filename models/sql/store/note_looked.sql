-- Into `looked`: what a look found (temp table `seen_now`), with what the ledger says of the same people, and what of it
-- lies there no more (temp table `absent`).
INSERT INTO looked BY NAME
SELECT n.*, l.ledger, coalesce(a.absent, []) AS absent
FROM seen_now n
JOIN (
    SELECT participant_id, bit_xor(hash(f)) AS ledger
    FROM source_file f WHERE participant_id IN (SELECT participant_id FROM seen_now) GROUP BY participant_id
) l USING (participant_id)
LEFT JOIN (
    SELECT participant_id, list({'file_id': file_id, 'inbox_path': inbox_path, 'is_gone': is_gone}) AS absent
    FROM absent JOIN source_file USING (file_id) GROUP BY participant_id
) a USING (participant_id);
