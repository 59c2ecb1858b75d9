-- How many steps are walked on each day around an infusion?
-- A row is a day number: -14 to -1 come before the first infusion, 0 is a day of an infusion, 1 to 27 follow the last
-- one until the next. steps_mean is of valid days, with their number beside it; seen_percent is their share of the days
-- that count. An unseen day is not in a mean, and is not 0. Who is in it differs from day to day (few reach day 27 in a
-- series), so that steps_mean can fall or rise with nobody changing. difference_mean is free of people's levels: steps
-- minus the person's own baseline mean (at least 4 days), over the days of people who have one. It is not free of who
-- is in it: people change by different amounts. Its mean before day 0 is about 0 by construction. Every day weighs the
-- same, so who has many days weighs more. What follows an infusion is not made by it.
SELECT d.day_number, count(DISTINCT d.participant_id) AS participants, count(*) AS days,
       round(avg(d.steps) FILTER (d.day_state = 'valid'), 1) AS steps_mean,
       count(d.steps) FILTER (d.day_state = 'valid') AS steps_mean_days,
       round(100 * count(d.steps) FILTER (d.day_state = 'valid') / count(*), 1) AS seen_percent,
       round(avg(d.steps - b.steps_mean) FILTER (d.day_state = 'valid'), 1) AS difference_mean,
       count(d.steps - b.steps_mean) FILTER (d.day_state = 'valid') AS difference_mean_days
FROM person_day d LEFT JOIN baseline b ON b.infusion_id = d.infusion_id AND b.steps_mean_days >= 4
WHERE d.day_number BETWEEN -14 AND 27 AND (d.counts OR d.why_not IN ('before_infusion', 'day_0'))
    AND d.local_date < (SELECT as_of FROM study) AND d.day_state IS NOT NULL  -- NULL: somebody is held
GROUP BY d.day_number
ORDER BY d.day_number;
