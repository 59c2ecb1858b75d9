-- On how many days after an infusion was there ten minutes of any movement?
-- A row is an infusion's week, counting eligible days that are over. with_ten: at least ten minutes of walking, exercise,
-- yoga or dance were seen, however short the watch was worn. below_ten: worn well enough to say so. unknown: neither, so
-- the true number of days lies between with_ten and with_ten + unknown.
WITH day_after AS (
    SELECT w.participant_id, w.infusion_id, w.week, d.day_state,
           coalesce(d.movement_minutes >= 10 AND d.day_state <> 'implausible', FALSE) AS has_ten,
           coalesce(d.movement_minutes < 10 AND d.day_state = 'valid' AND NOT contains(coalesce(d.flags, ''), 'morning_unseen'), FALSE) AS is_below
    FROM infusion_window w LEFT JOIN daily_activity d USING (participant_id, local_date)
    WHERE w.is_eligible AND w.local_date < (SELECT as_of FROM study)
)
SELECT participant_id, infusion_id, week, count(*) AS days, count(*) FILTER (has_ten) AS with_ten,
       count(*) FILTER (is_below) AS below_ten, days - with_ten - below_ten AS unknown
FROM day_after
GROUP BY ALL
ORDER BY ALL;
