-- Rule: a diary entry without a time is a different minute from what a device saw only as far as it must be: it first
-- covers recorded minutes of its own activity, then moderate or vigorous minutes nothing else explains; only what is left
-- is added. So nothing is counted twice, and two entries of one diary both count.
-- Grain: participant x local_date, milliseconds: `_total` what the diary has without a time, `extra_` what is left of it.
CREATE OR REPLACE TEMP TABLE written AS
WITH placed AS (
    SELECT participant_id, local_date, label,
           sum(epoch_ms(end_time) - epoch_ms(start_time))::BIGINT AS ms
    FROM timeline WHERE is_session GROUP BY ALL
)
SELECT u.participant_id, u.local_date,
       sum(u.ms) FILTER (label IN ('walking', 'hiking'))::BIGINT AS walking_total,
       sum(u.ms) FILTER (label = 'strength')::BIGINT AS strength_total,
       sum(u.ms) FILTER (label = 'yoga')::BIGINT AS yoga_total,
       sum(u.ms) FILTER (label = 'dance')::BIGINT AS dance_total,
       sum(u.ms) FILTER (label = 'massage')::BIGINT AS massage_total,
       sum(greatest(0, u.ms - coalesce(p.ms, 0))) FILTER (
           label IN ('strength', 'aerobics', 'hiit', 'sport', 'running', 'cycling', 'swimming', 'dance'))::BIGINT AS extra_workout,
       coalesce(sum(greatest(0, u.ms - coalesce(p.ms, 0))) FILTER (label = 'yoga'), 0)::BIGINT AS extra_yoga
FROM unplaced u LEFT JOIN placed p USING (participant_id, local_date, label)
GROUP BY u.participant_id, u.local_date;
