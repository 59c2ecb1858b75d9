-- One row per participant. Followed: a day after the last infusion is over, and its last week ended a week ago at most.
-- `days`: the four weeks before as_of, a letter a day: v seen, w partly seen, i implausible, n no data though it counts,
-- o an infusion, . no data where none is looked for. Parameters: as_of, who.
WITH latest AS (
    SELECT DISTINCT ON (participant_id) participant_id, infusion_id, infused_on FROM infusion
    WHERE has_happened(status) AND infused_on <= $as_of
    ORDER BY participant_id, infused_on DESC),
followed AS (
    SELECT w.participant_id, max(w.local_date) AS followed_until,
           count(*) FILTER (local_date < $as_of) AS days_over,
           count(*) FILTER (local_date < $as_of AND day_state = 'valid') AS days_seen,
           count(*) FILTER (local_date < $as_of AND day_state = 'insufficient_wear') AS days_partly
    FROM infusion_window w JOIN latest USING (participant_id, infusion_id)
    LEFT JOIN daily_activity d USING (participant_id, local_date) WHERE w.is_eligible GROUP BY ALL),
data AS (
    SELECT participant_id, max(covers_to) AS data_until FROM source_file WHERE status = 'loaded' GROUP BY ALL),
refused AS (SELECT participant_id, count(*) AS rejected FROM rejection GROUP BY ALL),
shared AS (
    SELECT participant_id, count(DISTINCT sha256) AS shared FROM source_file
    WHERE status = 'loaded' AND sha256 IN (
        SELECT sha256 FROM source_file WHERE status = 'loaded'
        GROUP BY sha256 HAVING count(DISTINCT participant_id) > 1)
    GROUP BY ALL),
judged AS (
    SELECT participant_id,
           bool_or(device_changed AND status NOT IN ('upcoming', 'superseded')) AS device_changed,
           count(*) FILTER (reason = 'awaiting_data') AS waiting,
           count(*) FILTER (reason = 'no_log') AS unlogged,
           count(*) FILTER (reason = 'baseline_unavailable') AS without_baseline
    FROM goal_week GROUP BY ALL),
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
SELECT participant_id, infusion_id, infused_on, ($as_of - infused_on)::INTEGER AS since, days_over, days_seen,
       days_partly, data_until, ($as_of - data_until - 1)::INTEGER AS silent, coalesce(rejected, 0) AS rejected,
       coalesce(shared, 0) AS shared, coalesce(device_changed, FALSE) AS device_changed,
       coalesce(waiting, 0) AS waiting, coalesce(unlogged, 0) AS unlogged,
       coalesce(without_baseline, 0) AS without_baseline, marks, days,
       participant_id IN (FROM this_week) AS infused_this_week, held_reason IS NOT NULL AS held,
       coalesce(followed_until + 7 >= $as_of, FALSE) AND infused_on < $as_of - 1 AS is_followed
FROM participant
LEFT JOIN latest USING (participant_id) LEFT JOIN followed USING (participant_id)
LEFT JOIN data USING (participant_id) LEFT JOIN refused USING (participant_id)
LEFT JOIN shared USING (participant_id) LEFT JOIN judged USING (participant_id)
LEFT JOIN marks USING (participant_id) LEFT JOIN days USING (participant_id)
WHERE participant_id IN (SELECT unnest($who)) ORDER BY participant_id
