-- Is there a habit: at what hour does the first activity of the day begin, and how regular is it?
-- A row is a person; the first recorded activity of each day on which one was recorded with a time (massage, breathwork
-- and meditation are none), on the clock on the wall where the person was. Hours lie on a circle, where 23:30 and 0:30
-- are near: mean_hour is the direction of the mean of all hours as unit vectors, regularity that vector's length R,
-- from 0 (at any hour) to 1 (always at the same), and spread_hours the circular standard deviation, sqrt(-2 ln R) in
-- hours. days are the days behind all three: hours that are mere chance give R of about 0.9 / sqrt(days), a single day
-- gives 1. Only recorded activities have a time: a day without one is not a day without a walk. For walks alone:
-- activity = 'walking'.
WITH first_of_day AS (
    SELECT participant_id, local_date, 2 * pi() * min(local_start_minute) / 1440 AS angle
    FROM session
    WHERE local_start_minute IS NOT NULL AND activity NOT IN ('massage', 'breathwork', 'meditation')
        AND local_date < (SELECT as_of FROM study)
    GROUP BY participant_id, local_date
),
person AS (
    SELECT participant_id, count(*) AS days, sum(sin(angle)) / days AS y, sum(cos(angle)) / days AS x,
           least(1, sqrt(y * y + x * x)) AS length
    FROM first_of_day GROUP BY participant_id
)
SELECT participant_id, days, round(12 * atan2(y, x) / pi() + 24, 1) % 24 AS mean_hour,
       round(length, 2) AS regularity,
       CASE WHEN days > 1 AND length > 0 THEN round(12 / pi() * sqrt(abs(2 * ln(length))), 1) END AS spread_hours
FROM person
ORDER BY participant_id;
