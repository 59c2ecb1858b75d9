-- Rule: R2.11
-- Grain: one row per participant and local_date with a diary entry without a time, milliseconds.
-- `_total`: what the diary has of an activity that it has an entry without a time of; `extra_`: what is left of those
-- entries.
CREATE OR REPLACE TEMP TABLE written AS
WITH entry AS (
    SELECT participant_id, local_date, if(is_walk(label), 'walking', label) AS label, sum(ms)::BIGINT AS ms
    FROM unplaced GROUP BY ALL
),
placed AS (
    SELECT participant_id, local_date, if(is_walk(label), 'walking', label) AS label,
           sum(epoch_ms(end_time) - epoch_ms(start_time)) FILTER (is_sensed)::BIGINT AS sensed_ms,
           sum(epoch_ms(end_time) - epoch_ms(start_time)) FILTER (NOT is_sensed)::BIGINT AS diary_ms
    FROM timeline WHERE is_session GROUP BY ALL
),
split AS (
    SELECT e.participant_id, e.local_date, e.label, e.ms + coalesce(p.diary_ms, 0) AS total,
           CASE WHEN e.ms < p.sensed_ms THEN 0 ELSE e.ms - coalesce(p.sensed_ms, 0) END AS extra
    FROM entry e LEFT JOIN placed p USING (participant_id, local_date, label)
)
SELECT participant_id, local_date,
       sum(total) FILTER (label = 'walking')::BIGINT AS walking_total,
       sum(total) FILTER (label = 'strength')::BIGINT AS strength_total,
       sum(total) FILTER (label = 'yoga')::BIGINT AS yoga_total,
       sum(total) FILTER (label = 'dance')::BIGINT AS dance_total,
       sum(total) FILTER (label = 'massage')::BIGINT AS massage_total,
       sum(extra) FILTER (is_workout(label))::BIGINT AS extra_workout,
       coalesce(sum(extra) FILTER (label = 'yoga'), 0)::BIGINT AS extra_yoga
FROM split
GROUP BY participant_id, local_date;
