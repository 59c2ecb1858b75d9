-- By how much do people's steps differ from their own baseline, each person once?
-- A row is a post-infusion week. Each person's change is the mean of the week minus the mean of the days before the
-- first infusion, both of at least 4 valid days; of several infusions a person's mean change counts, so that everybody
-- weighs the same. change_mean is the mean of these, with the number of people beside it; not_known: people who had
-- such a week and cannot be compared, who are missing here and are not unchanged. standard_error is the standard
-- deviation of the changes over the root of their number (NULL for one person); change_mean plus and minus twice that
-- is about a 95 % interval from some thirty people on. Without a comparison group nothing here is the effect of an
-- infusion: people who begin on a low walk more later by that alone (regression to the mean), and in spring.
WITH changed AS (
    SELECT w.participant_id, w.week,
           avg(w.steps_mean - b.steps_mean) FILTER (w.steps_mean_days >= 4 AND b.steps_mean_days >= 4) AS change
    FROM weekly_activity w LEFT JOIN baseline b USING (infusion_id)
    WHERE w.days_over > 0
    GROUP BY w.participant_id, w.week
)
SELECT week, count(*) AS participants, round(avg(change), 1) AS change_mean, count(change) AS change_mean_people,
       round(median(change), 1) AS change_median, round(stddev_samp(change), 1) AS standard_deviation,
       round(stddev_samp(change) / sqrt(count(change)), 1) AS standard_error,
       count(*) FILTER (change > 0) AS rose, participants - change_mean_people AS not_known
FROM changed
GROUP BY week
ORDER BY week;
