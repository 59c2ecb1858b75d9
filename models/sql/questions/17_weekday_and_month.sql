-- How do steps differ by the day of the week and by the month?
-- A row is a weekday (1 Monday to 7 Sunday) or a month, over all valid days, before and after infusions.
-- difference_mean is steps minus the person's own mean of all valid days, so that a month is not high because those are
-- in it who always walk much; each mean has its number of days. It still hangs on who is in which month: somebody seen
-- in one month alone is 0 there, whatever the month did, and draws its mean towards 0. Weeks cut short hold other
-- weekdays than full ones, which alone moves a weekly mean: a model of days should have the weekday. Months are as on
-- the calendar, for seasons are not the same in both hemispheres; within one study a month is also a time since
-- infusions began, and the two cannot be told apart without people who began at different times.
WITH day AS (
    SELECT participant_id, isodow(local_date)::INTEGER AS weekday, strftime(local_date, '%Y-%m') AS month, steps,
           steps - avg(steps) OVER (PARTITION BY participant_id) AS difference
    FROM daily_activity WHERE day_state = 'valid' AND steps IS NOT NULL AND local_date < (SELECT as_of FROM study)
)
SELECT weekday, month, count(DISTINCT participant_id) AS participants, round(avg(steps), 1) AS steps_mean,
       count(*) AS steps_mean_days, round(avg(difference), 1) AS difference_mean, count(*) AS difference_mean_days
FROM day
GROUP BY GROUPING SETS ((weekday), (month))
ORDER BY weekday NULLS LAST, month;
