-- Everybody and their files, the longest unheard of first; data_until is a relation of models/sql/worklist. Parameters:
-- as_of.
SELECT participant_id, u.data_until, $as_of - u.data_until AS days_ago, f.last_file_at,
       coalesce(f.loaded, 0) AS loaded, coalesce(f.duplicate, 0) AS duplicate,
       coalesce(f.ignored, 0) AS ignored, coalesce(f.rejected, 0) AS rejected
FROM data_until u LEFT JOIN (
    SELECT participant_id, max(first_seen_at) AS last_file_at,
           count(*) FILTER (status = 'loaded') AS loaded, count(*) FILTER (status = 'duplicate') AS duplicate,
           count(*) FILTER (status IN ('ignored', 'unloaded')) AS ignored,
           count(*) FILTER (status = 'rejected') AS rejected
    FROM source_file GROUP BY participant_id
) f USING (participant_id)
ORDER BY u.data_until NULLS FIRST, participant_id
