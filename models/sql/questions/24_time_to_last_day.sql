-- Who dropped out, and when?
-- A frame for survival analysis: a row is a person with an infusion, followed from the first one to the day before
-- as_of, or to left_on. last_day is the last one of which anything is known (an entry that there was nothing is not
-- one), days_to_last_day its distance from the first infusion (NULL: nothing after it). state: left (a last date is in
-- participants.csv), held (what is new is not published), silent (followed for seven days or longer, and nothing in the
-- last seven), else followed: censored at last_day, for more may come. silent is no dropout yet: a file that comes
-- tomorrow fills it, so give the date of the data with the result. valid_percent is of the days followed. Whether those
-- dropped out who did badly cannot be seen here: nobody saw them.
WITH followed AS (
    SELECT i.participant_id, min(i.infused_on) AS first_on, count(*) AS infusions,
           least(any_value(s.as_of) - 1, any_value(p.left_on)) AS ends, any_value(p.left_on) AS left_on
    FROM infusion i JOIN participant p USING (participant_id) CROSS JOIN study s
    WHERE i.status IN ('completed', 'stopped_early')
    GROUP BY i.participant_id
),
seen AS (
    SELECT f.participant_id, max(d.local_date) FILTER (d.day_state <> 'no_data') AS last_day,
           count(*) FILTER (d.day_state = 'valid') AS valid_days
    FROM followed f JOIN daily_activity d ON d.participant_id = f.participant_id
        AND d.local_date BETWEEN f.first_on AND f.ends
    GROUP BY f.participant_id
)
SELECT f.participant_id, f.first_on AS first_infusion, f.infusions, s.last_day, f.left_on,
       s.last_day - f.first_on AS days_to_last_day,
       CASE WHEN f.left_on = f.ends THEN 'left' WHEN h.participant_id IS NOT NULL THEN 'held'
            WHEN f.ends - coalesce(s.last_day, f.first_on - 1) >= 7 THEN 'silent' ELSE 'followed' END AS state,
       greatest(0, f.ends - f.first_on + 1) AS days_followed, coalesce(s.valid_days, 0) AS valid_days,
       round(100 * coalesce(s.valid_days, 0) / nullif(days_followed, 0), 1) AS valid_percent
FROM followed f LEFT JOIN seen s USING (participant_id)
LEFT JOIN (SELECT DISTINCT participant_id FROM person_day WHERE day_state IS NULL) h USING (participant_id)
ORDER BY f.participant_id;
