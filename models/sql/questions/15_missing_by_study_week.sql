-- How much is missing as the study goes on, and of which kind?
-- A row is a week since the person's first infusion: -2 and -1 before it, 1 is days 0 to 6, and so on, over everybody
-- who is followed then. Each day is one of: valid; poorly_worn (or implausible); not_begun (before the first day with
-- data); gap (nothing, though something came later); silent (nothing came since, or ever: the person stopped, or the
-- file has not been handed over yet, so that the last weeks look worse than they will be). gap is intermittent
-- missingness, silent is monotone: most methods for dropout are for the second alone. who_left are participants of this
-- row whose last date (left_on) is before its last day; they are in no later row, and not missing there.
WITH begun AS (
    SELECT participant_id, min(infused_on) AS first_on
    FROM infusion WHERE status IN ('completed', 'stopped_early') GROUP BY participant_id
),
known AS (
    SELECT participant_id, min(local_date) AS first_day, max(local_date) AS last_day
    FROM daily_activity WHERE day_state <> 'no_data' GROUP BY participant_id
),
placed AS (
    SELECT d.participant_id, d.day_state, floor((d.local_date - b.first_on) / 7)::INTEGER AS weeks_since,
           d.local_date < k.first_day AS is_early, coalesce(d.local_date > k.last_day, TRUE) AS is_late,
           p.left_on < b.first_on + 7 * weeks_since + 6 AS has_left
    FROM person_day d JOIN begun b USING (participant_id) JOIN participant p USING (participant_id)
    LEFT JOIN known k USING (participant_id)
    WHERE d.local_date < (SELECT as_of FROM study) AND d.day_state IS NOT NULL  -- NULL: somebody is held
)
SELECT weeks_since + (weeks_since >= 0)::INTEGER AS study_week, count(DISTINCT participant_id) AS participants,
       count(DISTINCT participant_id) FILTER (has_left) AS who_left, count(*) AS days,
       count(*) FILTER (day_state = 'valid') AS valid,
       count(*) FILTER (day_state IN ('insufficient_wear', 'implausible')) AS poorly_worn,
       count(*) FILTER (day_state = 'no_data' AND is_early) AS not_begun,
       count(*) FILTER (day_state = 'no_data' AND NOT is_early AND NOT is_late) AS gap,
       count(*) FILTER (day_state = 'no_data' AND is_late) AS silent, round(100 * valid / days, 1) AS valid_percent
FROM placed
GROUP BY weeks_since
ORDER BY weeks_since;
