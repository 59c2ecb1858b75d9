-- Everybody and their files, the longest unheard of first. Parameters: as_of.
SELECT p.participant_id, f.data_until, $as_of - f.data_until AS days_ago, f.last_file_at,
       coalesce(f.loaded, 0) AS loaded, coalesce(f.duplicate, 0) AS duplicate,
       coalesce(f.ignored, 0) AS ignored, coalesce(f.rejected, 0) AS rejected
FROM participant p LEFT JOIN (
    SELECT participant_id, max(covers_to) AS data_until, max(first_seen_at) AS last_file_at,
           count(*) FILTER (status = 'loaded') AS loaded, count(*) FILTER (status = 'duplicate') AS duplicate,
           count(*) FILTER (status IN ('ignored', 'unknown', 'unloaded')) AS ignored,
           count(*) FILTER (status = 'rejected') AS rejected
    FROM known_file GROUP BY participant_id
) f USING (participant_id)
ORDER BY f.data_until NULLS FIRST, participant_id
