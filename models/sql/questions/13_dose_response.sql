-- How do the days after each infusion go with its dose and its place in the series?
-- A frame for a dose-response model: a row is an infusion that happened. dose_mg is the clinic's own column of that
-- name in infusions.csv (NULL: not written; where the column has another name, change it in the query), ordinal its
-- number for this person, days_since_previous the days since the one before (NULL for the first); then baseline, and
-- steps a day on valid days of days 1 to 7 that count, each mean with its number of days; change is NULL where either
-- has fewer than 4. In a series with an infusion every other day there is one day in between, and nearly all are NULL:
-- seen too little, not unchanged. A dose mostly follows how somebody is, and does not only come before it. Later
-- infusions come later in the year, and mostly for people who did well or who did badly: a trend over ordinal is no
-- effect of a dose. Compare infusions of the same person.
WITH after AS (
    SELECT w.infusion_id, count(*) FILTER (w.is_eligible) AS eligible_days,
           avg(d.steps) FILTER (w.is_eligible AND d.day_state = 'valid') AS steps_mean,
           count(d.steps) FILTER (w.is_eligible AND d.day_state = 'valid') AS steps_mean_days
    FROM infusion_window w LEFT JOIN daily_activity d USING (participant_id, local_date)
    WHERE w.day_number BETWEEN 1 AND 7 AND w.local_date < (SELECT as_of FROM study)
    GROUP BY w.infusion_id
)
SELECT i.participant_id, i.infusion_id, i.infused_on, i.ordinal, i.days_since_previous,
       c.number::DOUBLE AS dose_mg,
       round(b.steps_mean, 1) AS baseline_steps_mean, b.steps_mean_days AS baseline_steps_mean_days,
       coalesce(a.eligible_days, 0) AS eligible_days, round(a.steps_mean, 1) AS steps_mean,
       coalesce(a.steps_mean_days, 0) AS steps_mean_days,
       CASE WHEN a.steps_mean_days >= 4 AND b.steps_mean_days >= 4 THEN round(a.steps_mean - b.steps_mean, 1) END
           AS change
FROM infusion i LEFT JOIN baseline b USING (infusion_id) LEFT JOIN after a USING (infusion_id)
LEFT JOIN covariate c ON c.infusion_id = i.infusion_id AND c.name = 'dose_mg'
WHERE i.ordinal IS NOT NULL  -- NULL: it did not happen
ORDER BY i.participant_id, i.ordinal;
