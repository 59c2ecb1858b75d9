-- One row per participant: the last infusion, what was seen after it, the verdicts of its weeks.
-- `days`: the four weeks before as_of, a letter a day: v seen, w partly seen, i implausible, n no data though it counts,
-- o an infusion, . no data where none is looked for. Parameters: as_of, who; `data_until` is the
-- worklist's view.
WITH latest AS (
    SELECT DISTINCT ON (participant_id) participant_id, infusion_id, infused_on FROM infusion
    WHERE has_happened(status) AND infused_on <= $as_of
    ORDER BY participant_id, infused_on DESC),
followed AS (
    SELECT w.participant_id, count(*) FILTER (local_date < $as_of) AS days_over,
           count(*) FILTER (local_date < $as_of AND day_state = 'valid') AS days_seen,
           count(*) FILTER (local_date < $as_of AND day_state = 'insufficient_wear') AS days_partly
    FROM infusion_window w JOIN latest USING (participant_id, infusion_id)
    LEFT JOIN daily_activity d USING (participant_id, local_date) WHERE w.is_eligible GROUP BY ALL),
marks AS (
    SELECT participant_id,
           list({'goal': goal_id, 'week': week, 'status': g.status, 'kind': g.kind, 'metric': g.metric,
                 'per_day': goal.per_day} ORDER BY goal_id, week) AS marks
    FROM goal_week g JOIN latest USING (participant_id, infusion_id)
    LEFT JOIN goal USING (participant_id, goal_id, version) WHERE g.status <> 'superseded' GROUP BY ALL),
counting AS (SELECT DISTINCT participant_id, local_date FROM infusion_window WHERE is_eligible),
given AS (SELECT DISTINCT participant_id, infused_on AS local_date FROM infusion WHERE has_happened(status)),
calendar AS (
    SELECT participant_id, day::DATE AS local_date
    FROM participant, range($as_of - 28, $as_of, INTERVAL 1 DAY) t(day) WHERE participant_id IN (SELECT unnest($who))),
days AS (
    SELECT participant_id, string_agg(CASE WHEN given.local_date IS NOT NULL THEN 'o' ELSE CASE d.day_state
               WHEN 'valid' THEN 'v' WHEN 'insufficient_wear' THEN 'w' WHEN 'implausible' THEN 'i'
               ELSE if(counting.local_date IS NULL, '.', 'n') END END, '' ORDER BY local_date) AS days
    FROM calendar LEFT JOIN daily_activity d USING (participant_id, local_date)
    LEFT JOIN counting USING (participant_id, local_date) LEFT JOIN given USING (participant_id, local_date)
    GROUP BY ALL),
this_week AS (
    SELECT DISTINCT participant_id FROM infusion
    WHERE status <> 'cancelled' AND date_trunc('week', infused_on) = date_trunc('week', $as_of::DATE))
SELECT participant_id, infused_on, ($as_of - infused_on)::INTEGER AS since, days_over, days_seen, days_partly, data_until,
       marks, days, if(left_on < $as_of, left_on, NULL) AS left_on, participant_id IN (FROM this_week) AS infused_this_week
FROM participant
LEFT JOIN latest USING (participant_id) LEFT JOIN followed USING (participant_id)
LEFT JOIN data_until USING (participant_id) LEFT JOIN marks USING (participant_id) LEFT JOIN days USING (participant_id)
WHERE participant_id IN (SELECT unnest($who)) ORDER BY participant_id
