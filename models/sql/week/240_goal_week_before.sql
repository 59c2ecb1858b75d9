-- Rule: R12.2, R13.2
-- Grain: one row per goal, infusion and post-infusion week as it stood after the last judging.
-- Of the weeks that are judged now and of those that are gone: their person or infusion is no longer there, or carries
-- no weeks any more.
CREATE OR REPLACE TEMP TABLE goal_week_before AS
SELECT
    g.*,
    coalesce(g.week_end < getvariable('locked_before')::DATE, FALSE) AS is_locked
FROM goal_week AS g
WHERE
    g.participant_id IN (SELECT participant_id FROM asked)
    AND g.goal_id NOT IN (SELECT goal_id FROM unusable WHERE stands)
    AND is_judged_now(g.participant_id, g.infusion_id, g.week);
