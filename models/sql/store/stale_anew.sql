-- The days of `spans`, and those beside, are stale. A date inside what an export of their kind said before, other than
-- the files in `single` and the exports in `bundle` that come now, is corrected; any other is late.
INSERT INTO stale_day (participant_id, local_date, cause)
WITH touched AS (
    SELECT DISTINCT participant_id, connector,
           unnest(generate_series(first - 1, last + 1, INTERVAL 1 DAY))::DATE AS date
    FROM spans
),
earlier AS (
    SELECT f.participant_id, f.connector, min(f.covers_from) AS first, max(f.covers_to) AS last
    FROM source_file f
    SEMI JOIN spans s ON s.participant_id = f.participant_id AND s.connector = f.connector
    ANTI JOIN single n ON n.file_id = f.file_id
    ANTI JOIN bundle b ON b.participant_id = f.participant_id AND b.export = f.export
    WHERE f.status = 'loaded'
    GROUP BY f.participant_id, f.connector, if(f.kind = 'archive', coalesce(f.export, f.sha256), f.sha256)
    HAVING max(f.covers_to) - min(f.covers_from) > 1
)
SELECT DISTINCT participant_id, date, if(EXISTS (
    FROM earlier e WHERE e.participant_id = d.participant_id AND e.connector = d.connector
                     AND d.date > e.first AND d.date < e.last), 'corrected_data', 'late_data')
FROM touched d
