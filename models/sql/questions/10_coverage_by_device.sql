-- How well do the devices cover the days after infusions?
-- A row is the source believed first that day; the row without a source is the days of which nothing at all is known.
-- Eligible days that are over. worn_mean: minutes worn a day, of the days on which wear can be known, with their number
-- beside it. Where wear cannot be known (a phone), a day is valid by its count alone, which says less. Days of somebody
-- who is held that were not published are not here.
WITH day_after AS (  -- once, also where windows overlap
    SELECT DISTINCT participant_id, local_date FROM infusion_window
    WHERE is_eligible AND local_date < (SELECT as_of FROM study)
)
SELECT d.primary_source, count(*) AS days, count(DISTINCT w.participant_id) AS participants,
       count(*) FILTER (d.day_state = 'valid') AS valid,
       count(*) FILTER (d.day_state = 'insufficient_wear') AS insufficient_wear,
       count(*) FILTER (d.day_state = 'implausible') AS implausible,
       count(*) FILTER (coalesce(d.day_state, 'no_data') = 'no_data') AS no_data,
       round(avg(d.wear_minutes), 1) AS worn_mean, count(d.wear_minutes) AS worn_mean_days
FROM day_after w LEFT JOIN daily_activity d USING (participant_id, local_date)
ANTI JOIN (FROM person_day WHERE day_state IS NULL) held
    ON held.participant_id = w.participant_id AND held.local_date = w.local_date
GROUP BY d.primary_source
ORDER BY d.primary_source NULLS LAST;
