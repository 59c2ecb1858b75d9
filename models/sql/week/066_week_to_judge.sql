-- Rule: R12.1, R11.11
-- Grain: one row per infusion that carries weeks and week that is judged; week 0 is the day of the infusion itself.
-- All weeks of the people judged as a whole; of the others those in which a day was resolved since, or that were not
-- settled when `as_of` moved: a day was not over, or files were still waited for. All that follows is made for these
-- weeks alone.
CREATE OR REPLACE TEMP TABLE week_to_judge AS
WITH every_week AS (
    SELECT
        infusion_key,
        person_key,
        participant_id,
        infusion_id,
        infused_on,
        unnest(range(0, weeks + 1))::INTEGER AS week
    FROM anchor
    WHERE carries_weeks
),

touched AS (
    SELECT DISTINCT
        a.infusion_key,
        ((u.local_date - a.infused_on + 6) // 7)::INTEGER AS week
    FROM unjudged_day AS u
    INNER JOIN person AS p ON u.participant_id = p.participant_id
    INNER JOIN anchor AS a
        ON p.person_key = a.person_key
        AND u.local_date >= a.infused_on
        AND u.local_date <= a.infused_on + 7 * a.weeks
)

SELECT e.*
FROM every_week AS e
CROSS JOIN study AS s
LEFT JOIN person_judged_anew AS w ON e.person_key = w.person_key
LEFT JOIN touched AS t ON e.infusion_key = t.infusion_key AND e.week = t.week
WHERE
    w.person_key IS NOT NULL
    OR t.infusion_key IS NOT NULL
    OR (
        getvariable('as_of')::DATE <> getvariable('judged_as_of')::DATE
        AND least(getvariable('as_of')::DATE, getvariable('judged_as_of')::DATE)
        <= e.infused_on + 7 * e.week + s.grace_days
    );
