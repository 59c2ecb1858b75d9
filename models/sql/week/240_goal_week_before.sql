-- Rule: R12.2, R13.2
-- Grain: one row per goal, infusion and post-infusion week as it stood after the last judging.
-- Of the weeks that are judged now and of those that are gone: their person or infusion is no longer there, or carries
-- no weeks any more.
-- Weeks of a goal and an infusion that both went over to another person are that person's, whoever they were about:
-- they become theirs when that person is judged, and end for nobody before.
CREATE OR REPLACE TEMP TABLE goal_week_before AS
WITH gone_over AS (
    SELECT DISTINCT
        w.goal_id,
        w.infusion_id,
        i.participant_id AS whose
    FROM goal_week AS w
    INNER JOIN infusion AS i ON w.infusion_id = i.infusion_id AND w.participant_id <> i.participant_id
    INNER JOIN goal AS o ON w.goal_id = o.goal_id AND i.participant_id = o.participant_id
)

SELECT
    g.*,
    coalesce(g.week_end < getvariable('locked_before')::DATE, FALSE) AS is_locked
FROM goal_week AS g
LEFT JOIN gone_over AS o ON g.goal_id = o.goal_id AND g.infusion_id = o.infusion_id
WHERE
    coalesce(o.whose, g.participant_id) IN (SELECT participant_id FROM asked)
    AND g.goal_id NOT IN (SELECT goal_id FROM unusable WHERE stands)
    AND is_judged_now(coalesce(o.whose, g.participant_id), g.infusion_id, g.week);
