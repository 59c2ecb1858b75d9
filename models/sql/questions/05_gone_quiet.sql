-- Who has gone quiet?
-- A row is a participant of whom nothing was seen on the last three days or longer; days_quiet counts the days up to
-- as_of without anything. is_followed: a week after an infusion is still running, so that asking for an export is worth
-- it now. Nothing seen is not nothing done: mostly the export has not been handed over, or the watch lies in a drawer.
-- Who has left (left_on) is asked for nothing and not here, nor is who is held: what is new of them is not published.
WITH now AS (SELECT as_of FROM study),
known AS (
    SELECT participant_id, local_date FROM daily_activity WHERE primary_source IS NOT NULL
    -- a diary tells of a day on which there was nothing, too
    UNION ALL SELECT participant_id, covers_to FROM source_file WHERE status = 'loaded' AND connector = 'diary'
),
last_known AS (
    SELECT participant_id, max(local_date) AS last_seen FROM known, now WHERE local_date < as_of GROUP BY participant_id
),
seen AS (
    SELECT participant_id, max(local_date) FILTER (day_state = 'valid') AS last_valid,
           arg_max(primary_source, local_date) FILTER (primary_source IS NOT NULL) AS last_source
    FROM daily_activity, now WHERE local_date < as_of GROUP BY participant_id
),
followed AS (
    SELECT participant_id, bool_or(local_date >= as_of AND is_eligible) AS is_followed
    FROM infusion_window, now GROUP BY participant_id
)
SELECT p.participant_id, l.last_seen, s.last_valid, s.last_source, n.as_of - l.last_seen - 1 AS days_quiet,
       coalesce(f.is_followed, FALSE) AS is_followed
FROM participant p CROSS JOIN now n LEFT JOIN last_known l USING (participant_id)
LEFT JOIN seen s USING (participant_id) LEFT JOIN followed f USING (participant_id)
ANTI JOIN (FROM person_day WHERE day_state IS NULL) held ON held.participant_id = p.participant_id
WHERE (l.last_seen IS NULL OR days_quiet >= 3) AND (p.left_on IS NULL OR p.left_on >= n.as_of)
ORDER BY is_followed DESC, days_quiet DESC NULLS FIRST, p.participant_id;
