-- Rule: a newer export of the same stretch of time replaces the older rows, which stay where they are and can be traced
-- (measurement section 4, layer 2). Newer is the one whose data reach furthest; at a tie the greater hash, so that the
-- order of loading never matters (section 15.13). Heart rate and running totals need no such rule: their presence and
-- their maximum are the same whatever arrives twice. Of Fitbit's two lists of the same exercises the one that tells its
-- distance from UTC replaces the other (fitbit_json, whose times are read as local and may be 14 hours off) at any reach.
-- Grain: one stretch of one older file, per device and metric.
CREATE OR REPLACE TEMP TABLE superseded AS
WITH reach AS (
    SELECT c.file_id, c.device_id, c.metric, c.covers_from, c.covers_to, f.sha256,
           NOT (c.metric = 'session' AND f.connector = 'fitbit_json') AS is_told
    FROM coverage c
    JOIN source_file f ON f.file_id = c.file_id AND f.status = 'loaded'
    JOIN device d ON d.device_id = c.device_id AND d.device_class <> 'self_report'
    WHERE c.metric NOT IN ('heart_rate', 'readings')
      AND d.participant_id IN (SELECT participant_id FROM touched_day)
)
SELECT old.file_id, old.device_id, old.metric, new.covers_from - slack AS covers_from, new.covers_to + slack AS covers_to
FROM (
    SELECT old, new, CASE WHEN new.is_told AND NOT old.is_told THEN INTERVAL 14 HOUR ELSE INTERVAL 0 HOUR END AS slack
    FROM reach old
    JOIN reach new ON new.device_id = old.device_id AND new.metric = old.metric
    WHERE (new.is_told, new.covers_to, new.sha256) > (old.is_told, old.covers_to, old.sha256)
)
WHERE new.covers_from - slack < old.covers_to;
