-- Is a day less often seen after a quiet day?
-- A row is what the last seen day was for this person: quiet, usual or lively, thirds of the steps of their own valid
-- days (people with at least 9 of them). days are all days since, up to as_of; unseen are those without a valid day.
-- gap_begins looks only at days whose eve was seen, where nothing else has been missing yet: it is the figure to
-- compare. Higher after quiet days speaks against missing completely at random: means of seen days then flatter, and a
-- model should hold the steps of the last seen day (missing at random given these). Where steps and unseen days both
-- grow with time, one follows the other by that alone (missing_by_study_week). Equal rates prove nothing: a day may be
-- unseen because of what happened on that day itself, which nobody saw (missing not at random).
WITH ranked AS (
    SELECT participant_id, local_date, ntile(3) OVER (PARTITION BY participant_id ORDER BY steps, local_date) AS third
    FROM daily_activity WHERE day_state = 'valid' AND steps IS NOT NULL
    QUALIFY count(*) OVER (PARTITION BY participant_id) >= 9
),
day AS (
    SELECT d.participant_id, d.local_date, d.day_state = 'valid' AS is_seen,
           lag(r.third IGNORE NULLS) OVER by_date AS last_third, lag(r.third) OVER by_date IS NOT NULL AS eve_is_seen
    FROM person_day d LEFT JOIN ranked r USING (participant_id, local_date)
    WHERE d.local_date < (SELECT as_of FROM study) AND d.day_state IS NOT NULL  -- NULL: somebody is held
    WINDOW by_date AS (PARTITION BY d.participant_id ORDER BY d.local_date)
)
SELECT CASE last_third WHEN 1 THEN 'quiet' WHEN 2 THEN 'usual' ELSE 'lively' END AS last_seen_day,
       count(DISTINCT participant_id) AS participants, count(*) AS days, count(*) FILTER (NOT is_seen) AS unseen,
       round(100 * unseen / days, 1) AS unseen_percent, count(*) FILTER (eve_is_seen) AS days_after_seen_eve,
       count(*) FILTER (eve_is_seen AND NOT is_seen) AS gap_begins,
       round(100 * gap_begins / nullif(days_after_seen_eve, 0), 1) AS gap_begins_percent
FROM day
WHERE last_third IS NOT NULL
GROUP BY last_third
ORDER BY last_third;
