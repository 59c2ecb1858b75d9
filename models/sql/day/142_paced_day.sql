-- Rule: R2.16, R2.17, R5.2
-- Grain: one row per participant and local_date with steps of the reading that is taken (paced_day); with minutes that
-- a device judged to be light, or else a total of them (light_day).
CREATE OR REPLACE TEMP TABLE paced_day AS
SELECT participant_id, local_date, sum(steps)::BIGINT AS placed_steps, bool_and(is_true OR is_typed) AS is_true,
       max(pace) AS peak_1, list_sum(max(pace, 30))::BIGINT AS peak_30_steps,
       [count(*) FILTER (pace < 20), count(*) FILTER (pace BETWEEN 20 AND 39), count(*) FILTER (pace BETWEEN 40 AND 59),
        count(*) FILTER (pace BETWEEN 60 AND 79), count(*) FILTER (pace BETWEEN 80 AND 99),
        count(*) FILTER (pace BETWEEN 100 AND 119), count(*) FILTER (pace >= 120)] AS cadence_bands
FROM (
    SELECT *, CASE WHEN is_true AND NOT is_typed AND NOT is_impossible(steps) THEN steps END AS pace FROM placed_minute
)
GROUP BY participant_id, local_date;

CREATE OR REPLACE TEMP TABLE light_day AS
WITH judged AS (
    SELECT participant_id, local_date, (60000 * count(DISTINCT start_time))::BIGINT AS light_ms
    FROM (
        SELECT e.participant_id, e.local_date, e.start_time
        FROM epoch e
        JOIN chosen c ON c.participant_id = e.participant_id AND c.local_date = e.local_date AND c.kind = 'minutes'
        LEFT JOIN device_day d ON d.device_id = e.device_id AND d.local_date = e.local_date
        WHERE e.metric = 'active_minutes' AND e.value = 0
        QUALIFY dense_rank() OVER (PARTITION BY e.participant_id, e.local_date
                                   ORDER BY coalesce(d.rank, 1000), e.device_id) = 1
    ) l
    ANTI JOIN judged_minute j ON j.participant_id = l.participant_id AND j.local_date = l.local_date
                             AND j.start_time = l.start_time AND j.intensity > 0
    GROUP BY participant_id, local_date
),
reported AS (
    SELECT participant_id, local_date, min_by(light_ms, rank) AS light_ms
    FROM device_day WHERE light_ms IS NOT NULL
    GROUP BY participant_id, local_date
)
FROM judged
UNION ALL
FROM reported ANTI JOIN judged USING (participant_id, local_date);
