-- Rule: R2.9, R2.10, R3.7, R6.5
-- Grain: one row per participant, local_date and stretch with one label (timeline), unlabelled stretches included.
-- session_current: one row per session that stands. `unplaced`: one row per activity of diary entries without a time,
-- which cannot be laid on the clock.
CREATE OR REPLACE TEMP TABLE session_current AS
WITH here AS (
    SELECT s.*, d.source, d.device_class = 'self_report' AS is_diary, f.covers_to AS reach, f.sha256
    FROM session s
    JOIN device d USING (device_id)
    JOIN source_file f ON f.file_id = s.file_id AND f.status = 'loaded'
    ANTI JOIN superseded x
        ON x.file_id = s.file_id AND x.device_id = s.device_id AND x.metric = 'session'
        AND s.start_time >= x.covers_from AND s.start_time < x.covers_to
    WHERE s.participant_id IN (SELECT participant_id FROM touched_day)
)
SELECT * FROM here
QUALIFY NOT is_diary
     OR rank() OVER (PARTITION BY participant_id, local_date, activity, is_diary ORDER BY reach DESC, sha256 DESC) = 1;

CREATE OR REPLACE TEMP TABLE part AS
SELECT p.participant_id, p.local_date, p.start_time, p.end_time, s.activity, s.modality, s.source, s.session_id
FROM session_part p
JOIN session_current s USING (file_id, session_id)
JOIN touched_day t ON t.participant_id = p.participant_id AND t.local_date = p.local_date
WHERE p.end_time > p.start_time;

-- Which dates a session is of: those its parts lie on, or the one it was written down for.
CREATE OR REPLACE TEMP TABLE session_day AS
SELECT DISTINCT participant_id, local_date, source FROM part
UNION
SELECT participant_id, local_date, source FROM session_current SEMI JOIN touched_day USING (participant_id, local_date);

CREATE OR REPLACE TEMP TABLE timeline AS
WITH edges AS (
    SELECT participant_id, local_date, start_time AS edge FROM part
    UNION SELECT participant_id, local_date, end_time FROM part
    UNION SELECT participant_id, local_date, begins - INTERVAL 1 DAY FROM touched_day
    UNION SELECT participant_id, local_date, ends + INTERVAL 1 DAY FROM touched_day
),
slice AS (
    SELECT participant_id, local_date, edge AS start_time,
           lead(edge) OVER (PARTITION BY participant_id, local_date ORDER BY edge) AS end_time
    FROM edges
)
SELECT s.participant_id, s.local_date, s.start_time, s.end_time,
       arg_min(p.activity, (p.modality <> 'sensed', p.activity = 'other', p.start_time, p.activity)) AS label,
       count(p.session_id) > 0 AS is_session,
       coalesce(bool_or(p.modality = 'sensed'), FALSE) AS is_sensed
FROM slice s
LEFT JOIN part p ON p.participant_id = s.participant_id AND p.local_date = s.local_date
                AND p.start_time < s.end_time AND p.end_time > s.start_time
WHERE s.end_time IS NOT NULL
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE unplaced AS
SELECT s.participant_id, s.local_date, s.activity AS label, sum(s.timer_ms)::BIGINT AS ms
FROM session_current s
JOIN touched_day t USING (participant_id, local_date)
WHERE s.start_time IS NULL
GROUP BY ALL;
