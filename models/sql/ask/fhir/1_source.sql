-- The sources of a person. Parameters: who.
SELECT source, mode(device_class ORDER BY device_class) AS device_class FROM (
    SELECT source, device_class FROM source_day WHERE participant_id = $who
    UNION ALL
    SELECT source, 'unknown' FROM session WHERE participant_id = $who AND modality = 'sensed'
        AND source NOT IN (SELECT source FROM source_day WHERE participant_id = $who))
GROUP BY source ORDER BY source
