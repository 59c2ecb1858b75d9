-- Where two devices saw the same days, how far apart are their steps?
-- A row is a pair of sources, over the days that both cover whole and on which both were at work: worn ten hours, or,
-- where wear cannot be known, with any step counted. difference_mean is the first minus the second, steps a day, with
-- its number of days beside it; 95 % of the differences lie about between lower_limit and upper_limit (mean plus and
-- minus 1.96 standard deviations; NULL for a single day). Days of one person are alike: of few participants the limits
-- are theirs alone, and mostly differences grow with the steps. A phone in a drawer counts less than a watch: that is a
-- difference of carrying, not of counting. Two devices are never added, and a change of device is a change of level.
SELECT a.source AS first_source, b.source AS second_source, count(DISTINCT a.participant_id) AS participants,
       round(avg(a.steps), 1) AS first_steps_mean, count(*) AS first_steps_mean_days,
       round(avg(b.steps), 1) AS second_steps_mean, count(*) AS second_steps_mean_days,
       round(avg(a.steps - b.steps), 1) AS difference_mean, count(*) AS difference_mean_days,
       round(avg(a.steps - b.steps) - 1.96 * stddev_samp(a.steps - b.steps), 1) AS lower_limit,
       round(avg(a.steps - b.steps) + 1.96 * stddev_samp(a.steps - b.steps), 1) AS upper_limit
FROM source_day a JOIN source_day b USING (participant_id, local_date)
WHERE a.source < b.source AND NOT a.is_partial AND NOT b.is_partial AND a.steps IS NOT NULL AND b.steps IS NOT NULL
    AND coalesce(a.wear_minutes >= 600, a.steps > 0) AND coalesce(b.wear_minutes >= 600, b.steps > 0)
GROUP BY a.source, b.source
ORDER BY a.source, b.source;
