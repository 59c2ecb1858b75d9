-- Rule: R8.2, R8.3, R8.5, R8.8, R3.6
-- Grain: one row per infusion that carries weeks and date, of the weeks that are judged.
CREATE OR REPLACE TEMP TABLE infusion_window AS
WITH numbered AS (
    SELECT
        a.*,
        unnest(CASE WHEN w.week = 0 THEN [0] ELSE range(7 * w.week - 6, 7 * w.week + 1) END)::INTEGER AS day_number
    FROM week_to_judge AS w
    INNER JOIN anchor AS a ON w.infusion_key = a.infusion_key
),

dated AS (
    SELECT
        *,
        infused_on + day_number AS local_date
    FROM numbered
),

span AS (
    SELECT
        min(local_date) AS begins,
        max(local_date) AS ends
    FROM dated
),

held AS (
    SELECT DISTINCT
        p.person_key,
        unnest(
            generate_series(
                greatest(h.from_date, s.begins), least(coalesce(h.to_date, s.ends), s.ends), INTERVAL 1 DAY
            )
        )::DATE AS local_date
    FROM hold AS h
    INNER JOIN person AS p ON h.participant_id = p.participant_id
    CROSS JOIN span AS s
    WHERE s.begins IS NOT NULL
),

skipped AS (
    SELECT DISTINCT
        p.person_key,
        l.local_date
    FROM local_day AS l
    INNER JOIN person AS p ON l.participant_id = p.participant_id
    WHERE l.ends <= l.begins
),

infusion_day AS (
    SELECT DISTINCT
        person_key,
        infused_on AS local_date
    FROM anchor
    WHERE anchor_policy = 'overlapping'
)

SELECT
    d.participant_id,
    d.infusion_id,
    d.person_key,
    d.infusion_key,
    d.local_date,
    d.day_number,
    CASE WHEN d.day_number > 0 THEN (d.day_number + 6) // 7 END AS week,
    -- the infusion's week as one number, the day's place in it as a set of one day (day_set)
    (d.infusion_key::BIGINT << 12) + week AS week_key,
    (1 << (d.day_number + 6) % 7)::UTINYINT AS day_bit,
    CASE
        WHEN d.day_number = 0 THEN 'day_0'
        WHEN d.local_date > p.left_on THEN 'left'
        WHEN d.anchor_policy <> 'overlapping' AND d.local_date >= d.next_on THEN 'next_infusion'
        WHEN i.person_key IS NOT NULL THEN 'infusion_day'
        WHEN h.person_key IS NOT NULL THEN 'hold'
        WHEN s.person_key IS NOT NULL THEN 'date_skipped'
    END AS why_not,
    why_not IS NULL AS is_eligible
FROM dated AS d
INNER JOIN person AS p ON d.person_key = p.person_key
LEFT JOIN infusion_day AS i ON d.person_key = i.person_key AND d.local_date = i.local_date
LEFT JOIN held AS h ON d.person_key = h.person_key AND d.local_date = h.local_date
LEFT JOIN skipped AS s ON d.person_key = s.person_key AND d.local_date = s.local_date;
