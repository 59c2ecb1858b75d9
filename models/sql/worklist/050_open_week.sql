-- Rule: R16.3
-- Grain: one row per goal-week whose verdict more data can still change, with the days that were not seen (of a logged
-- metric: all that count; of a number that is missing: those before the infusion).
CREATE OR REPLACE TEMP VIEW open_week AS
WITH open AS (
    SELECT g.* EXCLUDE (kind),
           if(g.reason = 'awaiting_data', 'waiting', 'undecided') AS kind, is_logged_metric(g.metric) AS is_logged
    FROM goal_week g SEMI JOIN asked_person USING (participant_id) CROSS JOIN study s
    WHERE g.reason = 'awaiting_data' OR (g.status = 'insufficient_data' AND g.week_end >= s.as_of - 28 AND g.reason IN (
        'no_data', 'too_few_valid_days', 'undecidable_missing_days', 'not_met_degree_unknown', 'no_log',
        'baseline_unavailable'))),
over AS (
    SELECT infusion_id, week, list(local_date ORDER BY local_date) AS days
    FROM infusion_window SEMI JOIN open USING (infusion_id) CROSS JOIN study s
    WHERE is_eligible AND local_date < s.as_of GROUP BY infusion_id, week),
unseen AS (
    SELECT infusion_id, week, list(local_date ORDER BY local_date) AS days
    FROM unseen_day SEMI JOIN open USING (infusion_id) GROUP BY ALL),
before AS (
    SELECT b.infusion_id, list(day::DATE ORDER BY day) AS days
    FROM (FROM baseline SEMI JOIN (FROM open WHERE reason = 'baseline_unavailable') USING (infusion_id)) b
    CROSS JOIN range(b.from_date, b.to_date + 1, INTERVAL 1 DAY) r(day)
    LEFT JOIN daily_activity d ON d.participant_id = b.participant_id AND d.local_date = day::DATE
    WHERE coalesce(d.day_state, 'no_data') IN ('no_data', 'insufficient_wear') GROUP BY b.infusion_id)
SELECT o.participant_id, o.kind, o.goal_id, o.infusion_id, o.week, o.week_start, o.week_end, o.reason, o.is_logged,
       CASE WHEN o.reason = 'baseline_unavailable' THEN b.days WHEN o.is_logged THEN v.days
            ELSE coalesce(u.days, v.days) END AS days
FROM open o LEFT JOIN over v USING (infusion_id, week) LEFT JOIN unseen u USING (infusion_id, week)
LEFT JOIN before b USING (infusion_id);
