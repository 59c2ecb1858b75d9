-- The sources of a person. Parameters: who.
SELECT source FROM source_day WHERE participant_id = $who
UNION
SELECT source FROM session WHERE participant_id = $who AND modality = 'sensed'
ORDER BY source
