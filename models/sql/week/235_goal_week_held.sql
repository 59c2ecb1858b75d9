-- Rule: R13.2
-- Grain: one row per goal, infusion and post-infusion week: those of goal_week_now, which this changes.
-- Where a verdict stands it is not judged anew (`is_judging`: who only asks is told so): the week leaves goal_week_now,
-- and 240_goal_week_before passes it over. A goal of which no version can be used has the weeks of the study.
DELETE FROM goal_week_now
WHERE
    coalesce(getvariable('is_judging')::BOOLEAN, FALSE)
    AND goal_id IN (SELECT goal_id FROM unusable WHERE stands)
    AND (goal_id, infusion_id, week) IN (SELECT (goal_id, infusion_id, week) FROM goal_week);

INSERT INTO goal_week_now BY NAME
SELECT
    u.goal_id,
    a.participant_id,
    a.infusion_id,
    w.week,
    w.week_start,
    w.week_start + 6 AS week_end,
    'insufficient_data' AS status,
    'control_row_unusable' AS reason,
    'row unusable' AS rule,
    bit_count(w.eligible_set)::INTEGER AS eligible_days,
    bit_count(w.eligible_set) < 7 AS is_truncated,
    FALSE AS device_changed,
    FALSE AS is_correction,
    FALSE AS is_derived,
    getvariable('as_of') AS as_of,
    a.infused_on,
    a.next_on,
    w.eligible_set,
    w.infusion_set
FROM unusable AS u
CROSS JOIN study AS s
INNER JOIN anchor AS a ON u.participant_id = a.participant_id
INNER JOIN infusion_week AS w ON a.infusion_key = w.infusion_key AND w.week <= s.weeks
WHERE u.goal_id NOT IN (SELECT goal_id FROM goal) AND NOT u.stands;
