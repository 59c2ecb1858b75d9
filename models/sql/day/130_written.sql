-- Rule: R2.11, R2.15
-- Grain: one row per participant and local_date with an entry without a time, milliseconds.
-- Of each who writes (the person, the clinic) by itself: `total`, all they tell of an activity that they have an entry
-- without a time of; `extra`, what is left of those entries beside devices and what the other one placed on the clock.
-- Where both tell an activity, the larger counts.
CREATE OR REPLACE TEMP TABLE written AS
WITH entry AS (
    SELECT participant_id, local_date, if(is_walk(label), 'walking', label) AS label, modality, sum(ms)::BIGINT AS ms
    FROM unplaced GROUP BY ALL
),
placed AS (
    SELECT participant_id, local_date, if(is_walk(label), 'walking', label) AS label, told_by, is_sensed,
           sum(epoch_ms(end_time) - epoch_ms(start_time))::BIGINT AS ms
    FROM timeline WHERE is_session GROUP BY ALL
),
beside AS (
    SELECT e.participant_id, e.local_date, e.label, e.modality, e.ms,
           coalesce(sum(p.ms) FILTER (NOT p.is_sensed AND list_contains(p.told_by, e.modality)), 0)::BIGINT AS own_ms,
           coalesce(sum(p.ms) FILTER (p.is_sensed OR NOT list_contains(p.told_by, e.modality)), 0)::BIGINT AS others_ms
    FROM entry e LEFT JOIN placed p USING (participant_id, local_date, label)
    GROUP BY ALL
),
split AS (
    SELECT participant_id, local_date, label, max(ms + own_ms) AS total, max(greatest(0, ms - others_ms)) AS extra
    FROM beside GROUP BY ALL
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
