-- How many steps are there in all after infusions, each day counted once?
-- A row is a person. steps_added adds the weekly totals over infusions: wrong wherever a date lies in the weeks of
-- several of them (anchor overlapping in study), for then its steps are in each. steps_once adds every date once;
-- counted_again is the difference, 0 under until_next and course. Use weekly totals for a week of an infusion, and days
-- for a sum over them. Both are sums of what was seen: days - days_known were not (or are of somebody who is held), and
-- are not 0. A sum of people who were seen for different numbers of days compares nothing; the mean of valid days does.
WITH day AS (
    SELECT participant_id, local_date, count(*) AS weeks
    FROM infusion_window WHERE is_eligible AND local_date < (SELECT as_of FROM study)
    GROUP BY participant_id, local_date
),
added AS (
    SELECT participant_id, sum(steps_total)::BIGINT AS steps_added FROM weekly_activity GROUP BY participant_id
)
SELECT d.participant_id, count(*) AS days, count(*) FILTER (d.weeks > 1) AS days_in_several_weeks,
       count(a.steps) AS days_known, any_value(s.steps_added) AS steps_added, sum(a.steps)::BIGINT AS steps_once,
       (any_value(s.steps_added) - sum(a.steps))::BIGINT AS counted_again
FROM day d JOIN added s USING (participant_id)
LEFT JOIN daily_activity a ON a.participant_id = d.participant_id AND a.local_date = d.local_date
    AND a.day_state IN ('valid', 'insufficient_wear')
GROUP BY d.participant_id
ORDER BY d.participant_id;
