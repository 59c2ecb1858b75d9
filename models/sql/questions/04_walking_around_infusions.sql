-- How much does each person walk before and after each infusion?
-- A row is an infusion that happened; minutes of walking a day, means of valid days with their number beside them: the
-- seven days before, days 1 to 2 and days 3 to 7 after. Days of infusions count nowhere, nor days after the next one.
-- In a series the days before one infusion are days after another. One or two days say little; no window is special.
WITH near AS (
    SELECT i.participant_id, i.infusion_id, i.infused_on, d.walking_minutes,
           CASE WHEN d.local_date < i.infused_on THEN 'before'
                WHEN d.local_date <= i.infused_on + 2 THEN 'd1_2' ELSE 'd3_7' END AS part
    FROM infusion i
    JOIN daily_activity d ON d.participant_id = i.participant_id
        AND d.local_date BETWEEN i.infused_on - 7 AND i.infused_on + 7
    LEFT JOIN infusion_window w ON w.infusion_id = i.infusion_id AND w.local_date = d.local_date
    ANTI JOIN (FROM infusion WHERE status IN ('completed', 'stopped_early')) other
        ON other.participant_id = d.participant_id AND other.infused_on = d.local_date
    WHERE i.status IN ('completed', 'stopped_early') AND d.day_state = 'valid'
        AND NOT contains(coalesce(d.flags, ''), 'morning_unseen')
        AND d.local_date < (SELECT as_of FROM study)
        AND (d.local_date < i.infused_on OR w.is_eligible)
)
SELECT i.participant_id, i.infusion_id, i.infused_on,
       round(avg(walking_minutes) FILTER (part = 'before'), 1) AS before_mean,
       count(walking_minutes) FILTER (part = 'before') AS before_mean_days,
       round(avg(walking_minutes) FILTER (part = 'd1_2'), 1) AS d1_2_mean,
       count(walking_minutes) FILTER (part = 'd1_2') AS d1_2_mean_days,
       round(avg(walking_minutes) FILTER (part = 'd3_7'), 1) AS d3_7_mean,
       count(walking_minutes) FILTER (part = 'd3_7') AS d3_7_mean_days
FROM infusion i LEFT JOIN near n USING (infusion_id)
WHERE i.status IN ('completed', 'stopped_early')
GROUP BY ALL
ORDER BY i.participant_id, i.infused_on;
