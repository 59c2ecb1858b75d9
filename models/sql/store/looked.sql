-- What was noted of people (table `looked`) of whose files the ledger says today what it said then, and of which it says
-- nothing that holds until another date. Parameters: today (NULL: whatever holds until then).
SELECT participant_id, lies, files, folders, changed_ns, rests_on
FROM looked
JOIN (
    SELECT participant_id, bit_xor(hash(f)) AS ledger,
           bool_or(coalesce($today::DATE < holds_since, FALSE) OR coalesce($today::DATE >= holds_until, FALSE)) AS is_due
    FROM source_file f GROUP BY participant_id
) USING (participant_id, ledger)
WHERE NOT is_due
