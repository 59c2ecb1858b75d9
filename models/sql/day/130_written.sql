-- Rule: a diary entry without a time is a different minute from what a device saw only as far as it must be: it first
-- covers minutes a device recorded of its own activity, then moderate or vigorous minutes nothing else explains; only what
-- is left is added. So nothing is counted twice, and two entries of one diary both count, with a time or without.
-- Grain: participant x local_date, milliseconds: `_total` what the diary has of an activity that it has an entry without a
-- time of, `extra_` what is left of those without a time.
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
told AS (
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
FROM told
GROUP BY participant_id, local_date;
