-- Goals of whose metric nothing was ever known although files were loaded, with who read these, and of which sources.
-- `has_minutes`: whether steps were ever known by the minute; NULL where none were known at all.
-- The last days alone tell of nearly everybody: all days are asked only of whom they do not tell.
WITH lately AS (
    UNPIVOT (
        SELECT participant_id, max(COLUMNS('^steps$|_minutes$'))::DOUBLE AS '\0' FROM daily_activity
        WHERE local_date >= (SELECT as_of - 14 FROM study) GROUP BY participant_id
    ) ON COLUMNS(* EXCLUDE (participant_id)) INTO NAME metric VALUE most),
agreed AS (
    FROM (SELECT participant_id, goal_id, metric, status FROM goal
          QUALIFY row_number() OVER (PARTITION BY goal_id ORDER BY version DESC) = 1)
    ANTI JOIN lately USING (participant_id, metric)
    WHERE status = 'active'),
measured AS (
    UNPIVOT (
        SELECT participant_id, max(COLUMNS('^steps$|_minutes$'))::DOUBLE AS '\0'
        FROM daily_activity SEMI JOIN agreed USING (participant_id) GROUP BY participant_id
    ) ON COLUMNS(* EXCLUDE (participant_id)) INTO NAME metric VALUE most),
handed AS (
    SELECT participant_id, list_sort(list_distinct(list(connector))) AS readers,
           array_to_string(list_sort(list_distinct(list(source))), ';') AS sources
    FROM (SELECT DISTINCT participant_id, connector, source FROM source_file WHERE status = 'loaded')
    GROUP BY participant_id)
SELECT a.participant_id, a.metric, string_agg(a.goal_id, ', ' ORDER BY a.goal_id) AS goals, h.readers, h.sources,
       CASE WHEN s.metric IS NOT NULL THEN b.metric IS NOT NULL END AS has_minutes
FROM agreed a
JOIN handed h USING (participant_id)
JOIN participant p USING (participant_id)
LEFT JOIN measured s ON s.participant_id = a.participant_id AND s.metric = 'steps'
LEFT JOIN measured b ON b.participant_id = a.participant_id AND b.metric = 'brisk_minutes'
ANTI JOIN measured m ON m.participant_id = a.participant_id AND m.metric = a.metric
WHERE a.metric <> 'steps' OR p.foot_step_goals
GROUP BY ALL
ORDER BY metric
