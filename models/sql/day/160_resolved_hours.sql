-- Rule: R2.18, R1.1
-- Grain: one row per participant and touched local_date that is read by minutes, as in table `day_hours`.
-- What is outside of the hours of its date is in none, so that the sum is not the day's.
CREATE OR REPLACE TEMP TABLE resolved_hours AS
WITH placed AS (  -- steps by the quarter of an hour: no midnight lies inside one
    SELECT participant_id, local_date, 'steps' AS metric, time_bucket(INTERVAL 15 MINUTE, minute) AS start_time,
           start_time + INTERVAL 15 MINUTE AS end_time, sum(steps)::BIGINT AS n
    FROM placed_minute GROUP BY ALL
    UNION ALL
    SELECT participant_id, local_date, metric, start_time, end_time, NULL
    FROM measured_stretch WHERE metric IN ('walking', 'moderate', 'vigorous', 'worn')
),
cut AS (
    SELECT metric, n, hours, participant_id, local_date, first, last,
           unnest(generate_series(floor(first / 3600000)::BIGINT, floor((last - 1) / 3600000)::BIGINT)) AS k
    FROM (
        SELECT p.*, t.hours, epoch_ms(p.start_time) - epoch_ms(t.begins) AS first,
               epoch_ms(p.end_time) - epoch_ms(t.begins) AS last
        FROM placed p JOIN touched_day t ON t.participant_id = p.participant_id AND t.local_date = p.local_date
    )
),
amount AS (
    SELECT participant_id, local_date, hours[k + 1] AS local_hour, metric,
           sum(coalesce(n, least(last, (k + 1) * 3600000) - greatest(first, k * 3600000)))::BIGINT AS n
    FROM cut WHERE k BETWEEN 0 AND len(hours) - 1
    GROUP BY ALL
),
clock_hour AS (
    SELECT t.participant_id, t.local_date, unnest(list_distinct(t.hours)) AS local_hour
    FROM touched_day t JOIN chosen c ON c.participant_id = t.participant_id AND c.local_date = t.local_date
    WHERE c.kind IN ('minutes', 'alone')
),
found AS (
    SELECT h.participant_id, h.local_date, h.local_hour,
           any_value(a.n) FILTER (metric = 'steps') AS steps, any_value(a.n) FILTER (metric = 'walking') AS walking,
           any_value(a.n) FILTER (metric = 'moderate') AS moderate,
           any_value(a.n) FILTER (metric = 'vigorous') AS vigorous, any_value(a.n) FILTER (metric = 'worn') AS worn
    FROM clock_hour h
    LEFT JOIN amount a ON a.participant_id = h.participant_id AND a.local_date = h.local_date
        AND a.local_hour = h.local_hour
    GROUP BY ALL
),
seen AS (  -- an hour in which nothing was worn, or that nobody's data reach, is not known to be 0
    SELECT f.*, CASE WHEN if(d.wear_ms IS NULL, NOT d.is_partial, f.worn > 0) THEN 0 END AS none,
           d.steps AS day_steps, d.walking_ms, d.wear_ms, d.is_morning_unseen,
           -- a total of the device that is as large as what lies on the clock lies nowhere all the same
           CASE WHEN d.intensity_method = 'cadence' OR j.has_judged_minutes OR d.moderate_ms = 0 THEN d.moderate_ms END
               AS moderate_ms,
           CASE WHEN d.intensity_method = 'cadence' OR j.has_judged_minutes OR d.vigorous_ms = 0 THEN d.vigorous_ms END
               AS vigorous_ms
    FROM found f
    JOIN resolved_day d ON d.participant_id = f.participant_id AND d.local_date = f.local_date
    JOIN day_facts j ON j.participant_id = f.participant_id AND j.local_date = f.local_date
)
SELECT participant_id, local_date, list(local_hour ORDER BY local_hour) AS hours,
       CASE WHEN coalesce(sum(steps), 0) = any_value(day_steps) AND NOT bool_or(is_morning_unseen)
            THEN list(coalesce(steps, none) ORDER BY local_hour) END AS steps,
       CASE WHEN coalesce(sum(walking), 0) = any_value(walking_ms)
            THEN list(coalesce(walking, none) ORDER BY local_hour) END AS walking_ms,
       CASE WHEN coalesce(sum(moderate), 0) = any_value(moderate_ms)
            THEN list(coalesce(moderate, none) ORDER BY local_hour) END AS moderate_ms,
       CASE WHEN coalesce(sum(vigorous), 0) = any_value(vigorous_ms)
            THEN list(coalesce(vigorous, none) ORDER BY local_hour) END AS vigorous_ms,
       CASE WHEN coalesce(sum(worn), 0) = any_value(wear_ms)
            THEN list(coalesce(worn, 0) ORDER BY local_hour) END AS wear_ms
FROM seen
GROUP BY participant_id, local_date;
