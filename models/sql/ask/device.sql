-- Every source of anybody, by what most of its days are from: a source is one thing, whoever wears it.
SELECT source, coalesce(mode(device_class ORDER BY device_class), 'unknown') AS device_class FROM (
    SELECT source, device_class FROM source_day
    UNION ALL
    SELECT source, NULL FROM session WHERE modality = 'sensed')
GROUP BY source ORDER BY source
