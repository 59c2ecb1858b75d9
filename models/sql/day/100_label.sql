-- Rule: R2.9, R2.10, R2.15, R3.7, R5.10, R6.5
-- Grain: one row per participant, local_date and stretch with one label (timeline), unlabelled stretches included.
-- session_current: one row per session that stands. `unplaced`: one row per activity of entries without a time, which
-- cannot be laid on the clock, and who tells it. `better`: how good a witness its file is; a list is `listed` beside
-- its own files. What the clinic keeps is of no file, and has the number 0. `modality` is who tells a session: a device
-- (sensed), or one of those who write: the person (self_reported), the clinic (clinic_recorded).
CREATE OR REPLACE TEMP TABLE session_current AS
WITH here AS (
    SELECT s.*, d.source, d.device_class = 'self_report' AS is_diary, f.covers_to AS reach, f.sha256, f.export,
           CASE d.source WHEN 'gpx' THEN 0 WHEN 'tcx' THEN 1 ELSE 2 END AS better
    FROM session s
    JOIN device d USING (device_id)
    JOIN source_file f ON f.file_id = s.file_id AND f.status = 'loaded'
    ANTI JOIN superseded x
        ON x.file_id = s.file_id AND x.device_id = s.device_id AND x.metric = 'session'
        AND s.start_time >= x.covers_from AND s.start_time < x.covers_to
    WHERE s.participant_id IN (SELECT participant_id FROM touched_day)
    UNION ALL BY NAME
    SELECT 0 AS file_id, participant_id, session_id, 'attendance' AS source, activity, begins AS start_time,
           ends AS end_time, local_date, (60_000 * minutes)::BIGINT AS timer_ms, 'clinic_recorded' AS modality,
           FALSE AS is_diary, 2 AS better
    FROM attendance WHERE participant_id IN (SELECT participant_id FROM touched_day)
),
recorded AS (  -- by the UTC days that each touches: few pairs to compare, however many years there are
    SELECT *, unnest(generate_series(date_trunc('day', start_time - INTERVAL 1 MINUTE), end_time + INTERVAL 1 MINUTE,
                                     INTERVAL 1 DAY)) AS day
    FROM here WHERE modality = 'sensed'  -- what somebody wrote down takes nothing recorded away
),
same AS (  -- one activity in two files: start to start, shared and full time in milliseconds
    SELECT a.file_id, a.session_id, a.better, b.better AS other, a.export = b.export AND b.source = 'strava' AS listed,
           abs(epoch_ms(a.start_time) - epoch_ms(b.start_time)) AS apart,
           least(epoch_ms(a.end_time), epoch_ms(b.end_time))
           - greatest(epoch_ms(a.start_time), epoch_ms(b.start_time)) AS shared,
           epoch_ms(a.end_time) - epoch_ms(a.start_time) AS length,
           epoch_ms(b.end_time) - epoch_ms(b.start_time) AS other_length
    FROM recorded a JOIN recorded b ON a.participant_id = b.participant_id AND a.day = b.day AND a.source <> b.source
     AND a.start_time <= b.end_time + INTERVAL 1 MINUTE AND b.start_time <= a.end_time + INTERVAL 1 MINUTE
)
FROM here
ANTI JOIN (
    FROM same
    WHERE better = 0 AND other > 0 AND 2 * shared >= length
       OR better = 1 AND other > 1 AND apart <= 60_000
          AND 10 * abs(length - other_length) <= greatest(length, other_length)
       OR listed AND apart <= 60_000
) x ON x.file_id = here.file_id AND x.session_id = here.session_id
QUALIFY NOT is_diary
     OR rank() OVER (PARTITION BY participant_id, local_date, activity, is_diary ORDER BY reach DESC, sha256 DESC) = 1;

CREATE OR REPLACE TEMP TABLE part AS
SELECT p.participant_id, p.local_date, p.start_time, p.end_time, s.activity, s.modality, s.source, s.session_id
FROM (
    SELECT file_id, participant_id, session_id, start_time, end_time, local_date FROM session_part
    UNION ALL BY NAME
    SELECT 0 AS file_id, * FROM attendance_part
) p
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
       -- who tells just this activity: who tells another one of the same minute does not
       list_distinct([t.modality FOR t IN list({modality: p.modality, activity: p.activity})
                      IF t.activity = label OR (is_walk(t.activity) AND is_walk(label))]) AS told_by,
       list_contains(told_by, 'sensed') AS is_sensed
FROM slice s
LEFT JOIN part p ON p.participant_id = s.participant_id AND p.local_date = s.local_date
                AND p.start_time < s.end_time AND p.end_time > s.start_time
WHERE s.end_time IS NOT NULL
GROUP BY ALL;

CREATE OR REPLACE TEMP TABLE unplaced AS
SELECT s.participant_id, s.local_date, s.activity AS label, s.modality, sum(s.timer_ms)::BIGINT AS ms
FROM session_current s
JOIN touched_day t USING (participant_id, local_date)
WHERE s.start_time IS NULL
GROUP BY ALL;
