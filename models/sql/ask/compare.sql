-- The same days twice: by what was measured minute by minute (participants 'measured-SOURCE') and by the totals of a day
-- ('total-SOURCE'). Two devices are two sources: a total is compared with what the same maker measured, one given for the
-- purpose ('total-given', 'total-given_2') with all. The maker is a label's first word (of 'health_sync' both). A
-- measured day that is there in part is not compared.
WITH side AS (
    SELECT split_part(participant_id, '-', 1) AS side, split_part(participant_id, '-', 2) AS source, local_date,
           is_partial, unnest([
               {metric: 'steps', value: steps::DOUBLE},
               {metric: 'moderate_minutes', value: if(intensity_method = 'device', moderate_ms / 60000, NULL)},
               {metric: 'vigorous_minutes', value: if(intensity_method = 'device', vigorous_ms / 60000, NULL)},
               {metric: 'mvpa_minutes', value: if(  -- a total that is the sum of the two says nothing new
                   intensity_method = 'device' AND (split_part(participant_id, '-', 1) = 'measured' OR moderate_ms IS NULL),
                   mvpa_ms / 60000, NULL)}
           ], recursive := TRUE)
    FROM day
)
SELECT m.source, t.source AS totals_of, m.metric, m.local_date, m.value AS measured, t.value AS total,
       m.is_partial
FROM side m
JOIN side t ON m.local_date = t.local_date AND m.metric = t.metric
WHERE m.side = 'measured' AND t.side = 'total' AND m.value IS NOT NULL AND t.value IS NOT NULL
  AND (regexp_matches(t.source, '^given(_\d+)?$')
       OR regexp_extract(m.source, '^(health_)?[^_]+') = regexp_extract(t.source, '^(health_)?[^_]+'))
ORDER BY ALL
