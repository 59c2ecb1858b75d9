-- Which person-weeks go into a mixed model?
-- A row is a person, an infusion and a week with any day over, ready to fit: numbers are DOUBLE or whole, so that no
-- tool makes levels of them. Weeks of which nothing is known are rows with steps_mean NULL: dropped by most tools,
-- silently, and to be reported. For example in lme4: steps_mean ~ week + ordinal + baseline_steps_mean + weekend_share
-- + device_changed + (1 | participant_id), weights = steps_mean_days. A mean of one day is far less sure than one of
-- seven, so weigh, or ask for 4. Weeks of one infusion, and infusions of one person, are alike: neither is a
-- repetition. Under overlapping one date is in several rows, and errors are correlated by that. logged_days 0: nothing
-- of yoga or strength is known. dose_mg and arm are the clinic's own columns of infusions.csv and participants.csv
-- (NULL: there are none); add others like them.
WITH given AS (
    SELECT infusion_id, ordinal, days_since_previous,
           infused_on - min(infused_on) OVER (PARTITION BY participant_id) AS days_since_first
    FROM infusion WHERE ordinal IS NOT NULL  -- NULL: it did not happen
),
usual AS (
    SELECT w.infusion_id, w.week, mode(d.primary_source ORDER BY d.primary_source) AS source
    FROM infusion_window w JOIN daily_activity d USING (participant_id, local_date)
    WHERE w.is_eligible AND d.day_state = 'valid'
    GROUP BY w.infusion_id, w.week
)
SELECT w.participant_id, w.infusion_id, w.week, w.week_start, g.ordinal, g.days_since_previous, g.days_since_first,
       b.steps_mean::DOUBLE AS baseline_steps_mean, b.steps_mean_days AS baseline_steps_mean_days,
       w.steps_mean::DOUBLE AS steps_mean, w.steps_mean_days, w.walking_minutes_mean::DOUBLE AS walking_minutes_mean,
       w.walking_minutes_mean_days, w.eligible_days, w.days_over, w.valid_days, w.logged_days,
       w.weekend_days / nullif(w.eligible_days, 0) AS weekend_share, u.source <> b.usual_source AS device_changed,
       c.number::DOUBLE AS dose_mg, p.value AS arm
FROM weekly_activity w JOIN given g USING (infusion_id) LEFT JOIN baseline b USING (infusion_id)
LEFT JOIN usual u USING (infusion_id, week)
LEFT JOIN covariate c ON c.infusion_id = w.infusion_id AND c.name = 'dose_mg'
LEFT JOIN covariate p ON p.participant_id = w.participant_id AND p.infusion_id IS NULL AND p.name = 'arm'
WHERE w.days_over > 0
ORDER BY w.participant_id, w.week_start, w.infusion_id;
